"""Masks that other programs wrote, as `load` reads them without torch, and what it refuses."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import struct
import zipfile
from collections import OrderedDict

import maskdb
import numpy as np
import pytest
import torch
from maskdb import MaskFileError
from safetensors.numpy import save_file

SHAPES = {"a.weight": (30, 20), "cube": (3, 5, 7), "b": (50,), "scale": (), "none": (0, 4)}


@pytest.fixture
def bits():
    generator = np.random.default_rng(4)
    return {
        name: np.asarray(generator.random(shape) < 0.3, dtype=bool)
        for name, shape in SHAPES.items()
    }


@pytest.fixture
def tensors(bits):
    return {name: torch.from_numpy(value.copy()) for name, value in bits.items()}


@pytest.fixture
def file(tmp_path):
    return tmp_path / "mask"


def assert_holds(file, bits, polarity="trainable"):
    """That every tensor, and every row of it, is what numpy has."""
    with maskdb.load(file, polarity) as mask:
        assert {name: mask[name].shape for name in mask} == {n: b.shape for n, b in bits.items()}
        for name, value in bits.items():
            assert np.array_equal(mask[name][...], value), name
            if value.ndim:
                assert np.array_equal(mask[name][1:3], value[1:3]), name
        assert mask.count() == sum(int(value.sum()) for value in bits.values())


def outcome(file):
    """The positions of a file, or the sentence by which it is refused; nothing else may happen."""
    try:
        with maskdb.load(file, "trainable") as mask:
            return mask.count()
    except MaskFileError as error:
        return str(error)


class TestTorch:
    def test_a_dictionary_of_bools_is_read(self, tensors, bits, file):
        torch.save(tensors, file)
        assert_holds(file, bits)
        assert_holds(file, {name: ~value for name, value in bits.items()}, "frozen")

    @pytest.mark.parametrize("dtype", [torch.uint8, torch.int8])
    def test_bytes_of_0_and_1_are_bools(self, tensors, bits, file, dtype):
        torch.save({name: value.to(dtype) for name, value in tensors.items()}, file)
        assert_holds(file, bits)

    def test_a_dictionary_with_metadata_says_its_polarity(self, tensors, bits, file):
        told = {"polarity": "frozen", "sparsity": 0.7, "seed": 1, "layers": [1, 2], "none": None}
        torch.save({"masks": tensors, "metadata": told}, file)
        with maskdb.load(file) as mask:
            assert mask.polarity == "frozen"
            assert np.array_equal(mask["a.weight"][...], ~bits["a.weight"])
        with pytest.raises(MaskFileError, match="says that true is frozen"):
            maskdb.load(file, "trainable")

    def test_checksums_may_be_left_out(self, tensors, bits, file):
        torch.serialization.set_crc32_options(False)
        try:
            torch.save(tensors, file)
        finally:
            torch.serialization.set_crc32_options(True)
        with zipfile.ZipFile(file) as archive:
            assert archive.testzip() is not None
        assert_holds(file, bits)

    def test_without_metadata_the_polarity_has_to_be_given(self, tensors, file):
        torch.save(tensors, file)
        with pytest.raises(MaskFileError, match="does not say whether true is trainable"):
            maskdb.load(file)

    @pytest.mark.parametrize("protocol", [2, 3, 4, 5])
    def test_wrappers_parameters_and_views_are_read(self, tensors, bits, file, protocol):
        big = torch.stack([tensors["a.weight"], tensors["a.weight"], ~tensors["a.weight"]])
        found = OrderedDict(tensors)
        found["view"], found["row"] = big[2], big[2, 3:5]
        found["parameter"] = torch.nn.Parameter(tensors["b"], requires_grad=False)
        found["single"] = torch.ones(2, 1, dtype=torch.bool).transpose(0, 1)
        torch.save({"state_dict": found}, file, pickle_protocol=protocol)
        a = bits["a.weight"]
        more = {"view": ~a, "row": ~a[3:5], "parameter": bits["b"], "single": np.ones((1, 2), bool)}
        assert_holds(file, bits | more)

    def test_what_torch_loads_and_saves_again_is_read(self, catalog, tmp_path):
        catalog.does("export", "dpo-add-s0@paper", "--format", "pt", "-o", tmp_path / "mask.pt")
        torch.save(torch.load(tmp_path / "mask.pt", weights_only=True), tmp_path / "again.pt")
        first = maskdb.load(tmp_path / "mask.pt")
        again = maskdb.load(tmp_path / "again.pt", "trainable")
        assert set(first) == set(again)
        assert all(np.array_equal(first[name], again[name]) for name in first)

    def test_a_state_dict_with_versions_is_read(self, file):
        module = torch.nn.Linear(3, 2, bias=False)
        module.weight = torch.nn.Parameter(torch.eye(2, 3) > 0, requires_grad=False)
        torch.save(module.state_dict(), file)
        assert_holds(file, {"weight": np.eye(2, 3) > 0})

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ({"a": torch.ones(3)}, "is no mask: it holds torch.FloatStorage: a"),
            ({"a": torch.ones(3, 2, dtype=torch.bool).T}, "a is not contiguous; save it again"),
            ({"a": [1, 2]}, "a is no tensor"),
            ([torch.ones(3, dtype=torch.bool)], "no dictionary from names to bool tensors"),
            ({1: torch.ones(3, dtype=torch.bool)}, "no dictionary from names to bool tensors"),
            ({"body": {"a": {"size": (2,)}}}, "`maskdb import` with the base reads it"),
        ],
        ids=["floats", "strides", "a list", "no dictionary", "numbers", "composable-sft"],
    )
    def test_what_is_no_mask_is_refused(self, file, content, said):
        torch.save(content, file)
        with pytest.raises(MaskFileError, match=said):
            maskdb.load(file, "trainable")

    def test_the_format_before_1_6_is_refused_with_the_way_out(self, tensors, file):
        torch.save(tensors, file, _use_new_zipfile_serialization=False)
        with pytest.raises(MaskFileError, match=r"before 1\.6: write it again with torch\.save"):
            maskdb.load(file, "trainable")

    def test_a_byte_that_is_no_bool(self, file):
        torch.save({"a": torch.tensor([1, 2, 0], dtype=torch.uint8)}, file)
        with maskdb.load(file, "trainable") as mask, pytest.raises(MaskFileError, match="neither"):
            mask["a"][...]


def archive_of(file, pickled, record=b"\1" * 4):
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x/data.pkl", pickled)
        archive.writestr("x/data/0", record)


class Attack:
    def __init__(self, function, *arguments):
        self.called = function, arguments

    def __reduce__(self):
        return self.called


class TestPickles:
    @pytest.mark.parametrize("protocol", [2, 4])
    @pytest.mark.parametrize(
        ("function", "name"),
        [(os.mkdir, "mkdir"), (eval, "eval"), (getattr, "getattr"), (torch.load, "load")],
    )
    def test_nothing_in_a_pickle_is_executed(self, file, tmp_path, protocol, function, name):
        hit = tmp_path / "hit"
        content = {"a": Attack(function, str(hit))}
        archive_of(file, pickle.dumps(content, protocol))
        with pytest.raises(MaskFileError, match=f"nothing was executed: its pickle names .*{name}"):
            maskdb.load(file, "trainable")
        assert not hit.exists()

    @pytest.mark.parametrize(
        "content",
        [
            b"", b".", b"\x80\x02.", b"}", b"\x80\x02}u.", b"\x80\x02}(K\x01u.", b"\x80\x02(.",
            b"\x80\x02}h\x05.", b"\x80\x02}R.", b"\x80\x02K\x01K\x02a.", b"\x80\x02}}K\x01s.",
            b"\x80\x02)\x85" * 5 + b".", b"\x80\x02" + b"(" * 100000 + b".", b"cos\nsystem\n.",
            b"\x80\x02Q.", b"\x80\x02}q\x00.", b"\x80\x02\x86.", b"\x80\x02}r\xff\xff\xff\xff.",
            b"\x80\x02}X\xff\xff\xff\x7fa.", b"\x80\x02" + b")" + b"\x85" * 200000 + b"}s.",
            b"\x80\x02ccollections\nOrderedDict\n)R.",
            b"\x80\x02ccollections\nOrderedDict\nK\x01R.",
            b"\x80\x02ctorch\nBoolStorage\n)R.", b"\x80\x04\x8c\x01a\x8c\x01b\x93.", b"I01\n.",
            b"\x80\x02ccollections\nOrderedDict\n(K\x01tR.", b"\x82\x01.", b"\x80\x02}}b.",
        ],
    )  # fmt: skip
    def test_damaged_pickles_are_refused_or_hold_nothing(self, file, content):
        archive_of(file, content)
        found = outcome(file)
        assert found == 0 or str(file) in found

    def test_any_changed_byte_is_refused_or_read(self, tensors, file):
        torch.save(tensors, file)
        with zipfile.ZipFile(file) as archive:
            (name,) = [name for name in archive.namelist() if name.endswith("data.pkl")]
            content, record = archive.read(name), b"\1" * 600
        generator = np.random.default_rng(1)
        outcomes = set()
        for _ in range(400):
            damaged = bytearray(content)
            for place in generator.integers(len(damaged), size=generator.integers(1, 4)):
                damaged[place] = generator.integers(256)
            archive_of(file, bytes(damaged), record)
            outcomes.add(type(outcome(file)))
        assert str in outcomes


def read_by_chance(mask, bits, seed, queue):
    """Reads rows, and says which were not those of numpy."""
    generator, wrong = np.random.default_rng(seed), []
    for _ in range(100):
        name, row = f"t{generator.integers(6)}", int(generator.integers(290))
        try:
            if not np.array_equal(mask[name][row : row + 10], bits[name][row : row + 10]):
                wrong.append((name, row))
        except Exception as error:
            wrong.append(str(error))
    queue.put(wrong)


class TestNumpy:
    @pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
    def test_archives_are_read(self, bits, tmp_path, save):
        file = tmp_path / "mask.npz"
        save(file, **bits)
        assert_holds(file, bits)
        save(file, **{name: value.astype(np.uint8) for name, value in bits.items()})
        assert_holds(file, bits)

    @pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
    def test_processes_may_share_an_archive(self, tmp_path, save):
        """Workers of a loader are forked; each has to read what it asks for."""
        generator = np.random.default_rng(0)
        bits = {f"t{i}": generator.random((300, 500)) < 0.3 for i in range(6)}
        save(tmp_path / "mask.npz", **bits)
        with maskdb.load(tmp_path / "mask.npz", "trainable") as mask:
            context = multiprocessing.get_context("fork")
            queue = context.SimpleQueue()
            workers = [
                context.Process(target=read_by_chance, args=(mask, bits, seed, queue))
                for seed in range(4)
            ]
            for worker in workers:
                worker.start()
            assert [queue.get() for _ in workers] == [[]] * 4
            for worker in workers:
                worker.join()

    @pytest.mark.parametrize("kind", ["npz", "compressed", "pt"])
    def test_what_does_not_match_its_checksum_is_refused(self, tmp_path, kind):
        file, bits = tmp_path / "mask", np.random.default_rng(1).random((64, 512)) < 0.5
        with file.open("wb") as stream:
            if kind == "pt":
                torch.save({"a": torch.from_numpy(bits)}, stream)
            else:
                (np.savez if kind == "npz" else np.savez_compressed)(stream, a=bits)
        with zipfile.ZipFile(file) as archive:
            every = archive.infolist()
            (checksum,) = [m.CRC for m in every if m.filename.endswith(("a.npy", "data/0"))]
        true, false = struct.pack("<I", checksum), struct.pack("<I", checksum ^ 1)
        file.write_bytes(file.read_bytes().replace(true, false))
        with maskdb.load(file, "trainable") as mask:
            rows = slice(0, 2) if kind == "compressed" else slice(None)
            for _ in range(2):
                with pytest.raises(MaskFileError, match="is damaged: its checksum does not match"):
                    mask["a"][rows]

    @pytest.mark.parametrize(
        ("array", "said"),
        [
            (np.ones(3), "is no mask: it holds <f8: a"),
            (np.asfortranarray(np.ones((3, 2), bool)), "is column-major; save numpy.ascontiguous"),
            (np.array([{}]), r"is no mask: it holds \|O"),
        ],
    )
    def test_what_is_no_mask_is_refused(self, tmp_path, array, said):
        np.savez(tmp_path / "mask.npz", a=array)
        with pytest.raises(MaskFileError, match=said):
            maskdb.load(tmp_path / "mask.npz", "trainable")

    def test_a_lone_array_has_no_names(self, tmp_path):
        np.save(tmp_path / "mask.npy", np.packbits(np.ones(80, bool)))
        with pytest.raises(MaskFileError, match="without the names of tensors: `maskdb import`"):
            maskdb.load(tmp_path / "mask.npy", "trainable")

    def test_an_archive_of_something_else(self, tmp_path):
        with zipfile.ZipFile(tmp_path / "mask.zip", "w") as archive:
            archive.writestr("readme.txt", "nothing")
        with pytest.raises(MaskFileError, match="neither numpy arrays nor tensors of torch"):
            maskdb.load(tmp_path / "mask.zip", "trainable")


@pytest.mark.parametrize("kind", ["pt", "npz", "compressed"])
def test_every_shorter_archive_is_refused(tmp_path, kind):
    bits = {"a": np.ones((3, 4), bool), "b": np.zeros(2, bool)}
    whole, short = tmp_path / "whole.npz", tmp_path / "short"
    if kind == "pt":
        torch.save({name: torch.from_numpy(value) for name, value in bits.items()}, whole)
    else:
        (np.savez if kind == "npz" else np.savez_compressed)(whole, **bits)
    content = whole.read_bytes()
    for length in range(len(content)):
        short.write_bytes(content[:length])
        with pytest.raises(MaskFileError, match="short"):
            maskdb.load(short, "trainable")


@pytest.mark.parametrize("kind", ["pt", "npz", "compressed"])
def test_any_changed_byte_of_an_archive_is_refused_or_read(tmp_path, kind):
    bits = {"a": np.ones((3, 4), bool), "b": np.zeros(2, bool)}
    whole, changed = tmp_path / "whole.npz", tmp_path / "changed"
    if kind == "pt":
        torch.save({name: torch.from_numpy(value) for name, value in bits.items()}, whole)
    else:
        (np.savez if kind == "npz" else np.savez_compressed)(whole, **bits)
    content = whole.read_bytes()
    for place in range(len(content)):
        changed.write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        found = outcome(changed)
        assert isinstance(found, int) or str(changed) in found


def listed(bits, dtype=np.int32):
    return {f"{n}.indices": np.flatnonzero(value).astype(dtype) for n, value in bits.items()}


def stated(bits, **more):
    shapes = json.dumps({name: list(value.shape) for name, value in bits.items()})
    return {"shapes": shapes, "polarity": "trainable", **more}


class TestPositions:
    @pytest.mark.parametrize("dtype", [np.int16, np.uint16, np.int32, np.uint32, np.int64, "u8"])
    def test_every_integer_is_a_position(self, bits, file, dtype):
        save_file(listed(bits, dtype), file, stated(bits))
        assert_holds(file, bits, None)

    def test_order_and_repetition_do_not_matter(self, bits, file):
        lists = {name: np.concatenate([v[::-1], v[:2]]) for name, v in listed(bits).items()}
        save_file(lists, file, stated(bits))
        assert_holds(file, bits)

    def test_a_tensor_without_a_list_has_no_position(self, bits, file):
        lists = listed(bits)
        del lists["cube.indices"]
        save_file(lists, file, stated(bits))
        assert_holds(file, bits | {"cube": np.zeros((3, 5, 7), bool)})

    def test_a_delta_is_the_mask_of_what_it_changes(self, catalog, samples, tmp_path):
        file, run = tmp_path / "delta.safetensors", "dpo-add-s0"
        options = ["--format", "delta", "--tuned", samples.path(run), "-o", file]
        catalog.does("export", f"{run}@bitwise", *options)
        expected = samples.masks("bitwise")[run]
        assert_holds(file, {name: tensor.bits for name, tensor in expected.items()}, None)

    def test_without_shapes_they_are_refused_with_the_way_out(self, bits, file):
        save_file(listed(bits), file)
        with pytest.raises(
            MaskFileError, match=r"not say the shapes of its tensors \(`maskdb import"
        ):
            maskdb.load(file, "trainable")

    @pytest.mark.parametrize("place", [-1, 50])
    def test_positions_outside_of_the_tensor(self, bits, file, place):
        save_file({"b.indices": np.array([place])}, file, stated({"b": bits["b"]}))
        with maskdb.load(file) as mask, pytest.raises(MaskFileError, match="b has positions outs"):
            mask["b"][...]

    def test_lists_of_floats(self, bits, file):
        save_file({"b.indices": np.ones(2, np.float32)}, file, stated({"b": bits["b"]}))
        with pytest.raises(MaskFileError, match="is no mask: it holds F32"):
            maskdb.load(file)


class TestPacked:
    @pytest.mark.parametrize("order", ["big", "little"])
    def test_numpys_packed_bits_are_read(self, bits, file, order):
        arrays = {name: np.packbits(value, bitorder=order) for name, value in bits.items()}
        save_file(arrays, file, stated(bits, mask_format="packed", bit_order=order))
        assert_holds(file, bits)

    @pytest.mark.parametrize(
        "shapes", ['{"b": [60]}', '{"b": [41]}', "{}", '{"b": [50], "c": [1]}', '{"b": [-1]}',
                   "[", '{"b": 50}', '{"b": [5.0]}', "[1]"]
    )  # fmt: skip
    def test_shapes_that_do_not_fit_are_refused(self, bits, file, shapes):
        metadata = {"polarity": "frozen", "mask_format": "packed", "shapes": shapes}
        save_file({"b": np.packbits(bits["b"])}, file, metadata)
        with pytest.raises(MaskFileError, match=str(file)):
            maskdb.load(file)

    def test_other_orders_are_refused(self, bits, file):
        save_file(
            {"b": np.packbits(bits["b"])}, file,
            stated({"b": bits["b"]}, mask_format="packed", bit_order="middle"),
        )  # fmt: skip
        with pytest.raises(MaskFileError, match="'middle' is neither"):
            maskdb.load(file)
