"""`info --estimate`: what it says of a job is what the job does; nothing is written. No times."""

import sqlite3

import pytest

from builders import at_random, nudged
from command import INPUT, NOT_FOUND, USAGE, Maskdb

ROW_BYTES = 512 << 10  # a decoded segment


@pytest.fixture
def filled(maskdb, checkpoint) -> Maskdb:
    """Three masks over two tensors, one of them of two segments."""
    shapes = {"a.weight": (1100, 4096), "b.weight": (300, 64)}
    base = {name: at_random(*shape, seed=1) for name, shape in shapes.items()}
    checkpoint("base", base)
    for run in range(3):
        tuned = {name: nudged(values, 0.1, seed=run) for name, values in base.items()}
        folder = checkpoint(f"run{run}", tuned)
        maskdb.does("add", folder, "--base", folder.parent / "base", "--quiet")
    return maskdb


def packed_bytes(maskdb: Maskdb) -> int:
    with sqlite3.connect(maskdb.catalog) as connection:
        return connection.execute("SELECT sum(length(bytes)) FROM segment").fetchone()[0]


def test_an_overlap_reads_every_segment_once_and_holds_a_row_a_mask(filled):
    before = filled.catalog.read_bytes()
    answer = filled.json("info", "--estimate", "overlap", "--threads", 2)
    assert filled.catalog.read_bytes() == before
    positions = 1100 * 4096 + 300 * 64
    assert (answer["masks"], answer["pairs"], answer["pairs_to_count"]) == (3, 3, 3)
    assert answer["segments"] == 3 * 3
    assert answer["read_bytes"] == packed_bytes(filled)
    assert answer["positions"] == answer["pair_positions"] == 3 * positions
    assert (answer["threads"], answer["memory_bytes"]) == (2, 2 * 3 * ROW_BYTES)
    assert 1 <= answer["trial"]["segments"] <= 9


def test_pairs_that_are_kept_cost_nothing(filled):
    filled.does("overlap", "run0", "run1", "--quiet")
    answer = filled.json("info", "--estimate", "overlap")
    assert (answer["pairs"], answer["pairs_kept"], answer["pairs_to_count"]) == (3, 1, 2)
    assert answer["pair_positions"] == 2 * (1100 * 4096 + 300 * 64)
    filled.does("overlap", "--quiet")
    answer = filled.json("info", "--estimate", "overlap")
    assert (answer["pairs_kept"], answer["segments"], answer["read_bytes"]) == (3, 0, 0)
    assert answer["trial"] is None
    assert answer["seconds"] == 0
    assert "reads no bits" in filled.does("info", "--estimate", "overlap").stdout


def test_an_add_is_estimated_without_a_catalog(maskdb, samples):
    base, tuned = samples.base, samples.path("grpo-add-s0")
    words = ("--base", base, "--definition", "paper", "--definition", "bitwise")
    answer = maskdb.json("info", "--estimate", "add", tuned, *words)
    assert not maskdb.catalog.exists()
    assert (answer["checkpoints"], answer["known"], answer["masks"]) == (1, 0, 2)
    assert answer["positions"] == 2 * 445_920
    assert answer["most_growth_bytes"] == 2 * 445_920 // 8
    maskdb.does("add", tuned, "--quiet", *words)
    # So small that the trial was all of it.
    assert answer["trial"]["read_bytes"] == answer["read_bytes"]
    assert answer["growth_bytes"] == answer["trial"]["packed_bytes"] == packed_bytes(maskdb)
    answer = maskdb.json("info", "--estimate", "add", tuned, *words)
    assert (answer["checkpoints"], answer["known"], answer["read_bytes"]) == (0, 1, 0)


def test_what_the_job_would_refuse_is_refused(filled, checkpoint):
    filled.refuses("info", "--estimate", "overlap", "nobody", code=NOT_FOUND)
    filled.refuses("info", "--estimate", "overlap", "run0", code=NOT_FOUND)
    other = checkpoint("other", {"c.weight": at_random(4, 4)})
    base = other.parent / "base"
    filled.refuses("info", "--estimate", "add", other, "--base", base, code=INPUT)
    filled.refuses("info", "--estimate", "add", other, code=USAGE)
    filled.refuses("info", "--estimate", "overlap", "--base", base, code=USAGE)
    filled.refuses("info", "run0", code=USAGE)
