"""Exported masks hold the oracle's positions when torch, safetensors and pyroaring read them."""

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from agreement import DEFINITIONS
from builders import at_random, nudged
from exports import (
    exported_bits,
    exported_positions,
    flat_positions,
    metadata,
    roaring_entries,
)
from oracle import Definition, changed


def assert_same_bits(found, mask):
    assert set(found) == set(mask)
    for name, tensor in mask.items():
        assert found[name].dtype == np.bool_, name
        assert found[name].shape == tensor.bits.shape, name
        assert (found[name] == tensor.bits).all(), name


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_a_safetensors_mask_has_the_names_shapes_and_positions_of_the_model(
    catalog, samples, tmp_path, definition
):
    for run, mask in samples.masks(definition).items():
        file = tmp_path / f"{run}.safetensors"
        assert_same_bits(exported_bits(catalog, f"{run}@{definition}", file), mask)


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_a_roaring_mask_has_the_positions_of_the_model(catalog, samples, tmp_path, definition):
    for run, mask in samples.masks(definition).items():
        found = exported_positions(catalog, f"{run}@{definition}", tmp_path / run)
        assert set(found) == set(mask)
        for name, tensor in mask.items():
            assert np.array_equal(found[name], flat_positions(tensor.bits)), (run, name)


@pytest.fixture
def exported(maskdb, checkpoint):
    """A run of one small model, and the oracle's mask of its two tensors."""
    base = {"a.weight": at_random(30, 20), "b": at_random(50, seed=1)}
    tuned = {name: nudged(value, 0.3, seed=5) for name, value in base.items()}
    maskdb.does(
        "add", checkpoint("tuned", tuned), "--base", checkpoint("base", base), "--name", "one"
    )
    rule = Definition.parse("paper")
    return {name: changed(base[name], tuned[name], rule, torch.bfloat16) for name in base}


def test_a_trainable_mask_says_so_and_is_true_where_the_run_moved(maskdb, exported, tmp_path):
    file = tmp_path / "mask.safetensors"
    found = exported_bits(maskdb, "one", file)
    assert metadata(file)["polarity"] == "trainable"
    assert all((found[name] == exported[name]).all() for name in exported)


def test_a_frozen_mask_says_so_and_is_the_complement(maskdb, exported, tmp_path):
    file = tmp_path / "mask.safetensors"
    found = exported_bits(maskdb, "one", file, "--polarity", "frozen")
    assert metadata(file)["polarity"] == "frozen"
    assert all((found[name] == ~exported[name]).all() for name in exported)


def test_an_exported_mask_freezes_a_gradient_in_torch(maskdb, exported, tmp_path):
    exported_bits(maskdb, "one", tmp_path / "mask.safetensors")
    mask = load_file(tmp_path / "mask.safetensors")["a.weight"]
    gradient = torch.where(mask, torch.ones(30, 20), torch.zeros(()))
    assert int(gradient.count_nonzero()) == exported["a.weight"].sum()


def test_a_roaring_folder_has_one_named_file_for_each_tensor_with_its_shape(
    maskdb, exported, tmp_path
):
    exported_positions(maskdb, "one", tmp_path / "masks")
    entries = {entry["name"]: entry for entry in roaring_entries(tmp_path / "masks")}
    assert {name: entry["shape"] for name, entry in entries.items()} == {
        "a.weight": [30, 20],
        "b": [50],
    }
    files = {file.name for file in (tmp_path / "masks").glob("*.roaring")}
    assert files == {entry["file"] for entry in entries.values()}
    assert len(files) == len(entries)


def test_an_export_does_not_leave_a_part_of_a_file_when_its_folder_is_missing(
    maskdb, exported, tmp_path
):
    target = tmp_path / "nowhere" / "mask.safetensors"
    answer = maskdb("export", "one", "--format", "safetensors", "-o", target)
    assert target.exists() if answer.code == 0 else "nowhere" in answer.stderr
