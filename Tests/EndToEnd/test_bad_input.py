"""Files that lie, are cut short or are something else: one sentence, an exit code, no crash."""

import json
import os
import struct
from dataclasses import replace

import pytest
import torch

from builders import at_random, nudged, safetensors_bytes, write_checkpoint
from command import CATALOG, INPUT, USAGE

BODY = bytes(8)


def entry(dtype="BF16", shape=(4,), offsets=(0, 8)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


ATTACKS = {
    "empty_file": b"",
    "seven_bytes": b"\x08\0\0\0\0\0\0",
    "header_longer_than_the_file": (1000).to_bytes(8, "little") + b"{}",
    "header_of_all_ones": b"\xff" * 8 + b"{}",
    "header_over_the_limit": (100_000_001).to_bytes(8, "little") + b"{" + b" " * 1000,
    "header_that_is_not_json": safetensors_bytes(b"{nonsense}"),
    "header_with_a_space_in_front": safetensors_bytes(
        b" " + json.dumps({"w": entry()}).encode(), BODY
    ),
    "header_that_is_an_array": safetensors_bytes(b"[]"),
    "header_that_is_not_utf8": safetensors_bytes(b'{"\xff\xfe": 1}'),
    "header_with_a_key_twice": safetensors_bytes(
        b'{"w":%s,"w":%s}' % ((json.dumps(entry()).encode(),) * 2), BODY
    ),
    "header_of_deep_brackets": safetensors_bytes(b'{"w":' + b"[" * 50_000 + b"]" * 50_000 + b"}"),
    "body_cut_short": safetensors_bytes({"w": entry()}, BODY[:5]),
    "body_too_long": safetensors_bytes({"w": entry()}, BODY + b"x"),
    "offsets_that_overlap": safetensors_bytes(
        {"w": entry(), "v": entry(offsets=(4, 12))}, BODY + b"xxxx"
    ),
    "offsets_with_a_gap": safetensors_bytes(
        {"w": entry(), "v": entry(offsets=(10, 18))}, BODY * 2 + b"xx"
    ),
    "offsets_backwards": safetensors_bytes({"w": entry(offsets=(8, 0))}, BODY),
    "offsets_negative": safetensors_bytes({"w": entry(offsets=(-8, 0))}, BODY),
    "offsets_beyond_64_bits": safetensors_bytes({"w": entry(offsets=(0, 2**64))}, BODY),
    "shape_that_does_not_fit_the_bytes": safetensors_bytes({"w": entry(shape=(5,))}, BODY),
    "shape_that_overflows": safetensors_bytes({"w": entry(shape=(2**33, 2**33))}, BODY),
    "shape_negative": safetensors_bytes({"w": entry(shape=(-4,))}, BODY),
    "shape_of_fractions": safetensors_bytes({"w": entry(shape=(4.5,))}, BODY),
    "dtype_unknown": safetensors_bytes({"w": entry(dtype="F12")}, BODY),
    "entry_without_offsets": safetensors_bytes({"w": {"dtype": "BF16", "shape": [4]}}, BODY),
    "metadata_of_numbers": safetensors_bytes({"__metadata__": {"a": 1}, "w": entry()}, BODY),
}


@pytest.fixture
def good(checkpoint):
    """A checkpoint of one bf16 tensor of four weights."""
    return checkpoint("good", {"w": at_random(4).to(torch.bfloat16)})


def refused(maskdb, tuned, base):
    """An `add` that must fail as a failure to read, and leave no run behind."""
    answer = maskdb.refuses("add", tuned, "--base", base, "--name", "run", code=INPUT)
    assert not maskdb.catalog.exists()
    return answer.stderr


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("side", ["tuned", "base"])
def test_a_malformed_file_is_named_in_one_sentence(maskdb, good, tmp_path, attack, side):
    folder = tmp_path / "bad"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(ATTACKS[attack])
    tuned, base = (folder, good) if side == "tuned" else (good, folder)
    assert "bad/model.safetensors" in refused(maskdb, tuned, base)


@pytest.mark.parametrize("attack", ["body_cut_short", "header_that_is_not_json"])
def test_a_malformed_file_is_refused_by_diff_too(maskdb, good, tmp_path, attack):
    file = tmp_path / "bad.safetensors"
    file.write_bytes(ATTACKS[attack])
    assert "bad.safetensors" in maskdb.refuses("diff", good, file, code=INPUT).stderr


def sharded(checkpoint):
    tensors = {"w": at_random(4), "v": at_random(5), "u": at_random(6)}
    return checkpoint("sharded", tensors, shards=3)


def rewrite_index(folder, weight_map):
    index = folder / "model.safetensors.index.json"
    content = json.loads(index.read_text())
    content["weight_map"] |= weight_map
    index.write_text(json.dumps(content))


def test_a_missing_shard_is_named(maskdb, good, checkpoint):
    folder = sharded(checkpoint)
    (folder / "model-00002-of-00003.safetensors").unlink()
    assert "model-00002-of-00003.safetensors" in refused(maskdb, folder, good)


@pytest.mark.parametrize("escape", ["../good/model.safetensors", "/etc/passwd", "a/../../x"])
def test_an_index_that_points_out_of_its_folder_is_refused(maskdb, good, checkpoint, escape):
    folder = sharded(checkpoint)
    rewrite_index(folder, {"w": escape})
    assert "index" in refused(maskdb, folder, good)


def test_an_index_that_names_a_tensor_its_shard_does_not_have_is_refused(maskdb, good, checkpoint):
    folder = sharded(checkpoint)
    rewrite_index(folder, {"phantom": "model-00001-of-00003.safetensors"})
    assert "phantom" in refused(maskdb, folder, good)


def test_an_index_that_is_not_json_is_refused(maskdb, good, checkpoint):
    folder = sharded(checkpoint)
    (folder / "model.safetensors.index.json").write_text("{")
    assert "model.safetensors.index.json" in refused(maskdb, folder, good)


def test_an_index_that_lies_about_its_total_size_is_believed_about_names_only(maskdb, checkpoint):
    folder = sharded(checkpoint)
    index = folder / "model.safetensors.index.json"
    content = json.loads(index.read_text()) | {"metadata": {"total_size": 2**70}}
    index.write_text(json.dumps(content))
    maskdb.does("add", folder, "--base", sharded(checkpoint), "--name", "run")
    assert maskdb.masks()[0]["parameters"] == 15


def test_a_path_that_is_not_there_is_named(maskdb, good, tmp_path):
    for tuned, base in ((tmp_path / "ghost", good), (good, tmp_path / "ghost")):
        answer = maskdb("add", tuned, "--base", base, "--name", "run")
        assert answer.code == INPUT
        assert "ghost" in answer.stderr
    assert maskdb.runs() == set()


def test_a_folder_without_weights_is_not_a_checkpoint(maskdb, good, tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "README.md").write_text("no weights here")
    assert "notes" in refused(maskdb, tmp_path / "notes", good)


def test_a_file_of_text_is_not_a_checkpoint(maskdb, good, tmp_path):
    (tmp_path / "notes.txt").write_text("no weights here, at some length\n" * 10)
    assert "notes.txt" in refused(maskdb, tmp_path / "notes.txt", good)


def test_a_pipe_or_a_device_in_place_of_a_file_is_refused(maskdb, good, tmp_path):
    (tmp_path / "bad").mkdir()
    os.mkfifo(tmp_path / "bad" / "model.safetensors")
    assert "bad" in refused(maskdb, tmp_path / "bad", good)


def test_an_adapter_is_refused_with_the_advice_to_merge_it(maskdb, good, tmp_path):
    folder = write_checkpoint(tmp_path / "lora", {"w": at_random(4)})
    (folder / "model.safetensors").rename(folder / "adapter_model.safetensors")
    (folder / "adapter_config.json").write_text('{"peft_type": "LORA"}')
    assert "merge" in refused(maskdb, folder, good).lower()


def test_a_config_that_is_not_json_is_named(maskdb, good, checkpoint):
    folder = checkpoint("tuned", {"w": at_random(4).to(torch.bfloat16)})
    (folder / "config.json").write_text("{")
    answer = maskdb("add", folder, "--base", good, "--name", "run")
    assert answer.code in (0, INPUT)
    assert "config.json" in answer.stderr


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"schema": "maskdb.manifest/1"}',
        '{"schema": "maskdb.manifest/9", "base": "good", "runs": [{"path": "good"}]}',
        '{"schema": "maskdb.manifest/1", "base": "good", "runs": [{"name": "x"}]}',
        '{"schema": "maskdb.manifest/1", "base": "good", "runs": [{"path": "ghost"}]}',
        '{"schema": "maskdb.manifest/1", "base": 3, "runs": [{"path": "good"}]}',
        '{"schema": "maskdb.manifest/1", "bases": "good", "runs": [{"path": "good"}]}',
        '{"schema": "maskdb.manifest/1", "base": "good", "runs": [{"path": "good", "name": 5}]}',
        '{"schema": "maskdb.manifest/1", "base": "good", "runs": [{"path": "good", "": "x"}]}',
        '{"schema": "maskdb.manifest/1", "base": "good", "runs": [{"path": "good", "seed": "x"}]}',
    ],
)
def test_a_manifest_that_is_wrong_is_named_and_adds_nothing(maskdb, good, tmp_path, content):
    (tmp_path / "runs.json").write_text(content)
    answer = maskdb("add", "--manifest", tmp_path / "runs.json")
    assert answer.code == INPUT
    assert "runs.json" in answer.stderr or "ghost" in answer.stderr
    assert maskdb.runs() == set()


@pytest.mark.parametrize("key", ["name", "algorithm", "notes", "a\0b"])
@pytest.mark.parametrize("place", ["manifest", "run.json", "README.md", "config.json"])
def test_a_field_with_a_zero_is_refused(maskdb, good, checkpoint, tmp_path, place, key):
    tuned = checkpoint("tuned", {"w": at_random(4).to(torch.bfloat16)})
    field = {key: "value" if "\0" in key else "a\0b"}
    words = ["add", tuned, "--base", good]
    match place:
        case "manifest":
            runs = {
                "schema": "maskdb.manifest/1",
                "base": "good",
                "runs": [{"path": "tuned"} | field],
            }
            (tmp_path / "runs.json").write_text(json.dumps(runs))
            words = ["add", "--manifest", tmp_path / "runs.json"]
        case "run.json":
            (tuned / "run.json").write_text(json.dumps(field))
        case "README.md":
            (tuned / "README.md").write_text("---\nmodel_name: a\0b\n---\n")
        case "config.json":
            (tuned / "config.json").write_text(json.dumps({"_name_or_path": "a\0b"}))
    said = maskdb.refuses(*words, code=INPUT).stderr
    assert "U+0000" in said
    assert ("runs.json" if place == "manifest" else place) in said
    assert not maskdb.catalog.exists()


def test_a_first_command_that_is_refused_makes_no_catalog(maskdb, good, checkpoint, tmp_path):
    """Whatever is wrong, and however late that is found."""
    other = checkpoint("other", {"v": at_random(4).to(torch.bfloat16)})
    for words in (
        ("add", good, "--base", tmp_path / "ghost"),
        ("add", other, "--base", good),
        ("add", good, "--base", good, "--name", "no name"),
        ("add", good, "--base", good, "--definition", "guess"),
        ("add", good, "--base", good, "--definition", "ulp:1", "--compare-dtype", "int8"),
        ("import", tmp_path / "ghost", "--base", good),
        ("import", good, "--base", good, "--name", "x"),
        ("import", good / "model.safetensors"),
        ("derive", "x", "!y"),
        ("ls",),
        ("rm", "x"),
    ):
        answer = maskdb(*words)
        assert answer.code != 0, str(answer)
        assert list(tmp_path.glob("masks.maskdb*")) == [], str(answer)


def test_one_bad_checkpoint_among_many_is_named(maskdb, good, checkpoint, tmp_path):
    fine = checkpoint("fine", {"w": at_random(4, seed=2).to(torch.bfloat16)})
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "model.safetensors").write_bytes(ATTACKS["body_cut_short"])
    answer = maskdb("add", fine, tmp_path / "bad", "--base", good)
    assert answer.code == INPUT
    assert "bad/model.safetensors" in answer.stderr
    assert "bad" not in maskdb.runs()


def test_a_field_that_is_null_in_a_manifest_is_not_known(maskdb, good, tmp_path):
    content = {
        "schema": "maskdb.manifest/1",
        "base": str(good),
        "runs": [{"path": str(good), "name": "run", "seed": None}],
    }
    (tmp_path / "runs.json").write_text(json.dumps(content))
    maskdb.does("add", "--manifest", tmp_path / "runs.json")
    assert "seed" not in maskdb.json("show", "run")["fields"]


def test_a_threshold_that_no_double_holds_is_refused(maskdb, good):
    answer = maskdb("diff", good, good, "--definition", "absolute:1e-400")
    assert answer.code == USAGE
    assert "1e-400" in answer.stderr
    maskdb.does("diff", good, good, "--definition", "absolute:0.0e5")


def test_a_catalog_in_no_folder_is_refused_by_that(maskdb, good, tmp_path):
    elsewhere = replace(maskdb, catalog=tmp_path / "none" / "a.maskdb")
    answer = elsewhere.refuses("add", good, "--base", good, code=CATALOG)
    assert "folder" in answer.stderr


def test_renaming_a_run_to_its_own_name_changes_nothing(maskdb, good):
    maskdb.does("add", good, "--base", good, "--name", "run")
    before = maskdb.json("show", "run")
    maskdb.does("rename", "run", "run")
    assert maskdb.json("show", "run") == before


def test_runs_are_found_by_the_name_and_by_the_digest_of_their_base(maskdb, good):
    maskdb.does("add", good, "--base", good, "--name", "run")
    digest = maskdb.json("ls")["masks"][0]["base"]
    for text in ("run=run", f"base={digest}", f"base={digest[:8]}"):
        assert [mask["run"] for mask in maskdb.json("ls", "--where", text)["masks"]] == ["run"]


def test_a_zero_in_a_name_is_refused(maskdb, good, tmp_path):
    path = tmp_path / "zero.safetensors"
    header = json.dumps({"w\0x": entry()}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(8))
    sentence = maskdb.refuses("add", path, "--base", good, code=INPUT).stderr
    assert "'w\\0x'" in sentence
    assert "U+0000" in sentence


def test_a_field_that_only_unicode_takes_for_another_is_refused(maskdb, good):
    maskdb.does("add", good, "--base", good, "--name", "run")
    maskdb.does("set", "run", "\u00e1=2")
    answer = maskdb.refuses("set", "run", "a\u0301=1", code=INPUT)
    assert "not in Unicode normal form C" in answer.stderr
    fields = {field["key"]: field["value"] for field in maskdb.json("show", "run")["fields"]}
    assert fields["\u00e1"] == "2"


COMPOSED, DECOMPOSED = "caf\u00e9.weight", "cafe\u0301.weight"


@pytest.mark.parametrize(
    ("base_names", "tuned_names", "side"),
    [
        ([COMPOSED], [DECOMPOSED], "tuned"),
        ([DECOMPOSED], [DECOMPOSED], "base"),
        ([DECOMPOSED], [COMPOSED], "base"),
        ([COMPOSED, DECOMPOSED], [COMPOSED, DECOMPOSED], "base"),
    ],
)
def test_names_that_are_equal_to_the_eye_alone_are_refused(
    maskdb, checkpoint, base_names, tuned_names, side
):
    """Names are bytes in safetensors; two that differ must not be taken for one."""
    folders = [
        checkpoint(folder, {name: at_random(4) for name in names})
        for folder, names in (("base", base_names), ("tuned", tuned_names))
    ]
    said = refused(maskdb, folders[1], folders[0])
    assert f"{side}/model.safetensors" in said


def test_names_beyond_ascii_are_names(maskdb, checkpoint):
    names = [COMPOSED, "\u5c42.weight", "\U0001f9e0"]
    base = checkpoint("base", {name: at_random(4) for name in names})
    tuned = checkpoint("tuned", {name: -at_random(4) for name in names})
    maskdb.does("add", tuned, "--base", base)
    rows = maskdb.json("sparsity", "--by", "tensor")["rows"]
    assert {row["tensor"] for row in rows} == set(names)


def test_a_sweep_goes_on_without_the_checkpoints_that_cannot_be_added(maskdb, checkpoint):
    base = {"w": at_random(20, 10, seed=1)}
    good = [
        checkpoint(name, {"w": nudged(base["w"], 0.4, seed=2 + i)}) for i, name in enumerate("ab")
    ]
    other = checkpoint("other", {"v": at_random(20, 10, seed=9)})
    cut = checkpoint("cut", base)
    (file,) = cut.glob("*.safetensors")
    file.write_bytes(file.read_bytes()[:-8])
    options = ["add", good[0], other, cut, good[1], "--base", checkpoint("base", base)]
    maskdb.refuses(*options, code=INPUT)
    assert not maskdb.catalog.exists()
    answer = maskdb(*options, "--keep-going")
    assert answer.code == INPUT
    assert [line.split()[0] for line in answer.stdout.splitlines()] == ["added", "added"]
    assert {mask["run"] for mask in maskdb.masks()} == {"a", "b"}
    left = [line for line in answer.stderr.splitlines() if "left out" in line]
    assert [str(folder) in line for folder, line in zip((other, cut), left, strict=True)] == [
        True
    ] * 2
    missing = maskdb(*options[:-1], cut.parent / "none", "--keep-going")
    assert (missing.code, missing.stdout) == (INPUT, ""), "without a base there is nothing to add"
