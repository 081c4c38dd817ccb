"""Tools/bench on tiny inputs: every part runs, all engines count the same, the JSON is whole.

What it measures there means nothing and is not looked at.
"""

import json
import math
import os
import subprocess
import sys

import pytest

from command import REPOSITORY

PARTS = {"memory", "catalog", "storage", "ingest", "growth"}
PEERS = ("numkong", "pyroaring", "duckdb", "scipy", "zstandard", "torch")


@pytest.fixture(scope="module")
def figures(binary, tmp_path_factory):
    """The JSON of a run of all parts."""
    for package in PEERS:
        pytest.importorskip(package)
    folder = tmp_path_factory.mktemp("bench")
    path = folder / "figures.json"
    words = [sys.executable, "-m", "maskbench", "--smoke", "--json", path, "--work", folder]
    places = {"PYTHONPATH": str(REPOSITORY / "Tools/bench"), "MASKDB_BINARY": str(binary)}
    done = subprocess.run(
        words, env=os.environ | places, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not list(folder.glob("bench-*")), "inputs are left behind"
    return json.loads(path.read_text())


def test_every_engine_counts_the_same(figures):
    assert figures["schema"] == "maskdb.bench/1"
    assert all(check["equal"] for check in figures["equalities"])
    checked = " ".join(check["what"] for check in figures["equalities"])
    for engine in ("maskdb overlap", "NumKong", "pyroaring", "duckdb", "scipy", "numpy", "torch"):
        assert engine in checked
    assert figures["left_out"] == []


def test_every_part_has_figures_and_ratios(figures):
    assert {result["part"] for result in figures["results"]} == PARTS
    assert {ratio["part"] for ratio in figures["ratios"]} == PARTS - {"growth"}
    for result in figures["results"]:
        assert result["unit"]
        assert result["engine"]
        assert math.isfinite(result["best"])
        assert math.isfinite(result["median"])
    for ratio in figures["ratios"]:
        assert ratio["best"] > 0
        assert ratio["goal"]


def test_the_machine_is_described(figures):
    machine = figures["machine"]
    assert machine["kernel"] in ("scalar", "avx2", "avx512", "neon")
    assert machine["cores"] >= 1
    assert len(machine["load"]) == len(machine["load_at_end"]) == 3
    assert all(machine["peers"].values())


def test_a_part_that_is_not_there_is_refused(binary):
    places = {"PYTHONPATH": str(REPOSITORY / "Tools/bench")}
    done = subprocess.run(
        [sys.executable, "-m", "maskbench", "--only", "nothing"],
        env=os.environ | places,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "'nothing' is no part" in done.stderr
