"""One question to several catalogs; what is kept of pairs; --latest-step and --module."""

import json
import re
import shutil
import sqlite3
import subprocess

import pytest

from builders import at_random, nudged
from command import NOT_FOUND, USAGE, Maskdb

RUNS = ("grpo-add-s0", "grpo-add-s1", "dpo-add-s0")


@pytest.fixture(scope="module")
def two(binary, samples, tmp_path_factory):
    """Two catalogs: one run of each alone, one in both, and one name for different runs."""
    folder = tmp_path_factory.mktemp("two")
    mine, lab = Maskdb(binary, folder / "mine.maskdb"), Maskdb(binary, folder / "lab.maskdb")
    base = ("--base", samples.base)
    mine.does("add", samples.path("grpo-add-s0"), samples.path("grpo-add-s1"), *base)
    lab.does("add", samples.path("grpo-add-s1"), samples.path("dpo-add-s0"), *base)
    mine.does("add", samples.path("sft-add-s0"), *base, "--name", "last")
    lab.does("add", samples.path("dpo-add-s1"), *base, "--name", "last")
    return mine, lab


def both(two):
    """Options that name the second catalog; `Maskdb` adds the first."""
    return ("--catalog", two[1].catalog)


def by_runs(answer):
    runs = {mask["id"]: mask["run"] for mask in answer["masks"]}
    return {
        frozenset((runs[pair["a"]], runs[pair["b"]])): {
            key: value for key, value in pair.items() if key not in ("a", "b")
        }
        for pair in answer["pairs"]
    }


def kept(maskdb):
    with sqlite3.connect(maskdb.catalog) as connection:
        return set(connection.execute("SELECT mask_a, mask_b FROM pair"))


def test_a_question_to_two_catalogs_is_one_to_a_catalog_that_has_all(two, catalog):
    mine, _ = two
    found = mine.json("overlap", *RUNS, *both(two))
    assert [mask["run"] for mask in found["masks"]] == list(RUNS)  # grpo-add-s1 is in both: once
    expected = catalog.json("overlap", *RUNS, "--definition", "paper")
    symmetric = ("jaccard", "intersection", "parameters", "nulls")
    for runs, pair in by_runs(expected).items():
        for key in symmetric:
            assert by_runs(found)[runs][key] == pair[key]


def test_pairs_of_one_catalog_are_kept_there_and_those_of_two_are_not(two):
    mine, lab = two
    for catalog in two:
        with sqlite3.connect(catalog.catalog) as connection:
            connection.execute("DELETE FROM pair")
    first = mine.does("overlap", *RUNS, *both(two)).stdout
    assert len(kept(mine)) == 1, "grpo-add-s0 x grpo-add-s1"
    assert len(kept(lab)) == 1, "grpo-add-s1 x dpo-add-s0"
    assert mine.does("overlap", *RUNS, *both(two)).stdout == first


def test_labels_say_the_catalog_where_a_name_means_two_runs(two):
    mine, _ = two
    answer = mine.json("overlap", *both(two))
    names = {mask["run"] for mask in answer["masks"]}
    assert names == {*RUNS, "mine:last", "lab:last"}
    assert len({mask["id"] for mask in answer["masks"]}) == 5
    assert len(answer["pairs"]) == 10
    listed = mine.json("ls", *both(two))["masks"]
    assert {mask["run"] for mask in listed} == names
    for command in (("sparsity",), ("factors",), ("groups", "--by", "algorithm")):
        mine.json(*command, *both(two))


@pytest.mark.parametrize("reference", ["lab:last", "lab.maskdb:last", "lab:last@paper"])
def test_a_reference_says_which_catalog(two, samples, reference):
    mine, lab = two
    answer = mine.json("compare", "grpo-add-s0", reference, *both(two))
    assert answer["b"]["count"] == lab.json("show", "last")["masks"][0]["count"]
    path = mine.json("compare", "grpo-add-s0", f"{lab.catalog}:last", *both(two))
    assert path["b"]["count"] == answer["b"]["count"]


def test_a_name_of_two_runs_is_refused_with_what_it_may_mean(two):
    mine, _ = two
    for command in (("overlap", "last", "grpo-add-s0"), ("show", "last"), ("sparsity", "last")):
        sentence = mine.refuses(*command, *both(two), code=NOT_FOUND).stderr
        assert "mine:last" in sentence
        assert "lab:last" in sentence
    assert mine.json("show", "lab:last", *both(two))["run"]["name"] == "last"


def test_an_expression_tells_masks_of_one_name_apart(two, samples):
    mine, _ = two
    names = {"mine:last": "sft-add-s0", "lab:last": "dpo-add-s1"}
    alone = Maskdb(mine.binary, mine.catalog.parent / "alone.maskdb")
    alone.does("add", *(samples.path(run) for run in names.values()), "--base", samples.base)
    apart = mine.json("sparsity", "mine:last - lab:last", "--by", "tensor", *both(two))
    expected = alone.json("sparsity", " - ".join(names.values()), "--by", "tensor")
    assert [row["count"] for row in apart["rows"]] == [row["count"] for row in expected["rows"]]
    assert apart["masks"][0]["count"] > 0


def test_a_mask_of_two_catalogs_is_no_pair_with_itself(two):
    mine, _ = two
    mine.refuses("compare", "mine:grpo-add-s1", "lab:grpo-add-s1", *both(two), code=NOT_FOUND)


def test_a_catalog_named_twice_is_asked_once(two, tmp_path):
    mine, _ = two
    link = tmp_path / "other.maskdb"
    link.symlink_to(mine.catalog)
    names = [mask["id"] for mask in mine.json("ls", "--catalog", link)["masks"]]
    assert names == [mask["id"] for mask in mine.masks()]


@pytest.mark.parametrize(
    "words",
    [
        ("add", "x", "--base", "y"),
        ("rm", "last"),
        ("set", "last", "seed=1"),
        ("rename", "last", "first"),
        ("verify",),
        ("info",),
    ],
)
def test_a_command_that_writes_takes_one_catalog(two, words):
    mine, _ = two
    assert "one --catalog" in mine.refuses(*words, *both(two), code=USAGE).stderr
    assert "last" in mine.runs()


def test_export_finds_the_mask_in_either_catalog(two, tmp_path):
    mine, lab = two
    one, other = tmp_path / "one.safetensors", tmp_path / "other.safetensors"
    form = ("--format", "safetensors", "-o")
    mine.does("export", "lab:last", *form, one, *both(two))
    lab.does("export", "last", *form, other)
    assert one.read_bytes() == other.read_bytes()


def test_the_first_digits_of_a_digest_name_a_mask(two):
    mine, _ = two
    for mask in mine.masks():
        found = mine.json("sparsity", mask["digest"][:8])["masks"]
        assert [one["id"] for one in found] == [mask["id"]]
        assert mask["digest"][:10] in mine.does("ls").stdout
    run = mine.json("show", "last")["run"]["digest"]
    assert mine.json("sparsity", run[:6])["masks"][0]["run"] == "last"
    mine.refuses("sparsity", "0123456789", code=NOT_FOUND)


def small(seed=0):
    return {"model.layers.0.mlp.experts.w1": at_random(16, 16, seed=seed), "out": at_random(8, 8)}


@pytest.fixture
def steps(maskdb, checkpoint):
    """A run at steps 9, 10 and none, another at 100, and one whose step is not recorded."""
    base = checkpoint("base", small())
    for name, seed, step in [("a9", 1, 9), ("a10", 1, 10), ("b100", 2, 100), ("c", 3, None)]:
        tuned = {key: nudged(value, 0.3, seed + (step or 0)) for key, value in small().items()}
        words = ["--seed", seed] + (["--step", step] if step else [])
        maskdb.does("add", checkpoint(name, tuned), "--base", base, *words)
    return maskdb


def test_the_latest_step_is_the_largest_number(steps):
    def runs(*words):
        return [mask["run"] for mask in steps.json("ls", *words)["masks"]]

    assert runs() == ["a9", "a10", "b100", "c"]
    assert runs("--latest-step") == ["a10", "b100", "c"]
    assert runs("--latest-step", "--where", "step=9") == ["a9"]
    steps.does("set", "a9", "step=11")
    assert runs("--latest-step") == ["a9", "b100", "c"]
    steps.does("set", "a10", "step=")
    assert runs("--latest-step") == ["a10", "b100", "c"], "no step is the last"
    assert len(steps.json("overlap", "--latest-step")["masks"]) == 3
    beside = steps.json("overlap", "a9 & c", "a9", "a10", "b100", "--latest-step")["masks"]
    assert [mask["id"] for mask in beside] == ["a9 & c", "a10@paper", "b100@paper"]


def test_a_checkpoint_that_is_the_result_again_is_no_other_run(steps, checkpoint, tmp_path):
    """Trainers leave the last step as a checkpoint and as the result, each in its folder."""
    words = ["--base", tmp_path / "base", "--seed", 2, "--step", 100]
    steps.does("add", tmp_path / "b100", *words, "--name", "result")
    latest = steps.does("ls", "--latest-step", "--json")
    found = [mask["run"] for mask in json.loads(latest.stdout)["masks"]]
    assert found == ["a10", "b100", "c"]
    assert "--latest-step leaves out a9@paper, result@paper" in latest.stderr
    votes = steps.json("derive", "votes", "atleast(1, where(seed=2))")["mask"]["lineage"]
    assert [operand["name"] for operand in votes["operands"]] == ["b100@paper"]
    named = steps.json("derive", "named", "atleast(2, b100, result)")["mask"]
    assert named["count"] == next(m["count"] for m in steps.masks() if m["run"] == "b100")
    # Of another seed it is another run, even of equal content.
    steps.does("set", "result", "seed=4")
    runs = [mask["run"] for mask in steps.json("ls", "--latest-step")["masks"]]
    assert runs == ["a10", "b100", "c", "result"]


def test_what_the_latest_step_leaves_out_is_said_beside_an_expression_too(steps):
    words = ["overlap", "--latest-step", "a9 & c"]
    said = steps.does(*words, "a9", "a10", "b100").stderr
    assert "--latest-step leaves out a9@paper\n" in said
    assert "leaves out" not in steps.does(*words, "a10", "b100").stderr
    assert steps.does(*words, "a9", "a10", "--quiet").stderr == ""


def test_masks_of_several_catalogs_are_left_out_by_the_label_of_an_answer(maskdb, checkpoint):
    """One name for steps of two experiments: labels say the catalog, and keep to what is left."""
    base = checkpoint("base", small())
    other = Maskdb(maskdb.binary, maskdb.catalog.with_name("other.maskdb"))
    for where, name, seed, step in [
        (maskdb, "a", 1, 1),
        (maskdb, "later", 1, 2),
        (other, "a", 2, 1),
    ]:
        tuned = {key: nudged(value, 0.3, 10 * seed + step) for key, value in small().items()}
        path = checkpoint(f"{seed}-{step}", tuned)
        where.does("add", path, "--base", base, "--name", name, "--seed", seed, "--step", step)
    words = ["--catalog", other.catalog, "--latest-step"]
    kept = [mask["id"] for mask in maskdb.json("ls", *words)["masks"]]
    assert kept == ["a@paper", "later@paper"]
    said = maskdb.does("ls", *words).stderr
    assert f"leaves out {maskdb.catalog.stem}:a@paper\n" in said


def test_checkpoints_of_which_only_the_step_is_known_are_one_run_in_one_folder_alone(
    maskdb, checkpoint
):
    """As a Trainer leaves them: nothing says that those of two folders are of one experiment."""
    base = checkpoint("base", small())
    paths = [("a", 20), ("a", 40), ("b", 60)]
    for seed, (folder, step) in enumerate(paths):
        tuned = {key: nudged(value, 0.3, seed) for key, value in small().items()}
        path = checkpoint(f"{folder}/checkpoint-{step}", tuned)
        maskdb.does("add", path, "--base", base, "--name", f"{folder}{step}", "--step", step)
    answer = maskdb.does("ls", "--latest-step", "--json")
    assert [mask["run"] for mask in maskdb.json("ls", "--latest-step")["masks"]] == ["a40", "b60"]
    assert "--latest-step leaves out a20@paper" in answer.stderr
    assert maskdb.does("overlap", "--latest-step", "--quiet").stderr == ""


def test_what_is_said_of_a_run_that_is_there_is_not_lost_in_silence(maskdb, checkpoint, tmp_path):
    base = checkpoint("base", small())
    tuned = checkpoint("one", {key: nudged(value, 0.3) for key, value in small().items()})
    maskdb.does("add", tuned, "--base", base, "--seed", 1)
    assert "keeps what it records" not in maskdb.does("add", tuned, "--base", base).text
    answer = maskdb.does("add", tuned, "--base", base, "--seed", 5, "--algorithm", "dpo")
    assert "one keeps what it records, which is not algorithm=dpo seed=5" in answer.stderr
    quiet = maskdb.does("add", tuned, "--base", base, "--seed", 5, "--quiet")
    assert "one keeps what it records, which is not seed=5" in quiet.stderr
    more = maskdb.does("add", tuned, "--base", base, "--definition", "bitwise", "--seed", 5)
    assert "which is not seed=5" in more.stderr, "a known run is given another mask"
    (tuned / "run.json").write_text('{"dataset": "mix"}')
    assert maskdb.does("add", tuned, "--base", base, "-q").stderr == "", "no flag says it"
    assert "dataset=mix" in maskdb.does("add", tuned, "--base", base).stderr
    manifest = tmp_path / "runs.json"
    run = {"path": str(tuned), "base": str(base), "seed": 7}
    manifest.write_text(json.dumps({"schema": "maskdb.manifest/1", "runs": [run]}))
    quiet = maskdb.does("add", "--manifest", manifest, "-q").stderr
    assert "which is not seed=7;" in quiet
    assert maskdb.masks()[0]["seed"] == 1


def test_a_tally_gives_every_run_one_vote(steps):
    def count(expression):
        return steps.json("sparsity", expression)["masks"][0]["count"]

    latest = "a10, b100, c"
    assert count("atleast(2, *)") == count(f"atleast(2, {latest})")
    assert count("atleast(2, where(step=9), *)") == count(f"atleast(2, a9, {latest})")
    assert count("exactly(1, a9, a9, a9@paper)") == count("a9") == count("atleast(1, a9, a*9)")
    steps.refuses("sparsity", "atleast(2, a9, a9)", code=USAGE)


@pytest.fixture
def equals(maskdb, checkpoint):
    """Two seeds that changed the same weights, and a third run; the names say which are equal."""
    base = checkpoint("base", small())
    for name, share in [("e0", 0.3), ("e1", 0.3), ("d0", 0.6)]:
        tuned = {key: nudged(value, share) for key, value in small().items()}
        path = checkpoint(name, tuned)
        maskdb.does("add", path, "--base", base, "--name", name, "--seed", name[1])
    return maskdb


def test_runs_of_equal_bits_are_two_votes(equals):
    def digest(expression):
        return equals.json("sparsity", expression)["masks"][0]["digest"]

    assert digest("e0") == digest("e1") != digest("d0")
    assert digest("atleast(2, e0, e1)") == digest("e0")
    assert digest("atleast(2, e0, e1, d0)") == digest("e0 | (e0 & d0)")
    assert digest("exactly(2, e0, e1, d0)") == digest("e0 - d0")
    assert digest("atleast(2, e*)") == digest("atleast(2, where(seed='0,1'), e0)") == digest("e0")
    equals.refuses("sparsity", "atleast(2, e0, e0@paper)", code=USAGE)
    equals.refuses("sparsity", "atleast(3, e0, e*)", code=USAGE)


def test_runs_of_two_catalogs_are_one_by_name_and_content_alone(equals, tmp_path):
    """e0 is in both, e1 of equal bits only here, and `again` of equal bits only there."""
    there = Maskdb(equals.binary, tmp_path / "there.maskdb")
    base = ("--base", tmp_path / "base")
    there.does("add", tmp_path / "e0", *base, "--name", "e0")
    there.does("add", tmp_path / "e0", *base, "--name", "again")
    asked = ("--catalog", there.catalog)
    names = ["again", "d0", "e0", "e1"]
    assert [mask["run"] for mask in equals.json("ls", *asked)["masks"]] == names
    assert [mask["id"] for mask in equals.json("ls", *asked)["masks"]] == [
        f"{name}@paper" for name in names
    ]
    pairs = equals.json("overlap", "e0", "again", "d0", *asked)["pairs"]
    assert pairs[0]["intersection"] == pairs[0]["count_a"]
    assert len(pairs) == 3
    vote = equals.json("sparsity", "atleast(3, e0, e1, again)", *asked)["masks"][0]
    assert vote["digest"] == equals.masks()[1]["digest"]
    equals.refuses("sparsity", "atleast(2, masks:e0, there:e0)", *asked, code=USAGE)


def test_a_glob_that_fits_nothing_is_named(steps):
    for words in (["b*", "x*"], ["x*"]):
        assert "'x*'" in steps.refuses("ls", *words, code=NOT_FOUND).stderr
    sentence = steps.refuses("ls", "b*", "--definition", "bitwise", code=NOT_FOUND).stderr
    assert "definition bitwise" in sentence


def test_modules_of_ones_own_come_before_the_known_ones(steps, tmp_path):
    own = ("--module", "expert=experts.w*", "--module", "head=out")

    def modules(answer):
        return {group["module"] for group in answer}

    assert "'expert'" not in str(steps.json("sparsity", "a9", "--by", "module"))
    assert "'expert'" in str(steps.json("sparsity", "a9", *own))
    pair = steps.json("overlap", "a9", "c", "--by", "module", *own)["pairs"][0]
    assert modules(pair["groups"]) == {"expert", "head"}
    layers = steps.json("compare", "a9", "c", "--by", "layer,module", *own)
    assert "'expert'" in str(layers)
    diff = steps.json("diff", tmp_path / "base", tmp_path / "c", *own)
    assert modules(diff["results"][0]["modules"]) == {"expert", "head"}


def test_a_module_that_cannot_be_meant_is_refused(steps):
    for text in ("expert", "=x", "a b=x", "x=", "x=."):
        steps.refuses("sparsity", "--module", text, code=USAGE)
    sentence = steps.refuses("sparsity", "--module", "x=nothing", code=NOT_FOUND).stderr
    assert "nothing" in sentence
    steps.refuses("overlap", "a9", "c", "--module", "x=out", code=USAGE)


def test_a_counted_set_is_answered_without_a_segment(catalog, tmp_path):
    """The bits are taken out of a copy of the catalog: what is kept answers all the same."""
    expected = catalog.does("overlap", *RUNS, "--definition", "paper", "--json").stdout
    copy = Maskdb(catalog.binary, tmp_path / "copy.maskdb")
    shutil.copy(catalog.catalog, copy.catalog)
    with sqlite3.connect(copy.catalog) as connection:
        assert connection.execute("DELETE FROM segment").rowcount > 0
    asked = ("overlap", *RUNS, "--definition", "paper", "--json")
    assert copy.does(*asked).stdout == expected
    with sqlite3.connect(copy.catalog) as connection:
        connection.execute("DELETE FROM pair")
    assert copy(*asked).code == 3, "counting needs the bits"


def test_a_new_mask_costs_the_pairs_that_it_is_in(binary, samples, tmp_path):
    """The kept counts of the old pairs are forged: who counts them again finds other ones."""
    maskdb = Maskdb(binary, tmp_path / "masks.maskdb")
    maskdb.does("add", *(samples.path(run) for run in RUNS), "--base", samples.base)
    maskdb.does("overlap")
    with sqlite3.connect(maskdb.catalog) as connection:
        tensors = connection.execute("SELECT count(*) FROM tensor").fetchone()[0]
        forged = connection.execute("UPDATE pair SET counts = zeroblob(?)", [tensors])
        assert forged.rowcount == 3
    before = rows(maskdb)
    maskdb.does("add", samples.path("dpo-add-s1"), "--base", samples.base)
    found = by_runs(maskdb.json("overlap"))
    for runs, pair in found.items():
        assert (pair["intersection"] == 0) == ("dpo-add-s1" not in runs)
    after = rows(maskdb)
    assert len(after) == 6
    assert before.items() <= after.items()
    maskdb.does("rm", "dpo-add-s1")
    assert rows(maskdb) == before, "a mask takes its counts with it"


def test_too_many_kept_counts_of_a_pair_are_named(catalog, tmp_path):
    copy = Maskdb(catalog.binary, tmp_path / "copy.maskdb")
    shutil.copy(catalog.catalog, copy.catalog)
    asked = ("overlap", *RUNS, "--definition", "paper")
    copy.does(*asked)
    with sqlite3.connect(copy.catalog) as connection:
        doubled = "UPDATE pair SET counts = CAST(counts || counts AS BLOB)"
        assert connection.execute(doubled).rowcount > 0
    assert "counts of grpo-add-s0" in copy.refuses(*asked, code=3).stderr


def rows(maskdb):
    with sqlite3.connect(maskdb.catalog) as connection:
        return {(a, b): counts for a, b, counts in connection.execute("SELECT * FROM pair")}


def test_progress_says_rate_and_time_left(catalog):
    """In a Slurm log a line is written from the start; it has a rate and the time left."""
    copy = Maskdb(catalog.binary, catalog.catalog, {"SLURM_JOB_ID": "1"})
    with sqlite3.connect(copy.catalog) as connection:
        connection.execute("DELETE FROM pair")
    words = copy.words("overlap", *RUNS, "--definition", "paper")
    done = subprocess.run(words, capture_output=True, text=True, env=copy.variables, check=True)
    assert re.search(r"counting +\d+ %, [\d.]+ G pair-bits/s, \d+ s left", done.stderr)
