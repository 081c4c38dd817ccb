"""Overlaps by group of tensors, and one pair in depth, computed again from the files."""

import re

import pytest

from agreement import assert_pair_agrees
from command import NOT_FOUND, USAGE
from oracle import NULLS, overlap

RUNS = ("grpo-add-s0", "grpo-add-s1", "dpo-add-s0")
MODULES = ("embed_tokens", "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj")
KINDS = dict(zip(MODULES, ("embedding", "q", "k", "v", "o", "gate", "up"), strict=True))
KINDS |= {"down_proj": "down", "norm": "norm"}


def module_of(name):
    """The module of a tensor of the samples, by the one part of its name that says it."""
    return next(kind for part, kind in KINDS.items() if part in name)


def layer_of(name):
    found = re.match(r"model\.layers\.(\d+)\.", name)
    return int(found[1]) if found else None


def keys_of(grouping, name):
    """The tensor, layer and module that the group of a tensor must be said to have."""
    layer, module = layer_of(name), module_of(name)
    return {
        "tensor": (name, layer, module),
        "module": (None, None, module),
        "layer": (None, layer, module if layer is None else None),
        "layer,module": (None, layer, module),
    }[grouping]


def restricted(mask, names):
    return {name: mask[name] for name in names}


def assert_groups_agree(pair, masks, grouping, names):
    """Every group of a pair is the oracle's overlap on the tensors that belong to it."""
    a, b = masks
    members = {}
    for name in names:
        members.setdefault(keys_of(grouping, name), []).append(name)
    found = {(g["tensor"], g["layer"], g["module"]): g for g in pair["groups"]}
    assert found.keys() == members.keys()
    assert len(pair["groups"]) == len(members)
    for key, group in found.items():
        expected = overlap(restricted(a, members[key]), restricted(b, members[key]))
        assert_pair_agrees(group, expected, NULLS, f"{pair['a']} {pair['b']} {group['name']}")
        assert group["stack"] == (None if group["layer"] is None else "model.layers")


def pairs_of(answer, masks):
    runs = {mask["id"]: mask["run"] for mask in answer["masks"]}
    for pair in answer["pairs"]:
        yield pair, (masks[runs[pair["a"]]], masks[runs[pair["b"]]])


@pytest.mark.parametrize("grouping", ["tensor", "layer", "module", "layer,module"])
def test_every_group_of_every_pair_is_the_overlap_of_its_tensors(catalog, samples, grouping):
    answer = catalog.json("overlap", *RUNS, "--by", grouping)
    assert answer["by"] == grouping
    assert "included_tensors" not in answer
    for pair, masks in pairs_of(answer, samples.masks("paper")):
        assert_groups_agree(pair, masks, grouping, masks[0])
        assert sum(group["intersection"] for group in pair["groups"]) == pair["intersection"]


def test_tensors_left_out_by_name_leave_every_figure(catalog, samples):
    options = ["--include", "*PROJ*", "--exclude", "*mlp*", "--exclude", "*.bias"]
    answer = catalog.json("overlap", *RUNS, "--by", "module", *options)
    all_names = list(next(iter(samples.masks("paper").values())))
    names = [n for n in all_names if re.fullmatch(r".*self_attn\.._proj\.weight", n)]
    assert sorted(answer["included_tensors"]) == sorted(names)
    assert sorted(answer["excluded_tensors"]) == sorted(set(all_names) - set(names))
    for pair, masks in pairs_of(answer, samples.masks("paper")):
        expected = overlap(*(restricted(mask, names) for mask in masks))
        assert_pair_agrees(pair, expected, NULLS, pair["a"])
        assert_groups_agree(pair, masks, "module", names)
    table = catalog.does("overlap", *RUNS, *options).stdout
    assert f"Tensors included: {len(names)} of {len(all_names)}; left out by name: " in table


def test_the_table_has_a_line_for_the_whole_and_for_every_group_of_every_pair(catalog):
    lines = catalog.does("overlap", *RUNS, "--by", "layer").stdout.splitlines()
    assert lines[1].split()[:3] == ["A", "B", "layer"]
    whole = [line.split()[:3] for line in lines[2:] if line.split()[2:3] == ["all"]]
    assert len(whole) == 3
    limited = catalog.does("overlap", *RUNS, "--by", "layer", "--limit", "4").stdout
    assert "lines left out)" in limited


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (["--include", "nothing"], NOT_FOUND, "no tensor's name fits 'nothing'"),
        (["--exclude", "nothing"], NOT_FOUND, "no tensor's name fits 'nothing'"),
        (["--include", "*norm*", "--exclude", "*"], NOT_FOUND, "leave no tensor"),
        (["--by", "head"], USAGE, "'head' is no grouping"),
    ],
)
def test_tensors_that_are_not_there_are_refused(catalog, options, code, says):
    assert says in catalog.refuses("overlap", *RUNS, *options, code=code).stderr


@pytest.mark.parametrize("grouping", [None, "layer", "tensor"])
def test_one_pair_in_depth_is_the_oracle_as_a_whole_and_by_group(catalog, samples, grouping):
    words = ["--by", grouping] if grouping else []
    answer = catalog.json("compare", *RUNS[:2], *words)
    masks = [samples.masks("paper")[run] for run in RUNS[:2]]
    assert [answer[side]["run"] for side in "ab"] == list(RUNS[:2])
    assert answer["by"] == (grouping or "module")
    assert_pair_agrees(answer["pair"], overlap(*masks), NULLS, "in depth")
    assert_groups_agree(answer["pair"], masks, answer["by"], masks[0])


def test_one_pair_in_depth_is_what_the_overlap_of_the_two_says(catalog):
    for runs in (RUNS[:2], RUNS[1::-1]):
        pair = catalog.json("compare", *runs, "--exclude", "*norm*")["pair"]
        options = ["--by", "module", "--exclude", "*norm*"]
        assert catalog.json("overlap", *runs, *options)["pairs"] == [pair]


def test_one_pair_in_depth_names_every_null_and_every_metric_with_its_formula(catalog):
    text = catalog.does("compare", *RUNS[:2]).stdout
    for word in (*NULLS, "jaccard", "coverage_a", "phi", "kappa", "|A∩B| / |A|", "max_lift", "z"):
        assert word in text
    assert "nan" not in text.lower()


@pytest.mark.parametrize("runs", [(RUNS[0], RUNS[0]), (RUNS[0], "dpo-*")])
def test_what_is_not_two_masks_is_refused(catalog, runs):
    assert "not two masks" in catalog.refuses("compare", *runs, code=NOT_FOUND).stderr
