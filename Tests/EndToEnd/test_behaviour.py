"""Names, selections, adding twice, interruptions, and catalogs that cannot be written."""

import contextlib
import csv
import io
import json
import os
import re
import signal
import sqlite3
import subprocess
import time

import numpy as np
import pytest
import torch

from agreement import definition_options, listed_mask, oracle_mask
from builders import at_random, nudged, write_checkpoint
from command import CATALOG, INPUT, NOT_FOUND, OUTPUT, USAGE, Maskdb
from oracle import count

BF16 = torch.bfloat16
RUNS = {"alpha": ("grpo", 1), "beta": ("grpo", 2), "gamma": ("dpo", 1)}


@pytest.fixture
def folders(checkpoint):
    """A base and three fine-tuned checkpoints, by name."""
    base = {"w": at_random(20, 30).to(BF16), "v": at_random(30, seed=1).to(BF16)}
    paths = {"base": checkpoint("base", base)}
    for seed, name in enumerate(RUNS):
        tuned = {key: nudged(value, 0.3, seed=seed) for key, value in base.items()}
        paths[name] = checkpoint(name, tuned)
    return paths


@pytest.fixture
def small(maskdb, folders):
    """A catalog of three runs, each under two definitions."""
    for name, (algorithm, seed) in RUNS.items():
        fields = ["--algorithm", algorithm, "--dataset", "sums", "--seed", seed, "--step", 40]
        definitions = definition_options(["paper", "bitwise"])
        words = [folders[name], "--base", folders["base"], "--name", name]
        maskdb.does("add", *words, *fields, *definitions)
    return maskdb


def selected(answer):
    return sorted(f"{mask['run']}@{mask['definition'].split(':')[0]}" for mask in answer["masks"])


# --- selection -----------------------------------------------------------------------------------


def test_flags_of_add_are_the_fields_of_ls(small):
    for mask in small.masks():
        fields = {key: mask[key] for key in ("algorithm", "dataset", "seed", "step")}
        algorithm, seed = RUNS[mask["run"]]
        assert fields == {"algorithm": algorithm, "dataset": "sums", "seed": seed, "step": 40}


def test_overlap_without_a_definition_takes_the_mask_of_the_paper(small):
    assert selected(small.json("overlap")) == ["alpha@paper", "beta@paper", "gamma@paper"]


def test_overlap_takes_the_definition_asked_for(small):
    answer = small.json("overlap", "--definition", "bitwise")
    assert selected(answer) == ["alpha@bitwise", "beta@bitwise", "gamma@bitwise"]


def test_a_bare_run_means_its_only_mask(small, folders):
    words = ["--base", folders["base"], "--name", "delta", "--definition", "bitwise"]
    tuned = write_checkpoint(
        folders["base"].parent / "delta", {"w": torch.ones(20, 30), "v": torch.ones(30)}
    )
    small.does("add", tuned, *words)
    answer = small.json("overlap", "delta", "alpha@bitwise")
    assert selected(answer) == ["alpha@bitwise", "delta@bitwise"]


def test_where_keeps_the_runs_with_a_value(small):
    answer = small.json("overlap", "--where", "algorithm=grpo")
    assert selected(answer) == ["alpha@paper", "beta@paper"]
    assert len(answer["pairs"]) == 1


def test_where_takes_several_values_and_several_keys(small):
    either = small.json("overlap", "--where", "algorithm=grpo,dpo", "--where", "seed=1")
    assert selected(either) == ["alpha@paper", "gamma@paper"]


def test_every_field_that_is_recorded_is_listed(small):
    small.does("set", "alpha", "optimizer=adamw", "lr=1e-06", "count=x", "note=a,b")
    small.does("set", "beta", "optimizer=muon", 'note="a"')
    masks = small.json("ls", "--definition", "paper")["masks"]
    own = [{"algorithm": RUNS[m["run"]][0], "dataset": "sums", "step": "40"} for m in masks]
    own = [fields | {"seed": str(m["seed"])} for fields, m in zip(own, masks, strict=True)]
    own[0] |= {"optimizer": "adamw", "lr": "1e-06", "count": "x", "note": "a,b"}
    own[1] |= {"optimizer": "muon", "note": '"a"'}
    assert [mask["fields"] for mask in masks] == own
    _, *lines = small.does("ls", "--format", "ndjson").stdout.splitlines()
    assert json.loads(lines[0])["fields"] == own[0]
    text = small.does("ls", "--definition", "paper", "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["field.optimizer"] for row in rows] == ["adamw", "muon", ""]
    assert [row["field.count"] for row in rows] == ["x", "", ""]
    assert [int(row["count"]) for row in rows] == [mask["count"] for mask in masks]
    table = small.does("ls").stdout
    assert "Recorded as well: count, lr, note, optimizer; --fields shows them." in table
    assert "muon" not in table
    table = small.does("ls", "--fields", "optimizer,lr").stdout
    assert "muon" in table
    assert "Recorded as well: count, note;" in table
    assert "Recorded as well" not in small.does("ls", "--fields", "all").stdout
    said = small.refuses("ls", "--fields", "optimiser", code=NOT_FOUND).stderr
    assert "did you mean 'optimizer'" in said
    small.refuses("ls", "--fields", "lr", "--json", code=USAGE)


def test_a_value_with_a_comma_is_found_and_a_key_that_is_none_is_named(small):
    small.does("set", "alpha", "note=a,b")
    small.does("set", "beta", 'note=say "a"')
    small.does("set", "gamma", "note=a")

    def runs(*words):
        return [mask["run"] for mask in small.json("ls", "--definition", "paper", *words)["masks"]]

    for text, found in [
        ('note="a,b"', ["alpha"]), ('note=a,"a,b"', ["alpha", "gamma"]), ("note=a,b", ["gamma"]),
        ('note="say ""a"""', ["beta"]), ('note=say "a"', ["beta"]), ('note="a"', ["gamma"]),
        ('note="a,b",a,', ["alpha", "gamma"]),
    ]:  # fmt: skip
        assert runs("--where", text) == found, text
        if "say" not in text:
            quoted = f"atleast(1, where(note='{text.partition('=')[2]}'))"
            union = small.json("sparsity", quoted, " | ".join(found))["masks"]
            assert union[0]["digest"] == union[-1]["digest"]
    for wrong in ('note="a', 'note="a"b', "note=", "note", "=a", "note=,"):
        small.refuses("ls", "--where", wrong, code=USAGE)
    small.refuses("sparsity", "atleast(1, where(note='\"a'))", code=USAGE)
    for command in (["ls"], ["overlap"], ["groups", "--by", "seed"]):
        said = small.refuses(*command, "--where", "sede=0", code=NOT_FOUND).stderr
        assert "no selected run records 'sede'; did you mean 'seed'?" in said
    said = small.refuses("sparsity", "atleast(1, where(colour=red))", code=NOT_FOUND).stderr
    assert "recorded: algorithm, dataset, note, seed, step" in said
    said = small.refuses("ls", "--where", "seed=9", code=NOT_FOUND).stderr
    assert "no selected run has seed=9; `maskdb ls --fields all`" in said


def test_numbers_are_compared_by_value_and_kept_as_they_were_written(small):
    for run, rate in zip(RUNS, ("1e-06", "0.000001", "1e-5"), strict=True):
        small.does("set", run, f"lr={rate}")
    for written in ("1e-6", "1e-06", "0.0000010", "7,1E-6"):
        answer = small.json("overlap", "--where", f"lr={written}")
        assert selected(answer) == ["alpha@paper", "beta@paper"]
    masks = small.json("sparsity", "atleast(2, where(lr=1e-6))", "alpha & beta")["masks"]
    assert masks[0]["digest"] == masks[1]["digest"]
    groups = small.json("groups", "--by", "lr")["groups"]
    assert [(group["name"], len(group["masks"])) for group in groups] == [("1e-5", 1), ("1e-06", 2)]
    differing = {row["name"] for row in small.json("factors")["rows"]}
    assert differing == {"seed", "algorithm + lr", "algorithm + seed + lr"}
    shown = small.json("show", "beta")["fields"]
    assert {"key": "lr", "value": "0.000001", "source": "set"} in shown


def test_a_named_mask_is_one_run_under_one_definition(small):
    answer = small.json("overlap", "alpha@paper", "gamma@paper@bf16")
    assert selected(answer) == ["alpha@paper", "gamma@paper"]


def test_only_the_nulls_asked_for_are_given(small):
    answer = small.json("overlap", "--null", "global", "--null", "magnitude")
    assert all(set(pair["nulls"]) == {"global", "magnitude"} for pair in answer["pairs"])


def test_a_null_says_alone_what_it_says_among_all(small):
    everything = small.json("overlap")["pairs"]
    for null in everything[0]["nulls"]:
        alone = small.json("overlap", "--null", null)["pairs"]
        assert [pair["nulls"][null] for pair in alone] == [
            pair["nulls"][null] for pair in everything
        ]


def test_masks_under_different_definitions_are_refused_by_naming_what_differs(small):
    answer = small.refuses("overlap", "alpha@paper", "beta@bitwise", code=NOT_FOUND)
    assert "paper" in answer.stderr
    assert "bitwise" in answer.stderr


def test_pair_counts_asked_for_twice_are_the_same(small):
    assert small.json("overlap") == small.json("overlap")


# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", [True, False])
def test_adding_the_same_content_again_says_by_name_that_it_is_there(small, folders, named):
    before = small.masks()
    name = ["--name", "alpha"] if named else []
    answer = small.does("add", folders["alpha"], "--base", folders["base"], *name)
    assert "alpha" in answer.text
    assert "already" in answer.text
    assert small.masks() == before


def test_a_new_definition_adds_a_mask_to_the_run(small, folders):
    words = ["--base", folders["base"], "--name", "alpha", "--definition", "ulp:1"]
    small.does("add", folders["alpha"], *words)
    assert len(small.masks()) == 7
    mask = oracle_mask("ulp:1", folders["base"], folders["alpha"])
    assert listed_mask(small.masks(), "alpha", "ulp:1")["count"] == count(mask)


def test_other_content_under_a_name_that_is_taken_is_refused(small, folders):
    before = small.masks()
    answer = small("add", folders["beta"], "--base", folders["base"], "--name", "alpha")
    assert answer.code in (NOT_FOUND, INPUT, USAGE)
    assert "alpha" in answer.stderr
    assert small.masks() == before


def test_a_run_without_a_name_is_called_after_its_folder(maskdb, folders):
    maskdb.does("add", folders["alpha"], folders["beta"], "--base", folders["base"])
    assert maskdb.runs() == {"alpha", "beta"}


def test_folders_of_one_name_become_runs_of_two_names(maskdb, folders, checkpoint):
    base = {"w": at_random(20, 30).to(BF16), "v": at_random(30, seed=1).to(BF16)}
    paths = [
        checkpoint(f"{parent}/last", {k: nudged(v, 0.5, seed=i + 9) for k, v in base.items()})
        for i, parent in enumerate(("x", "y"))
    ]
    maskdb.does("add", *paths, "--base", folders["base"])
    assert len(maskdb.runs()) == 2


@pytest.mark.parametrize("command", ["show", "overlap", "sparsity", "rm"])
def test_an_unknown_name_suggests_the_nearest(small, command):
    answer = small.refuses(command, "alhpa", code=NOT_FOUND)
    assert "alpha" in answer.stderr


def test_an_unknown_name_is_not_exported(small, tmp_path):
    target = tmp_path / "mask.safetensors"
    answer = small.refuses(
        "export", "gama", "--format", "safetensors", "-o", target, code=NOT_FOUND
    )
    assert "gamma" in answer.stderr
    assert not target.exists()


@pytest.mark.parametrize("name", ["a@b", ".hidden", "-x", "two words", ""])
def test_a_name_that_could_not_be_written_in_a_selection_is_a_usage_error(maskdb, folders, name):
    words = [folders["alpha"], "--base", folders["base"], f"--name={name}"]
    assert maskdb.refuses("add", *words, code=USAGE).stderr
    assert maskdb.runs() == set()


def test_a_run_is_shown_alone(small):
    for words in (["show", "*a"], ["show", "*a", "--json"]):
        sentence = small.refuses(*words, code=NOT_FOUND).stderr
        assert "'*a' fits 3 runs" in sentence
        assert "`maskdb ls '*a'`" in sentence
    shown = small.json("show", "?lph*")
    assert shown["run"]["name"] == "alpha"
    assert {mask["id"] for mask in shown["masks"]} == {"alpha@paper", "alpha@bitwise"}
    assert "'x*'" in small.refuses("show", "x*", code=NOT_FOUND).stderr


def test_a_run_is_renamed_changed_and_removed(small):
    small.does("rename", "alpha", "omega")
    small.does("set", "omega", "algorithm=rloo", "seed=9")
    run = small.json("show", "omega")["run"]
    assert (run["algorithm"], run["seed"]) == ("rloo", 9)
    assert small.runs() == {"omega", "beta", "gamma"}
    small.does("rm", "omega")
    assert small.runs() == {"beta", "gamma"}
    assert small.json("verify")["ok"]


def test_org_and_name_resolve_in_the_local_cache(maskdb, folders, tmp_path):
    cache, revision = tmp_path / "hub" / "models--acme--base", "0123456789abcdef"
    (cache / "snapshots").mkdir(parents=True)
    (cache / "snapshots" / revision).symlink_to(folders["base"])
    (cache / "refs").mkdir()
    (cache / "refs" / "main").write_text(revision)
    offline = Maskdb(maskdb.binary, maskdb.catalog, {"HF_HUB_CACHE": str(tmp_path / "hub")})
    offline.does("add", folders["alpha"], "--base", "acme/base")
    at_home = Maskdb(maskdb.binary, maskdb.catalog, {"HF_HOME": str(tmp_path)})
    at_home.does("add", folders["beta"], "--base", f"acme/base@{revision}")
    assert maskdb.runs() == {"alpha", "beta"}
    assert len({mask["base"] for mask in maskdb.masks()}) == 1


def test_the_catalog_may_be_named_in_the_environment(small):
    variables = small.variables | {"MASKDB_CATALOG": str(small.catalog)}
    done = subprocess.run([small.binary, "ls", "--json"], capture_output=True, env=variables)
    assert done.stdout.decode() == small.does("ls", "--json").stdout


@pytest.mark.parametrize(
    "words",
    [
        ["add"],
        ["add", "x", "--base", "y", "--definition", "vague"],
        ["add", "x", "--base", "y", "--definition", "absolute:much"],
        ["add", "x", "--base", "y", "--definition", "absolute:-1"],
        ["add", "x", "--base", "y", "--definition", "ulp"],
        ["add", "x", "--base", "y", "--compare-dtype", "int8"],
        ["add", "x", "z", "--base", "y", "--name", "one"],
        ["add", "x", "--base", "y", "--threads", "0"],
        ["add", "x", "--base", "y", "--threads", "4097"],
        ["info", "--estimate", "add", "x", "--base", "y", "--threads", "4611686018427387904"],
        ["diff", "x", "y", "--by", "tensor", "--module", "q=q_proj"],
        ["overlap", "--null", "vague"],
        ["export", "x", "--format", "vague", "-o", "y"],
        ["vague"],
    ],
)
def test_words_that_mean_nothing_are_a_usage_error(maskdb, words):
    maskdb.refuses(*words, code=USAGE)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["overlap", "--top", "-1"], "--top takes a number of at least 1"),
        (["overlap", "--threshold", "-0.5"], "--threshold takes a Jaccard index from 0 to 1"),
        (["ls", "--limit", "-1"], "--limit takes a number of at least 1"),
        (["verify", "--threads", "-2"], "--threads takes a number from 1 to 4096"),
        (
            ["groups", "--by", "seed", "--permutations", "-1"],
            "--permutations takes a number from 1",
        ),
        (["groups", "--by", "seed", "--seed", "-1"], "'-1' is invalid for '--seed"),
        (["add", "x", "--base", "y", "--seed", "--step"], "'--step' is invalid for '--seed"),
    ],
)
def test_a_number_that_is_refused_is_refused_as_a_number(maskdb, words, said):
    assert said in maskdb.refuses(*words, code=USAGE).stderr


def test_a_seed_may_be_negative(maskdb, folders):
    maskdb.does("add", folders["alpha"], "--base", folders["base"], "--seed", "-1")
    assert maskdb.masks()[0]["seed"] == -1


def test_what_changes_runs_takes_no_globs_and_says_so(small):
    for words in (["rm", "*a"], ["rm", "alpha@*"], ["set", "*", "x=1"], ["rename", "?lpha", "b"]):
        said = small.refuses(*words, code=NOT_FOUND).stderr
        assert f"'{words[1]}' is a glob" in said
        assert f"`maskdb ls '{words[1].partition('@')[0]}'`" in said
    assert small.runs() == set(RUNS)


def test_a_delta_of_an_expression_and_a_file_in_the_way_say_the_way_out(small, folders, tmp_path):
    file = tmp_path / "delta.safetensors"
    words = ("export", "alpha & beta", "--format", "delta", "--tuned", folders["alpha"], "-o", file)
    said = small.refuses(*words, code=USAGE).stderr
    assert len(said.splitlines()) == 1
    assert "is not of one checkpoint" in said
    words = ("export", "alpha", "--format", "safetensors", "-o", tmp_path / "mask.safetensors")
    small.does(*words)
    assert "--force" in small.refuses(*words, code=OUTPUT).stderr


def test_help_has_an_example_and_version_a_number(maskdb):
    for command in ("add", "diff", "ls", "show", "sparsity", "overlap", "export", "verify"):
        done = subprocess.run([maskdb.binary, command, "--help"], capture_output=True, text=True)
        assert done.returncode == 0, command
        assert done.stdout.count(f"maskdb {command} ") >= 2, f"{command}: usage and an example"
    version = subprocess.run([maskdb.binary, "--version"], capture_output=True, text=True)
    assert any(character.isdigit() for character in version.stdout)


# --- interruptions -------------------------------------------------------------------------------


@pytest.fixture
def heavy(tmp_path):
    """A pair that takes long enough to be interrupted: half of 48 million weights changed."""
    generator, shape, sides = np.random.default_rng(1), (6_000, 2_000), ({}, {})
    for i in range(4):
        bits = generator.integers(0x3C00, 0x3F00, shape, np.int16)
        for side, values in zip(
            sides, (bits, bits + generator.integers(0, 2, shape, np.int16)), strict=True
        ):
            side[f"t{i}"] = torch.from_numpy(values).view(BF16)
    base, tuned = sides
    return write_checkpoint(tmp_path / "tuned", tuned), write_checkpoint(tmp_path / "base", base)


def started(maskdb, *arguments):
    return subprocess.Popen(
        maskdb.words(*arguments),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=maskdb.variables,
    )


def visible(maskdb):
    """The runs that `ls` shows; a catalog that is not yet one shows none."""
    answer = maskdb("ls", "--json")
    assert answer.code in (0, CATALOG), str(answer)
    return maskdb.runs() if answer.code == 0 else set()


def test_an_add_that_is_killed_leaves_nothing_visible_and_the_next_one_works(maskdb, heavy):
    add = ["add", heavy[0], "--base", heavy[1], "--name", "run", *definition_options()]
    interrupted = 0
    for delay in (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8):
        process = started(maskdb, *add)
        time.sleep(delay)
        process.kill()
        process.communicate()
        if process.returncode != -signal.SIGKILL:
            break
        interrupted += 1
        assert visible(maskdb) == set(), f"visible after {delay} s"
    assert interrupted, "the add ended before it could be interrupted"
    maskdb.does(*add)
    for definition in ("paper", "bitwise"):
        mask = oracle_mask(definition, heavy[1], heavy[0])
        assert listed_mask(maskdb.masks(), "run", definition)["count"] == count(mask)
    assert maskdb.json("verify")["ok"]


@pytest.mark.parametrize("form", ["safetensors", "roaring"])
def test_what_a_killed_export_leaves_is_removed_by_the_next(maskdb, heavy, tmp_path, form):
    maskdb.does("add", heavy[0], "--base", heavy[1], "--name", "run", "--quiet")
    folder = tmp_path / "masks"
    folder.mkdir()
    (folder / ".maskdb-another-1-x").write_text("of another host")
    export = ["export", "run", "--format", form, "--quiet"]
    process = started(maskdb, *export, "-o", folder / "mask")
    while process.poll() is None and len(list(folder.iterdir())) < 2:
        time.sleep(0.001)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL, "the export ended before it could be killed"
    assert len(list(folder.iterdir())) == 2
    maskdb.does(*export, "-o", folder / "other")
    names = {path.name for path in folder.iterdir()} - {"other", "other.manifest.json"}
    assert names == {".maskdb-another-1-x"}


def test_a_file_that_shrinks_while_it_is_read_is_an_error_that_names_it(maskdb, heavy):
    file = heavy[0] / "model.safetensors"
    process = started(maskdb, "add", heavy[0], "--base", heavy[1], *definition_options())
    time.sleep(0.05)
    os.truncate(file, 1_000_000)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == INPUT, errors
    assert "model.safetensors" in errors
    assert visible(maskdb) == set()


# --- catalogs ------------------------------------------------------------------------------------


@contextlib.contextmanager
def small_disk(folder, size):
    """A file system of its own in memory; only root may mount one."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a small file system takes root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_told_in_a_sentence_and_leaves_nothing_visible(maskdb, heavy, tmp_path):
    with small_disk(tmp_path / "disk", "2m") as disk:
        full = Maskdb(maskdb.binary, disk / "masks.maskdb")
        add = ["add", heavy[0], "--base", heavy[1], "--name", "run"]
        answer = full.refuses(*add, code=OUTPUT)
        assert "masks.maskdb" in answer.stderr
        assert visible(full) == set()


def test_a_catalog_on_a_read_only_file_system_is_still_queried(small, tmp_path):
    with small_disk(tmp_path / "disk", "64m") as disk:
        (disk / "masks.maskdb").write_bytes(small.catalog.read_bytes())
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        frozen = Maskdb(small.binary, disk / "masks.maskdb")
        assert frozen.json("ls") == small.json("ls")
        assert frozen.json("overlap") == small.json("overlap")
        frozen.does("export", "alpha@paper", "--format", "roaring", "-o", tmp_path / "out")
        assert frozen.refuses("rm", "alpha", code=CATALOG).stderr


def test_a_database_of_another_program_is_refused_and_left_alone(maskdb, folders):
    with contextlib.closing(sqlite3.connect(maskdb.catalog)) as database:
        database.execute("CREATE TABLE other (x)")
        database.commit()
    before = maskdb.catalog.read_bytes()
    for words in (["ls"], ["overlap"], ["add", folders["alpha"], "--base", folders["base"]]):
        answer = maskdb.refuses(*words, code=CATALOG)
        assert "masks.maskdb" in answer.stderr
    assert maskdb.catalog.read_bytes() == before


@pytest.mark.parametrize("content", [b"not a database at all\n" * 100, b"SQLite format 3\0"])
def test_a_file_that_is_no_database_is_refused_and_left_alone(maskdb, folders, content):
    maskdb.catalog.write_bytes(content)
    for words in (["ls"], ["add", folders["alpha"], "--base", folders["base"]]):
        assert "masks.maskdb" in maskdb.refuses(*words, code=CATALOG).stderr
    assert maskdb.catalog.read_bytes() == content


def test_a_catalog_that_is_not_there_is_not_made_by_a_query(maskdb):
    for command in ("ls", "overlap", "verify"):
        answer = maskdb(command)
        assert answer.code == CATALOG
        assert "masks.maskdb" in answer.stderr
        assert not maskdb.catalog.exists()


def test_a_byte_that_flipped_in_a_stored_segment_is_found_by_verify(small):
    with contextlib.closing(sqlite3.connect(small.catalog)) as database:
        table, column = largest_blob_column(database)
        row, blob = database.execute(
            f"SELECT rowid, {column} FROM {table} ORDER BY length({column}) DESC LIMIT 1"
        ).fetchone()
        broken = blob[:-1] + bytes([blob[-1] ^ 1])
        database.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (broken, row))
        database.commit()
    answer = small("verify", "--json")
    assert answer.code == CATALOG
    assert small.does("ls").stdout


def largest_blob_column(database):
    """The table and column that hold the most binary data."""
    tables = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    columns = [
        (table, column[1])
        for (table,) in tables
        for column in database.execute(f"PRAGMA table_info({table})")
        if column[2] == "BLOB"
    ]
    size = "SELECT coalesce(sum(length({1})), 0) FROM {0}"
    return max(columns, key=lambda pair: database.execute(size.format(*pair)).fetchone())


# --- sentences -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["--version"],
        ["add", "--help"],
        ["help"],
        ["--generate-completion-script", "bash"],
    ],
)
def test_help_that_cannot_be_written_ends_as_any_output_does(binary, words):
    shown = subprocess.run([binary, *words], capture_output=True, text=True, check=True)
    assert shown.stdout.endswith("\n")
    assert shown.stderr == ""
    with open("/dev/full", "w") as full:
        ended = subprocess.run([binary, *words], stdout=full, stderr=subprocess.PIPE, text=True)
    assert ended.returncode == OUTPUT
    assert "standard output" in ended.stderr
    wrong = subprocess.run([binary, "--no-such"], capture_output=True, text=True)
    assert (wrong.returncode, wrong.stdout) == (USAGE, "")
    assert "Usage" in wrong.stderr


def test_one_of_a_thing_is_told_in_the_singular(maskdb, checkpoint, tmp_path):
    base = checkpoint("base", {"w": torch.tensor([1.0])})
    tuned = checkpoint("tuned", {"w": torch.tensor([2.0])})
    other = checkpoint("other", {"w": torch.tensor([1.0]), "v": torch.tensor([1.0])})
    add = ["add", tuned, "--base", base, "--name", "run"]
    told = [
        maskdb(*words)
        for words in (
            add,
            ("add", other, "--base", base),
            ("add", tuned, "--base", other),
            ("verify",),
            ("info",),
            ("info", "--estimate", "add", tuned, "--base", base, "--threads", 1),
            ("derive", "same", "run & run"),
            ("overlap", "--top", 1),
            ("info", "--estimate", "overlap", "--threads", 1),
            ("export", "run", "--format", "npz", "-o", tmp_path / "mask.npz"),
            ("import", tmp_path / "mask.npz", "--name", "back"),
            ("audit", "--mask", "run", "--base", base, "--trained", tuned),
            ("overlap", "atleast(2, run)", "run"),
            ("diff", base, tuned),
            ("sparsity",),
            ("show", "run"),
            ("ls",),
        )
    ]
    text = "\n".join(answer.text for answer in told)
    nouns = "tensors|masks|runs|positions|files|parameters|pairs|weights|segments|values|bytes|rows"
    plural = rf"(?<![\d.,])1 (?:more |set )?(?:{nouns}|bases|threads|checkpoints)\b"
    assert re.findall(plural, text) == []
    for singular in ("1 tensor does not match", "its mask is whole", "of 1 parameter ", "1 base,"):
        assert singular in text, singular
