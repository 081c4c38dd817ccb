"""The sample runs: every mask, every pair and every null, recomputed from the same files."""

import pytest
import torch

from agreement import (
    DEFINITIONS,
    assert_masks_agree,
    assert_null_agrees,
    assert_pair_agrees,
    assert_pairs_agree,
    compare_dtype_of,
    listed_mask,
)
from oracle import NULLS, load_checkpoint, overlap


@pytest.fixture(scope="session")
def overlaps(catalog):
    """The overlap of every pair, by definition."""
    return {name: catalog.json("overlap", "--definition", name) for name in DEFINITIONS}


def paired(answer, masks):
    """Every pair with the names of its runs and the oracle's overlap."""
    runs = {mask["id"]: mask["run"] for mask in answer["masks"]}
    for pair in answer["pairs"]:
        a, b = runs[pair["a"]], runs[pair["b"]]
        yield pair, overlap(masks[a], masks[b]), f"{a} with {b}"


def test_every_run_of_the_manifest_is_listed_with_what_the_manifest_says(catalog, samples):
    masks = catalog.masks()
    assert {mask["run"] for mask in masks} == set(samples.runs)
    assert len(masks) == len(samples.runs) * len(DEFINITIONS)
    for mask in masks:
        said = samples.runs[mask["run"]]
        for key in ("algorithm", "dataset", "seed", "step"):
            assert mask[key] == said[key], f"{mask['run']}: {key}"


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_every_mask_has_the_count_of_the_oracle(catalog, samples, definition):
    assert_masks_agree(catalog.masks(), definition, samples.masks(definition))


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_every_mask_is_compared_in_the_default_dtype_and_skips_nothing(
    catalog, samples, definition
):
    for run in samples.runs:
        mask = listed_mask(catalog.masks(), run, definition)
        default = compare_dtype_of(definition, samples.base, samples.path(run), None)
        assert mask["compare_dtype"] == default, run
        assert mask["skipped_tensors"] == [], run


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_every_pair_has_the_counts_of_the_oracle(overlaps, samples, definition):
    assert_pairs_agree(overlaps[definition], samples.masks(definition), nulls=())


@pytest.mark.parametrize("null", NULLS)
@pytest.mark.parametrize("definition", DEFINITIONS)
def test_every_pair_has_the_expected_overlap_its_ceiling_and_what_was_attained(
    overlaps, samples, definition, null
):
    for pair, expected, label in paired(overlaps[definition], samples.masks(definition)):
        assert_null_agrees(pair["nulls"][null], expected.nulls[null], f"{label}, {null}")


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_every_pair_agrees_when_everything_is_compared_in_fp32(wide_catalog, samples, definition):
    masks = samples.masks(definition, "fp32")
    answer = wide_catalog.json("overlap", "--definition", definition)
    assert {mask["compare_dtype"] for mask in answer["masks"]} == {"fp32"}
    assert_masks_agree(answer["masks"], definition, masks)
    for pair, expected, label in paired(answer, masks):
        assert_pair_agrees(pair, expected, NULLS, label)


@pytest.mark.parametrize("tolerance", [1e-5, 1e-8])
def test_the_paper_count_is_what_the_script_of_the_paper_prints(catalog, samples, tolerance):
    base = load_checkpoint(samples.base)
    for run in samples.runs:
        tuned, unequal = load_checkpoint(samples.path(run)), 0
        for name, before in base.items():
            delta = tuned[name].to(torch.bfloat16) - before.to(torch.bfloat16)
            unequal += int((~torch.isclose(delta, torch.zeros_like(delta), atol=tolerance)).sum())
        found = listed_mask(catalog.masks(), run, f"paper:{tolerance}")
        assert found["count"] == unequal, run


def test_sparsity_by_tensor_has_the_count_of_every_tensor(catalog, samples):
    for run, mask in samples.masks("paper").items():
        answer = catalog.json("sparsity", f"{run}@paper", "--by", "tensor")
        found = {row["name"]: (row["parameters"], row["count"]) for row in answer["rows"]}
        assert found == {name: (t.bits.size, t.count) for name, t in mask.items()}, run


@pytest.mark.parametrize("grouping", ["layer", "module"])
def test_sparsity_by_layer_or_module_adds_up_to_the_mask(catalog, samples, grouping):
    run = next(iter(samples.runs))
    rows = catalog.json("sparsity", f"{run}@paper", "--by", grouping)["rows"]
    mask = listed_mask(catalog.masks(), run, "paper")
    assert sum(row["parameters"] for row in rows) == mask["parameters"]
    assert sum(row["count"] for row in rows) == mask["count"]


def test_the_one_shot_diff_says_what_the_catalog_says(catalog, samples):
    run = next(iter(samples.runs))
    words = [word for name in DEFINITIONS for word in ("--definition", name)]
    answer = catalog.json("diff", samples.base, samples.path(run), *words)
    assert len(answer["results"]) == len(DEFINITIONS)
    for result in answer["results"]:
        mask = listed_mask(catalog.masks(), run, result["definition"])
        for key in ("compare_dtype", "parameters", "count"):
            assert result[key] == mask[key], result["definition"]
        for groups in (result["layers"], result["modules"]):
            assert sum(group["count"] for group in groups) == mask["count"]


def test_the_catalog_of_the_samples_verifies(catalog):
    assert catalog.json("verify") == catalog.json("verify") | {"ok": True, "problems": []}
