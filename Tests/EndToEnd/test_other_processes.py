"""What an add does when another process changes the catalog while it compares."""

import os
import signal
import sqlite3
import subprocess
import time

import pytest
import torch

from builders import write_checkpoint
from command import CATALOG, Maskdb

SIDE, TENSORS = 2048, 4


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A base and two runs that changed nearly the same weights; enough work to be stopped in."""
    folder = tmp_path_factory.mktemp("runs")
    generator = torch.Generator().manual_seed(1)
    base, first, second = {}, {}, {}
    for name in (f"w{i}" for i in range(TENSORS)):
        weight = torch.randn(SIDE, SIDE, generator=generator).bfloat16()
        core = torch.rand(SIDE, SIDE, generator=generator) < 0.2
        base[name] = weight
        for run in (first, second):
            changed = core & (torch.rand(SIDE, SIDE, generator=generator) < 0.95)
            run[name] = torch.where(changed, -weight, weight)
    named = {"base": base, "first": first, "second": second}
    return {name: write_checkpoint(folder / name, tensors) for name, tensors in named.items()}


def rows(maskdb, query):
    with sqlite3.connect(maskdb.catalog) as database:
        return database.execute(query).fetchall()


def references(maskdb):
    query = "SELECT DISTINCT reference_id FROM segment WHERE reference_id IS NOT NULL"
    return [row[0] for row in rows(maskdb, query)]


def is_held(maskdb):
    """Whether a session is under way and nobody holds a lock."""
    try:
        with sqlite3.connect(maskdb.catalog, timeout=0, isolation_level=None) as database:
            database.execute("BEGIN EXCLUSIVE")
            found = database.execute("SELECT 1 FROM ingest").fetchall()
            database.execute("ROLLBACK")
        return bool(found)
    except sqlite3.OperationalError:
        return False


def stopped(maskdb, *words):
    """An add, stopped between its first and last transactions; None if it was too fast."""
    process = subprocess.Popen(
        maskdb.words("add", *words, "--threads", 1),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=maskdb.variables,
    )
    while process.poll() is None:
        if is_held(maskdb):
            os.kill(process.pid, signal.SIGSTOP)
            time.sleep(0.05)
            if is_held(maskdb):
                return process
            os.kill(process.pid, signal.SIGCONT)
    process.communicate()
    return None


OPTIONS = ("--definition", "bitwise", "--quiet")


@pytest.fixture
def under_way(binary, runs, tmp_path):
    """A catalog with the first run, and the add of the second, stopped while it compares."""
    for attempt in range(10):
        maskdb = Maskdb(binary, tmp_path / f"masks-{attempt}.maskdb")
        maskdb.does("add", runs["first"], "--base", runs["base"], *OPTIONS)
        process = stopped(maskdb, runs["second"], "--base", runs["base"], *OPTIONS)
        if process:
            yield maskdb, process
            process.kill()
            return
    pytest.fail("the add was never stopped in time")


def test_a_reference_that_is_removed_meanwhile_is_done_without(binary, runs, tmp_path, under_way):
    control = Maskdb(binary, tmp_path / "control.maskdb")
    control.does("add", runs["first"], runs["second"], "--base", runs["base"], *OPTIONS)
    assert len(references(control)) == 1, "the second is coded against the first"
    maskdb, process = under_way
    maskdb.does("rm", "first")
    os.kill(process.pid, signal.SIGCONT)
    _, said = process.communicate(timeout=600)
    assert process.returncode == 0, said
    expected = {mask["run"]: mask["digest"] for mask in control.masks() if mask["run"] == "second"}
    assert {mask["run"]: mask["digest"] for mask in maskdb.masks()} == expected
    assert references(maskdb) == []
    assert rows(maskdb, "SELECT 1 FROM ingest") == []
    assert "whole" in maskdb.does("verify").text


def test_an_add_that_was_taken_for_dead_says_that_nothing_was_added(under_way):
    maskdb, process = under_way
    with sqlite3.connect(maskdb.catalog) as database:
        database.execute("UPDATE ingest SET host = 'another', touched_at = touched_at - 30000")
    database.close()
    maskdb.does("derive", "other", "!first")  # its session removes those that are dead
    os.kill(process.pid, signal.SIGCONT)
    out, said = process.communicate(timeout=600)
    assert (process.returncode, out) == (CATALOG, "")
    assert "repeat it" in said
    assert maskdb.runs() == {"first", "other"}
    assert "whole" in maskdb.does("verify").text


def test_adds_that_start_at_once_make_one_catalog(binary, checkpoint, tmp_path):
    base = torch.arange(64).float()
    folders = [checkpoint(f"run-{i}", {"w": base + (base == i)}) for i in range(8)]
    start = checkpoint("base", {"w": base})
    for attempt in range(5):
        maskdb = Maskdb(binary, tmp_path / f"masks-{attempt}.maskdb")
        adds = [
            subprocess.Popen(
                maskdb.words("add", folder, "--base", start, *OPTIONS),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                env=maskdb.variables,
            )
            for folder in folders
        ]
        said = [add.communicate(timeout=600)[1] for add in adds]
        assert [add.returncode for add in adds] == [0] * len(adds), said
        assert maskdb.runs() == {folder.name for folder in folders}
        assert "whole" in maskdb.does("verify").text
