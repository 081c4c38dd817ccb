"""Every export format, read by the library that it is for, holds the same mask."""

import json

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import load_file as load_numpy
from safetensors.torch import load_file

from agreement import DEFINITIONS
from builders import at_random, nudged, write_sparse_tensor
from command import INPUT, NOT_FOUND, OUTPUT, USAGE, validate
from exports import metadata, positions, roaring_entries
from oracle import Definition, changed

FORMATS = ["safetensors", "pt", "packed", "indices", "npz", "roaring"]
SHAPES = {"a.weight": (30, 20), "b": (50,), "cube": (3, 5, 7), "scale": (), "none": (0, 4)}


def read(file, form):
    """A mask as its ecosystem reads it, as numpy bools by name."""
    if form == "safetensors":
        return load_numpy(file)
    if form == "pt":
        loaded = torch.load(file, weights_only=True)
        return {name: value.numpy() for name, value in loaded.items()}
    if form == "npz":
        loaded = np.load(file)
        return {name: loaded[name] for name in loaded.files if name != "maskdb.json"}
    if form == "roaring":
        return {
            entry["name"]: dense(positions(file, entry), entry["shape"])
            for entry in roaring_entries(file)
        }
    shapes = json.loads(metadata(file)["shapes"])
    arrays = load_numpy(file)
    if form == "packed":
        return {
            name: np.unpackbits(arrays[name], count=int(np.prod(shape, dtype=int)))
            .reshape(shape)
            .astype(bool)
            for name, shape in shapes.items()
        }
    empty = np.zeros(0, np.int32)
    return {
        name: dense(arrays.get(f"{name}.indices", empty), shape) for name, shape in shapes.items()
    }


def dense(indices, shape):
    bits = np.zeros(int(np.prod(shape, dtype=int)), bool)
    bits[indices] = True
    return bits.reshape(shape)


def assert_same(found, expected):
    assert set(found) == set(expected)
    for name, bits in expected.items():
        assert found[name].dtype == np.bool_, name
        assert found[name].shape == bits.shape, name
        assert (found[name] == bits).all(), name


@pytest.fixture
def exported(maskdb, checkpoint):
    """A run of tensors of every shape, and the oracle's mask."""
    base = {name: at_random(*shape, seed=k) for k, (name, shape) in enumerate(SHAPES.items())}
    base["scale"] = torch.tensor(1.0)
    tuned = {name: nudged(value, 0.3, seed=5) for name, value in base.items()}
    tuned["scale"] = torch.tensor(2.0)
    maskdb.does(
        "add", checkpoint("tuned", tuned), "--base", checkpoint("base", base), "--name", "one"
    )
    rule = Definition.parse("paper")
    return {name: changed(base[name], tuned[name], rule, torch.bfloat16) for name in base}


def export(maskdb, mask, form, target, *options):
    maskdb.does("export", mask, "--format", form, "-o", target, *options)
    return target


def manifest_of(target):
    inside = target / "manifest.json"
    beside = target.with_name(target.name + ".manifest.json")
    return json.loads((inside if target.is_dir() else beside).read_text())


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_holds_the_mask_in_both_polarities(maskdb, exported, tmp_path, form):
    true = read(export(maskdb, "one", form, tmp_path / "true"), form)
    assert_same(true, exported)
    frozen = export(maskdb, "one", form, tmp_path / "frozen", "--polarity", "frozen")
    assert_same(read(frozen, form), {name: ~bits for name, bits in exported.items()})


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_holds_the_samples(catalog, samples, tmp_path, form):
    for run, mask in samples.masks(DEFINITIONS[0]).items():
        file = export(catalog, f"{run}@{DEFINITIONS[0]}", form, tmp_path / run)
        assert_same(read(file, form), {name: tensor.bits for name, tensor in mask.items()})


@pytest.mark.parametrize("form", FORMATS)
def test_a_manifest_says_what_was_exported(maskdb, exported, tmp_path, form):
    target = export(maskdb, "one", form, tmp_path / "out", "--polarity", "frozen")
    manifest = manifest_of(target)
    validate(manifest)
    assert (manifest["format"], manifest["polarity"]) == (form, "frozen")
    assert manifest["mask"] == "one@paper"
    counts = {entry["name"]: entry["count"] for entry in manifest["tensors"]}
    assert counts == {name: int((~bits).sum()) for name, bits in exported.items()}
    for entry in manifest["files"]:
        file = target / entry["file"] if target.is_dir() else target
        assert file.stat().st_size == entry["bytes"]


@pytest.mark.parametrize("form", ["safetensors", "packed", "indices"])
def test_metadata_names_mask_polarity_and_base(maskdb, exported, tmp_path, form):
    found = metadata(export(maskdb, "one", form, tmp_path / "out"))
    assert found["mask"] == "one@paper"
    assert found["polarity"] == "trainable"
    assert found["mask_format"] == form
    assert found["maskdb_version"]


def test_the_archives_hold_their_metadata(maskdb, exported, tmp_path):
    archive = np.load(export(maskdb, "one", "npz", tmp_path / "m.npz"))
    assert json.loads(archive["maskdb.json"])["polarity"] == "trainable"
    file = export(maskdb, "one", "pt", tmp_path / "m.pt", "--polarity", "frozen")
    reader = torch._C.PyTorchFileReader(str(file))
    assert json.loads(reader.get_record("maskdb.json"))["polarity"] == "frozen"


def test_a_pt_file_is_mapped_and_loaded_by_torch_as_its_own(maskdb, exported, tmp_path):
    file = export(maskdb, "one", "pt", tmp_path / "m.pt")
    mapped = torch.load(file, weights_only=True, mmap=True)
    assert_same({name: value.numpy() for name, value in mapped.items()}, exported)


def test_a_delta_turns_the_base_into_the_run(maskdb, checkpoint, tmp_path):
    base = {"w": at_random(40, 30).bfloat16(), "v": at_random(9), "same": at_random(5)}
    tuned = {"w": nudged(base["w"], 0.2), "v": nudged(base["v"], 0.9), "same": base["same"]}
    folders = checkpoint("base", base), checkpoint("tuned", tuned)
    maskdb.does(
        "add", folders[1], "--base", folders[0], "--name", "one", "--definition", "bitwise@fp32"
    )
    file = export(maskdb, "one", "delta", tmp_path / "d.safetensors", "--tuned", folders[1])
    arrays = load_file(file)
    assert "same.indices" not in arrays
    assert set(json.loads(metadata(file)["shapes"])) == set(base)
    for name, value in base.items():
        flat = value.clone().flatten()
        if f"{name}.indices" in arrays:
            assert arrays[f"{name}.indices"].dtype == torch.int32
            assert arrays[f"{name}.indices"].shape == arrays[f"{name}.values"].shape
            assert arrays[f"{name}.indices"].diff().min() > 0
            assert arrays[f"{name}.values"].dtype == value.dtype
            flat[arrays[f"{name}.indices"].long()] = arrays[f"{name}.values"]
        assert torch.equal(flat.reshape(value.shape), tuned[name])


def test_a_delta_of_another_checkpoint_is_refused(maskdb, exported, tmp_path):
    answer = maskdb.refuses(
        *("export", "one", "--format", "delta", "-o", tmp_path / "d"),
        *("--tuned", tmp_path / "base"),
        code=INPUT,
    )
    assert "one" in answer.stderr
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize("scales", [(2, 2), (256, 1), ()], ids=["blocks", "rows", "one"])
def test_a_delta_of_scaled_fp8_is_refused(maskdb, checkpoint, tmp_path, scales):
    """Where a scale alone differs, the stored values that a delta holds are those of the base."""
    weight = at_random(256, 256).to(torch.float8_e4m3fn)
    name = "a.weight_scale_inv" if scales == (2, 2) else "a.weight_scale"
    base = {"a.weight": weight, name: torch.ones(scales), "n": torch.ones(8)}
    tuned = base | {name: torch.full(scales, 2.0)}
    folders = checkpoint("base", base), checkpoint("tuned", tuned)
    maskdb.does("add", folders[1], "--base", folders[0], "--name", "one", "--quiet")
    (out := tmp_path / "out").mkdir()
    words = ["export", "one", "--format", "delta", "-o", out / "d", "--tuned", folders[1]]
    said = maskdb.refuses(*words, code=OUTPUT).stderr
    assert "a.weight" in said
    assert "scale" in said
    assert not list(out.iterdir())
    maskdb.does(*words, "--exclude", "a.*")
    assert export(maskdb, "one", "indices", tmp_path / "i").exists()


def test_a_name_longer_than_zip_holds_is_refused(maskdb, checkpoint, tmp_path):
    name = "x" * 65_532
    base = checkpoint("base", {name: torch.zeros(3)})
    tuned = checkpoint("tuned", {name: torch.ones(3)})
    maskdb.does("add", tuned, "--base", base, "--name", "one", "--quiet")
    (out := tmp_path / "out").mkdir()
    words = ["export", "one", "--format", "npz", "-o", out / "m.npz"]
    said = maskdb.refuses(*words, code=OUTPUT).stderr
    assert "65532 bytes" in said
    assert len(said) < 300
    assert not list(out.iterdir())
    for form in ("pt", "safetensors", "packed", "indices", "roaring"):
        assert read(export(maskdb, "one", form, out / form), form)[name].all()


def test_shards_have_an_index_and_hold_the_mask(maskdb, exported, tmp_path):
    folder = tmp_path / "shards"
    export(maskdb, "one", "safetensors", folder, "--shard-size", "200B")
    index = json.loads((folder / "model.safetensors.index.json").read_text())
    files = set(index["weight_map"].values())
    assert len(files) > 1
    assert files == {file.name for file in folder.glob("*.safetensors")}
    found = {}
    for name, file in index["weight_map"].items():
        with safe_open(folder / file, framework="np") as opened:
            found[name] = opened.get_tensor(name)
    assert_same(found, exported)
    assert index["metadata"]["total_size"] == sum(bits.size for bits in exported.values())
    validate(manifest_of(folder))


def test_globs_choose_tensors_and_are_written_down(maskdb, exported, tmp_path):
    file = export(maskdb, "one", "safetensors", tmp_path / "m", "--exclude", "*.weight")
    assert set(load_file(file)) == set(exported) - {"a.weight"}
    assert metadata(file)["exclude"] == "*.weight"
    options = ["--format", "npz", "-o", tmp_path / "n", "--include", "nothing*"]
    maskdb.refuses("export", "one", *options, code=NOT_FOUND)


def test_model_names_have_the_prefix_of_the_loaded_model(maskdb, checkpoint, tmp_path):
    config = {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}
    base = {"h.0.attn.weight": at_random(4, 4), "wte.weight": at_random(8, 4)}
    tuned = {name: nudged(value, 0.5) for name, value in base.items()}
    folder = checkpoint("base", base, config)
    maskdb.does("add", checkpoint("tuned", tuned, config), "--base", folder, "--name", "one")
    plain = load_file(export(maskdb, "one", "safetensors", tmp_path / "hf"))
    named = load_file(export(maskdb, "one", "safetensors", tmp_path / "model", "--names", "model"))
    assert set(plain) == set(base)
    assert set(named) == {f"transformer.{name}" for name in base}
    for name, bits in plain.items():
        assert torch.equal(bits, named[f"transformer.{name}"])


def test_a_partly_compared_mask_lists_what_it_skips(maskdb, checkpoint, tmp_path):
    base = {"model.embed_tokens.weight": at_random(10, 4), "gone": at_random(3)}
    tuned = {"model.embed_tokens.weight": nudged(at_random(12, 4), 0.5)}
    folders = checkpoint("base", base), checkpoint("tuned", tuned)
    maskdb.does(
        "add", folders[1], "--base", folders[0], "--name", "one", "--allow-mismatch", "--quiet"
    )
    file = export(maskdb, "one", "safetensors", tmp_path / "m")
    skipped = {part["name"]: part for part in json.loads(metadata(file)["skipped"])}
    assert skipped["model.embed_tokens.weight"]["compared"] == 40
    assert skipped["gone"]["compared"] == 0
    assert "no such tensor" in skipped["gone"]["reason"]


@pytest.mark.parametrize("form", FORMATS)
def test_force_replaces_an_export_and_nothing_else(maskdb, exported, tmp_path, form):
    target = export(maskdb, "one", form, tmp_path / "out")
    maskdb.refuses("export", "one", "--format", form, "-o", target, code=OUTPUT)
    export(maskdb, "one", form, target, "--force", "--polarity", "frozen")
    assert manifest_of(target)["polarity"] == "frozen"
    if target.is_dir():
        (target / "thesis.tex").write_text("mine")
    else:
        target.write_bytes(b"mine")
    options = ["--format", form, "-o", target, "--force"]
    maskdb.refuses("export", "one", *options, code=OUTPUT)
    kept = target / "thesis.tex" if target.is_dir() else target
    assert kept.read_bytes() == b"mine"


def test_options_that_do_not_go_together_are_refused(maskdb, exported, tmp_path):
    out = ["-o", tmp_path / "m"]
    maskdb.refuses("export", "one", "--format", "delta", *out, code=USAGE)
    maskdb.refuses("export", "one", "--format", "pt", *out, "--shard-size", "1GB", code=USAGE)
    maskdb.refuses("export", "one", "--format", "npz", *out, "--tuned", "x", code=USAGE)
    assert not (tmp_path / "m").exists()


def test_indices_past_2_to_the_31_are_of_64_bits(maskdb, tmp_path):
    count = 2**31 + 16
    places = [5, 2**31 - 1, 2**31, count - 1]
    files = {
        name: write_sparse_tensor(
            tmp_path / name / "model.safetensors",
            "experts",
            "F8_E5M2",
            [count // 16, 16],
            1,
            dict.fromkeys(cells, b"\x3c"),
        )
        for name, cells in {"base": [], "tuned": places}.items()
    }
    if files["base"].stat().st_blocks * 512 > count // 10:
        pytest.skip("the temporary folder is on a file system without sparse files")
    maskdb.does("add", tmp_path / "tuned", "--base", tmp_path / "base", "--name", "one")
    options = ["--tuned", tmp_path / "tuned"]
    arrays = load_file(export(maskdb, "one", "delta", tmp_path / "delta", *options))
    assert arrays["experts.indices"].dtype == torch.int64
    assert arrays["experts.indices"].tolist() == places
    assert arrays["experts.values"].view(torch.uint8).tolist() == [0x3C] * 4
    arrays = load_file(export(maskdb, "one", "indices", tmp_path / "indices"))
    assert arrays["experts.indices"].tolist() == places
