"""Holding maskdb's answers against the oracle's."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from pathlib import Path

from command import Json, Maskdb
from oracle import (
    NULLS,
    Definition,
    Expectation,
    Mask,
    Overlap,
    count,
    default_compare_dtype,
    load_checkpoint,
    mask_of,
    overlap,
    parameters,
)

DEFINITIONS = (
    "paper",
    "bitwise",
    "numeric",
    "absolute:1e-5",
    "relative:1e-3",
    "ulp:1",
    "paper:1e-8",
)
RELATIVE = 1e-12


def definition_options(definitions: Iterable[str] = DEFINITIONS) -> list[str]:
    """The options that ask `add` for several masks in one pass."""
    return [word for definition in definitions for word in ("--definition", definition)]


def compare_dtype_of(definition: str, base: Path, tuned: Path, asked: str | None) -> str:
    """The compare dtype that identifies a mask when none, or one, was asked for."""
    if asked:
        return asked
    is_paper = Definition.parse(definition).rule == "paper"
    return "bf16" if is_paper else default_compare_dtype(base, tuned)


def oracle_mask(definition: str, base: Path, tuned: Path, asked: str | None = None) -> Mask:
    """The oracle's mask of a run, from the files."""
    dtype = compare_dtype_of(definition, base, tuned, asked)
    checkpoints = load_checkpoint(base), load_checkpoint(tuned)
    return mask_of(*checkpoints, Definition.parse(definition), dtype)


def listed_mask(masks: Iterable[Json], run: str, definition: str) -> Json:
    """The one listed mask of a run under a definition, whatever way its tolerance is written."""
    wanted = Definition.parse(definition)
    found = [
        mask
        for mask in masks
        if mask["run"] == run and Definition.parse(mask["definition"]) == wanted
    ]
    assert len(found) == 1, f"{run}@{definition}: {found}"
    return found[0]


def skipped_names(mask: Json) -> set[str]:
    """The tensors that a mask's domain leaves out."""
    return {item if isinstance(item, str) else item["name"] for item in mask["skipped_tensors"]}


def assert_runs_agree(
    maskdb: Maskdb,
    base: Path,
    runs: Mapping[str, Path],
    definitions: Iterable[str] = DEFINITIONS,
    compare_dtype: str | None = None,
) -> None:
    """Adds runs in turn and holds every mask and every pair under every null to the oracle."""
    asked = ["--compare-dtype", compare_dtype] if compare_dtype else []
    for name, path in runs.items():
        options = [*definition_options(definitions), *asked]
        maskdb.does("add", path, "--base", base, "--name", name, *options)
    for definition in definitions:
        masks = {n: oracle_mask(definition, base, p, compare_dtype) for n, p in runs.items()}
        answer = maskdb.json("overlap", "--definition", definition)
        assert_masks_agree(answer["masks"], definition, masks)
        assert_pairs_agree(answer, masks)


def assert_masks_agree(listed: list[Json], definition: str, masks: Mapping[str, Mask]) -> None:
    """Every listed mask has the oracle's size and domain."""
    for run, mask in masks.items():
        found = listed_mask(listed, run, definition)
        assert (found["parameters"], found["count"]) == (parameters(mask), count(mask)), run
        assert_number(found["density"], share(count(mask), parameters(mask)), f"{run} density")


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def assert_pairs_agree(
    answer: Json, masks: Mapping[str, Mask], nulls: Iterable[str] = NULLS
) -> None:
    """Every unordered pair is there once and is the oracle's."""
    runs = {mask["id"]: mask["run"] for mask in answer["masks"]}
    named = [(runs[pair["a"]], runs[pair["b"]]) for pair in answer["pairs"]]
    expected = {frozenset(pair) for pair in itertools.combinations(masks, 2)}
    assert {frozenset(pair) for pair in named} == expected
    assert len(named) == len(expected)
    for (a, b), pair in zip(named, answer["pairs"], strict=True):
        assert_pair_agrees(pair, overlap(masks[a], masks[b]), nulls, f"{a} with {b}")


def assert_pair_agrees(pair: Json, expected: Overlap, nulls: Iterable[str], label: str) -> None:
    assert_counts_agree(pair, expected, label)
    if expected.parameters == 0:
        for null in nulls:
            values = {
                key: pair["nulls"][null][key] for key in ("expected", "max", "lift", "attained")
            }
            assert set(values.values()) == {None}, f"{label}, {null}: {values}"
        return
    for null in nulls:
        assert_null_agrees(pair["nulls"][null], expected.nulls[null], f"{label}, {null}")
    if "row_column" in nulls:
        assert_saturation_agrees(pair["nulls"]["row_column"], expected.saturated, label)


def assert_counts_agree(pair: Json, expected: Overlap, label: str) -> None:
    """Counts to the unit, and the shares that follow from them."""
    for key in ("parameters", "count_a", "count_b", "intersection", "union"):
        found = pair[key]
        assert isinstance(found, int), f"{label}: {key} is {found!r}"
        assert found == getattr(expected, key), f"{label}: {key}"
    for key in ("jaccard", "coverage_a", "coverage_b"):
        assert_number(pair[key], getattr(expected, key), f"{label}: {key}")


def assert_null_agrees(found: Json, expected: Expectation, label: str) -> None:
    """One rung; where the definitions leave a quotient empty, the answer says why."""
    assert_number(found["expected"], float(expected.expected), f"{label}: expected")
    assert found["max"] == expected.maximum, f"{label}: max"
    assert_number(found["lift"], expected.lift, f"{label}: lift")
    for key, slack in (("max_lift", 0.0), ("attained", attained_slack(expected))):
        if not (expected.is_impossible and found[key] is None):
            assert_number(found[key], getattr(expected, key), f"{label}: {key}", slack)
    if found.get("z") is not None and expected.null != "row_column":
        assert_number(found["z"], expected.z, f"{label}: z", z_slack(expected))
    if None in (found["lift"], found["max_lift"], found["attained"]):
        assert found.get("reason"), f"{label}: a null without a reason"


def attained_slack(null: Expectation) -> float:
    """What two units in the last place of `expected` do to `attained`, which subtracts it twice."""
    room = float(null.maximum - null.expected)
    if room == 0:
        return 0.0
    return 2 * math.ulp(float(null.expected)) * abs(null.maximum - null.intersection) / room**2


def z_slack(null: Expectation) -> float:
    """What two units in the last place of `expected` do to `z`."""
    if not null.variance:
        return 0.0
    return 2 * math.ulp(float(null.expected)) / math.sqrt(null.variance)


def assert_saturation_agrees(found: Json, expected: list[str], label: str) -> None:
    """The tensors in which either mask breaks the rank-one model, as a count and by name."""
    assert found["saturated"] == len(expected), f"{label}: saturated"
    assert sorted(found["saturated_tensors"]) == sorted(expected), f"{label}: saturated"


def assert_number(
    found: float | None, expected: float | None, label: str, slack: float = 0.0
) -> None:
    """Both null, or equal to a relative 1e-12."""
    if expected is None or found is None:
        assert found is expected, f"{label}: {found} where {expected} is right"
        return
    allowed = RELATIVE * abs(expected) + slack
    assert abs(found - expected) <= allowed, f"{label}: {found!r} where {expected!r} is right"
