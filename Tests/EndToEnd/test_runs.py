"""Groups of runs and factors, computed again from the files and what the runs record."""

import itertools
import math

import numpy as np
import pytest
import torch

from agreement import assert_number
from command import NOT_FOUND, USAGE
from oracle import overlap

EARLIER = {"grpo-add-s0-step20", "grpo-add-s0-step40"}
TWIN = "grpo-add-s0-step60"
FIELDS = ("algorithm", "dataset", "seed", "base", "learning_rate", "optimizer", "precision")


@pytest.fixture(scope="session")
def recorded(catalog, samples):
    """What the catalog records of every run; the base counts by its content."""
    runs = {}
    for run in samples.runs:
        shown = catalog.json("show", run)
        fields = {field["key"]: field["value"] for field in shown["fields"]}
        runs[run] = fields | {"base": shown["run"]["base"]}
    return runs


@pytest.fixture(scope="session")
def units(samples):
    """The runs that count: the latest steps, and identical masks once."""
    return sorted(set(samples.runs) - EARLIER - {TWIN})


@pytest.fixture(scope="session")
def overlaps(samples, units):
    """The oracle's overlap of every two runs that count."""
    masks = samples.masks("paper")
    return {
        frozenset((a, b)): overlap(masks[a], masks[b]) for a, b in itertools.combinations(units, 2)
    }


STATISTICS = {
    "attained:magnitude": lambda o: o.nulls["magnitude"].attained,
    "attained:tensor": lambda o: o.nulls["tensor"].attained,
    "lift:global": lambda o: o.nulls["global"].lift,
    "jaccard": lambda o: o.jaccard,
}


def difference(matrix, labels):
    """The mean within groups minus the mean between them."""
    rows, columns = np.triu_indices(len(labels), 1)
    same = labels[rows] == labels[columns]
    values = matrix[rows, columns]
    return values[same].mean() - values[~same].mean()


def arrangements(labels, blocks):
    """Every outcome of exchanging labels within blocks, with repetitions."""
    orders = [list(itertools.permutations(block)) for block in blocks]
    for choice in itertools.product(*orders):
        moved = labels.copy()
        for block, order in zip(blocks, choice, strict=True):
            moved[list(block)] = labels[list(order)]
        yield moved


def partition(labels):
    return frozenset(frozenset(np.flatnonzero(labels == label)) for label in set(labels))


def blocks_of(units, recorded, fields):
    blocks = {}
    for place, run in enumerate(units):
        blocks.setdefault(tuple(recorded[run].get(f) for f in fields), []).append(place)
    return list(blocks.values())


@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize(
    ("by", "ignored"),
    [("algorithm", ()), ("dataset", ()), ("seed", ("precision",)), ("algorithm,dataset", ())],
)
def test_groups_of_runs_are_what_numpy_makes_of_the_files(
    catalog, recorded, units, overlaps, by, ignored, statistic
):
    by_fields = by.split(",")
    words = [word for field in ignored for word in ("--ignore", field)]
    answer = catalog.json(
        "groups", "--by", by, "--stat", statistic, "--definition", "paper", *words
    )
    assert sorted(mask["run"] for mask in answer["masks"]) == units

    values = {pair: STATISTICS[statistic](found) for pair, found in overlaps.items()}
    runs = {mask["id"]: mask["run"] for mask in answer["masks"]}
    for pair in answer["pairs"]:
        expected = values[frozenset((runs[pair["a"]], runs[pair["b"]]))]
        assert_number(pair["value"], expected, f"{pair}", slack=1e-12)

    labels = np.array(["/".join(recorded[run][f] for f in by_fields) for run in units])
    matrix = np.array([[values.get(frozenset((a, b)), np.nan) for a in units] for b in units])
    assert_number(answer["difference"], difference(matrix, labels), by, slack=1e-12)

    others = [f for f in FIELDS if f not in by_fields and f not in ignored]
    assert answer["test"]["block_fields"] == others
    found = list(arrangements(labels, blocks_of(units, recorded, others)))
    observed = difference(matrix, labels)
    reached = sum(difference(matrix, moved) >= observed - 1e-9 for moved in found)
    test = answer["test"]
    assert test["method"] == "exact"
    assert test["p"] == pytest.approx(reached / len(found), rel=1e-12)
    assert test["arrangements"] == test["tried"] == len({partition(moved) for moved in found})
    assert test["smallest_p"] == 1 / test["arrangements"]
    assert test["can_reach_05"] == (test["arrangements"] >= 20)


def test_means_of_groups_are_the_means_of_their_pairs(catalog):
    answer = catalog.json("groups", "--by", "algorithm", "--definition", "paper")
    group = {mask: g["name"] for g in answer["groups"] for mask in g["masks"]}
    cells = {}
    for pair in answer["pairs"]:
        cells.setdefault(frozenset((group[pair["a"]], group[pair["b"]])), []).append(pair["value"])
    for g in answer["groups"]:
        inner = cells.get(frozenset((g["name"],)), [])
        outer = [v for key, vs in cells.items() if g["name"] in key and len(key) == 2 for v in vs]
        assert (g["within"]["pairs"], g["between"]["pairs"]) == (len(inner), len(outer))
        assert_number(g["within"]["mean"], np.mean(inner) if inner else None, g["name"], 1e-12)
        assert_number(g["between"]["mean"], np.mean(outer), g["name"], 1e-12)
    for cell in answer["between_groups"]:
        expected = cells[frozenset((cell["a"], cell["b"]))]
        assert cell["pairs"] == len(expected)
        assert_number(cell["mean"], np.mean(expected), str(cell), 1e-12)
    within = [v for key, vs in cells.items() if len(key) == 1 for v in vs]
    assert_number(answer["within"]["mean"], np.mean(within), "within", 1e-12)


def test_what_does_not_count_as_a_run_is_listed_with_the_reason(catalog):
    answer = catalog.json("groups", "--by", "algorithm", "--definition", "paper")
    left_out = {mask["id"].partition("@")[0]: mask["reason"] for mask in answer["left_out"]}
    assert left_out.keys() == EARLIER | {TWIN}
    assert "earlier step" in left_out["grpo-add-s0-step20"]
    assert "same mask" in left_out[TWIN]
    text = catalog.does("groups", "--by", "algorithm").stdout
    for run, reason in left_out.items():
        assert f"{run}@paper: {reason}" in text
    assert "fewer than 20 arrangements, .05 cannot be reached" in text


def test_ignored_fields_make_no_blocks(catalog):
    words = ["--by", "algorithm", "--definition", "paper"]
    for field in ("dataset", "seed", "learning_rate", "precision"):
        words += ["--ignore", field]
    exact = catalog.json("groups", *words)["test"]
    assert exact["method"] == "exact"
    assert exact["arrangements"] == 1260
    assert exact["seed"] is None
    assert exact["ignored_fields"][:2] == ["name", "step"]


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (["--by", "algoritm"], NOT_FOUND, "did you mean 'algorithm'"),
        (["--by", "step"], NOT_FOUND, "step is no factor"),
        (["--by", "base"], NOT_FOUND, "are one group by base"),
        (["--by", "algorithm,dataset,seed"], NOT_FOUND, "a group of its own"),
        (["grpo-add-s0", "--by", "seed"], NOT_FOUND, "one run is left"),
        (["--by", "seed", "--ignore", "sed"], NOT_FOUND, "did you mean 'seed'"),
        (["--by", "seed", "--stat", "z:row_column"], USAGE, "row_column has no z"),
        (["--by", "seed", "--permutations", "0"], USAGE, "--permutations takes"),
        ([], USAGE, "--by"),
    ],
)
def test_questions_about_groups_without_an_answer_are_refused(catalog, options, code, says):
    assert says in catalog.refuses("groups", *options, code=code).stderr


def mean(values):
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def expected_rows(units, recorded, overlaps, fields):
    """By what differs: every pair of runs with what the oracle says of it."""
    rows = {}
    for a, b in itertools.combinations(units, 2):
        differing = tuple(f for f in fields if recorded[a].get(f) != recorded[b].get(f))
        rows.setdefault(differing, {})[frozenset((a, b))] = overlaps[frozenset((a, b))]
    return rows


@pytest.mark.parametrize("ignored", [(), ("precision", "learning_rate")])
def test_factors_are_what_the_files_and_the_records_say(
    catalog, recorded, units, overlaps, ignored
):
    words = [word for field in ignored for word in ("--ignore", field)]
    answer = catalog.json("factors", "--definition", "paper", *words)
    fields = [field for field in FIELDS if field not in ignored]
    assert answer["fields"] == fields
    expected = expected_rows(units, recorded, overlaps, fields)
    assert {tuple(row["factors"]) for row in answer["rows"]} == expected.keys()
    assert {("seed",), ("dataset",), ("algorithm",), ("dataset", "seed")} <= expected.keys()
    runs = {mask["id"]: mask["run"] for mask in answer["masks"]}
    density = {mask["id"]: mask["density"] for mask in answer["masks"]}
    for row in answer["rows"]:
        pairs = expected[tuple(row["factors"])]
        members = {frozenset((runs[m["a"]], runs[m["b"]])): m for m in row["members"]}
        assert members.keys() == pairs.keys()
        assert row["pairs"] == len(pairs)
        for key in ("coverage_a", "coverage_b"):
            assert_number(row[key], mean([m[key] for m in row["members"]]), key)
        for key, side in (("random_coverage_a", "b"), ("random_coverage_b", "a")):
            assert_number(row[key], mean([density[m[side]] for m in row["members"]]), key)
        assert_number(row["jaccard"], mean([o.jaccard for o in pairs.values()]), "jaccard")
        for null in ("global", "magnitude"):
            found = row["nulls"][null]
            for key in ("lift", "max_lift", "attained"):
                values = [getattr(o.nulls[null], key) for o in pairs.values()]
                assert_number(found[key], mean(values), f"{row['name']}: {key}", slack=1e-11)


def test_the_pairs_of_a_factor_read_one_way(catalog, recorded):
    answer = catalog.json("factors", "--definition", "paper")
    runs = {mask["id"]: mask["run"] for mask in answer["masks"]}
    row = next(row for row in answer["rows"] if row["factors"] == ["algorithm"])
    for member in row["members"]:
        values = [recorded[runs[member[side]]]["algorithm"] for side in "ab"]
        assert values == sorted(values)
        assert [member["values_a"], member["values_b"]] == [{"algorithm": v} for v in values]
    assert answer["ignored_fields"] == ["name", "step"]


def test_the_table_of_factors_answers_in_a_sentence_that_is_true_to_the_figures(catalog):
    rows = catalog.json("factors", "--definition", "paper")["rows"]
    single = {row["name"]: row for row in rows if len(row["factors"]) == 1}
    ranked = sorted(single, key=lambda name: -single[name]["nulls"]["magnitude"]["attained"])
    text = catalog.does("factors", "--definition", "paper").stdout
    words = [
        f"{name} {single[name]['nulls']['magnitude']['attained']:.3f} ± "
        f"{np.std(attained(single[name]), ddof=1):.3f} ({single[name]['pairs']} pairs)"
        for name in ranked
    ]
    assert f"standard deviation of the pairs:\n{', '.join(words)}." in text
    assert "No factor is told apart from another" in text
    assert "nan" not in text.lower()


def attained(row):
    return [member["nulls"]["magnitude"]["attained"] for member in row["members"]]


def told_apart(rows):
    """The rows of one factor whose means differ by more than twice their pooled deviation."""
    found = set()
    for a, b in itertools.permutations(rows, 2):
        x, y = np.array(attained(a)), np.array(attained(b))
        squares = x.var() * len(x) + y.var() * len(y)
        deviation = math.sqrt(squares / max(len(x) + len(y) - 2, 1))
        if min(len(x), len(y)) >= 3 and x.mean() - y.mean() > 2 * deviation:
            found.add((a["name"], b["name"]))
    return found


@pytest.mark.parametrize("share", [0, 0.5], ids=["random", "alike across seeds"])
def test_factors_of_random_masks_are_not_told_apart(maskdb, checkpoint, share):
    """Two algorithms, two datasets, two seeds; runs of one algorithm and dataset share a part."""
    random = torch.Generator().manual_seed(11)
    before = torch.ones(60, 100)
    base = checkpoint("base", {"w": before})
    for algorithm, dataset in itertools.product(("dpo", "grpo"), ("add", "sub")):
        common = torch.rand(60, 100, generator=random) < 0.3
        for seed in range(2):
            own = torch.rand(60, 100, generator=random) < 0.3
            kept = torch.rand(60, 100, generator=random) < share
            changed = torch.where(kept, common, own).float()
            path = checkpoint(f"{algorithm}-{dataset}-{seed}", {"w": before + changed})
            fields = ("--algorithm", algorithm, "--dataset", dataset, "--seed", seed)
            maskdb.does("add", path, "--base", base, *fields)
    answer = maskdb.json("factors")
    rows = [row for row in answer["rows"] if len(row["factors"]) == 1]
    assert [len(row["members"]) for row in rows] == [4, 4, 4]
    found = {(pair["more"], pair["less"]) for pair in answer["told_apart"]}
    expected = {("seed", "algorithm"), ("seed", "dataset")} if share else set()
    assert found == told_apart(rows) == expected
    for row in rows:
        deviation = row["nulls"]["magnitude"]["attained_deviation"]
        assert deviation == pytest.approx(np.std(attained(row), ddof=1), rel=1e-9)
    text = maskdb.does("factors").stdout
    if share:
        assert "More is shared across seed than" in text
        assert "; no others are told apart" in text
    else:
        assert "No factor is told apart from another" in text


def test_one_run_has_no_factors(catalog):
    assert "one run is left" in catalog.refuses("factors", TWIN, code=NOT_FOUND).stderr


def test_a_drawn_test_is_reproduced_by_its_seed_and_near_the_exact_one(maskdb, checkpoint):
    """Nine runs of one group and eleven of another have 167,960 arrangements: they are drawn."""
    random = torch.Generator().manual_seed(3)
    before = torch.ones(40, 40)
    base = checkpoint("base", {"w": before})
    common = torch.rand(2, 40, 40, generator=random)
    names = [f"run{place:02}" for place in range(20)]
    for place, name in enumerate(names):
        own = torch.rand(40, 40, generator=random)
        changed = own + common[int(place >= 9)] / 8 < 0.3
        path = checkpoint(name, {"w": before + changed.float()})
        algorithm = "dpo" if place < 9 else "grpo"
        maskdb.does("add", path, "--base", base, "--algorithm", algorithm)
    command = ("groups", "--by", "algorithm", "--stat", "jaccard")
    answer, again, other = (maskdb.json(*command, "--seed", seed) for seed in ("7", "7", "8"))
    assert answer == again
    assert answer["test"]["method"] == "monte_carlo"
    assert answer["test"]["arrangements"] == math.comb(20, 9)
    assert answer["test"]["tried"] == 10_000
    values = np.zeros((20, 20))
    places = {mask["id"]: names.index(mask["run"]) for mask in answer["masks"]}
    for pair in answer["pairs"]:
        a, b = places[pair["a"]], places[pair["b"]]
        values[a, b] = values[b, a] = pair["value"]
    exact = exact_p(values, 9)
    assert 0.01 < exact < 0.99
    for drawn in (answer, other):
        error = math.sqrt(exact * (1 - exact) / 10_000)
        assert abs(drawn["test"]["p"] - exact) < 6 * error + 1e-4


def exact_p(values, size):
    """The share of all ways to choose `size` items whose difference of means is as large."""
    count = len(values)
    chosen = np.array(list(itertools.combinations(range(count), size)))
    member = np.zeros((len(chosen), count))
    np.put_along_axis(member, chosen, 1, axis=1)
    inside = ((member @ values) * member).sum(axis=1) / 2
    outside = (((1 - member) @ values) * (1 - member)).sum(axis=1) / 2
    total = values.sum() / 2
    pairs = math.comb(size, 2) + math.comb(count - size, 2)
    within = (inside + outside) / pairs
    between = (total - inside - outside) / (math.comb(count, 2) - pairs)
    difference = within - between
    return float((difference >= difference[0] - 1e-12).mean())
