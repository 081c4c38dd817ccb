"""What a damaged or strange catalog does: it is named, and no command ends by a trap."""

import os
import re
import shutil
import sqlite3
import subprocess

import pytest

from builders import at_random, nudged, write_checkpoint
from command import CATALOG, NOT_FOUND, OUTPUT, Maskdb


@pytest.fixture(scope="module")
def whole(binary, samples, tmp_path_factory):
    maskdb = Maskdb(binary, tmp_path_factory.mktemp("whole") / "masks.maskdb")
    maskdb.does("add", "--manifest", samples.manifest, "--keep-magnitudes")
    maskdb.does("overlap")
    return maskdb


@pytest.fixture
def damaged(whole, tmp_path):
    """A copy of the catalog, and what changes it past its constraints."""
    copy = Maskdb(whole.binary, tmp_path / "masks.maskdb")
    shutil.copy(whole.catalog, copy.catalog)

    def change(*statements):
        with sqlite3.connect(copy.catalog) as database:
            database.execute("PRAGMA ignore_check_constraints = ON")
            for statement in statements:
                assert database.execute(statement).rowcount > 0, statement
        return copy

    return change


TENSOR = "(SELECT min(ordinal) FROM mask_tensor WHERE row_counts IS NOT NULL AND count > 0)"


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE base_binades SET bytes = zeroblob(40) WHERE ordinal = 3", "binades"),
        ("UPDATE base_binades SET checksum = checksum + 1 WHERE ordinal = 3", "binades"),
        (f"UPDATE mask_tensor SET row_counts = NULL WHERE ordinal = {TENSOR}", "per row"),
        (f"UPDATE mask_tensor SET column_counts = NULL WHERE ordinal = {TENSOR}", "per column"),
        ("UPDATE tensor SET name = 'w' WHERE ordinal = 3", ""),
        ("UPDATE tensor SET positions = 1 WHERE ordinal = 3", "shapes"),
        ("UPDATE mask_tensor SET base_dtype = 'F16' WHERE ordinal = 3", "dtypes"),
        ("UPDATE mask_tensor SET reason = 'none' WHERE ordinal = 3", "dtypes"),
        ("UPDATE mask SET definition = 'bitwise'", "@bitwise: its definition"),
        ("UPDATE mask SET compare_dtype = 'fp16'", "its definition"),
        ("UPDATE mask SET extra_tensors = '[{}]'", "its definition"),
        ("UPDATE mask SET seal = NULL", "its definition"),
        ("UPDATE run SET name = 'other' WHERE id = 1", "the run other: its name"),
        ("UPDATE run_field SET value = 'ppo' WHERE id = 1", "fields"),
        ("DELETE FROM run_field WHERE id = (SELECT max(id) FROM run_field)", "fields"),
        ("UPDATE base SET location = 'elsewhere'", "origin"),
        ("UPDATE segment SET ordinal = 999 WHERE rowid = (SELECT max(rowid) FROM segment)", ""),
        (
            "INSERT INTO run (name, base_id, digest, location, added_at)"
            " SELECT 'hollow', base_id, digest, location, added_at FROM run LIMIT 1",
            "hollow has no mask",
        ),
    ],
)
def test_verify_sees_damage(whole, damaged, statement, said):
    assert "whole" in whole.does("verify").text
    answer = damaged(statement)("verify")
    assert answer.code == CATALOG, str(answer)
    assert said in answer.text


def test_what_set_and_rename_change_is_whole(damaged):
    copy = damaged("DELETE FROM pair")
    run = min(copy.runs())
    copy.does("set", run, "algorithm=other", "note=")
    copy.does("rename", run, "renamed")
    copy.does("derive", "made", "!renamed")
    copy.does("rm", max(copy.runs()))
    assert "whole" in copy.does("verify").text


def test_verify_recounts_by_binade(whole, damaged):
    """A position is moved from one binade to another, so that the sums are the same."""
    with sqlite3.connect(whole.catalog) as database:
        rows = database.execute(
            "SELECT rowid, exponent_counts FROM mask_tensor WHERE exponent_counts IS NOT NULL"
        ).fetchall()
    row, counts, place = next(
        (row, counts, i)
        for row, counts in rows
        for i in range(1, len(counts))
        if max(counts) < 127 and counts[i - 1] > 1 and counts[i] > 0
    )
    moved = bytearray(counts)
    moved[place - 1] -= 1
    moved[place] += 1
    statement = f"UPDATE mask_tensor SET exponent_counts = X'{moved.hex()}' WHERE rowid = {row}"
    answer = damaged(statement)("verify")
    assert answer.code == CATALOG, str(answer)
    assert "per magnitude" in answer.text


@pytest.mark.parametrize(
    "column",
    [
        "mask.count",
        "mask.definition",
        "mask.is_default_dtype",
        "mask_tensor.count",
        "mask_tensor.base_dtype",
        "segment.coding",
        "run.name",
        "tensor.name",
        "tensor.shape",
    ],
)
def test_a_row_without_a_value_is_damage_and_no_crash(damaged, column):
    """As one flipped bit in the header of a row gives it, whatever the table forbids."""
    table, name = column.split(".")
    copy = damaged(f"UPDATE {table} SET rowid = rowid" if table != "tensor" else "DELETE FROM pair")
    with sqlite3.connect(copy.catalog) as database:
        schema = database.execute("SELECT sql FROM sqlite_schema WHERE name = ?", [table])
        sql = schema.fetchone()[0]
    loose = re.sub("(INTEGER|TEXT|BLOB) NOT NULL", r"\1", sql).replace("STRICT, WITHOUT", "WITHOUT")
    loose = loose.replace(" STRICT", "")
    set_schema(copy, table, loose)
    with sqlite3.connect(copy.catalog) as database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        assert database.execute(f"UPDATE {table} SET {name} = NULL").rowcount > 0
    set_schema(copy, table, sql)
    codes = {copy(*words).code for words in (["ls"], ["overlap", "--json"], ["verify"])}
    assert CATALOG in codes
    assert codes <= {0, NOT_FOUND, CATALOG}


def set_schema(maskdb, table, sql):
    with sqlite3.connect(maskdb.catalog, isolation_level=None) as database:
        database.execute("PRAGMA writable_schema = ON")
        database.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", [sql, table])
        database.execute("PRAGMA writable_schema = RESET")
    database.close()


def test_numbers_that_no_layout_has_are_damage(damaged, checkpoint):
    copy = damaged(
        "INSERT INTO ingest (host, process, touched_at) VALUES ('x', 1 << 40, 0)",
        "UPDATE tensor SET shape = '[9223372036854775807]' WHERE ordinal = 0",
    )
    for words in (["verify"], ["sparsity"], ["overlap"]):
        assert copy(*words).code in (0, CATALOG), words
    base = checkpoint("base", {"w": at_random(8, 8)})
    tuned = checkpoint("tuned", {"w": nudged(at_random(8, 8), 0.5, 1)})
    assert copy("add", tuned, "--base", base).code in (0, CATALOG)


@pytest.mark.parametrize(
    "change",
    [
        "compared = compared + 1",  # part of a row
        "compared = -4",
        "compared = 1 << 62",
        "compared = 9223372036854775807, count = 9223372036854775807",
        "count = -1",
    ],
)
def test_numbers_of_positions_that_no_mask_has_are_damage(damaged, tmp_path, change):
    copy = damaged(f"UPDATE mask_tensor SET {change} WHERE ordinal = 3")
    a, b = sorted(copy.runs())[:2]
    for words in (
        ["verify"],
        ["overlap"],
        ["overlap", f"{a} | {b}", f"random(like={a}, match=tensor, seed=1)"],
        ["derive", "made", f"{a} & {b}"],
        ["export", a, "--format", "indices", "-o", tmp_path / "out"],
        ["sparsity"],
    ):
        answer = copy(*words)
        assert answer.code == CATALOG, f"{words}: {answer}"
        assert "model." in answer.text or "CHECK constraint" in answer.text


def test_a_file_of_the_far_future_is_a_file(maskdb, checkpoint):
    base = checkpoint("base", {"w": at_random(8, 8)})
    tuned = checkpoint("tuned", {"w": nudged(at_random(8, 8), 0.5, 1)})
    for file in [*base.glob("*.safetensors"), *tuned.glob("*.safetensors")]:
        os.utime(file, (13_600_000_000, 13_600_000_000))
    maskdb.does("add", tuned, "--base", base)
    assert len(maskdb.masks()) == 1


def test_a_mask_under_way_takes_no_place_of_a_reference(whole, damaged):
    """rm codes what refers to the removed mask anew: never a whole mask against one under way."""
    with sqlite3.connect(whole.catalog) as database:
        (reference, heir, others), *_ = database.execute(
            "SELECT reference_id, min(mask_id) AS heir, count(DISTINCT mask_id) AS others"
            " FROM segment"
            " WHERE reference_id IS NOT NULL GROUP BY reference_id"
            " HAVING heir NOT IN (SELECT ifnull(reference_id, 0) FROM segment) ORDER BY others DESC"
        )
        name = database.execute(
            "SELECT name FROM run JOIN mask ON run_id = run.id WHERE mask.id = ?", [reference]
        ).fetchone()[0]
    assert others > 1, "two masks are coded against the first"
    copy = damaged(
        "INSERT INTO ingest (id, host, process, touched_at) VALUES (77, 'away', 1, unixepoch())",
        f"UPDATE mask SET run_id = NULL, ingest_id = 77 WHERE id = {heir}",
        "DELETE FROM run WHERE NOT EXISTS (SELECT 1 FROM mask WHERE run_id = run.id)",
        "DELETE FROM run_field WHERE run_id NOT IN (SELECT id FROM run)",
    )
    copy.does("rm", name)
    with sqlite3.connect(copy.catalog) as database:
        database.execute("PRAGMA foreign_keys = ON")
        assert database.execute("DELETE FROM ingest").rowcount == 1
    assert "whole" in copy.does("verify").text


def test_a_mask_is_read_while_what_it_is_coded_against_is_removed(binary, tmp_path):
    """Its segments are coded anew then, against another mask or alone, and stay the same bits."""
    weights = {f"w{i}": at_random(1024, 4096, seed=i) for i in range(8)}
    base = write_checkpoint(tmp_path / "base", weights)
    made = Maskdb(binary, tmp_path / "made.maskdb")
    for run in range(3):
        changed = {
            name: nudged(nudged(value, 0.1, seed), 0.01, 10 * run + seed)
            for seed, (name, value) in enumerate(weights.items())
        }
        made.does("add", write_checkpoint(tmp_path / f"run{run}", changed), "--base", base)
    made.does("export", "run2", "--format", "packed", "-o", tmp_path / "expected")
    with sqlite3.connect(made.catalog) as database:
        (reference,) = database.execute(
            "SELECT DISTINCT other.name FROM segment JOIN mask AS own ON own.id = segment.mask_id"
            " JOIN run ON run.id = own.run_id JOIN mask ON mask.id = reference_id"
            " JOIN run AS other ON other.id = mask.run_id WHERE run.name = 'run2'"
        ).fetchone()
    expected = (tmp_path / "expected").read_bytes()
    for attempt in range(6):
        copy = Maskdb(binary, tmp_path / f"{attempt}.maskdb")
        shutil.copy(made.catalog, copy.catalog)
        removal = subprocess.Popen(copy.words("rm", reference), env=copy.variables)
        while removal.poll() is None:
            out = tmp_path / "out"
            copy.does("export", "run2", "--format", "packed", "-o", out, "--force")
            assert out.read_bytes() == expected
        assert removal.returncode == 0


# --- where reports are written -------------------------------------------------------------------


def test_a_report_goes_through_links_and_into_pipes(whole, tmp_path):
    expected = whole.does("ls", "--format", "csv").stdout
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    target.write_text("old")
    link.symlink_to(target)
    whole.does("ls", "--format", "csv", "-o", link)
    assert link.is_symlink()
    assert target.read_text() == expected
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    whole.does("ls", "--format", "csv", "-o", pipe)
    assert os.read(reader, 1 << 16).decode().replace("\r\n", "\n") == expected
    os.close(reader)


def test_a_report_replaces_no_catalog_and_no_checkpoint(damaged, samples, tmp_path):
    copy = damaged("DELETE FROM pair")
    before = copy.catalog.read_bytes()
    assert "name another file" in copy.refuses("ls", "-o", copy.catalog, code=OUTPUT).stderr
    assert copy.catalog.read_bytes() == before
    weights = tmp_path / "model.safetensors"
    shutil.copy(next(samples.base.glob("*.safetensors")), weights)
    copy.refuses("ls", "-o", weights, code=OUTPUT)
    assert weights.stat().st_size > 100_000
