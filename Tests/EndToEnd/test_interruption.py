"""A count that is stopped keeps what it has, and the next one goes on from there."""

import shutil
import signal
import sqlite3
import subprocess
import time

import pytest

from builders import at_random, nudged, write_checkpoint
from command import Maskdb

MASKS = 16
TENSORS = 3000  # more than the first slice of a count has, which is lost where it is stopped


@pytest.fixture(scope="module")
def many(binary, tmp_path_factory):
    """Many masks of many tensors: reading them takes long enough to be stopped."""
    folder = tmp_path_factory.mktemp("many")
    maskdb = Maskdb(binary, folder / "masks.maskdb")
    weights = {
        f"model.layers.{i}.mlp.up_proj.weight": at_random(8, 8, seed=i) for i in range(TENSORS)
    }
    base = write_checkpoint(folder / "base", weights)
    tuned = []
    for run in range(MASKS):
        values = {
            name: nudged(value, 0.3, run * TENSORS + i)
            for i, (name, value) in enumerate(weights.items())
        }
        tuned.append(write_checkpoint(folder / f"run-{run}", values))
    maskdb.does("add", *tuned, "--base", base)
    return maskdb


def copied(maskdb, folder):
    folder.mkdir()
    shutil.copy(maskdb.catalog, folder / "masks.maskdb")
    return Maskdb(maskdb.binary, folder / "masks.maskdb", {"SLURM_JOB_ID": "1"})


def counts(maskdb):
    """What is kept of every pair: the intersections of its leading tensors, as LEB128."""
    with sqlite3.connect(maskdb.catalog) as connection:
        return {(a, b): decoded(row) for a, b, row in connection.execute("SELECT * FROM pair")}


def decoded(row):
    numbers, number, shift = [], 0, 0
    for byte in row:
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(number)
            number, shift = 0, 0
    return numbers


def stopped(maskdb, delay, how):
    """An overlap that gets a signal some time after its first tile; how it ended."""
    words = maskdb.words("overlap", "--json", "--null", "global", "--threads", 1)
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        words,
        stdout=pipe,
        stderr=pipe,
        text=True,
        env=maskdb.variables,
        preexec_fn=lambda: signal.signal(how, signal.SIG_DFL),  # a shell may have it ignored
    )
    assert process.stderr.readline().startswith("counting")
    time.sleep(delay)
    process.send_signal(how)
    out, err = process.communicate(timeout=600)
    return process.returncode, out, err


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_count_is_taken_up_where_it_was(many, tmp_path, how):
    reference = copied(many, tmp_path / "reference")
    asked = ("overlap", "--json", "--null", "global")
    start = time.monotonic()
    expected = reference.does(*asked, "--threads", 1).stdout
    whole = time.monotonic() - start
    full = counts(reference)
    assert len(full) == MASKS * (MASKS - 1) // 2
    for attempt in range(20):
        maskdb = copied(many, tmp_path / f"stopped-{attempt}")
        code, out, err = stopped(maskdb, whole * (0.8 - 0.03 * attempt), how)
        if code == 128 + how and any(len(row) < TENSORS for row in counts(maskdb).values()):
            break
    assert code == 128 + how
    assert out == "", "no half answer"
    sentence = err.splitlines()[-1]
    assert sentence.startswith("maskdb: interrupted; what was counted is kept")
    kept = counts(maskdb)
    assert kept.keys() == full.keys()
    lengths = {len(row) for row in kept.values()}
    assert len(lengths) == 1
    (length,) = lengths
    assert 0 < length < TENSORS
    assert all(full[pair][:length] == row for pair, row in kept.items())
    assert maskdb.does("verify").code == 0
    # Without the bits that were counted, the rest is counted all the same: they are not read again.
    with sqlite3.connect(maskdb.catalog) as connection:
        connection.execute("DELETE FROM segment WHERE ordinal < ?", [length])
    assert maskdb.does(*asked).stdout == expected
    assert counts(maskdb) == full
