"""Every statistic of the sample runs against numpy, scipy and sklearn, on the exported bits."""

import math

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from scipy.stats import hypergeom
from sklearn.metrics import cohen_kappa_score, f1_score, jaccard_score, matthews_corrcoef

from builders import at_random, nudged
from oracle import binades

RELATIVE = 1e-12
SAMPLED = ("global", "tensor", "row", "column", "magnitude")


@pytest.fixture(scope="session")
def bits(catalog, samples, tmp_path_factory):
    """The bits of every run as the tool exports them, tensor by tensor."""
    folder = tmp_path_factory.mktemp("bits")
    for run in samples.runs:
        path = folder / f"{run}.safetensors"
        catalog.does("export", f"{run}@paper", "--format", "safetensors", "-o", path)
    return {run: load_file(folder / f"{run}.safetensors") for run in samples.runs}


@pytest.fixture(scope="session")
def exponents(samples):
    """The binade of every base weight, tensor by tensor."""
    mask = next(iter(samples.masks("paper").values()))
    return {name: tensor.exponents for name, tensor in mask.items()}


@pytest.fixture(scope="session")
def pairs(catalog):
    """Every pair with the names of its runs."""
    answer = catalog.json("overlap", "--definition", "paper")
    runs = {mask["id"]: mask["run"] for mask in answer["masks"]}
    return [(runs[pair["a"]], runs[pair["b"]], pair) for pair in answer["pairs"]]


def flat(mask):
    return np.concatenate([mask[name].ravel() for name in sorted(mask)])


def cells(a, b):
    """The counts n11, n10, n01, n00."""
    both = int((a & b).sum())
    return np.array([both, int(a.sum()) - both, int(b.sum()) - both, int((~(a | b)).sum())])


def metrics_of_sklearn(a, b, weights=None):
    return {
        "phi": matthews_corrcoef(a, b, sample_weight=weights),
        "kappa": cohen_kappa_score(a, b, sample_weight=weights),
        "jaccard": jaccard_score(a, b, sample_weight=weights),
        "jaccard_unchanged": jaccard_score(a, b, pos_label=0, sample_weight=weights),
        "dice": f1_score(a, b, sample_weight=weights),
    }


def assert_close(found, expected, label, slack=0.0):
    assert abs(found - expected) <= RELATIVE * abs(expected) + slack, (label, found, expected)


def test_one_pair_is_what_sklearn_says_of_its_bits(bits, pairs):
    a, b, pair = pairs[0]
    for key, value in metrics_of_sklearn(flat(bits[a]), flat(bits[b])).items():
        assert_close(pair[key], value, key)


def test_every_metric_of_every_pair_is_sklearns_and_numpys(bits, pairs):
    assert len(pairs) == math.comb(len(bits), 2)
    truth, guess = np.array([1, 1, 0, 0]), np.array([1, 0, 1, 0])
    for a, b, pair in pairs:
        n11, n10, n01, _ = counts = cells(flat(bits[a]), flat(bits[b]))
        sizes = {
            "intersection": n11, "union": n11 + n10 + n01, "count_a": n11 + n10,
            "count_b": n11 + n01, "parameters": counts.sum(),
        }  # fmt: skip
        assert {key: pair[key] for key in sizes} == sizes
        for key, value in metrics_of_sklearn(truth, guess, counts).items():
            # sklearn's kappa is 1 minus a quotient near 1: its own rounding is allowed.
            assert_close(pair[key], value, f"{a} {b} {key}", 4e-16 if key == "kappa" else 0)
        half = counts + 0.5
        expected = {
            "overlap_coefficient": n11 / min(n11 + n10, n11 + n01),
            "coverage_a": n11 / (n11 + n10),
            "coverage_b": n11 / (n11 + n01),
            "log2_odds_ratio": np.log2(half[0] * half[3] / (half[1] * half[2])),
        }
        for key, value in expected.items():
            assert_close(pair[key], value, f"{a} {b} {key}")


def strata(null, mask, exponents):
    """The counts of a mask in every stratum of a null, and the sizes of the strata."""
    if null == "global":
        whole = flat(mask)
        return np.array([whole.sum()]), np.array([whole.size])
    parts = [tensor_strata(null, mask[name], exponents[name]) for name in sorted(mask)]
    return tuple(np.concatenate(column) for column in zip(*parts, strict=True))


def tensor_strata(null, bits, exponents):
    if null == "magnitude":
        sizes = np.bincount(exponents.ravel(), minlength=256)
        return np.bincount(exponents[bits].ravel(), minlength=256)[sizes > 0], sizes[sizes > 0]
    if null in ("row", "column") and bits.ndim > 1:
        matrix = bits.reshape(-1, bits.shape[-1])
        matrix = matrix if null == "row" else matrix.T
        return matrix.sum(axis=1), np.full(matrix.shape[0], matrix.shape[1])
    return np.array([bits.sum()]), np.array([bits.size])


@pytest.mark.filterwarnings("ignore:.*encountered in (scalar )?divide:RuntimeWarning")
@pytest.mark.parametrize("null", SAMPLED)
def test_every_null_is_a_sum_of_scipys_hypergeometric_distributions(bits, exponents, pairs, null):
    counts = {run: strata(null, mask, exponents) for run, mask in bits.items()}
    for a, b, pair in pairs:
        (left, sizes), (right, _) = counts[a], counts[b]
        mean, variance = hypergeom.stats(sizes, left, right, moments="mv")
        expected, spread = math.fsum(mean), math.sqrt(math.fsum(variance[sizes > 1]))
        assert_null(pair, pair["nulls"][null], expected, int(np.minimum(left, right).sum()), null)
        z = (pair["intersection"] - expected) / spread
        assert_close(pair["nulls"][null]["z"], z, f"{a} {b} z", 4 * math.ulp(expected) / spread)


def test_the_rank_one_null_is_a_sum_of_products_of_probabilities(bits, pairs):
    for a, b, pair in pairs:
        terms, largest = [], 0
        for name, left in bits[a].items():
            right = bits[b][name]
            largest += min(int(left.sum()), int(right.sum()))
            if left.any() and right.any():
                terms.append(float((rank_one(left) * rank_one(right)).sum()))
        found = pair["nulls"]["row_column"]
        assert "z" not in found
        if found["lift"] is not None:
            assert_null(pair, found, math.fsum(terms), largest, f"{a} {b} row_column")


def rank_one(bits):
    """The probability of every position: by row and column, or in a vector the density."""
    if bits.ndim < 2:
        return np.full(bits.size, bits.mean())
    matrix = bits.reshape(-1, bits.shape[-1])
    return np.outer(matrix.sum(axis=1), matrix.sum(axis=0)) / matrix.sum()


def assert_null(pair, found, expected, largest, label):
    """Everything that follows from an expected overlap, whose rounding differences may magnify."""
    shared, rounding = pair["intersection"], 4 * math.ulp(expected)
    assert_close(found["expected"], expected, label)
    assert found["max"] == largest, label
    assert_close(found["lift"], shared / expected, label)
    assert_close(found["max_lift"], largest / expected, label)
    room = largest - expected
    slack = rounding * (1 + abs((shared - expected) / room)) / room
    assert_close(found["attained"], (shared - expected) / room, label, slack)
    assert_close(found["excess"], shared - expected, label, rounding)
    union = pair["count_a"] + pair["count_b"] - expected
    assert_close(found["jaccard_at_expected"], expected / union, label)


# --- expected values by simulation ---------------------------------------------------------------

ROUNDS = 4000
SIGMAS = 6  # one run in 5e8 of an honest simulation is beyond


@pytest.fixture
def small(maskdb, checkpoint):
    """Two masks of a small model: the answer about them, their bits and the base's binades."""
    shapes = {"wide": (40, 44), "deep": (4, 10, 40), "flat": (70,)}
    base = {
        name: at_random(*shape, seed=place, scale=1).to(torch.bfloat16)
        for place, (name, shape) in enumerate(shapes.items())
    }
    folder = checkpoint("base", base)
    masks = []
    for run, (share, seed) in {"a": (0.3, 50), "b": (0.4, 60)}.items():
        tuned = {n: nudged(v, share, seed + i) for i, (n, v) in enumerate(base.items())}
        maskdb.does("add", checkpoint(run, tuned), "--base", folder, "--definition", "bitwise")
        masks.append({name: (tuned[name] != base[name]).numpy() for name in base})
    (pair,) = maskdb.json("overlap")["pairs"]
    return pair, *masks, {name: binades(base[name], torch.bfloat16) for name in base}


def keys(null, bits, exponents, place):
    """The stratum of every position of a tensor."""
    if null == "global":
        return np.zeros(bits.size, np.int64)
    within = {"magnitude": exponents.ravel()}.get(null, np.zeros(bits.size, np.int64))
    if null in ("row", "column") and bits.ndim > 1:
        columns = bits.shape[-1]
        positions = np.arange(bits.size)
        within = positions // columns if null == "row" else positions % columns
    return 1000 * place + within


def shuffled(bits, strata, generator):
    """The bits with those of every stratum in random order."""
    order = np.lexsort((generator.random(bits.size), strata))
    result = np.empty_like(bits)
    result[np.argsort(strata, kind="stable")] = bits[order]
    return result


@pytest.mark.parametrize("null", SAMPLED)
def test_shuffling_within_strata_gives_the_expected_overlap_and_its_spread(small, null):
    pair, a, b, exponents = small
    strata = np.concatenate(
        [keys(null, a[name], exponents[name], place) for place, name in enumerate(a)]
    )
    left, right = (np.concatenate([mask[name].ravel() for name in a]) for mask in (a, b))
    assert int((left & right).sum()) == pair["intersection"]
    generator = np.random.default_rng(1)
    draws = [int((left & shuffled(right, strata, generator)).sum()) for _ in range(ROUNDS)]
    found = pair["nulls"][null]
    spread = found["excess"] / found["z"]
    assert abs(np.mean(draws) - found["expected"]) < SIGMAS * spread / math.sqrt(ROUNDS)
    # The standard error of a standard deviation of near-normal draws is s / sqrt(2 n).
    assert abs(np.std(draws) - spread) < SIGMAS * spread / math.sqrt(2 * ROUNDS)


def test_drawing_from_the_rank_one_model_gives_its_expected_overlap(small):
    pair, a, b, _ = small
    found = pair["nulls"]["row_column"]
    chances = [np.concatenate([rank_one(mask[name]).ravel() for name in a]) for mask in (a, b)]
    assert found["saturated"] == 0
    assert max(chance.max() for chance in chances) <= 1
    generator = np.random.default_rng(2)
    draws = [
        int(np.logical_and(*(generator.random(c.size) < c for c in chances)).sum())
        for _ in range(ROUNDS)
    ]
    both = chances[0] * chances[1]
    error = math.sqrt(float((both * (1 - both)).sum()) / ROUNDS)
    assert abs(np.mean(draws) - found["expected"]) < SIGMAS * error
