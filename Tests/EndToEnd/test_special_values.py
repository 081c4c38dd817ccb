"""Every rule in every compare dtype, position by position, on values that trip implementations."""

import math

import numpy as np
import pytest
import torch

from agreement import DEFINITIONS, assert_runs_agree, definition_options
from builders import DTYPE_NAMES
from exports import exported_bits
from oracle import COMPARE_DTYPES, Definition, bit_patterns, changed

STORED_PAIRS = [
    ("bf16", "bf16"),
    ("fp16", "fp16"),
    ("fp32", "fp32"),
    ("fp64", "fp64"),
    ("bf16", "fp32"),
    ("fp32", "bf16"),
    ("fp64", "fp32"),
    ("fp16", "fp32"),
    ("bf16", "fp16"),
]
RULES = (*DEFINITIONS, "absolute:0", "relative:0", "relative:0.5", "ulp:0", "ulp:1000", "paper:0")
NUMPY_BITS = {2: np.uint16, 4: np.uint32, 8: np.uint64}


def special_values(dtype):
    """Ends of ranges, neighbours of 1 and of the tolerances, every infinity and kind of zero."""
    info = torch.finfo(dtype)
    near = [1e-8, 1e-5, 1.00136e-5, 1e-3, 1.0, 2.0, 256.0, 65504.0, 3.4e38]
    twice_rounded = [1 + 2**-8 + 2**-40, 1 + 2**-7, 1 + 2**-11 + 2**-40, 1 + 2**-10]
    plain = [0.0, info.smallest_normal, info.max, math.inf, *near, *twice_rounded]
    values = torch.tensor(plain, dtype=torch.float64).to(dtype)
    bits = bit_patterns(values)
    around = torch.cat([bits, bits + 1, (bits - 1).clamp(min=0), torch.tensor([1, 2, 3])])
    positive = around.to(bits.dtype).view(dtype)
    return torch.cat([positive, -positive])


def random_bits(dtype, count, seed):
    """Values with every bit drawn alike, so with NaNs of every payload among the 16-bit ones."""
    size = torch.finfo(dtype).bits // 8
    raw = np.random.default_rng(seed).bytes(count * size)
    return torch.frombuffer(bytearray(raw), dtype=dtype)


def weights_like(dtype, count, seed):
    """Values of the size of weights, near which most decisions are close."""
    generator = torch.Generator().manual_seed(seed)
    exponents = torch.rand(count, generator=generator, dtype=torch.float64) * 30 - 28
    signs = torch.randint(0, 2, (count,), generator=generator) * 2 - 1
    return (signs * 2.0**exponents).to(dtype)


def moved_slightly(values, seed):
    """The same values a few representable steps away, or a few tolerances."""
    generator = torch.Generator().manual_seed(seed)
    steps = torch.randint(-3, 4, values.shape, generator=generator)
    stepped = (bit_patterns(values) + steps.to(bit_patterns(values).dtype)).view(values.dtype)
    shift = torch.rand(values.shape, generator=generator, dtype=torch.float64) * 3e-5
    shifted = (values.to(torch.float64) + shift).to(values.dtype)
    return torch.where(steps == 3, shifted, stepped)


def awkward_pair(left, right):
    """Every special value against every other, random bits against random bits, near misses."""
    rows, columns = special_values(left), special_values(right)
    a, b = rows.repeat_interleave(len(columns)), columns.repeat(len(rows))
    near = weights_like(left, 20_000, 3)
    base = torch.cat([a, random_bits(left, 10_000, 1), near])
    tuned = torch.cat([b, random_bits(right, 10_000, 2), moved_slightly(near.to(right), 4)])
    return base, tuned


def settled(values, dtype):
    """The values with NaNs made quiet where a cast to `dtype` would have to choose their bits."""
    if values.dtype == dtype:
        return values
    return torch.where(values.isnan(), torch.full_like(values, math.nan), values)


def described(base, tuned, wrong):
    """The first positions that were decided wrongly, as hexadecimal bits."""
    sides = [bit_patterns(side).numpy() for side in (base, tuned)]
    unsigned = [side.view(NUMPY_BITS[side.dtype.itemsize]) for side in sides]
    return [tuple(hex(side[index]) for side in unsigned) for index in np.flatnonzero(wrong)[:8]]


@pytest.mark.parametrize("compare", COMPARE_DTYPES)
@pytest.mark.parametrize(("left", "right"), STORED_PAIRS)
def test_every_rule_decides_every_awkward_position_as_the_oracle(
    maskdb, checkpoint, tmp_path, left, right, compare
):
    dtype = COMPARE_DTYPES[compare]
    sides = awkward_pair(DTYPE_NAMES[left], DTYPE_NAMES[right])
    base, tuned = (settled(side, dtype) for side in sides)
    paths = checkpoint("tuned", {"w": tuned}), "--base", checkpoint("base", {"w": base})
    options = [*definition_options(RULES), "--compare-dtype", compare]
    maskdb.does("add", *paths, "--name", "awkward", *options)
    for rule in RULES:
        file = tmp_path / "mask.safetensors"
        found = exported_bits(maskdb, f"awkward@{rule}@{compare}", file)["w"]
        wrong = found != changed(base, tuned, Definition.parse(rule), dtype)
        assert not wrong.any(), f"{rule}: {wrong.sum()} of {wrong.size} wrong, such as " + str(
            described(base, tuned, wrong)
        )
        file.unlink()


@pytest.mark.parametrize("compare", COMPARE_DTYPES)
@pytest.mark.parametrize("stored", COMPARE_DTYPES)
def test_binades_of_special_base_weights_make_the_magnitude_null_of_the_oracle(
    maskdb, checkpoint, stored, compare
):
    dtype = DTYPE_NAMES[stored]
    base, tuned = (settled(side, COMPARE_DTYPES[compare]) for side in awkward_pair(dtype, dtype))
    runs = {"one": tuned, "two": torch.where(torch.arange(len(tuned)) % 3 == 0, base, tuned)}
    assert_runs_agree(
        maskdb,
        checkpoint("base", {"w": base}),
        {name: checkpoint(name, {"w": values}) for name, values in runs.items()},
        ["paper", "numeric"],
        compare,
    )


def test_two_equal_nans_are_the_same_bits_but_not_the_same_number(maskdb, checkpoint):
    nans = {"w": torch.full((10,), math.nan, dtype=torch.bfloat16)}
    options = ["--definition", "bitwise", "--definition", "numeric", "--definition", "paper"]
    paths = checkpoint("tuned", nans), "--base", checkpoint("base", nans)
    maskdb.does("add", *paths, "--name", "nan", *options)
    counts = {mask["definition"].split(":")[0]: mask["count"] for mask in maskdb.masks()}
    assert counts == {"bitwise": 0, "numeric": 10, "paper": 10}


def test_fp16_against_bf16_asks_for_a_compare_dtype(maskdb, checkpoint):
    values = torch.ones(8)
    base = checkpoint("base", {"w": values.to(torch.bfloat16)})
    tuned = checkpoint("tuned", {"w": values.to(torch.float16)})
    answer = maskdb("add", tuned, "--base", base, "--name", "run", "--definition", "numeric")
    assert answer.code in (1, 64)
    assert "--compare-dtype" in answer.stderr
    assert maskdb.runs() == set()
    words = ["--definition", "numeric", "--compare-dtype", "bf16"]
    maskdb.does("add", tuned, "--base", base, "--name", "run", *words)
    assert [mask["count"] for mask in maskdb.masks()] == [0]
