"""The code of the package's README that no other test runs, run as it stands there."""

from __future__ import annotations

import numpy as np
import pytest
from readme import documented

RUNS = {"grpo-s0": "grpo-add-s0", "grpo-s1": "grpo-add-s1"}


@pytest.fixture
def workplace(maskdb, samples, tmp_path, monkeypatch):
    """A folder with a catalog and a mask of the names that the README uses."""
    for name, run in RUNS.items():
        maskdb.does("add", samples.path(run), "--base", samples.base, "--name", name)
    maskdb.does("overlap", *RUNS)
    maskdb.does("export", "grpo-s0", "--format", "safetensors", "-o", tmp_path / "mask.safetensors")
    monkeypatch.chdir(tmp_path)
    return {name: samples.masks("paper")[run] for name, run in RUNS.items()}


def followed(section):
    names = {}
    exec(compile(documented(section), "README.md", "exec"), names)
    return names


def test_loading(workplace):
    names = followed("Loading")
    assert np.array_equal(names["rows"], workplace["grpo-s0"]["model.norm.weight"].bits[10:20])


def test_catalogs(workplace, capsys):
    names = followed("Catalogs")
    first, second = (
        {tensor: mask.bits for tensor, mask in workplace[name].items()} for name in RUNS
    )
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(RUNS)
    norm = first["model.norm.weight"]
    assert np.array_equal(names["bits"], norm)
    assert list(names["bitmap"]) == np.flatnonzero(norm).tolist()
    assert {t: c.count for t, c in names["counts"].items()} == {
        t: b.sum() for t, b in first.items()
    }
    assert names["shared"] == {t: (b & second[t]).sum() for t, b in first.items()}
