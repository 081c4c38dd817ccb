"""Catalogs as the package reads them, without the program, against the oracle."""

from __future__ import annotations

import pickle
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import maskdb
import numpy as np
import pytest
import torch
import xxhash
import zstandard
from maskdb import CatalogError, MaskedTraining
from maskdb.catalog.segments import (
    DamagedSegmentError,
    StoredSegment,
    decoded,
    golomb_numbers,
    leb128,
)
from toys import Toy

from builders import at_random, nudged

DEFINITIONS = ["paper", "bitwise", "ulp:1"]


@pytest.fixture(scope="module")
def opened(catalog):
    catalog.does("overlap", "dpo-add-s0@paper", "dpo-add-s1@paper")
    with maskdb.open_catalog(catalog.catalog) as found:
        yield found


@pytest.fixture
def copied(catalog, tmp_path):
    """A copy of the catalog that a test may damage, and a function that does."""
    path = shutil.copy(catalog.catalog, tmp_path / "copy.maskdb")

    def change(statement):
        with sqlite3.connect(path) as database:
            database.execute(statement)
        database.close()
        return path

    return change


def test_the_runs_and_their_fields(opened, samples):
    found = {run.name: run for run in opened.runs()}
    assert set(found) == set(samples.runs)
    for name, run in samples.runs.items():
        assert found[name].fields["algorithm"] == run["algorithm"]
        assert found[name].fields["seed"] == str(run["seed"])
    assert len({run.base for run in found.values()}) == 1


def test_the_masks_are_those_that_the_program_lists(opened, catalog):
    expected = {m["id"]: (m["count"], m["parameters"]) for m in catalog.masks()}
    assert {m.name: (m.count, m.parameters) for m in opened.masks()} == expected


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_every_bit_is_that_of_the_oracle(opened, samples, definition):
    for run, expected in samples.masks(definition).items():
        mask = opened.mask(f"{run}@{definition}")
        counts = opened.counts(f"{run}@{definition}")
        assert set(mask) == set(counts) == set(expected)
        for name, tensor in expected.items():
            assert np.array_equal(mask[name][...], tensor.bits), (run, name)
            assert counts[name].count == tensor.bits.sum()
            assert counts[name].compared == tensor.bits.size


def test_a_tensor_as_a_roaring_bitmap(opened, samples):
    name = "model.layers.0.mlp.up_proj.weight"
    found = opened.bitmap("dpo-add-s0@paper", name)
    assert list(found) == np.flatnonzero(samples.masks("paper")["dpo-add-s0"][name].bits).tolist()


def test_intersections_that_the_catalog_has_counted(opened, samples):
    a, b = (samples.masks("paper")[run] for run in ("dpo-add-s0", "dpo-add-s1"))
    expected = {name: int((a[name].bits & b[name].bits).sum()) for name in a}
    for pair in (
        ("dpo-add-s0@paper", "dpo-add-s1@paper"),
        ("dpo-add-s1@paper", "dpo-add-s0@paper"),
    ):
        assert opened.intersections(*pair) == expected
    own = opened.intersections("dpo-add-s0@paper", "dpo-add-s0@paper")
    assert own == {name: int(a[name].bits.sum()) for name in a}


def test_intersections_that_the_catalog_has_not_counted(copied):
    with maskdb.open_catalog(copied("DELETE FROM pair")) as catalog:
        assert catalog.intersections("dpo-add-s0@paper", "dpo-add-s1@paper") is None


def test_intersections_of_which_the_catalog_has_counted_some(copied):
    """A count that was stopped keeps those of the leading tensors."""
    with maskdb.open_catalog(copied("UPDATE pair SET counts = x'05'")) as catalog:
        assert catalog.intersections("dpo-add-s0@paper", "dpo-add-s1@paper") is None


def test_slices_reach_over_segments(maskdb, checkpoint):
    from maskdb import open_catalog

    base = {"wide": at_random(2200, 2100), "flat": at_random(9)}
    tuned = {name: nudged(value, 0.2, seed=5) for name, value in base.items()}
    folders = checkpoint("tuned", tuned), "--base", checkpoint("base", base)
    maskdb.does("add", *folders, "--name", "one", "--definition", "bitwise")
    expected = {n: (base[n].view(torch.int32) != tuned[n].view(torch.int32)).numpy() for n in base}
    with open_catalog(maskdb.catalog) as catalog:
        mask = catalog.mask("one")
        assert mask["wide"].size > 2**22
        for rows in (slice(0, 3), slice(1990, 2000), slice(-1, None), slice(None)):
            assert np.array_equal(mask["wide"][rows], expected["wide"][rows])
        assert np.array_equal(mask["flat"][2:5], expected["flat"][2:5])
        assert list(catalog.bitmap("one", "wide")) == np.flatnonzero(expected["wide"]).tolist()


def test_a_mask_of_a_catalog_trains(maskdb, checkpoint):
    from maskdb import open_catalog

    torch.manual_seed(0)
    model = Toy(tied=False)
    base = {name: p.detach().clone() for name, p in model.named_parameters()}
    tuned = {name: nudged(value, 0.3, seed=5) for name, value in base.items()}
    folders = checkpoint("tuned", tuned), "--base", checkpoint("base", base)
    maskdb.does("add", *folders, "--name", "one", "--definition", "bitwise")
    optimizer = torch.optim.AdamW(model.parameters())
    with open_catalog(maskdb.catalog) as catalog:
        expected = catalog.find("one").count
        with MaskedTraining(model, optimizer, catalog.mask("one")) as masked:
            assert masked.trainable == expected


def test_threads_share_a_catalog(opened, samples):
    expected = samples.masks("paper")["dpo-add-s0"]
    mask = opened.mask("dpo-add-s0@paper")
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda name: (name, mask[name][...]), list(mask) * 10)
        assert all(np.array_equal(bits, expected[name].bits) for name, bits in found)


class TestRefused:
    def test_a_mask_of_a_catalog_that_was_closed(self, catalog):
        with maskdb.open_catalog(catalog.catalog) as opened:
            mask = opened.mask("dpo-add-s0@paper")
        with pytest.raises(CatalogError, match="is closed: open it again"):
            mask.count()

    def test_a_mask_that_is_removed_while_it_is_read(self, catalog, tmp_path):
        path = shutil.copy(catalog.catalog, tmp_path / "copy.maskdb")
        with maskdb.open_catalog(path) as opened:
            mask = opened.mask("dpo-add-s0@paper")
            name, *others = mask
            mask[name][...]
            replace(catalog, catalog=path).does("rm", "dpo-add-s0")
            with pytest.raises(CatalogError, match="dpo-add-s0@paper was removed from"):
                [mask[other][...] for other in others]
            with pytest.raises(CatalogError, match="has no mask"):
                opened.mask("dpo-add-s0@paper")

    def test_a_catalog_is_not_pickled(self, opened):
        with pytest.raises(maskdb.MaskdbError, match="is not pickled"):
            pickle.dumps(opened.mask("dpo-add-s0@paper"))

    def test_a_catalog_that_is_not_there(self, tmp_path):
        with pytest.raises(CatalogError, match="is not there"):
            maskdb.open_catalog(tmp_path / "no.maskdb")
        assert not (tmp_path / "no.maskdb").exists()

    def test_another_file(self, samples):
        with pytest.raises(CatalogError, match="is not a catalog"):
            maskdb.open_catalog(samples.manifest)

    def test_another_database(self, copied):
        with pytest.raises(CatalogError, match="a database, but not a catalog"):
            maskdb.open_catalog(copied("PRAGMA application_id = 1"))

    def test_a_newer_format(self, copied):
        with pytest.raises(CatalogError, match="is of format 99 and this package reads"):
            maskdb.open_catalog(copied("PRAGMA user_version = 99"))

    def test_a_file_that_a_writer_holds(self, copied, monkeypatch):
        monkeypatch.setattr("maskdb.catalog.database.PATIENCE", 0.01)
        path = copied("DELETE FROM pair")
        writer = sqlite3.connect(path, isolation_level=None)
        writer.execute("BEGIN EXCLUSIVE")
        with pytest.raises(CatalogError, match="is in use by a writer"):
            maskdb.open_catalog(path)
        writer.close()

    def test_an_unknown_mask(self, opened):
        with pytest.raises(CatalogError, match="has no mask nothing"):
            opened.mask("nothing")

    def test_a_run_with_several_masks(self, opened):
        with pytest.raises(CatalogError, match=r"several masks: .*dpo-add-s0@bitwise"):
            opened.mask("dpo-add-s0")

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ("SET count = count - 1 WHERE count > 1", "were stored"),
            ("SET checksum = checksum + 1", "its checksum does not match"),
            ("SET coding = 77, reference_id = NULL", "coding 77"),
            ("SET bytes = x'00', coding = 2, reference_id = NULL", "wrong number of bytes"),
        ],
    )
    def test_damaged_segments(self, copied, change, reason):
        with maskdb.open_catalog(copied(f"UPDATE segment {change}")) as catalog:
            mask = catalog.mask("dpo-add-s0@paper")
            name = "model.layers.0.mlp.up_proj.weight"
            with pytest.raises(
                CatalogError, match=f"segment 0 of {name} .* is damaged: .*{reason}"
            ):
                mask[name][...]

    def test_a_missing_segment(self, copied):
        with maskdb.open_catalog(copied("DELETE FROM segment")) as catalog:
            mask = catalog.mask("dpo-add-s0@paper")
            with pytest.raises(CatalogError, match="is damaged: it is not there"):
                mask["model.norm.weight"][...]


def frame(content):
    return zstandard.ZstdCompressor().compress(bytes(content))


def varint(value):
    low, rest = value & 127, value >> 7
    return bytes([low | 128]) + varint(rest) if rest else bytes([low])


def raw(bits):
    return np.packbits(bits, bitorder="little").tobytes()


def gaps(bits):
    found, last = bytearray(), -1
    for position in np.flatnonzero(bits):
        distance, last = int(position) - last - 1, int(position)
        found += b"\xff" * (distance // 255) + bytes([distance % 255])
    return frame(found)


def runs(bits):
    found, value, start = b"", False, 0
    edges = [*(np.flatnonzero(np.diff(bits)) + 1).tolist(), len(bits)]
    if bits[0]:
        found, value = varint(0), True
    for edge in edges:
        found, value, start = found + varint(edge - start), not value, edge
    return frame(found)


def parts(*each):
    sized = [bytes([coding]) + varint(len(part)) + part for coding, part in each[:-1]]
    coding, last = each[-1]
    return b"".join(sized) + bytes([coding]) + last


def sparse(bits):
    octets = np.frombuffer(raw(bits), np.uint8)
    return parts((4, gaps(octets != 0)), (3, frame(octets[octets != 0])))


def folded(bits, depth=1):
    """Position by position, as Schemas/segment.md has it."""
    half = -(-len(bits) // 128) * 64
    either, both, first = np.zeros(half, bool), [], []
    for i in range(half):
        left = 128 * (i // 64) + i % 64
        pair = [place < len(bits) and bool(bits[place]) for place in (left, left + 64)]
        either[i] = any(pair)
        if any(pair):
            both.append(all(pair))
        if pair[0] != pair[1]:
            first.append(pair[0])
    joined = (10, folded(either, depth + 1)) if depth < 3 else (2, raw(either))
    return parts(joined, (3, frame(raw(np.array(both, bool)))), (2, raw(np.array(first, bool))))


def divided(numbers, divisor):
    """Numbers in Golomb's code, as bits in a list."""
    width = (divisor - 1).bit_length()
    short = (1 << width) - divisor
    bits = []
    for number in numbers:
        rest = number % divisor
        bits += [0] * (number // divisor) + [1]
        if width and rest < short:
            bits += [rest >> place & 1 for place in range(width - 1)]
        elif width:
            high, last = divmod(rest + short, 2)
            bits += [high >> place & 1 for place in range(width - 1)] + [last]
    return np.packbits(bits, bitorder="little").tobytes()


def golomb(bits, divisor=None):
    places = np.concatenate([[-1], np.flatnonzero(bits), [len(bits)]])
    divisor = divisor or max(1, round(0.69 * len(bits) / bits.sum()))
    return varint(divisor) + divided((np.diff(places) - 1).tolist(), divisor)


REFERENCE = np.random.default_rng(4).random(4099) < 0.3
CODERS = {
    2: raw,
    3: lambda bits: frame(raw(bits)),
    4: gaps,
    5: lambda bits: gaps(~bits),
    6: sparse,
    7: lambda bits: sparse(~bits),
    8: runs,
    9: lambda bits: parts((4, gaps(bits[~REFERENCE])), (8, runs(bits[REFERENCE]))),
    10: folded,
    11: lambda bits: folded(~bits),
    12: golomb,
    13: lambda bits: golomb(~bits),
}


@pytest.mark.parametrize("density", [0.001, 0.3, 0.97])
@pytest.mark.parametrize("coding", CODERS)
def test_every_coding_is_read_as_it_is_specified(coding, density):
    bits = np.random.default_rng(coding).random(4099) < density
    checksum = xxhash.xxh3_128_intdigest(raw(bits)) % 2**64
    packed = CODERS[coding](bits)
    stored = StoredSegment(coding, int(bits.sum()), checksum - 2**64, packed)
    reference = REFERENCE if coding == 9 else None
    assert np.array_equal(decoded(stored, 4099, reference), bits)
    for length in range(0, len(packed), max(1, len(packed) // 40)):
        with pytest.raises(DamagedSegmentError):
            decoded(StoredSegment(coding, stored.count, checksum, packed[:length]), 4099, reference)


@pytest.mark.parametrize("divisor", [1, 2, 3, 4, 5, 8, 100, 4099, 2**22])
def test_every_divisor_is_read(divisor):
    bits = np.random.default_rng(divisor).random(4099) < 0.1
    checksum = xxhash.xxh3_128_intdigest(raw(bits)) % 2**64
    stored = StoredSegment(12, int(bits.sum()), checksum, golomb(bits, divisor))
    assert np.array_equal(decoded(stored, 4099), bits)


def test_counts_of_rows_and_columns_are_stored_as_they_are_specified(catalog, samples):
    masks = samples.masks("paper")
    with sqlite3.connect(catalog.catalog) as database:
        rows = database.execute(
            "SELECT run.name, tensor.name, row_counts, column_counts FROM mask_tensor"
            " JOIN mask ON mask.id = mask_id JOIN run ON run.id = run_id"
            " JOIN base ON base.id = base_id"
            " JOIN tensor ON tensor.layout_id = base.layout_id"
            " AND tensor.ordinal = mask_tensor.ordinal"
            " WHERE definition = 'paper' AND row_counts IS NOT NULL"
        ).fetchall()
    database.close()
    assert rows
    for run, tensor, *stored in rows:
        mask = masks[run][tensor]
        for found, expected in zip(stored, (mask.row_counts, mask.column_counts), strict=True):
            assert counts(found) == expected.tolist(), (run, tensor)


def counts(stored):
    number, place = leb128(stored)
    mean, place = leb128(stored, place)
    divisor, place = leb128(stored, place)
    if divisor == 0:
        assert place == len(stored)
        return [mean] * number
    folded = golomb_numbers(stored[place:], divisor, lambda found, _: found == number)
    return [mean - (n + 1) // 2 if n % 2 else mean + n // 2 for n in folded]
