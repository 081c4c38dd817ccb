"""The audit finds every weight outside of a mask that moved, by an independent count."""

import json

import numpy as np
import pytest
import torch

from builders import at_random, nudged
from command import INPUT, NOT_FOUND, USAGE, validate

BOUND = 1e-5


@pytest.fixture
def trained(maskdb, checkpoint):
    """A base, a full run with its mask in the catalog, and a checkpoint to be varied."""
    base = {
        "w": at_random(70, 50, seed=1).bfloat16(),
        "cube": at_random(3, 4, 5, seed=2).bfloat16(),
        "b": at_random(9, seed=3).bfloat16(),
        "scale": torch.tensor(1.0).bfloat16(),
        "none": at_random(0, 3).bfloat16(),
    }
    full = {name: nudged(value, 0.3, seed=4) for name, value in base.items()}
    folders = checkpoint("base", base), checkpoint("full", full)
    maskdb.does(
        "add", folders[1], "--base", folders[0], "--name", "full", "--definition", "bitwise"
    )
    mask = {name: base[name] != full[name] for name in base}
    masked = {
        name: torch.where(mask[name], nudged(base[name], 0.8, seed=6), base[name]) for name in base
    }
    return folders, base, full, mask, masked


def audit(maskdb, base, path, *options, code=0):
    answer = maskdb("audit", "--base", base, "--trained", path, *options, "--json")
    assert answer.code == code, str(answer)
    found = json.loads(answer.stdout)
    validate(found)
    return found


def count(tensors):
    return sum(int(value.sum()) for value in tensors.values())


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32, torch.float64])
def test_a_run_that_kept_to_its_mask_has_nothing_outside(maskdb, checkpoint, trained, dtype):
    (base_folder, _), base, _, mask, masked = trained
    path = checkpoint("masked", {name: value.to(dtype) for name, value in masked.items()})
    found = audit(maskdb, base_folder, path, "--mask", "full")
    total = sum(value.numel() for value in base.values())
    assert (found["changed_outside"], found["offenders"]) == (0, [])
    assert (found["parameters"], found["inside"]) == (total, count(mask))
    assert found["outside"] == total - count(mask)
    moved = {name: base[name] != masked[name] for name in base}
    assert found["changed_inside"] == count(moved) > 0
    assert found["rounded"] == []


def test_the_first_offenders_are_named_by_row_and_column(maskdb, checkpoint, trained):
    (base_folder, _), _base, _, mask, masked = trained
    moved = {name: value.clone() for name, value in masked.items()}
    places = {
        name: np.flatnonzero(~mask[name].flatten().numpy())[[0, 7, 9, -1]] for name in ("w", "cube")
    }
    for name, positions in places.items():
        moved[name].view(-1)[positions] = 7
    path = checkpoint("moved", moved)
    found = audit(maskdb, base_folder, path, "--mask", "full", code=NOT_FOUND)
    assert found["changed_outside"] == 8
    assert {offender["tensor"] for offender in found["offenders"]} == {"w", "cube"}
    for offender in found["offenders"]:
        columns = offender["shape"][-1]
        assert offender["changed_outside"] == 4
        assert offender["first"] == [
            {
                "position": int(p),
                "index": [int(i) for i in np.unravel_index(p, offender["shape"])],
                "row": int(p) // columns,
                "column": int(p) % columns,
            }
            for p in places[offender["tensor"]][:3]
        ]
    text = maskdb("audit", "--mask", "full", "--base", base_folder, "--trained", path)
    assert text.code == NOT_FOUND
    assert "8 of " in text.stdout
    assert "outside the mask changed" in text.stdout
    assert str(tuple(int(v) for v in divmod(places["w"][0], 50))) in text.stdout


def test_an_fp32_step_that_bf16_would_hide_is_found_in_an_fp32_file(maskdb, checkpoint, trained):
    (base_folder, _), _base, _, mask, masked = trained
    wide = {name: value.float() for name, value in masked.items()}
    place = int(np.flatnonzero(~mask["w"].flatten().numpy())[5])
    wide["w"].view(-1)[place] = torch.nextafter(wide["w"].view(-1)[place], torch.tensor(9.0))
    path = checkpoint("wide", wide)
    found = audit(maskdb, base_folder, path, "--mask", "full", code=NOT_FOUND)
    assert found["offenders"][0]["first"][0]["position"] == place
    assert (
        audit(
            maskdb,
            base_folder,
            checkpoint("narrow", {name: value.bfloat16() for name, value in wide.items()}),
            *("--mask", "full"),
        )["changed_outside"]
        == 0
    )


def test_a_narrower_trained_file_is_compared_in_its_dtype_and_says_so(maskdb, checkpoint):
    base = {"w": at_random(20, 10, seed=1)}
    tuned = {"w": nudged(base["w"], 0.4, seed=2)}
    folder = checkpoint("base", base)
    maskdb.does("add", checkpoint("tuned", tuned), "--base", folder, "--name", "one")
    path = checkpoint("half", {"w": tuned["w"].bfloat16()})
    answer = maskdb("audit", "--mask", "one", "--base", folder, "--trained", path, "--json")
    assert "master weights" in answer.stderr
    assert "w (fp32 as bf16)" in answer.stderr
    found = audit(maskdb, folder, path, "--mask", "one", "--quiet")
    assert found["rounded"] == ["w (fp32 as bf16)"]
    assert found["changed_inside"] == int((base["w"].bfloat16() != tuned["w"].bfloat16()).sum())


def test_agreement_with_the_full_run_is_counted_inside_and_overall(maskdb, checkpoint, trained):
    (base_folder, full_folder), base, full, mask, masked = trained
    path = checkpoint("masked", masked)
    options = ["--mask", "full", "--reference", full_folder]
    found = audit(maskdb, base_folder, path, *options)["agreement"]
    same = {name: masked[name] == full[name] for name in base}
    close = {
        name: torch.isclose(masked[name] - full[name], torch.zeros(()).bfloat16(), atol=BOUND)
        for name in base
    }
    for kind, tensors in (("identical", same), ("close", close)):
        assert found[kind] == count(tensors), kind
        assert found[f"{kind}_inside"] == count({n: v & mask[n] for n, v in tensors.items()}), kind
    total = sum(value.numel() for value in base.values())
    assert found["identical_share"] == count(same) / total
    assert audit(maskdb, base_folder, full_folder, *options)["agreement"]["identical"] == total


@pytest.mark.parametrize("form", ["safetensors", "pt", "packed", "indices", "npz", "roaring"])
@pytest.mark.parametrize("polarity", ["trainable", "frozen"])
def test_an_exported_file_audits_as_its_mask(maskdb, checkpoint, trained, tmp_path, form, polarity):
    (base_folder, _full_folder), _, _, _mask, masked = trained
    path = checkpoint("masked", masked)
    file = tmp_path / "mask.file"
    maskdb.does("export", "full", "--format", form, "-o", file, "--polarity", polarity)
    found = audit(maskdb, base_folder, path, "--mask", file)
    assert found == audit(maskdb, base_folder, path, "--mask", "full") | {"mask": str(file)}


def test_a_base_that_is_not_the_masks_is_noted(maskdb, trained):
    (base_folder, full_folder), *_ = trained
    words = ["audit", "--mask", "full", "--trained", full_folder]
    assert maskdb.does(*words, "--base", base_folder).stderr == ""
    swapped = maskdb.does(*words, "--base", full_folder).stderr
    assert "not the base that full" in swapped
    assert "no weight inside of the mask moved either" in swapped
    assert maskdb.does(*words, "--base", full_folder, "--quiet").stderr == ""


def test_a_run_named_like_a_folder_is_the_run(maskdb, checkpoint, trained, monkeypatch):
    (base_folder, full_folder), _, _, _, masked = trained
    path = checkpoint("masked", masked)
    monkeypatch.chdir(full_folder.parent)
    found = audit(maskdb, base_folder, path, "--mask", "full")
    assert found == audit(maskdb, base_folder, path, "--mask", "full@bitwise") | {"mask": "full"}


def test_options_that_say_nothing_of_the_mask_are_refused(maskdb, trained, tmp_path):
    (base_folder, full_folder), *_ = trained
    words = ("audit", "--base", base_folder, "--trained", full_folder, "--mask")
    said = maskdb.refuses(*words, "full", "--polarity", "frozen", code=USAGE).stderr
    assert "is a mask of the catalog" in said
    assert len(said.splitlines()) == 1
    file = tmp_path / "mask.safetensors"
    maskdb.does("export", "full", "--format", "safetensors", "-o", file)
    said = maskdb.refuses(*words, file, "--definition", "bitwise", code=USAGE).stderr
    assert "is a mask file" in said
    assert len(said.splitlines()) == 1
    maskdb.does(*words, "full", "--definition", "bitwise")
    maskdb.does(*words, file, "--polarity", "trainable")


def test_checkpoints_of_other_models_are_refused(maskdb, checkpoint, trained):
    (base_folder, _), base, _, _, masked = trained
    lacking = checkpoint("lacking", {name: masked[name] for name in list(masked)[1:]})
    options = ["audit", "--mask", "full", "--base", base_folder, "--trained"]
    assert "w of [70, 50]" in maskdb.refuses(*options, lacking, code=INPUT).stderr
    other = checkpoint("other", masked | {"b": at_random(10).bfloat16()})
    assert "b of [9]" in maskdb.refuses(*options, other, code=INPUT).stderr
    small = checkpoint("small", {"w": base["w"]})
    words = ["audit", "--mask", "full", "--base", small, "--trained", small]
    assert "no parameter" in maskdb.refuses(*words, code=INPUT).stderr


def test_weights_that_the_base_lacks_are_named(maskdb, checkpoint, trained):
    """An untied head, a new adapter: no mask of the base has them, so they are outside."""
    (base_folder, _), _, _, _, masked = trained
    path = checkpoint("more", masked | {"lm_head.weight": at_random(6, 5), "ids": torch.arange(3)})
    found = audit(maskdb, base_folder, path, "--mask", "full", code=NOT_FOUND)
    assert found["changed_outside"] == 0
    assert found["added"] == [{"tensor": "lm_head.weight", "shape": [6, 5]}]
    assert found["altered"] == [{"tensor": "ids", "reason": "the base lacks this I64 [3]"}]
    answer = maskdb("audit", "--mask", "full", "--base", base_folder, "--trained", path)
    assert "1 tensor that the base lacks:\n  lm_head.weight [6, 5]" in answer.stdout
    assert "ids: the base lacks" in answer.stdout


def test_tensors_of_no_float_type_are_compared_by_their_bytes(maskdb, checkpoint, trained):
    """Packed weights have no mask, but a run that moved them did not keep to any."""
    (_, _), base, _, _, masked = trained
    others = {
        "q": torch.arange(40, dtype=torch.int8).view(8, 5),
        "ids": torch.arange(7),
        "gone": torch.zeros(3, dtype=torch.uint8),
        "same": torch.full((2_000_000,), 3, dtype=torch.int8),
    }
    folder = checkpoint("packed", base | others)
    kept = checkpoint("kept", masked | others)
    answer = maskdb.does("audit", "--mask", "full", "--base", folder, "--trained", kept)
    assert "did not compare" not in answer.stderr
    moved = {name: value.clone() for name, value in others.items() if name != "gone"}
    moved["q"][2, 1:4] += 1
    moved["same"][-1] = 4
    moved["ids"] = moved["ids"].float()
    path = checkpoint("moved", masked | moved | {"new": torch.tensor(1)})
    found = audit(maskdb, folder, path, "--mask", "full", code=NOT_FOUND)
    assert (found["changed_outside"], found["added"]) == (0, [])
    assert {tensor["tensor"]: tensor["reason"] for tensor in found["altered"]} == {
        "gone": "the trained checkpoint lacks it",
        "ids": "I64 [7] became F32 [7]",
        "new": "the base lacks this I64 []",
        "q": "3 of 40 bytes of I8 [8, 5] differ",
        "same": "1 of 2000000 bytes of I8 [2000000] differ",
    }


def test_a_place_in_a_cube_has_three_numbers(maskdb, checkpoint, trained):
    (base_folder, _), _, _, mask, masked = trained
    place = next(tuple(p) for p in torch.nonzero(~mask["cube"]).tolist())
    cube = masked["cube"].clone()
    cube[place] += 1
    path = checkpoint("moved", masked | {"cube": cube})
    found = audit(maskdb, base_folder, path, "--mask", "full", code=NOT_FOUND)
    (offender,) = found["offenders"]
    assert [first["index"] for first in offender["first"]] == [list(place)]
    answer = maskdb("audit", "--mask", "full", "--base", base_folder, "--trained", path)
    assert f"cube [3, 4, 5]: 1 at {place}" in answer.stdout
