"""The oracle is held against scipy, simulation, hand-worked examples and the paper's own script."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from scipy.stats import hypergeom

from builders import at_random
from oracle import (
    COMPARE_DTYPES,
    NULLS,
    Definition,
    Mask,
    TensorMask,
    binades,
    cast,
    changed,
    default_compare_dtype,
    load_checkpoint,
    overlap,
    rounded,
    ulp_distance,
)


def tensor_mask(bits: np.ndarray, exponents: np.ndarray | None = None) -> TensorMask:
    return TensorMask(bits, np.zeros(bits.shape, np.int32) if exponents is None else exponents)


def random_mask(shape: tuple[int, ...], density: float, seed: int) -> TensorMask:
    generator = np.random.default_rng(seed)
    exponents = np.random.default_rng(7).integers(100, 104, shape).astype(np.int32)
    return tensor_mask(generator.random(shape) < density, exponents)


def random_pair() -> tuple[Mask, Mask]:
    shapes = {"deep": (2, 5, 7), "wide": (6, 40), "flat": (30,), "point": (), "empty": (0, 4)}
    return tuple(
        {name: random_mask(shape, density, seed) for name, shape in shapes.items()}
        for density, seed in ((0.3, 1), (0.4, 2))
    )


# --- definitions ---------------------------------------------------------------------------------


@pytest.mark.parametrize("tolerance", [1e-5, 1e-8, 1e-3])
def test_paper_is_isclose_of_the_difference_as_the_authors_wrote_it(tolerance):
    base = at_random(50_000, seed=3, scale=50 * tolerance).to(torch.bfloat16)
    tuned = base + at_random(50_000, seed=4, scale=2 * tolerance).to(torch.bfloat16)
    delta = tuned - base
    same = torch.isclose(delta, torch.zeros_like(delta), atol=tolerance)
    mask = changed(base, tuned, Definition("paper", tolerance), torch.bfloat16)
    assert 0 < mask.sum() < mask.size
    assert (mask == ~same.numpy()).all()


def test_the_tolerance_of_the_paper_is_itself_rounded_to_bf16():
    assert f"{rounded(1e-5, torch.bfloat16).item():.5e}" == "1.00136e-05"


def test_paper_calls_two_equal_infinities_changed_because_their_difference_is_nan():
    infinite = torch.tensor([math.inf], dtype=torch.bfloat16)
    assert changed(infinite, infinite, Definition.parse("paper"), torch.bfloat16).all()
    assert not changed(infinite, infinite, Definition.parse("absolute:1"), torch.bfloat16).any()


@pytest.mark.parametrize(
    ("rule", "answers"),
    [
        ("bitwise", [True, False, True, True]),
        ("numeric", [False, True, True, True]),
        ("ulp:0", [False, False, True, True]),
        ("ulp:1", [False, False, False, True]),
        ("absolute:0", [False, False, True, True]),
        ("relative:0.5", [False, False, False, True]),
    ],
)
def test_zero_signs_equal_nans_neighbours_and_distant_values(rule, answers):
    base = torch.tensor([0.0, math.nan, 1.0, 1.0], dtype=torch.bfloat16)
    tuned = torch.tensor([-0.0, math.nan, 1.0078125, 4.0], dtype=torch.bfloat16)
    assert changed(base, tuned, Definition.parse(rule), torch.bfloat16).tolist() == answers


def test_ulp_distance_counts_representable_steps_across_zero_and_to_the_ends():
    tiny = np.nextafter(0, 1)
    left = torch.tensor([tiny, 1.0, -1.0, 0.0], dtype=torch.float64)
    ends = torch.tensor([-tiny, np.nextafter(1, 2), 1.0, -0.0], dtype=torch.float64)
    one = int(torch.tensor(1.0, dtype=torch.float64).view(torch.int64).item())
    assert ulp_distance(left, ends).tolist() == [2, 1, 2 * one, 0]


def test_a_double_reaches_bf16_through_fp32_and_a_nan_that_was_cast_is_the_quiet_one():
    almost_half = torch.tensor([1 + 2**-8 + 2**-40, math.nan], dtype=torch.float64)
    bits = cast(almost_half, torch.bfloat16).view(torch.int16).tolist()
    assert bits == [0x3F80, 0x7FC0]


def test_the_binade_is_the_exponent_field_with_zeros_and_subnormals_in_field_0():
    values = torch.tensor([0.0, -0.0, 2**-130, 1.0, -1.5, 2.0, math.inf], dtype=torch.float32)
    assert binades(values, torch.bfloat16).tolist() == [0, 0, 0, 127, 127, 128, 255]


def test_a_subnormal_fp16_has_a_normal_binade_in_fp32():
    values = torch.tensor([2**-24], dtype=torch.float16)
    assert binades(values, torch.float16).tolist() == [127 - 24]


def test_a_definition_is_read_back_as_it_was_written():
    assert Definition.parse("paper") == Definition.parse("paper:1e-5") == Definition("paper", 1e-5)
    assert Definition.parse("numeric") == Definition("numeric")
    with pytest.raises(ValueError):
        Definition.parse("vague")


# --- checkpoints ---------------------------------------------------------------------------------


def test_the_default_compare_dtype_has_the_fewest_significand_bits(checkpoint):
    wide = checkpoint("wide", {"w": at_random(4)})
    narrow = checkpoint("narrow", {"w": at_random(4).to(torch.bfloat16)})
    half = checkpoint("half", {"w": at_random(4).to(torch.float16)})
    assert default_compare_dtype(wide, narrow) == "bf16"
    assert default_compare_dtype(wide, wide) == "fp32"
    with pytest.raises(ValueError):
        default_compare_dtype(narrow, half)


def test_an_fp8_tensor_is_multiplied_by_the_scale_of_its_block(checkpoint):
    weight = torch.ones(130, 129).to(torch.float8_e4m3fn)
    scale = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    loaded = load_checkpoint(checkpoint("fp8", {"w": weight, "w_scale_inv": scale}))
    assert list(loaded) == ["w"]
    assert loaded["w"][[0, 0, 129, 129], [0, 128, 0, 128]].tolist() == [1, 2, 3, 4]


# --- overlap -------------------------------------------------------------------------------------


def test_the_global_null_is_the_hypergeometric_distribution():
    a, b = random_pair()
    found = overlap(a, b)
    null = found.nulls["global"]
    mean, variance = hypergeom.stats(found.parameters, found.count_a, found.count_b, moments="mv")
    assert float(null.expected) == pytest.approx(mean, rel=1e-13)
    assert float(null.variance) == pytest.approx(variance, rel=1e-13)


@pytest.mark.filterwarnings("ignore:.*encountered in divide:RuntimeWarning")
@pytest.mark.parametrize("null", ["tensor", "row", "column", "magnitude"])
def test_a_stratified_null_is_a_sum_of_hypergeometric_distributions(null):
    a, b = random_pair()
    groups = [group for name in a for group in positions_by_stratum(null, a[name])]
    sizes = [(g.size, int(x[g].sum()), int(y[g].sum())) for g, x, y in flat(groups, a, b)]
    found = overlap(a, b).nulls[null]
    mean = math.fsum(hypergeom.stats(*size, moments="m") for size in sizes)
    variance = math.fsum(hypergeom.stats(*size, moments="v") for size in sizes if size[0] > 1)
    assert float(found.expected) == pytest.approx(mean, rel=1e-13)
    assert float(found.variance) == pytest.approx(variance, rel=1e-13)
    assert found.maximum == sum(min(x, y) for _, x, y in sizes)


def flat(groups, a: Mask, b: Mask):
    """Groups of positions with the masks they index, over one vector for the whole model."""
    left, right = (np.concatenate([t.bits.ravel() for t in mask.values()]) for mask in (a, b))
    starts = np.cumsum([0, *(t.bits.size for t in a.values())])
    order = {id(t): start for t, start in zip(a.values(), starts, strict=False)}
    return [(order[id(tensor)] + positions, left, right) for tensor, positions in groups]


def positions_by_stratum(null: str, tensor: TensorMask):
    indices = np.arange(tensor.bits.size)
    keys = np.zeros(tensor.bits.size, int)
    if null == "magnitude":
        keys = tensor.exponents.ravel()
    elif tensor.bits.ndim >= 2:
        columns = tensor.bits.shape[-1]
        keys = {"row": indices // columns, "column": indices % columns}.get(null, keys)
    return [(tensor, indices[keys == key]) for key in np.unique(keys)]


def test_shuffling_within_rows_gives_the_mean_and_spread_of_the_row_null():
    a, b = ({"w": random_mask((12, 30), density, seed)} for density, seed in ((0.3, 1), (0.5, 2)))
    null, generator = overlap(a, b).nulls["row"], np.random.default_rng(0)
    left, right = a["w"].bits, b["w"].bits
    draws = [int((left & generator.permuted(right, axis=1)).sum()) for _ in range(20_000)]
    standard_error = math.sqrt(null.variance / len(draws))
    assert np.mean(draws) == pytest.approx(float(null.expected), abs=5 * standard_error)
    assert np.var(draws) == pytest.approx(float(null.variance), rel=0.06)


def test_the_rank_one_model_is_the_sum_of_products_of_its_probabilities():
    a, b = random_pair()
    terms = [rank_one(a[name].bits) * rank_one(b[name].bits) for name in ("deep", "wide")]
    tensors = [Fraction(a[n].count * b[n].count, a[n].bits.size) for n in ("flat", "point")]
    expected = math.fsum(np.concatenate([t.ravel() for t in terms])) + float(sum(tensors))
    assert float(overlap(a, b).nulls["row_column"].expected) == pytest.approx(expected, rel=1e-12)


def rank_one(bits: np.ndarray) -> np.ndarray:
    matrix = bits.reshape(-1, bits.shape[-1])
    return np.outer(matrix.sum(1), matrix.sum(0)) / matrix.sum()


def test_a_cross_saturates_the_rank_one_model_and_has_no_lift():
    cross = np.zeros((8, 8), bool)
    cross[0, :] = cross[:, 0] = True
    mask = {"w": tensor_mask(cross)}
    found = overlap(mask, mask)
    assert found.saturated == ["w"]
    assert found.nulls["row_column"].expected > found.nulls["row_column"].maximum
    assert found.nulls["row_column"].lift is None


def test_a_mask_with_itself_attains_everything_under_every_null():
    mask, _ = random_pair()
    found = overlap(mask, mask)
    assert found.jaccard == found.coverage_a == 1
    assert all(found.nulls[null].attained == 1 for null in NULLS)


def test_a_full_mask_leaves_nothing_to_attain():
    mask, _ = random_pair()
    full = {n: tensor_mask(np.ones_like(t.bits), t.exponents) for n, t in mask.items()}
    for null in overlap(mask, full).nulls.values():
        assert null.lift == null.max_lift == 1
        assert null.attained is None


def test_two_empty_masks_are_alike_and_nothing_else_is_defined():
    mask, _ = random_pair()
    empty = {n: tensor_mask(np.zeros_like(t.bits), t.exponents) for n, t in mask.items()}
    found = overlap(empty, empty)
    assert found.jaccard == 1
    assert found.coverage_a is found.coverage_b is None
    assert all(null.lift is null.attained is null.z is None for null in found.nulls.values())


def test_a_pair_is_counted_where_both_were_compared():
    long, short = (tensor_mask(np.ones((rows, 3), bool)) for rows in (5, 4))
    found = overlap({"w": long, "only": long}, {"w": short})
    assert (found.parameters, found.count_a, found.count_b, found.intersection) == (12, 12, 12, 12)


def test_every_compare_dtype_has_an_integer_view_of_its_bits():
    for dtype in COMPARE_DTYPES.values():
        one = torch.ones(3, dtype=dtype)
        assert not changed(one, one, Definition("bitwise"), dtype).any()
