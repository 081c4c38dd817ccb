"""Expressions over masks, against numpy on the masks as exported."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import xxhash
from numpy.typing import NDArray

from agreement import assert_pair_agrees
from builders import at_random, nudged
from command import CATALOG, NOT_FOUND, USAGE, Maskdb
from exports import exported_bits
from oracle import NULLS, Bits, Mask, TensorMask, binades, overlap

Masks = dict[str, Bits]

NAMES = {"a": "grpo-s0", "b": "dpo-s1", "c": "short.vocab", "d": "sft_x"}
EMBEDDING, ROWS, SHORT_ROWS = "model.embed_tokens.weight", 40, 33


def weights() -> dict[str, torch.Tensor]:
    """In natural order, which is the order of a layout."""
    return {
        EMBEDDING: at_random(ROWS, 24, seed=1).to(torch.bfloat16),
        "model.layers.2.mlp.up_proj.weight": at_random(17, 31, seed=2).to(torch.bfloat16),
        "model.layers.2.self_attn.q_proj.weight": at_random(16, 16, seed=3).to(torch.bfloat16),
        "model.layers.10.self_attn.q_proj.weight": at_random(16, 16, seed=4).to(torch.bfloat16),
        "model.norm.weight": at_random(24, seed=5, scale=1).to(torch.bfloat16),
    }


@pytest.fixture
def runs(maskdb: Maskdb, checkpoint: Callable[..., Path]) -> Maskdb:
    """Four runs, the third with a shorter vocabulary, each under two definitions."""
    base = checkpoint("base", weights(), {"vocab_size": ROWS})
    for seed, (name, share) in enumerate(zip(NAMES.values(), (0.3, 0.4, 0.5, 0.9), strict=True)):
        tensors = {key: nudged(value, share, seed) for key, value in weights().items()}
        rows = SHORT_ROWS if name == "short.vocab" else ROWS
        tensors[EMBEDDING] = tensors[EMBEDDING][:rows]
        tuned = checkpoint(name, tensors, {"vocab_size": rows})
        options = ["--algorithm", name.split("-")[0], "--seed", seed % 2]
        definitions = ["--definition", "paper", "--definition", "absolute:1e-5"]
        maskdb.does("add", tuned, "--base", base, "--name", name, *options, *definitions, "-q")
    return maskdb


@pytest.fixture
def masks(runs: Maskdb, tmp_path: Path) -> dict[str, Masks]:
    """The masks of the runs by their letters, as exported."""
    return {
        letter: exported_bits(runs, f"{name}@paper", tmp_path / f"{letter}.safetensors")
        for letter, name in NAMES.items()
    }


def domain_of(letters: str) -> Masks:
    """What the masks with these letters all compared."""
    domain = {name: np.ones(tuple(value.shape), bool) for name, value in weights().items()}
    if "c" in letters:
        domain[EMBEDDING][SHORT_ROWS:] = False
    return domain


def evaluated(python: str, letters: str, masks: dict[str, Masks]) -> Masks:
    """A Python expression over boolean arrays, tensor by tensor, within the common domain."""
    domain = domain_of(letters)

    def tally(*parts: Bits) -> NDArray[np.int64]:
        return np.sum(np.stack(parts), axis=0)

    result = {}
    for name, inside in domain.items():
        values = {letter: masks[letter][name] for letter in NAMES}
        values |= {"tally": tally, "name": name, "only": lambda bits, fits: bits & fits}
        result[name] = eval(python, values) & inside
    return result


def equal(left: Masks, right: Masks, what: str = "") -> None:
    assert left.keys() == right.keys()
    for name in left:
        assert np.array_equal(left[name], right[name]), f"{name} of {what}"


EXPRESSIONS = {
    "grpo-s0 & dpo-s1": ("a & b", "ab"),
    "grpo-s0 | dpo-s1": ("a | b", "ab"),
    "grpo-s0 - dpo-s1": ("a & ~b", "ab"),
    "grpo-s0 ^ dpo-s1": ("a ^ b", "ab"),
    "!grpo-s0": ("~a", "a"),
    "!short.vocab": ("~c", "c"),
    "grpo-s0 | !short.vocab": ("a | ~c", "ac"),
    "grpo-s0 | dpo-s1 & sft_x": ("a | (b & d)", "abd"),
    "grpo-s0 ^ dpo-s1 & sft_x - short.vocab": ("a ^ (b & (d & ~c))", "abcd"),
    "(grpo-s0 | dpo-s1) - (sft_x - short.vocab)": ("(a | b) & ~(d & ~c)", "abcd"),
    "atleast(2, grpo-s0, dpo-s1, sft_x)": ("tally(a, b, d) >= 2", "abd"),
    "exactly(0, grpo-s0, dpo-s1)": ("tally(a, b) == 0", "ab"),
    "exactly(2, grpo-s0, dpo-s1 | sft_x, short.vocab)": ("tally(a, b | d, c) == 2", "abcd"),
    "atleast(1, where(seed=0))": ("tally(a, c) >= 1", "ac"),
    "atleast(2, where(algorithm='grpo,dpo'), sft_x)": ("tally(a, b, d) >= 2", "abd"),
    "atleast(3, *s*)": ("tally(a, b, c, d) >= 3", "abcd"),
    "only(grpo-s0, *q_proj*)": ("only(a, 'q_proj' in name)", "a"),
    "only(!grpo-s0, '*layers.10*', *norm*) | dpo-s1": (
        "only(~a, 'layers.10' in name or 'norm' in name) | b",
        "ab",
    ),
    "'grpo-s0@paper' - dpo-s1@paper": ("a & ~b", "ab"),
}


def test_every_operator_is_that_of_numpy_stored_and_on_the_fly(runs, masks, tmp_path):
    for place, (expression, (python, letters)) in enumerate(EXPRESSIONS.items()):
        options = ["--definition", "paper"]
        wanted = evaluated(python, letters, masks)
        fly = exported_bits(runs, expression, tmp_path / f"fly-{place}.safetensors", *options)
        equal(fly, wanted, expression)
        answer = runs.json("derive", f"derived-{place}", expression, *options)
        assert answer["is_new"], expression
        mask = answer["mask"]
        assert mask["count"] == sum(int(bits.sum()) for bits in wanted.values())
        assert mask["parameters"] == sum(int(bits.sum()) for bits in domain_of(letters).values())
        assert (mask["definition"], mask["compare_dtype"]) == ("paper", "bf16")
        equal(exported_bits(runs, f"derived-{place}", tmp_path / f"{place}.safetensors"), wanted)
    assert "whole" in runs.does("verify").text


def anything(generator: random.Random, depth: int) -> tuple[str, str]:
    """An expression in our language and the same in Python, spelled out in parentheses."""
    kind = generator.randrange(7) if depth else 0
    if kind == 0:
        letter = generator.choice(list(NAMES))
        return NAMES[letter], letter
    if kind == 1:
        ours, python = anything(generator, depth - 1)
        return f"!({ours})", f"(~{python})"
    if kind == 2:
        parts = [anything(generator, depth - 1) for _ in range(generator.randrange(1, 5))]
        least = generator.randrange(len(parts) + 1)
        ours = ", ".join(part[0] for part in parts)
        return (
            f"atleast({least}, {ours})",
            f"(tally({', '.join(p[1] for p in parts)}) >= {least})",
        )
    joins = {"&": "{} & {}", "|": "{} | {}", "^": "{} ^ {}", "-": "{} & ~{}"}
    join = generator.choice(list(joins))
    left, right = anything(generator, depth - 1), anything(generator, depth - 1)
    return f"({left[0]}) {join} ({right[0]})", f"({joins[join].format(left[1], right[1])})"


def test_expressions_at_random_are_those_of_numpy(runs, masks, tmp_path):
    generator = random.Random(7)
    for place in range(12):
        ours, python = anything(generator, 4)
        letters = "".join(letter for letter, name in NAMES.items() if name in ours)
        file = tmp_path / f"{place}.safetensors"
        equal(
            exported_bits(runs, ours, file, "--definition", "paper"),
            evaluated(python, letters, masks),
        )


def test_operators_bind_as_those_of_pythons_sets(runs, masks, tmp_path):
    generator = random.Random(3)
    sets = {
        letter: {
            (name, place) for name, bits in mask.items() for place in np.flatnonzero(bits).tolist()
        }
        for letter, mask in masks.items()
        if letter != "c"
    }
    for number in range(6):
        letters = [generator.choice("abd") for _ in range(5)]
        joins = [generator.choice("&|^-") for _ in range(4)]
        chain = [f" {join} {letter}" for join, letter in zip(joins, letters[1:], strict=True)]
        python = letters[0] + "".join(chain)
        ours = " ".join(NAMES.get(word, word) for word in python.split(" "))
        wanted = eval(python, dict(sets))
        file = tmp_path / f"{number}.safetensors"
        found = exported_bits(runs, ours, file, "--definition", "paper")
        places = {
            (name, place) for name, bits in found.items() for place in np.flatnonzero(bits).tolist()
        }
        assert places == wanted, python


def test_a_derived_mask_overlaps_as_its_expression_does(runs):
    expression = "!(grpo-s0 - dpo-s1@paper)"
    runs.does("derive", "stored", expression, "--definition", "paper")
    answers = [
        runs.json("overlap", mask, "short.vocab", "--definition", "paper")["pairs"][0]
        for mask in ("stored", expression)
    ]
    for answer in answers:
        del answer["a"], answer["b"]
    assert answers[0] == answers[1]
    magnitude = answers[0]["nulls"]["magnitude"]
    assert magnitude["lift"] is None
    assert "magnitude" in magnitude["reason"]
    rows = [
        [
            {key: value for key, value in row.items() if key != "mask"}
            for row in runs.json("sparsity", mask, "--definition", "paper")["rows"]
        ]
        for mask in ("stored", expression)
    ]
    assert rows[0] == rows[1]


def test_definitions_that_differ_give_a_mask_that_says_so(runs):
    answer = runs.json("derive", "mixed", "grpo-s0@paper & grpo-s0@absolute:1e-5@bf16")
    mask = answer["mask"]
    assert (mask["id"], mask["definition"]) == ("mixed@derived", "derived")
    assert mask["compare_dtype"] == "bf16"
    refused = runs.refuses("overlap", "mixed", "grpo-s0@paper", code=NOT_FOUND)
    assert "definitions are derived and paper" in refused.stderr
    runs.does("overlap", "mixed@derived", "grpo-s0@paper", "--allow-mixed", "definition")


def test_lineage_is_shown_and_outlives_its_operands(runs):
    runs.does("derive", "core", "grpo-s0 & dpo-s1", "--definition", "paper")
    before = {mask["id"]: mask for mask in runs.masks()}
    lineage = before["core@paper"]["lineage"]
    assert before["core@paper"]["kind"] == "derived"
    assert before["sft_x@paper"]["lineage"] is None
    assert lineage["expression"] == "grpo-s0@paper & dpo-s1@paper"
    assert [operand["name"] for operand in lineage["operands"]] == ["grpo-s0@paper", "dpo-s1@paper"]
    shown = runs.does("show", "core").stdout
    assert "derived as grpo-s0@paper & dpo-s1@paper" in shown
    assert all(operand["digest"] in shown for operand in lineage["operands"])
    runs.does("rename", "dpo-s1", "other")
    for run in ("grpo-s0", "other", "short.vocab", "sft_x"):
        runs.does("rm", run)
    after = runs.masks()
    assert [mask["id"] for mask in after] == ["core@paper"]
    assert after[0]["lineage"] == lineage
    assert after[0]["count"] == before["core@paper"]["count"]
    assert "whole" in runs.does("verify").text
    runs.does("rename", "core", "kernel")
    runs.json("show", "kernel")
    views = sqlite3.connect(runs.catalog).execute("SELECT mask, kind FROM masks").fetchall()
    assert views == [("kernel@paper", "derived")]


def test_deriving_again_is_known_and_another_mask_of_the_name_is_refused(runs):
    runs.does("derive", "core", "grpo-s0 & dpo-s1", "--definition", "paper")
    again = runs.json("derive", "core", "grpo-s0@paper & dpo-s1", "--definition", "paper")
    assert not again["is_new"]
    before = runs.masks()
    refused = runs.refuses("derive", "core", "grpo-s0 | dpo-s1", code=NOT_FOUND)
    assert "'core'" in refused.stderr
    assert "grpo-s0" in runs.refuses("derive", "grpo-s0", "dpo-s1 | sft_x", code=NOT_FOUND).stderr
    assert runs.masks() == before


def test_a_question_about_every_run_leaves_derived_masks_out(runs):
    plain = runs.json("overlap", "--definition", "paper")
    runs.does("derive", "core", "grpo-s0 & dpo-s1", "--definition", "paper")
    assert runs.json("overlap", "--definition", "paper") == plain
    assert len(runs.json("overlap", "core", "sft_x", "--definition", "paper")["pairs"]) == 1
    masks = ["core", "!core", *NAMES.values()]
    groups = runs.json("groups", *masks, "--by", "seed", "--definition", "paper")
    reasons = {entry["id"]: entry["reason"] for entry in groups["left_out"]}
    assert reasons == dict.fromkeys(["core@paper", "!core"], "derived from other masks")


# random ------------------------------------------------------------------------------------------

GAMMA = np.uint64(0x9E3779B97F4A7C15)


def mixed(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's output function."""
    word = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


def position_keys(seed: int) -> dict[str, NDArray[np.uint64]]:
    """Number g + 1 of the generator with a seed, for flat position g."""
    with np.errstate(over="ignore"):
        start = np.uint64(seed)
        total = sum(value.numel() for value in weights().values())
        keys = mixed(start + GAMMA * np.arange(1, total + 1, dtype=np.uint64))
    sizes = [value.numel() for value in weights().values()]
    parts = np.split(keys, np.cumsum(sizes)[:-1])
    return dict(zip(weights(), parts, strict=True))


def at_random_like(like: Masks, digest: str, domain: Masks, match: str, seed: int) -> Masks:
    """In every stratum the positions with the least keys, as many as `like` has there."""
    text = f"{digest} {match} {seed}".encode()
    keys = position_keys(xxhash.xxh3_128_intdigest(text) & (1 << 64) - 1)
    names = list(keys)
    key = np.concatenate([keys[name] for name in names])
    inside = np.concatenate([domain[name].ravel() for name in names])
    wanted = np.concatenate([like[name].ravel() for name in names])
    tensor = np.repeat(np.arange(len(names)), [keys[name].size for name in names])
    binade = np.concatenate(
        [binades(value, torch.bfloat16).ravel() for value in weights().values()]
    )
    stratum = {"global": 0 * tensor, "tensor": tensor, "magnitude": tensor * 256 + binade}[match]
    result = np.zeros(key.size, bool)
    for number in np.unique(stratum):
        members = np.flatnonzero((stratum == number) & inside)
        order = members[np.argsort(key[members])]
        result[order[: int(wanted[members].sum())]] = True
    parts = np.split(result, np.cumsum([keys[name].size for name in names])[:-1])
    return {
        name: part.reshape(tuple(weights()[name].shape))
        for name, part in zip(names, parts, strict=True)
    }


def digest_of(runs: Maskdb, run: str) -> str:
    """The digest of the mask of a run under `paper`."""
    return next(m["digest"] for m in runs.masks() if (m["run"], m["definition"]) == (run, "paper"))


@pytest.mark.parametrize("match", ["global", "tensor", "magnitude"])
@pytest.mark.parametrize("letter", ["a", "c"])
def test_a_random_mask_is_the_one_that_its_specification_says(runs, masks, tmp_path, match, letter):
    digest = digest_of(runs, NAMES[letter])
    for seed in (0, 1, 2**64 - 1):
        expression = f"random(like={NAMES[letter]}, match={match}, seed={seed})"
        found = exported_bits(
            runs, expression, tmp_path / f"{seed}.safetensors", "--definition", "paper"
        )
        equal(found, at_random_like(masks[letter], digest, domain_of(letter), match, seed))
    for threads in (1, 5):
        options = ["--definition", "paper", "--threads", threads]
        runs.does("derive", f"control-{threads}", expression, *options)
        equal(exported_bits(runs, f"control-{threads}", tmp_path / f"on-{threads}"), found)


def test_a_random_mask_is_like_an_expression_and_part_of_one(runs, masks, tmp_path):
    like = evaluated("a & ~b", "ab", masks)
    options = ["--definition", "paper"]
    digest = runs.json("derive", "like", "grpo-s0 - dpo-s1", *options)["mask"]["digest"]
    control = at_random_like(like, digest, domain_of("ab"), "tensor", 5)
    expression = "random(like=grpo-s0 - dpo-s1, match=tensor, seed=5) - sft_x"
    found = exported_bits(runs, expression, tmp_path / "x.safetensors", *options)
    equal(found, {name: control[name] & ~masks["d"][name] for name in control})


def test_random_masks_of_one_seed_are_independent(runs):
    """Like two masks, or matching two things: their overlap is what is expected, give or take."""
    like = ["random(like={}, match={}, seed=0)".format(*one) for one in (
        ("grpo-s0", "tensor"), ("dpo-s1", "tensor"), ("grpo-s0", "global"),
    )]  # fmt: skip
    for pair in runs.json("overlap", *like, "--definition", "paper", "--null", "global")["pairs"]:
        assert abs(pair["nulls"]["global"]["z"]) < 5


def test_magnitude_needs_the_base_where_it_was_or_where_it_is_said_to_be(
    runs, tmp_path, checkpoint
):
    expression = "random(like=grpo-s0, match=magnitude, seed=1)"
    options = ["--definition", "paper"]
    first = runs.json("derive", "first", expression, *options)["mask"]
    (tmp_path / "base").rename(tmp_path / "moved")
    refused = runs.refuses("derive", "second", expression, *options, code=NOT_FOUND)
    assert "--base" in refused.stderr
    second = runs.json("derive", "second", expression, *options, "--base", tmp_path / "moved")
    assert second["mask"]["count"] == first["count"]
    other = checkpoint("other", {name: value + 1 for name, value in weights().items()})
    runs.refuses("derive", "third", expression, *options, "--base", other, code=NOT_FOUND)


def test_kept_binades_stand_in_for_the_base(runs, tmp_path):
    options = ["--definition", "paper"]
    expression = "random(like=grpo-s0, match=magnitude, seed=1)"
    expected = exported_bits(runs, expression, tmp_path / "read.safetensors", *options)
    base, tuned = tmp_path / "base", tmp_path / "grpo-s0"
    runs.does("add", tuned, "--base", base, *options, "--keep-magnitudes", "-q")
    base.rename(tmp_path / "moved")
    equal(exported_bits(runs, expression, tmp_path / "kept.safetensors", *options), expected)
    # Half of a plane is none.
    with sqlite3.connect(runs.catalog) as connection:
        connection.execute("DELETE FROM base_binades WHERE ordinal = 0")
    assert "--base" in runs.refuses("derive", "x", expression, *options, code=NOT_FOUND).stderr


def test_a_renamed_operand_is_the_same_operand(runs):
    options = ["--definition", "paper"]
    expression = "atleast(2, {0}, dpo-s1, !{0}) | random(like={0} - sft_x, match=tensor, seed=1)"
    assert runs.json("derive", "x", expression.format("grpo-s0"), *options)["is_new"]
    runs.does("rename", "grpo-s0", "grpo-first")
    again = runs.json("derive", "x", expression.format("grpo-first"), *options)
    assert not again["is_new"]
    assert len([mask for mask in runs.masks() if mask["run"] == "x"]) == 1
    # Another mask under the old name is another operand.
    runs.does("rename", "sft_x", "grpo-s0")
    refused = runs.refuses("derive", "x", "grpo-s0 & dpo-s1", *options, code=NOT_FOUND)
    assert "'x'" in refused.stderr
    assert runs.json("derive", "y", "grpo-first & dpo-s1", *options)["is_new"]
    runs.does("rename", "grpo-first", "sft_x")
    assert runs.json("derive", "z", "grpo-s0 & dpo-s1", *options)["is_new"]
    assert not runs.json("derive", "y", "sft_x & dpo-s1", *options)["is_new"]


# the magnitude null ------------------------------------------------------------------------------


def with_binades(bits: Masks, letters: str) -> Mask:
    """The oracle's mask: bits and binades of the leading rows that the masks compared."""
    rows = {name: int(inside.all(axis=-1).sum()) for name, inside in domain_of(letters).items()}
    whole = {
        name: TensorMask(bits[name], binades(value, torch.bfloat16))
        for name, value in weights().items()
    }
    return {
        name: mask if mask.bits.ndim < 2 else mask.first(rows[name]) for name, mask in whole.items()
    }


def keep_binades(runs: Maskdb, base: Path, *definition: str) -> None:
    tuned = base.parent / NAMES["a"]
    runs.does("add", tuned, "--base", base, *definition, "--keep-magnitudes", "-q")


CROSSED = ("(grpo-s0 | dpo-s1) - sft_x", "(a | b) & ~d", "abd")
CUT = ("!(short.vocab & grpo-s0)", "~(c & a)", "ac")


@pytest.mark.parametrize("stored", [True, False], ids=["stored", "on the fly"])
def test_kept_binades_answer_the_magnitude_null_of_expressions(runs, masks, tmp_path, stored):
    options = ["--definition", "paper"]
    base = tmp_path / "base"
    keep_binades(runs, base, *options)
    base.rename(tmp_path / "gone")
    parts = []
    for place, (expression, python, letters) in enumerate((CROSSED, CUT)):
        if stored:
            runs.does("derive", f"derived-{place}", expression, *options)
        name = f"derived-{place}" if stored else expression
        parts.append((name, letters, evaluated(python, letters, masks)))
    parts += [(NAMES[letter], letter, masks[letter]) for letter in "ac"]
    answer = runs.json("overlap", *(name for name, _, _ in parts), *options)
    oracle = [with_binades(bits, letters) for _, letters, bits in parts]
    assert len(answer["pairs"]) == 6
    order = [mask["id"] for mask in answer["masks"]]
    for pair in answer["pairs"]:
        a, b = (order.index(pair[key]) for key in "ab")
        assert_pair_agrees(pair, overlap(oracle[a], oracle[b]), NULLS, f"{pair['a']}, {pair['b']}")
    assert "whole" in runs.does("verify").text


def test_a_base_that_is_named_stands_in_for_kept_binades(runs, masks, tmp_path, checkpoint):
    options = ["--definition", "paper"]
    expression, python, letters = CROSSED
    (tmp_path / "base").rename(tmp_path / "moved")
    other = checkpoint("other", {name: value + 1 for name, value in weights().items()})
    refused = runs.refuses("derive", "x", expression, *options, "--base", other, code=NOT_FOUND)
    assert "is not, or is no longer, what was added as the base" in refused.stderr
    runs.does("derive", "x", expression, *options, "--base", tmp_path / "moved")
    (pair,) = runs.json("overlap", "x", NAMES["b"], *options)["pairs"]
    wanted = evaluated(python, letters, masks)
    expected = overlap(with_binades(wanted, letters), with_binades(masks["b"], "b"))
    assert_pair_agrees(pair, expected, NULLS, expression)


def test_deriving_again_adds_the_counts_that_were_not_at_hand(runs, tmp_path):
    options = ["--definition", "paper"]
    expression = CUT[0]
    ask = ("overlap", "x", NAMES["c"], *options)
    assert runs.json("derive", "x", expression, *options)["is_new"]
    assert runs.json(*ask)["pairs"][0]["nulls"]["magnitude"]["lift"] is None
    keep_binades(runs, tmp_path / "base", *options)
    assert not runs.json("derive", "x", expression, *options)["is_new"]
    found = runs.json(*ask)["pairs"][0]["nulls"]["magnitude"]
    assert found["lift"] is not None
    runs.does("derive", "y", expression, *options)
    fresh = runs.json("overlap", "y", NAMES["c"], *options)["pairs"][0]["nulls"]["magnitude"]
    assert found == fresh


# refusals ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "caret", "reason"),
    [
        ("grpo-s0 & & dpo-s1", 10, "missing before '&'"),
        ("grpo-s0 -dpo-s1", 8, "space on both sides"),
        ("(grpo-s0 | dpo-s1", 17, "')' is missing"),
        ("nor(grpo-s0, dpo-s1)", 0, "no function 'nor'"),
        ("atleast(5, grpo-s0, dpo-s1)", 0, "never met"),
        ("grpo-s0 & random(like=dpo-s1, match=row, seed=1)", 36, "global, tensor or magnitude"),
    ],
)
def test_an_expression_that_cannot_be_read_is_refused_at_its_place(runs, expression, caret, reason):
    for command in (["derive", "x", expression], ["overlap", expression, "sft_x"]):
        answer = runs.refuses(*command, "--definition", "paper", code=USAGE)
        sentence, text, mark = answer.stderr.splitlines()[:3]
        assert reason in sentence
        assert text == f"  {expression}"
        assert mark == " " * (caret + 2) + "^"
    assert "x" not in runs.runs()


def test_names_that_mean_nothing_or_several_are_refused(runs):
    options = ["--definition", "paper"]
    unknown = runs.refuses("derive", "x", "grpo-s0 & dpo-s2", *options, code=NOT_FOUND)
    assert "'dpo-s2'" in unknown.stderr
    assert "dpo-s1" in unknown.stderr
    several = runs.refuses("derive", "x", "grpo-s0 & *-s*", *options, code=NOT_FOUND)
    assert "stands for 2 masks" in several.stderr
    runs.refuses("derive", "x", "atleast(1, where(seed=9))", *options, code=NOT_FOUND)
    runs.refuses("derive", "x", "only(grpo-s0, *nothing*)", *options, code=NOT_FOUND)
    runs.refuses("derive", "no name", "grpo-s0", *options, code=USAGE)
    assert runs.runs() == set(NAMES.values())


def test_masks_of_different_bases_are_not_combined(runs, checkpoint):
    base = checkpoint("base-2", {name: value * 2 for name, value in weights().items()})
    tuned = checkpoint("tuned-2", {name: value * 3 for name, value in weights().items()})
    runs.does("add", tuned, "--base", base, "--name", "elsewhere", "-q")
    small = checkpoint("base-3", {"w": at_random(4, 4).to(torch.bfloat16)})
    tuned = checkpoint("tuned-3", {"w": at_random(4, 4, seed=1).to(torch.bfloat16)})
    runs.does("add", tuned, "--base", small, "--name", "tiny", "-q")
    refused = runs.refuses("derive", "x", "grpo-s0@paper | elsewhere", code=NOT_FOUND)
    assert "their bases differ" in refused.stderr
    refused = runs.refuses("derive", "x", "grpo-s0@paper | tiny", code=NOT_FOUND)
    assert "different tensors" in refused.stderr


def test_a_catalog_that_is_not_there_is_not_made(maskdb):
    maskdb.refuses("derive", "x", "a & b", code=CATALOG)
    assert not maskdb.catalog.exists()
