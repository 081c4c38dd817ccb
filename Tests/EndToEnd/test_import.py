"""Mask files of our own and of others come into the catalog as the masks they are."""

import contextlib
import io
import json
import os
import pickle
import sqlite3
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from agreement import assert_pair_agrees
from builders import at_random, nudged
from command import INPUT, USAGE, validate
from exports import metadata
from oracle import NULLS, TensorMask, binades, overlap

FORMATS = ["safetensors", "pt", "packed", "indices", "npz", "roaring"]
SHAPES = {"a.weight": (30, 20), "b": (50,), "cube": (3, 5, 7), "scale": (), "none": (0, 4)}


@pytest.fixture
def known(maskdb, checkpoint):
    """A run in the catalog, its base's folder and its mask."""
    base = {name: at_random(*shape, seed=k) for k, (name, shape) in enumerate(SHAPES.items())}
    base |= {"scale": torch.tensor(1.0), "steps": torch.arange(4)}
    tuned = {
        name: nudged(value, 0.3) if value.is_floating_point() else value
        for name, value in base.items()
    }
    tuned["scale"] = torch.tensor(2.0)
    folders = checkpoint("base", base), checkpoint("tuned", tuned)
    maskdb.does(
        "add", folders[1], "--base", folders[0], "--name", "one", "--definition", "bitwise", "-q"
    )
    return folders, {name: base[name] != tuned[name] for name in SHAPES}


def stored(maskdb):
    """Every mask of the catalog by its run: positions covered, set ones, and their digest."""
    with contextlib.closing(sqlite3.connect(maskdb.catalog)) as database:
        rows = database.execute(
            "SELECT run.name, compared, count, lower(hex(mask.digest)) "
            "FROM mask JOIN run ON run.id = run_id"
        )
        return {row[0]: row[1:] for row in rows}


def field(maskdb, run, key):
    (value,) = [mask[key] for mask in maskdb.masks() if mask["run"] == run]
    return str(value)


def imported(maskdb, *options):
    answer = json.loads(maskdb.does("import", *options, "--json").stdout)
    validate(answer)
    return answer["imported"]


def bits_of(maskdb, mask, folder):
    """The mask as the exported safetensors have it."""
    file = folder / f"{mask}.check"
    maskdb.does("export", mask, "--format", "safetensors", "-o", file, "--quiet")
    return load_file(file)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("polarity", ["trainable", "frozen"])
def test_every_export_comes_back_as_the_identical_mask(maskdb, known, tmp_path, form, polarity):
    (base, _), bits = known
    file = tmp_path / "mask.file"
    maskdb.does("set", "one", "algorithm=grpo", "seed=7")
    maskdb.does("export", "one", "--format", form, "-o", file, "--polarity", polarity)
    (report,) = imported(maskdb, file, "--base", base, "--name", "back")
    assert [field(maskdb, "back", key) for key in ("algorithm", "seed")] == ["grpo", "7"]
    assert (report["format"], report["new"]) == (form, True)
    assert report["count"] == sum(int(value.sum()) for value in bits.values())
    (pair,) = maskdb.json("overlap", "one", "back")["pairs"]
    assert pair["jaccard"] == 1
    assert pair["union"] == report["count"]
    masks = stored(maskdb)
    assert masks["one"] == masks["back"]
    assert masks["back"][2] == report["digest"]


def test_a_delta_and_shards_come_back_too(maskdb, known, tmp_path):
    (base, tuned), _ = known
    maskdb.does("export", "one", "--format", "delta", "-o", tmp_path / "d", "--tuned", tuned)
    for form in ("safetensors", "packed", "indices"):
        maskdb.does(
            *("export", "one", "--format", form, "-o", tmp_path / form, "--shard-size", "100B")
        )
    files = [tmp_path / name for name in ("d", "safetensors", "packed", "indices")]
    for number, file in enumerate(files):
        imported(maskdb, file, "--base", base, "--name", f"back{number}")
    assert len(set(stored(maskdb).values())) == 1


def test_a_partly_compared_mask_comes_back_with_what_it_covers(maskdb, checkpoint, tmp_path):
    base = {"model.embed_tokens.weight": at_random(10, 4), "gone": at_random(3), "w": at_random(9)}
    tuned = {"model.embed_tokens.weight": nudged(at_random(12, 4), 0.5), "w": at_random(9, seed=2)}
    folders = checkpoint("base", base), checkpoint("tuned", tuned)
    maskdb.does(
        "add", folders[1], "--base", folders[0], "--name", "one", "--allow-mismatch", "--quiet"
    )
    for number, form in enumerate(FORMATS):
        for polarity in ("trainable", "frozen"):
            file = tmp_path / f"{form}-{polarity}"
            maskdb.does("export", "one", "--format", form, "-o", file, "--polarity", polarity)
            name = f"back{number}{polarity}"
            imported(maskdb, file, "--base", folders[0], "--name", name)
    assert len(set(stored(maskdb).values())) == 1


def test_a_roaring_export_of_many_tensors_needs_few_open_files(maskdb, checkpoint, tmp_path):
    base = {f"layers.{number}.w": at_random(5, 7, seed=number) for number in range(150)}
    tuned = {name: nudged(value, 0.4) for name, value in base.items()}
    folders = checkpoint("base", base), checkpoint("tuned", tuned)
    words = ["--base", folders[0], "--name", "one", "--definition", "bitwise", "--quiet"]
    maskdb.does("add", folders[1], *words)
    for name in ("mask", "sharded"):
        form = ["roaring"] if name == "mask" else ["safetensors", "--shard-size", "70B"]
        maskdb.does("export", "one", "-o", tmp_path / name, "--quiet", "--format", *form)
    shards = sorted((tmp_path / "sharded").glob("*.safetensors"))
    assert [len(load_file(file)) for file in shards] == [2] * 75
    limited = tmp_path / "limited"
    limited.write_text(f'#!/bin/sh\nulimit -n 40\nexec {maskdb.binary} "$@"\n')
    limited.chmod(0o755)
    few = replace(maskdb, binary=limited)
    (report,) = imported(few, tmp_path / "mask", "--base", folders[0], "--name", "back")
    assert report["digest"] == stored(maskdb)["one"][2]
    words = ["--base", folders[0], "--trained", folders[1]]
    assert "0 of" in few.does("audit", "--mask", tmp_path / "mask", *words).text


def test_the_only_base_of_a_catalog_need_not_be_named(maskdb, known, tmp_path):
    maskdb.does("export", "one", "--format", "pt", "-o", tmp_path / "m.pt")
    (report,) = imported(maskdb, tmp_path / "m.pt")
    assert report["run"] != "one"


def bools(bits):
    return {name: value.clone() for name, value in bits.items()}


@pytest.mark.parametrize("wrapper", [None, "masks", "state_dict"])
@pytest.mark.parametrize("legacy_dtype", [torch.bool, torch.uint8])
def test_a_torch_dictionary_is_read_once_its_polarity_is_said(
    maskdb, known, tmp_path, wrapper, legacy_dtype
):
    (base, _), bits = known
    content = {name: value.to(legacy_dtype) for name, value in bits.items()}
    torch.save({wrapper: content, "metadata": {"x": 1}} if wrapper else content, tmp_path / "m.pt")
    words = ["import", tmp_path / "m.pt", "--base", base, "--name", "theirs"]
    assert "--polarity" in maskdb.refuses(*words, code=INPUT).stderr
    maskdb.does(*words, "--polarity", "trainable")
    assert stored(maskdb)["theirs"] == stored(maskdb)["one"]


def oracle_mask(base, bits):
    values = load_file(base / "model.safetensors")
    return {
        name: TensorMask(bits[name].numpy(), binades(values[name], torch.float32)) for name in bits
    }


@pytest.mark.parametrize("keeps", [True, False], ids=["kept binades", "files"])
def test_an_imported_mask_answers_the_magnitude_null(maskdb, known, tmp_path, keeps):
    (base, tuned), bits = known
    words = ["--definition", "bitwise", "--quiet"]
    if keeps:
        maskdb.does("add", tuned, "--base", base, *words, "--keep-magnitudes")
    maskdb.does("export", "one", "--format", "packed", "-o", tmp_path / "ours")
    theirs = {name: value.roll(1) for name, value in bits.items()}
    torch.save(theirs, tmp_path / "theirs.pt")
    said = ["--polarity", "trainable", "--compare-dtype", "fp32"]
    options = [] if keeps else ["--base", base]
    imported(maskdb, tmp_path / "ours", "--name", "ours", *options)
    imported(maskdb, tmp_path / "theirs.pt", "--name", "theirs", *said, *options)
    answer = maskdb.json(
        *("overlap", "one@bitwise", "ours", "theirs", "--allow-mixed", "definition")
    )
    masks = {run: oracle_mask(base, bits) for run in ("one", "ours")}
    masks["theirs"] = oracle_mask(base, theirs)
    runs = {mask["id"]: mask["run"] for mask in answer["masks"]}
    assert len(answer["pairs"]) == 3
    for pair in answer["pairs"]:
        a, b = (masks[runs[pair[key]]] for key in "ab")
        assert_pair_agrees(pair, overlap(a, b), NULLS, f"{pair['a']}, {pair['b']}")
    assert "whole" in maskdb.does("verify").text


def test_the_dtype_of_a_foreign_mask_must_be_said_and_that_of_ours_is_known(
    maskdb, known, tmp_path
):
    (base, _), bits = known
    torch.save(bools(bits), tmp_path / "theirs.pt")
    words = ["import", tmp_path / "theirs.pt", "--base", base, "--polarity", "trainable"]
    maskdb.does(*words, "--name", "theirs")
    allowed = ["--allow-mixed", "definition", "--allow-mixed", "dtype"]
    (pair,) = maskdb.json("overlap", "one", "theirs", *allowed)["pairs"]
    assert "magnitude" in pair["nulls"]["magnitude"]["reason"]
    refused = maskdb.refuses(*words, "--compare-dtype", "fp8", code=USAGE)
    assert "no compare dtype" in refused.stderr
    maskdb.does("export", "one", "--format", "pt", "-o", tmp_path / "ours.pt")
    refused = maskdb.refuses(
        *("import", tmp_path / "ours.pt", "--base", base, "--compare-dtype", "bf16"), code=INPUT
    )
    assert "--compare-dtype" in refused.stderr


def test_lotas_inverted_masks_are_read_as_frozen(maskdb, known, tmp_path):
    (base, _), bits = known
    torch.save({name: ~value for name, value in bits.items()}, tmp_path / "0.9_mask.pt")
    words = ["import", tmp_path / "0.9_mask.pt", "--base", base, "--name", "lota"]
    maskdb.does(*words, "--polarity", "frozen", "--run-field", "seed=7")
    assert stored(maskdb)["lota"] == stored(maskdb)["one"]
    assert field(maskdb, "lota", "seed") == "7"


def test_views_parameters_and_shared_storages_are_followed(maskdb, known, tmp_path):
    (base, _), bits = known
    flat = torch.cat([value.flatten() for value in bits.values()])
    content, start = {}, 0
    for name, value in bits.items():
        content[name] = flat[start : start + value.numel()].reshape(value.shape)
        start += value.numel()
    content["b"] = torch.nn.Parameter(bits["b"].clone(), requires_grad=False)
    torch.save(torch.nn.Module().state_dict() | content, tmp_path / "m.pt")
    maskdb.does(
        *("import", tmp_path / "m.pt", "--base", base, "--name", "x", "--polarity", "trainable")
    )
    assert stored(maskdb)["x"] == stored(maskdb)["one"]


def test_talls_packed_vector_is_read_over_the_layout_of_the_base(maskdb, known, tmp_path):
    (base, _), bits = known
    whole = dict(bits) | {"steps": torch.zeros(4, dtype=torch.bool)}
    flat = torch.cat([whole[name].flatten() for name in sorted(whole)])
    np.save(tmp_path / "tall.npy", np.packbits(flat.numpy()))
    words = ["import", tmp_path / "tall.npy", "--base", base, "--name", "tall"]
    maskdb.does(*words, "--polarity", "trainable")
    found = bits_of(maskdb, "tall", tmp_path)
    assert all(torch.equal(found[name], bits[name]) for name in bits)
    np.save(tmp_path / "short.npy", np.packbits(flat.numpy()[:-16]))
    words[1] = tmp_path / "short.npy"
    assert "bytes" in maskdb.refuses(*words, "--polarity", "trainable", code=INPUT).stderr


def manifest_of(path):
    """Where the manifest of an export is: beside a file, in a folder."""
    return path / "manifest.json" if path.is_dir() else path.with_name(f"{path.name}.manifest.json")


@pytest.mark.parametrize("form", [*FORMATS, "delta", "shards"])
@pytest.mark.parametrize("polarity", ["trainable", "frozen"])
def test_counts_that_contradict_the_bits_are_refused(maskdb, known, tmp_path, form, polarity):
    (base, tuned), bits = known
    options = ["--polarity", polarity] if form != "delta" else ["--tuned", tuned]
    kind = ["safetensors", "--shard-size", "100B"] if form == "shards" else [form]
    file = tmp_path / "mask.file"
    maskdb.does("export", "one", "-o", file, *options, "--format", *kind)
    manifest = json.loads(manifest_of(file).read_text())
    before = stored(maskdb)
    (entry,) = [tensor for tensor in manifest["tensors"] if tensor["name"] == "cube"]
    true = int((bits["cube"] if "frozen" not in options else ~bits["cube"]).sum())
    assert entry["count"] == true
    for stated in (true + 1, true - 1, -1, "many"):
        entry["count"] = stated
        manifest_of(file).write_text(json.dumps(manifest))
        words = ["import", file, "--base", base, "--name", "back"]
        said = maskdb.refuses(*words, code=INPUT).stderr
        assert "cube" in said
        assert "manifest" in said
        assert stored(maskdb) == before
    del entry["count"]
    manifest_of(file).write_text(json.dumps(manifest))
    imported(maskdb, file, "--base", base, "--name", "back")
    assert stored(maskdb)["back"] == before["one"]


def test_a_bit_that_flipped_in_an_export_is_found_by_its_manifest(maskdb, known, tmp_path):
    (base, tuned), _ = known
    file = tmp_path / "mask.safetensors"
    maskdb.does("export", "one", "--format", "safetensors", "-o", file)
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    said = maskdb.refuses("import", file, "--base", base, code=INPUT).stderr
    assert "mask.safetensors" in said
    assert "states" in said
    audit = ["audit", "--mask", file, "--base", base, "--trained", tuned]
    assert "states" in maskdb.refuses(*audit, code=INPUT).stderr
    assert set(stored(maskdb)) == {"one"}
    manifest_of(file).unlink()
    imported(maskdb, file, "--base", base, "--name", "other")


@pytest.mark.parametrize("key", ["algorithm", "mask", "skipped"])
def test_metadata_with_a_zero_are_refused(maskdb, known, tmp_path, key):
    (base, _), bits = known
    text = "a\0b"
    if key == "skipped":
        text = json.dumps([{"name": "b", "compared": 0, "reason": text}])
    metadata = {"maskdb_version": "0", "polarity": "trainable", key: text}
    save_file(bools(bits), tmp_path / "mask.safetensors", metadata)
    said = maskdb.refuses(
        "import", tmp_path / "mask.safetensors", "--base", base, code=INPUT
    ).stderr
    assert "U+0000" in said
    assert set(stored(maskdb)) == {"one"}


def part(name, compared):
    return {"name": name, "compared": compared, "reason": "cut"}


@pytest.mark.parametrize("form", ["safetensors", "roaring"])
@pytest.mark.parametrize(
    ("skipped", "word"),
    [
        ([part("a.weight", 3)], "whole rows"),
        ([part("a.weight", 601)], "whole rows"),
        ([part("b", 51)], "whole rows"),
        ([part("b", -5)], "damaged"),
        ([part("b", -(2**63))], "damaged"),
        ([part("b", 2**63)], "damaged"),
        ([part("b", 1.5)], "damaged"),
        ([{"name": "b", "compared": 5}], "damaged"),
        ([part("b", 50), part("module.b", 50)], "twice"),
        ({"b": 5}, "damaged"),
    ],
    ids=lambda value: json.dumps(value)[:60],
)
def test_a_mask_covers_whole_rows_or_is_refused(maskdb, known, tmp_path, form, skipped, word):
    (base, tuned), bits = known
    file = tmp_path / "mask"
    if form == "safetensors":
        metadata = {"polarity": "trainable", "skipped": json.dumps(skipped)}
        save_file(bools(bits), file, metadata)
    else:
        maskdb.does("export", "one", "--format", "roaring", "-o", file)
        manifest = json.loads(manifest_of(file).read_text()) | {"skipped": skipped}
        manifest_of(file).write_text(json.dumps(manifest))
    assert word in refused(maskdb, known, file)
    audit = ["audit", "--mask", file, "--base", base, "--trained", tuned]
    assert word in maskdb.refuses(*audit, code=INPUT).stderr


def test_what_a_mask_covers_of_a_tensor_must_be_there(maskdb, known, tmp_path):
    _, bits = known
    content = bools(bits)
    del content["b"]
    for compared in (5, 0):
        metadata = {"polarity": "trainable", "skipped": json.dumps([part("b", compared)])}
        save_file(content, tmp_path / f"{compared}", metadata)
    assert "it lacks 1 tensor of the base: b;" in refused(maskdb, known, tmp_path / "5")
    (report,) = imported(maskdb, tmp_path / "0", "--base", known[0][0])
    assert report["parameters"] == stored(maskdb)["one"][0] - 50


@pytest.mark.parametrize("said", ["fp8_e4m3", "fp8_e5m2", "int4", ""])
def test_a_compare_dtype_that_there_is_not_is_refused(maskdb, known, tmp_path, said):
    metadata = {"maskdb_version": "0", "definition": "numeric", "polarity": "trainable"}
    save_file(bools(known[1]), tmp_path / "m", metadata | {"compare_dtype": said})
    assert f"'{said}'" in refused(maskdb, known, tmp_path / "m")


@pytest.mark.parametrize("key", ["seed", "step"])
@pytest.mark.parametrize("said", ["not a number", "1.5", ""])
def test_a_seed_and_a_step_are_whole_numbers(maskdb, known, tmp_path, key, said):
    save_file(bools(known[1]), tmp_path / "m", {"polarity": "trainable", key: said})
    assert f"'{key}'" in refused(maskdb, known, tmp_path / "m")
    words = ["--base", known[0][0], "--name", "theirs", "--run-field", f"{key}=7"]
    imported(maskdb, tmp_path / "m", *words)
    assert field(maskdb, "theirs", key) == "7"


def test_prefixes_that_are_stripped_are_told(maskdb, known, tmp_path):
    (base, _), bits = known
    names = {name: f"module._orig_mod.{name}" if "." in name else name for name in bits}
    save_file({names[name]: value.clone() for name, value in bits.items()}, tmp_path / "m")
    words = ["import", tmp_path / "m", "--base", base, "--polarity", "trainable"]
    told = maskdb.does(*words, "--name", "told").stderr
    assert f"{tmp_path / 'm'}: took '_orig_mod.' off 1 tensor name, such as" in told
    assert "took 'module.' off 1 tensor name" in told
    assert maskdb.does(*words, "--name", "quiet", "--quiet").stderr == ""
    assert len(set(stored(maskdb).values())) == 1


def test_positions_of_a_delta_need_not_rise_and_absent_tensors_did_not_change(
    maskdb, known, tmp_path
):
    (base, _), bits = known
    order = torch.randperm(600, generator=torch.Generator().manual_seed(1))
    places = order[bits["a.weight"].flatten()[order]]
    save_file(
        {"a.weight.indices": places.int(), "a.weight.values": torch.zeros(len(places)).bfloat16()},
        tmp_path / "delta.safetensors",
    )
    (report,) = imported(maskdb, tmp_path / "delta.safetensors", "--base", base, "--name", "d")
    assert report["format"] == "delta"
    found = bits_of(maskdb, "d", tmp_path)
    assert torch.equal(found["a.weight"], bits["a.weight"])
    assert sum(int(value.sum()) for name, value in found.items() if name != "a.weight") == 0


@pytest.mark.parametrize("form", ["packed", "safetensors", "indices"])
def test_only_a_delta_lacks_arrays_whose_shapes_it_states(maskdb, known, tmp_path, form):
    """A file cut between two tensors says nothing of the second."""
    (base, _), _ = known
    maskdb.does("export", "one", "--format", form, "-o", tmp_path / "whole")
    arrays, said = load_file(tmp_path / "whole"), metadata(tmp_path / "whole")
    said["shapes"] = json.dumps(SHAPES)
    lost = "b.indices" if form == "indices" else "b"
    for name, change in {
        "lost": {key: value for key, value in arrays.items() if key != lost},
        "renamed": {("c" if key == lost else key): value for key, value in arrays.items()},
        "whole": arrays,
    }.items():
        save_file(change, tmp_path / name, said)
        if name == "whole":
            imported(maskdb, tmp_path / name, "--base", base, "--name", "back")
        else:
            assert refused(maskdb, known, tmp_path / name, "--allow-missing")
    assert len(set(stored(maskdb).values())) == 1
    save_file(arrays, tmp_path / "other", said | {"shapes": json.dumps(SHAPES | {"b": [5, 10]})})
    assert refused(maskdb, known, tmp_path / "other", "--allow-missing")
    save_file(arrays, tmp_path / "other", said | {"shapes": "{"})
    assert "'shapes' is damaged" in refused(maskdb, known, tmp_path / "other")


@pytest.mark.parametrize("states", [True, False], ids=["shapes", "no shapes"])
def test_a_delta_has_a_value_for_each_position_and_nothing_else(maskdb, known, tmp_path, states):
    (base, tuned), bits = known
    maskdb.does("export", "one", "--format", "delta", "-o", tmp_path / "d", "--tuned", tuned)
    arrays, said = load_file(tmp_path / "d"), metadata(tmp_path / "d")
    if not states:
        said = {}
    places, values = arrays.pop("b.indices"), arrays.pop("b.values")
    pair = {"b.indices": places, "b.values": values}
    damages = {
        "no b.indices": {"b.values": values},
        "no b.values": {"b.indices": places},
        "of b": {"b.indices": places, "b.values": values[:-1].clone()},
        "b.places is no list": {"b.places": places, "b.values": values},
        "b is no list": pair | {"b": bits["b"].clone()},
    }
    for word, change in damages.items():
        save_file(arrays | change, tmp_path / "bad", said)
        assert word in refused(maskdb, known, tmp_path / "bad")
    save_file(arrays | pair, tmp_path / "good", said)
    imported(maskdb, tmp_path / "good", "--base", base, "--name", "back")
    assert len(set(stored(maskdb).values())) == 1


@pytest.mark.parametrize("key", ["polarity", "base", "skipped", "mask", "shapes"])
def test_shards_that_say_different_things_are_refused(maskdb, known, tmp_path, key):
    form = "indices" if key == "shapes" else "safetensors"
    maskdb.does(
        *("export", "one", "--format", form, "-o", tmp_path / "m", "--shard-size", "100B"),
    )
    last = sorted((tmp_path / "m").glob("*.safetensors"))[-1]
    said = metadata(last)
    other = {"polarity": "frozen", "skipped": "[]"}.get(key, "0")
    for changed in (said | {key: other}, {k: value for k, value in said.items() if k != key}):
        if changed == said:
            continue
        save_file(load_file(last), last, changed)
        assert f"'{key}'" in refused(maskdb, known, tmp_path / "m", "--allow-missing")


def test_a_bool_mask_beside_positions_is_refused(maskdb, known, tmp_path):
    save_file({"b.indices": torch.arange(3), "cube": known[1]["cube"].clone()}, tmp_path / "m")
    assert "cube" in refused(maskdb, known, tmp_path / "m")


def test_a_chain_of_deltas_is_one_mask_a_step(maskdb, known, tmp_path):
    (base, _), _ = known
    for step in (1, 2, 10):
        save_file({"b.indices": torch.arange(step).int()}, tmp_path / f"step_{step}.safetensors")
    files = [tmp_path / f"step_{step}.safetensors" for step in (1, 2, 10)]
    maskdb.does("import", *files, "--base", base, "--name", "run", "--polarity", "trainable")
    found = {mask["run"]: mask for mask in maskdb.masks()}
    assert {name: found[f"run-step{name}"]["count"] for name in (1, 2, 10)} == {1: 1, 2: 2, 10: 10}
    assert field(maskdb, "run-step10", "step") == "10"


def test_the_step_of_a_file_is_what_its_name_calls_so(maskdb, known, tmp_path):
    names = ["step_10_v2", "checkpoint-20-v2", "global_step30.of.99"]
    files = [tmp_path / f"{name}.safetensors" for name in names]
    for place, file in enumerate(files):
        save_file({"b.indices": torch.tensor([place])}, file)
    words = ["--base", known[0][0], "--name", "run", "--polarity", "trainable"]
    imported(maskdb, *files, *words)
    for step in (10, 20, 30):
        assert field(maskdb, f"run-step{step}", "step") == str(step)


@pytest.mark.parametrize("names", [("a_v2", "b_v2"), ("step_1_a", "1"), ("a2", "b")])
def test_files_of_one_step_are_refused_before_any_is_kept(maskdb, known, tmp_path, names):
    files = [tmp_path / f"{name}.safetensors" for name in names]
    for place, file in enumerate(files):
        save_file({"b.indices": torch.tensor([place])}, file)
    words = ["--base", known[0][0], "--polarity", "trainable"]
    said = maskdb.refuses("import", *files, *words, code=USAGE).stderr
    assert all(str(file) in said for file in files)
    assert set(stored(maskdb)) == {"one"}


def test_shira_rows_and_columns_are_read(maskdb, known, tmp_path):
    (base, _), bits = known
    places = bits["a.weight"].nonzero().T
    order = torch.randperm(places.shape[1], generator=torch.Generator().manual_seed(1))
    save_file(
        {
            "base_model.model.a.shira_indices": places[:, order].int().contiguous(),
            "base_model.model.a.shira_weight": torch.zeros(places.shape[1]),
        },
        tmp_path / "adapter_model.safetensors",
    )
    (report,) = imported(maskdb, tmp_path / "adapter_model.safetensors", "--base", base)
    assert report["format"] == "shira"
    assert torch.equal(bits_of(maskdb, report["run"], tmp_path)["a.weight"], bits["a.weight"])
    saved = {"base_model.model.a.shira_indices": places.int().contiguous()}
    saved["base_model.model.b"] = torch.zeros(50)
    save_file(saved, tmp_path / "more.safetensors")
    assert "base_model.model.b" in refused(maskdb, known, tmp_path / "more.safetensors")


def test_composable_sfts_column_major_steps_are_read(maskdb, known, tmp_path):
    (base, _), bits = known
    body = {}
    for name in ("a.weight", "cube", "b"):
        flat = np.flatnonzero(bits[name].numpy().flatten(order="F"))
        steps = torch.from_numpy(np.diff(flat, prepend=0)).int()
        values = torch.zeros(len(steps))
        body[name] = {"size": bits[name].shape, "index_steps": steps, "values": values}
    torch.save({"body": body, "head": None}, tmp_path / "pytorch_diff.bin")
    (report,) = imported(maskdb, tmp_path / "pytorch_diff.bin", "--base", base, "--name", "sft")
    assert report["format"] == "sft"
    found = bits_of(maskdb, "sft", tmp_path)
    assert all(torch.equal(found[name], bits[name]) for name in body)


def npy_header(shape):
    """What stands before the bytes of a bool array of `shape`."""
    text = f"{{'descr': '|b1', 'fortran_order': False, 'shape': {shape}, }}".encode()
    text = text.ljust(118) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


@pytest.mark.parametrize(
    "shape", ["(9223372036854775807,)", "(4294967296, 4294967296)", "(4611686018427387904, 3)"]
)
def test_shapes_that_no_array_has_are_refused(maskdb, known, tmp_path, shape):
    with zipfile.ZipFile(tmp_path / "m.npz", "w") as archive:
        archive.writestr("b.npy", npy_header(shape))
    assert "b has" in refused(maskdb, known, tmp_path / "m.npz")


def test_sizes_of_a_torch_tensor_that_overflow_are_refused(maskdb, known, tmp_path):
    """The sizes are those of a tensor without elements, so that no byte is missing."""
    torch.save({"none": torch.zeros(0, 3, 5, dtype=torch.bool)}, tmp_path / "good.pt")
    with zipfile.ZipFile(tmp_path / "good.pt") as archive:
        (name,) = [n for n in archive.namelist() if n.endswith("data.pkl")]
        good = archive.read(name)
    small, long = b"K\x00K\x03K\x05", b"\x8a\x08" + (1 << 59).to_bytes(8, "little")
    assert good.count(small) == 1
    for sizes in ([long, long, b"K\x00"], [b"K\x00", long, long], [long, b"K\x00", long]):
        repickled(tmp_path / "good.pt", tmp_path / "bad.pt", good.replace(small, b"".join(sizes)))
        refused(maskdb, known, tmp_path / "bad.pt")


def test_a_tensor_of_no_weights_and_long_sides_comes_back(maskdb, checkpoint, tmp_path):
    files = []
    for number in range(2):
        sides = {"wide": [0, 2**62], "long": [2**60, 0, 8], "w": [2]}
        entries = {
            name: {"dtype": "BF16", "shape": shape, "data_offsets": [0, 4 if name == "w" else 0]}
            for name, shape in sides.items()
        }
        text = json.dumps(entries).encode()
        file = tmp_path / f"{number}.safetensors"
        file.write_bytes(len(text).to_bytes(8, "little") + text + bytes([number, 60, 0, 60]))
        files.append(file)
    words = ["--name", "one", "--definition", "bitwise"]
    maskdb.does("add", files[1], "--base", files[0], *words)
    for form in FORMATS:
        maskdb.does("export", "one", "--format", form, "-o", tmp_path / form)
        imported(maskdb, tmp_path / form, "--base", files[0], "--name", form)
    assert len(set(stored(maskdb).values())) == 1


@pytest.mark.parametrize("order", ["C", "F"])
def test_numpy_archives_are_read(maskdb, known, tmp_path, order):
    (base, _), bits = known
    arrays = {name: np.asarray(value.numpy(), order=order) for name, value in bits.items()}
    np.savez(tmp_path / "m.npz", **arrays)
    words = ["import", tmp_path / "m.npz", "--base", base, "--name", "np", "--polarity"]
    if order == "F":
        said = maskdb.refuses(*words, "trainable", code=INPUT).stderr
        assert "a.weight is in Fortran order" in said
        assert "ascontiguousarray" in said
        return
    maskdb.does(*words, "trainable")
    assert stored(maskdb)["np"] == stored(maskdb)["one"]
    np.savez_compressed(tmp_path / "c.npz", **arrays)
    words[1:-1] = [tmp_path / "c.npz", *words[2:-1]]
    maskdb.does(*[word if word != "np" else "packed" for word in words], "trainable")
    assert stored(maskdb)["packed"] == stored(maskdb)["one"]
    audit = ["--base", base, "--trained", known[0][1], "--polarity", "trainable"]
    maskdb.does("audit", "--mask", tmp_path / "c.npz", *audit)


def test_large_compressed_arrays_are_read_a_segment_at_a_time(maskdb, tmp_path):
    """Several segments, of which some hardly compress, on one thread and on several."""
    shape = (6, 2_200_000)
    bits = np.random.default_rng(1).random(shape) < np.array([0.5, 0, 0.01, 1, 0.9, 0])[:, None]
    for name, value in (("base", 0), ("tuned", 1)):
        (tmp_path / name).mkdir()
        write = torch.from_numpy(bits).to(torch.uint8) * value
        save_file({"w": write.view(torch.float8_e5m2)}, tmp_path / name / "model.safetensors")
    np.savez(tmp_path / "plain.npz", w=bits)
    np.savez_compressed(tmp_path / "small.npz", w=bits)
    words = ["--base", tmp_path / "base", "--polarity", "trainable"]
    for threads in (1, 4):
        for file in ("plain", "small"):
            name = ["--name", f"{file}{threads}", "--threads", threads]
            imported(maskdb, tmp_path / f"{file}.npz", *words, *name)
    found = set(stored(maskdb).values())
    assert len(found) == 1
    assert next(iter(found))[1] == int(bits.sum())
    audit = ["audit", "--mask", tmp_path / "small.npz", "--polarity", "trainable"]
    maskdb.does(*audit, "--base", tmp_path / "base", "--trained", tmp_path / "tuned")


def compressed(file, name, data, size=None, cut=0):
    """An archive of one deflated member, whose directory may lie of its size."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}.npy", data)
    content = bytearray(file.read_bytes())
    start = content.index(b"PK\x01\x02")
    stored_size = int.from_bytes(content[start + 20 : start + 24], "little") - cut
    content[start + 20 : start + 24] = stored_size.to_bytes(4, "little")
    stated = len(data) if size is None else size
    content[start + 24 : start + 28] = stated.to_bytes(4, "little")
    file.write_bytes(content)


def test_lies_of_compressed_arrays_are_refused(maskdb, known, tmp_path):
    """Sizes that are not those of the bits, bytes that are none, and bombs."""
    buffer = io.BytesIO()
    np.save(buffer, known[1]["b"].numpy())
    data, file = buffer.getvalue(), tmp_path / "m.npz"
    header, words = data[:-50], ["--allow-missing", "--polarity", "trainable"]
    longer = header + bytes(51)
    cases = {
        "as many bytes": [(data, 177, 0), (data, 179, 0), (longer, None, 0)],
        "size or checksum": [(longer, 178, 0), (data[:-1], 178, 0), (data, None, 1)],
        "damaged": [(data, 2**31, 0), (data, None, -(2**20))],
        "other shapes": [(npy_header("(1000000000,)") + bytes(10**9), None, 0)],
    }
    for word, archives in cases.items():
        for content, size, cut in archives:
            compressed(file, "b", content, size, cut)
            assert word in refused(maskdb, known, file, *words)
    compressed(file, "b", data)
    good = file.read_bytes()
    for place in range(36, good.index(b"PK\x01\x02"), 7):
        changed = bytearray(good)
        changed[place] ^= 0x10
        file.write_bytes(changed)
        refused(maskdb, known, file, *words)
    file.write_bytes(good)
    imported(maskdb, file, "--base", known[0][0], "--name", "x", *words)


def refused(maskdb, known, file, *options):
    """An import that must fail with one sentence and leave the catalog as it was."""
    before = maskdb.masks()
    options = options or ("--polarity", "trainable")
    answer = maskdb.refuses("import", file, "--base", known[0][0], *options, code=INPUT)
    assert maskdb.masks() == before
    return answer.stderr


def test_names_and_shapes_that_are_not_the_models_are_refused(maskdb, known, tmp_path):
    _, bits = known
    changes = {
        "stranger": bits | {"zzz": torch.ones(2, dtype=torch.bool)},
        "a.weight": {name: value for name, value in bits.items() if name != "a.weight"},
        "[30, 20]": bits | {"a.weight": bits["a.weight"].T.contiguous()},
        "F32": bits | {"b": torch.ones(50)},
    }
    for number, (word, content) in enumerate(changes.items()):
        save_file(bools(content), tmp_path / f"{number}.safetensors")
        said = refused(maskdb, known, tmp_path / f"{number}.safetensors")
        assert word.replace("stranger", "zzz") in said
    maskdb.does(
        *("import", tmp_path / "1.safetensors", "--base", known[0][0], "--name", "part"),
        *("--polarity", "trainable", "--allow-missing"),
    )
    assert stored(maskdb)["part"][0] == stored(maskdb)["one"][0] - 600


def test_a_polarity_that_contradicts_the_file_is_refused(maskdb, known, tmp_path):
    maskdb.does("export", "one", "--format", "pt", "-o", tmp_path / "m.pt")
    assert "trainable" in refused(maskdb, known, tmp_path / "m.pt", "--polarity", "frozen")


def test_a_mask_of_another_base_is_refused(maskdb, known, checkpoint, tmp_path):
    maskdb.does("export", "one", "--format", "safetensors", "-o", tmp_path / "m")
    other = {name: at_random(*shape, seed=9) for name, shape in SHAPES.items()}
    folder = checkpoint("other", other | {"steps": torch.arange(4)})
    answer = maskdb.refuses("import", tmp_path / "m", "--base", folder, code=INPUT)
    assert "digest" in answer.stderr


def test_bytes_other_than_0_and_1_are_no_mask(maskdb, known, tmp_path):
    save_file(bools(known[1]) | {"b": torch.full((50,), 2, dtype=torch.uint8)}, tmp_path / "m")
    assert "0 and 1" in refused(maskdb, known, tmp_path / "m")


@pytest.mark.parametrize("place", [-1, 50, 2**31 - 1])
def test_positions_outside_of_the_tensor_are_refused(maskdb, known, tmp_path, place):
    save_file({"b.indices": torch.tensor([1, place]).int()}, tmp_path / "m")
    assert "outside" in refused(maskdb, known, tmp_path / "m")


class Evil:
    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return os.system, (f"touch {self.target}",)


def repickled(source, target, data):
    """A copy of a torch archive with another pickle."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for item in old.infolist():
            is_pickle = item.filename.endswith("data.pkl")
            new.writestr(item.filename, data if is_pickle else old.read(item.filename))


def test_a_pickle_that_names_anything_else_is_refused_and_not_run(maskdb, known, tmp_path):
    torch.save(bools(known[1]) | {"evil": Evil(tmp_path / "pwned")}, tmp_path / "evil.pt")
    said = refused(maskdb, known, tmp_path / "evil.pt")
    assert "posix.system" in said
    assert "nothing was executed" in said
    torch.save(torch.nn.Linear(2, 2), tmp_path / "module.pt")
    assert "torch.nn.modules.linear.Linear" in refused(maskdb, known, tmp_path / "module.pt")
    assert not (tmp_path / "pwned").exists()


def test_hostile_pickles_are_refused(maskdb, known, tmp_path):
    torch.save(bools(known[1]), tmp_path / "good.pt")
    with zipfile.ZipFile(tmp_path / "good.pt") as archive:
        (name,) = [n for n in archive.namelist() if n.endswith("data.pkl")]
        good = archive.read(name)
    hostile = [
        b"\x80\x02]" * 1 + b"]" * 2_000_000 + b"a" * 2_000_000 + b".",
        b"\x80\x02X\xff\xff\xff\x7f.",
        b"\x80\x02}" + b"(" * 100_000 + b".",
        b"\x80\x02ctorch\nBoolStorage\n)R.",
        pickle.dumps({"a": {1, 2}}, 2),
        pickle.dumps([1, 2, 3], 2),
        good.replace(b"BoolStorage", b"BoolStorag\xff"),
        *(good[:length] for length in range(0, len(good), 97)),
    ]
    for data in hostile:
        repickled(tmp_path / "good.pt", tmp_path / "bad.pt", data)
        refused(maskdb, known, tmp_path / "bad.pt")


def test_tensors_that_reach_beyond_their_storage_are_refused(maskdb, known, tmp_path):
    torch.save({"b": known[1]["b"].clone()}, tmp_path / "good.pt")
    with zipfile.ZipFile(tmp_path / "good.pt") as archive:
        (name,) = [n for n in archive.namelist() if n.endswith("data.pkl")]
        good = archive.read(name)
    assert good.count(b"K2") == 2
    at = good.rindex(b"K2")
    repickled(tmp_path / "good.pt", tmp_path / "bad.pt", good[:at] + b"K3" + good[at + 2 :])
    assert "beyond" in refused(maskdb, known, tmp_path / "bad.pt")


def test_a_truncated_archive_is_refused(maskdb, known, tmp_path):
    maskdb.does("export", "one", "--format", "pt", "-o", tmp_path / "m.pt")
    whole = (tmp_path / "m.pt").read_bytes()
    for length in range(0, len(whole), len(whole) // 12):
        (tmp_path / "cut.pt").write_bytes(whole[:length])
        refused(maskdb, known, tmp_path / "cut.pt")
    changed = bytearray(whole)
    changed[len(whole) // 2] ^= 1
    (tmp_path / "cut.pt").write_bytes(changed)
    refused(maskdb, known, tmp_path / "cut.pt")


def test_the_format_before_1_6_is_refused_with_the_way_to_convert(maskdb, known, tmp_path):
    torch.save(bools(known[1]), tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    assert "torch.save" in refused(maskdb, known, tmp_path / "old.pt")


def test_what_is_no_mask_is_refused(maskdb, known, tmp_path):
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "text").write_text("not a mask at all")
    refused(maskdb, known, tmp_path / "empty")
    refused(maskdb, known, tmp_path / "text")
    refused(maskdb, known, tmp_path / "missing")
    refused(maskdb, known, known[0][1])
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3, object), allow_pickle=True)
    (tmp_path / "objects.npy").write_bytes(buffer.getvalue())
    refused(maskdb, known, tmp_path / "objects.npy")
    maskdb.refuses("import", tmp_path / "text", "--run-field", "seed", code=USAGE)


@pytest.mark.parametrize("form", ["pt", "npz"])
def test_a_tensor_name_that_only_looks_like_the_bases_is_refused(
    maskdb, checkpoint, tmp_path, form
):
    base = checkpoint("base", {"caf\u00e9": at_random(4)})
    bits = torch.tensor([True, False, True, False])
    for names in (["cafe\u0301"], ["cafe\u0301", "caf\u00e9"], ["caf\u00e9"]):
        file = tmp_path / f"mask.{form}"
        masks = dict.fromkeys(names, bits)
        if form == "pt":
            torch.save(masks, file)
        else:
            np.savez(file, **{name: value.numpy() for name, value in masks.items()})
        words = ["import", file, "--base", base, "--polarity", "trainable", "--name", "x"]
        if names == ["caf\u00e9"]:
            maskdb.does(*words)
        else:
            assert "caf" in maskdb.refuses(*words, code=INPUT).stderr
