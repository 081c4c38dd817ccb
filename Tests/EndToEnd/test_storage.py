"""How masks are stored: against each other, small, and safe when a reference goes."""

import math
import shutil
import signal
import sqlite3
import subprocess
import time

import pytest

from command import CATALOG, Maskdb

PREDICTED = 9


@pytest.fixture(scope="session")
def stored(binary, samples, tmp_path_factory):
    """Every sample run under two definitions, in one catalog that tests copy."""
    maskdb = Maskdb(binary, tmp_path_factory.mktemp("stored") / "all.maskdb")
    maskdb.does(
        "add", "--manifest", samples.manifest, "--definition", "paper", "--definition", "bitwise"
    )
    return maskdb


@pytest.fixture
def maskdb(stored, tmp_path):
    """A copy of the catalog."""
    shutil.copy(stored.catalog, tmp_path / "all.maskdb")
    return Maskdb(stored.binary, tmp_path / "all.maskdb")


def rows(maskdb, query, *values):
    with sqlite3.connect(maskdb.catalog) as database:
        return database.execute(query, values).fetchall()


def entropy(count, positions):
    """The bytes of that many independent bits of that density."""
    p = count / positions
    return -positions * (p * math.log2(p) + (1 - p) * math.log2(1 - p)) / 8


def contents(maskdb):
    """What every mask is, whatever its coding: its name and the digest of its bits."""
    return {
        mask: digest.hex()
        for mask, digest in rows(
            maskdb,
            "SELECT run.name || '@' || definition, mask.digest"
            " FROM mask JOIN run ON run_id = run.id",
        )
    }


def names_by_id(maskdb):
    return dict(
        rows(
            maskdb,
            "SELECT mask.id, run.name || '@' || definition FROM mask JOIN run ON run_id = run.id",
        )
    )


def references(maskdb):
    """How many segments are coded against each mask."""
    return dict(
        rows(
            maskdb,
            "SELECT reference_id, count(*) FROM segment"
            " WHERE reference_id IS NOT NULL GROUP BY reference_id",
        )
    )


@pytest.mark.parametrize("definitions", [("bitwise",), ("paper",), ("paper", "bitwise")])
def test_the_sample_masks_take_at_most_the_goal_of_their_entropies(
    maskdb, binary, samples, tmp_path, definitions
):
    fresh = Maskdb(binary, tmp_path / "fresh.maskdb")
    options = [word for name in definitions for word in ("--definition", name)]
    fresh.does("add", "--manifest", samples.manifest, *options)
    ((size,),) = rows(fresh, "SELECT sum(length(bytes)) FROM segment")
    bound = sum(
        entropy(count, compared)
        for count, compared in rows(fresh, "SELECT count, compared FROM mask")
    )
    limit = {("bitwise",): 0.64, ("paper",): 0.71}.get(definitions, 0.52)
    assert size < limit * bound, f"{size / bound:.3f} of the entropies"
    assert fresh.catalog.stat().st_size < (1.2 if len(definitions) > 1 else 1.55) * bound
    assert fresh.does("verify").code == 0


def test_chains_end_after_three_references(maskdb):
    edges = rows(
        maskdb, "SELECT DISTINCT mask_id, reference_id FROM segment WHERE reference_id IS NOT NULL"
    )
    assert edges
    behind = dict(edges)
    assert len(behind) == len(edges), "a mask has one reference"
    for mask in behind:
        assert behind.get(behind.get(behind.get(behind[mask]))) is None


def test_the_digest_of_a_mask_does_not_depend_on_what_it_is_coded_against(
    stored, binary, samples, tmp_path
):
    alone = {}
    for run in ("dpo-add-s1", "grpo-sub-s0"):
        single = Maskdb(binary, tmp_path / f"{run}.maskdb")
        single.does(
            "add",
            samples.path(run),
            "--base",
            samples.base,
            "--name",
            run,
            "--definition",
            "bitwise",
        )
        assert not references(single)
        alone |= contents(single)
    assert alone.items() <= contents(stored).items()


def test_removing_runs_that_others_are_coded_against_loses_nothing(maskdb):
    before = contents(maskdb)
    assert maskdb.does("verify").code == 0
    assert references(maskdb)
    while runs := {names_by_id(maskdb)[mask].split("@")[0] for mask in references(maskdb)}:
        run = sorted(runs)[0]
        maskdb.does("rm", run)
        before = {name: digest for name, digest in before.items() if not name.startswith(f"{run}@")}
        assert contents(maskdb) == before
        assert maskdb.does("verify").code == 0


def test_a_kill_while_a_reference_is_removed_leaves_the_old_state_or_the_new(maskdb):
    before = contents(maskdb)
    most = max(references(maskdb).items(), key=lambda item: item[1])[0]
    run = names_by_id(maskdb)[most].split("@")[0]
    after = {name: digest for name, digest in before.items() if not name.startswith(f"{run}@")}
    original = maskdb.catalog.read_bytes()
    start = time.monotonic()
    maskdb.does("rm", run)
    whole = time.monotonic() - start
    killed = 0
    for step in range(12):
        maskdb.catalog.write_bytes(original)
        process = subprocess.Popen(maskdb.words("rm", run), env=maskdb.variables)
        time.sleep(whole * step / 12)
        process.send_signal(signal.SIGKILL)
        killed += process.wait() != 0
        assert contents(maskdb) in (before, after)
        maskdb.does("verify")
    assert killed


def test_a_damaged_reference_is_named_wherever_it_does_harm(maskdb):
    names = names_by_id(maskdb)
    reference, mask, ordinal = rows(
        maskdb,
        "SELECT reference_id, mask_id, ordinal FROM segment WHERE reference_id IS NOT NULL"
        " AND reference_id IN (SELECT mask_id FROM segment AS s WHERE s.coding IN (3, 6, 7, 10, 11)"
        " AND s.ordinal = segment.ordinal AND length(s.bytes) > 100) ORDER BY 3, 1, 2 LIMIT 1",
    )[0]
    with sqlite3.connect(maskdb.catalog) as database:
        database.execute(
            "UPDATE segment SET bytes = CAST(substr(bytes, 1, length(bytes) - 20) AS BLOB)"
            " WHERE mask_id = ? AND ordinal = ?",
            (reference, ordinal),
        )
    answer = maskdb("verify")
    assert answer.code != 0
    assert f"in {names[reference]}: its" in answer.text
    assert f"in {names[mask]}: it is coded against {names[reference]}, where its" in answer.text
    run = names[reference].split("@")[0]
    others = [name for name in names.values() if not name.startswith(f"{run}@")]
    if any(name == names[mask] for name in others):
        refused = maskdb.refuses("rm", run, code=CATALOG)
        assert "which other masks are coded against" in refused.stderr
        assert set(contents(maskdb)) == set(names.values())
