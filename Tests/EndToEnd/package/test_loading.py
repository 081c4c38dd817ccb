"""Exported masks as the package reads them, slice by slice, and the files that it refuses."""

from __future__ import annotations

import copy
import gc
import json
import os
import pickle
import shutil
import subprocess
import sys

import maskdb
import numpy as np
import pytest
from maskdb import MaskdbError, MaskFileError
from safetensors.numpy import save_file

from command import REPOSITORY, Maskdb

MALFORMED = REPOSITORY / "Samples" / "malformed"
RUN = "grpo-add-s0"
INDICES = [
    (), ..., 0, -1, slice(None), slice(3, 9), slice(2, None, 3), slice(None, None, -2),
    slice(9, 3), slice(-4, None), (slice(1, 5), slice(0, 7)), (3, 4), (..., 5), (2, ...),
    (slice(None), 1), (slice(4, 1, -1), slice(None, None, 5)), np.int64(3), (..., np.uint8(2)),
]  # fmt: skip


FORMATS = ["safetensors", "pt", "npz", "packed", "indices", "roaring"]
SHARDED = ["safetensors", "packed", "indices"]
MASKS = [f"mask.{kind}" for kind in FORMATS] + [f"shards.{kind}" for kind in SHARDED]


@pytest.fixture(scope="module", params=["trainable", "frozen"])
def exported(request, catalog, tmp_path_factory):
    """A sample run's mask in every format, whole and in shards, and in both polarities."""
    folder = tmp_path_factory.mktemp(request.param)
    for name in MASKS:
        options = ["--format", name.partition(".")[2], "--polarity", request.param]
        options += ["--shard-size", "20KB"] * name.startswith("shards")
        catalog.does("export", f"{RUN}@paper", *options, "-o", folder / name)
    return folder


@pytest.fixture(
    params=[*MASKS, "mask.pt.manifest.json", "mask.roaring/manifest.json"]
    + [f"shards.packed/{name}" for name in ("manifest.json", "model.safetensors.index.json")]
)
def mask(request, exported):
    with maskdb.load(exported / request.param) as opened:
        yield opened


def test_true_is_trainable_whatever_the_polarity_of_the_file(mask, exported, samples):
    expected = samples.masks("paper")[RUN]
    assert mask.polarity == exported.name.rstrip("0123456789")
    assert mask.metadata["mask"] == f"{RUN}@paper"
    assert set(mask) == set(expected)
    for name, tensor in expected.items():
        assert np.array_equal(mask[name][...], tensor.bits), name
        assert mask[name].count() == tensor.bits.sum()
    assert mask.count() == sum(int(tensor.bits.sum()) for tensor in expected.values())


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_every_slice_is_that_of_numpy(mask, samples, index):
    name = "model.layers.1.mlp.up_proj.weight"
    expected = samples.masks("paper")[RUN][name].bits[index]
    found = mask[name][index]
    assert found.shape == expected.shape
    assert np.array_equal(found, expected)


def test_what_is_read_is_the_callers_own(mask):
    tensor = mask["model.layers.1.mlp.up_proj.weight"]
    read = tensor[...]
    expected = read.copy()
    read[...] = ~read
    assert np.array_equal(tensor[...], expected)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copy_that_is_dropped_takes_nothing_along(mask, copied):
    """As `dataclasses.asdict` makes copies, for one."""
    name = "model.layers.1.mlp.up_proj.weight"
    expected = mask[name][...]
    again, one = copied(mask), copied(mask[name])
    assert np.array_equal(again[name][...], expected)
    del again, one
    gc.collect()
    assert np.array_equal(mask[name][...], expected)


@pytest.mark.parametrize("name", [name for name in MASKS if name != "mask.roaring"])
def test_a_mask_is_not_pickled_but_its_path_is(exported, name):
    with (
        maskdb.load(exported / name) as mask,
        pytest.raises(MaskdbError, match=f"{name}.* is open here and is not pickled: pass on the"),
    ):
        pickle.dumps(mask)


@pytest.mark.parametrize("index", [np.array([1]), [1, 2], None, True, "a", (1, 2, 3), 10**6, 1.0])
def test_other_indices_are_refused(mask, index):
    with pytest.raises(IndexError):
        mask["model.layers.1.mlp.up_proj.weight"][index]


@pytest.mark.parametrize(
    ("name", "bits"), [("mask.safetensors", 8), ("mask.npz", 8), ("mask.pt", 8), ("mask.packed", 1)]
)
def test_a_slice_reads_its_rows_and_no_others(exported, monkeypatch, name, bits):
    read, pread = [], os.pread
    opened = maskdb.load(exported / name)
    monkeypatch.setattr(
        "os.pread", lambda file, count, at: read.append(count) or pread(file, count, at)
    )
    rows = opened["model.layers.1.mlp.up_proj.weight"][10:14, :5]
    assert rows.shape == (4, 5)
    local_header = [30] if name in ("mask.npz", "mask.pt") else []
    assert read == [*local_header, 4 * 96 * bits // 8]


def test_a_shard_size_makes_several_files(exported):
    for kind in SHARDED:
        assert len(list((exported / f"shards.{kind}").glob("*.safetensors"))) > 1


def test_sharded_masks_are_joined_by_their_index(exported, tmp_path, samples):
    write_shards(exported, tmp_path)
    for place in (tmp_path, tmp_path / "mask.safetensors.index.json"):
        with maskdb.load(place) as mask:
            for name, tensor in samples.masks("paper")[RUN].items():
                assert np.array_equal(mask[name][...], tensor.bits), name


def write_shards(exported, folder, polarities=None):
    polarity = exported.name.rstrip("0123456789")
    whole = maskdb.load(exported / "mask.safetensors")
    arrays = {name: whole[name][...] ^ (polarity == "frozen") for name in whole}
    places = {}
    for number, names in enumerate([list(arrays)[::2], list(arrays)[1::2]]):
        file = f"mask-{number}.safetensors"
        said = {"polarity": (polarities or [polarity] * 2)[number]}
        save_file({name: arrays[name] for name in names}, folder / file, said)
        places |= dict.fromkeys(names, file)
    index = {"metadata": {}, "weight_map": places}
    (folder / "mask.safetensors.index.json").write_text(json.dumps(index))
    return places


class TestPolarity:
    def file(self, tmp_path, metadata):
        save_file({"a": np.array([True, False])}, tmp_path / "mask.safetensors", metadata)
        return tmp_path / "mask.safetensors"

    def test_it_is_never_guessed(self, tmp_path):
        with pytest.raises(MaskFileError, match="does not say whether true is trainable or frozen"):
            maskdb.load(self.file(tmp_path, {"mask": "a"}))

    def test_it_can_be_given(self, tmp_path):
        file = self.file(tmp_path, None)
        assert maskdb.load(file, polarity="trainable")["a"][...].tolist() == [True, False]
        assert maskdb.load(file, polarity="frozen")["a"][...].tolist() == [False, True]

    def test_it_may_not_contradict_the_file(self, tmp_path):
        file = self.file(tmp_path, {"polarity": "frozen"})
        assert maskdb.load(file, polarity="frozen")["a"][...].tolist() == [False, True]
        with pytest.raises(MaskFileError, match="says that true is frozen, and trainable was"):
            maskdb.load(file, polarity="trainable")

    def test_other_words_are_refused(self, tmp_path):
        with pytest.raises(MaskFileError, match="'kept' is neither"):
            maskdb.load(self.file(tmp_path, {"polarity": "kept"}))

    def test_shards_have_to_agree(self, exported, tmp_path):
        write_shards(exported, tmp_path, ["trainable", "frozen"])
        with pytest.raises(MaskFileError, match="another polarity"):
            maskdb.load(tmp_path)


class TestRefused:
    @pytest.mark.parametrize("file", sorted(p.name for p in MALFORMED.iterdir()))
    def test_every_malformed_sample(self, file):
        with pytest.raises(MaskFileError, match=file.split(".")[0]):
            maskdb.load(MALFORMED / file, polarity="trainable")

    def test_a_checkpoint(self, samples):
        with pytest.raises(MaskFileError, match="is no mask: it holds BF16"):
            maskdb.load(samples.base, polarity="trainable")

    def test_what_is_not_there(self, tmp_path):
        with pytest.raises(MaskFileError, match="cannot be read: No such file"):
            maskdb.load(tmp_path / "no.safetensors")

    def test_a_name_that_is_not_there(self, mask):
        with pytest.raises(KeyError, match=r"has no tensor model\.embed"):
            mask["model.embed"]

    def test_every_shorter_file(self, tmp_path):
        whole = tmp_path / "whole.safetensors"
        save_file(
            {"a": np.ones((3, 4), bool), "b": np.ones(2, bool)}, whole, {"polarity": "frozen"}
        )
        content = whole.read_bytes()
        for length in range(len(content)):
            (tmp_path / "short.safetensors").write_bytes(content[:length])
            with pytest.raises(MaskFileError):
                maskdb.load(tmp_path / "short.safetensors")

    def test_a_file_that_shrinks_while_it_is_open(self, exported, tmp_path):
        file = shutil.copy(exported / "mask.safetensors", tmp_path / "mask.safetensors")
        with maskdb.load(file) as mask:
            with file.open("r+b") as opened:
                opened.truncate(file.stat().st_size // 2)
            with pytest.raises(MaskFileError, match="ends before its tensors do"):
                mask["model.norm.weight"][...], [mask[name][...] for name in mask]

    def test_a_byte_that_is_no_bool(self, tmp_path):
        file = tmp_path / "mask.safetensors"
        save_file({"a": np.ones(4, bool)}, file, {"polarity": "trainable"})
        file.write_bytes(file.read_bytes()[:-1] + b"\x02")
        with maskdb.load(file) as mask, pytest.raises(MaskFileError, match="neither 0 nor 1"):
            mask["a"][...]

    @pytest.mark.parametrize("name", [name for name in MASKS if name != "mask.roaring"])
    def test_reading_after_closing(self, exported, name):
        mask = maskdb.load(exported / name)
        mask.close()
        mask.close()
        with pytest.raises(MaskFileError, match="is closed"):
            mask["model.norm.weight"][...]

    def test_a_shard_elsewhere(self, exported, tmp_path):
        write_shards(exported, tmp_path)
        index = tmp_path / "mask.safetensors.index.json"
        index.write_text(index.read_text().replace("mask-0", "../mask-0"))
        with pytest.raises(MaskFileError, match="a shard stands beside its index"):
            maskdb.load(tmp_path)

    def test_an_index_that_disagrees_with_its_files(self, exported, tmp_path):
        places = write_shards(exported, tmp_path)
        places["model.norm.weight"], places["extra"] = "mask-0.safetensors", "mask-1.safetensors"
        index = tmp_path / "mask.safetensors.index.json"
        index.write_text(json.dumps({"weight_map": places}))
        with pytest.raises(MaskFileError, match=r"disagree about: extra"):
            maskdb.load(tmp_path)

    def test_a_damaged_roaring_file(self, exported, tmp_path):
        folder = tmp_path / "masks"
        shutil.copytree(exported / "mask.roaring", folder)
        entries = json.loads((folder / "manifest.json").read_text())["tensors"]
        full = [entry for entry in entries if entry["count"] > 1]
        (folder / full[0]["file"]).write_bytes((folder / full[1]["file"]).read_bytes())
        with maskdb.load(folder) as mask, pytest.raises(MaskFileError, match="it should"):
            mask[full[0]["name"]][...]


class TestRoaring:
    @pytest.fixture
    def folder(self, exported, tmp_path):
        return shutil.copytree(exported / "mask.roaring", tmp_path / "mask")

    @pytest.mark.parametrize(
        "tensors",
        [None, {}, [1], [{}], [{"name": "a", "shape": [-1], "file": "a", "bits": 32, "count": 0}]],
    )
    def test_a_damaged_manifest(self, folder, tensors):
        manifest = json.loads((folder / "manifest.json").read_text())
        (folder / "manifest.json").write_text(json.dumps(manifest | {"tensors": tensors}))
        with pytest.raises(MaskFileError, match=r"manifest\.json is damaged: its tensors are no"):
            maskdb.load(folder)

    def test_a_missing_file(self, folder):
        (entry, *_) = json.loads((folder / "manifest.json").read_text())["tensors"]
        (folder / entry["file"]).unlink()
        with (
            maskdb.load(folder) as mask,
            pytest.raises(MaskFileError, match=rf"{entry['file']} cannot be read: No such file"),
        ):
            mask[entry["name"]][...]


@pytest.mark.parametrize("name", [name for name in MASKS if name != "mask.roaring"])
def test_numpy_is_all_that_loading_needs(exported, name):
    program = """
import sys
class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] not in sys.stdlib_module_names | {"numpy", "maskdb"}:
            raise ImportError(name)
sys.meta_path.insert(0, Nothing())
import maskdb
with maskdb.load(sys.argv[1]) as mask:
    print(mask.count())
try:
    maskdb.MaskedTraining
except maskdb.MaskdbError as error:
    print(error)
"""
    path = str(REPOSITORY / "Tools" / "python" / "src")
    done = subprocess.run(
        [sys.executable, "-c", program, str(exported / name)],
        capture_output=True, text=True, env={"PYTHONPATH": path},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    count, sentence = done.stdout.splitlines()
    assert int(count) > 0
    assert "which is not installed: pip install torch" in sentence


@pytest.fixture(scope="module")
def partly(binary, tmp_path_factory):
    """A mask of which one tensor was not compared, and one only in its leading rows."""
    folder = tmp_path_factory.mktemp("partly")
    tool = Maskdb(binary, folder / "masks.maskdb")
    base = {"a": np.ones((4, 8), np.float32), "gone": np.ones((3, 5), np.float32)}
    base["model.embed_tokens.weight"] = np.ones((6, 8), np.float32)
    tuned = {"a": base["a"] * 2, "model.embed_tokens.weight": np.zeros((4, 8), np.float32)}
    for name, tensors in (("base", base), ("tuned", tuned)):
        (folder / name).mkdir()
        save_file(tensors, folder / name / "model.safetensors")
    tool.does("add", folder / "tuned", "--base", folder / "base", "--allow-mismatch")
    return tool


@pytest.mark.parametrize("polarity", ["trainable", "frozen"])
@pytest.mark.parametrize("form", FORMATS)
def test_tensors_that_were_not_compared_are_none_of_the_mask(partly, tmp_path, form, polarity):
    """As of a catalog: a trainer must be told what becomes of them."""
    options = ["--format", form, "--polarity", polarity, "-o", tmp_path / "mask"]
    partly.does("export", "tuned", *options)
    with maskdb.load(tmp_path / "mask") as mask:
        assert set(mask) == {"a", "model.embed_tokens.weight"}
        assert mask["a"].count() == 32
        assert mask["model.embed_tokens.weight"].count() == 32
