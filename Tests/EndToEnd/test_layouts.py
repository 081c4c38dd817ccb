"""Shapes, names and files as checkpoints have them, on tensors made for the purpose."""

import json
import os
import re
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import torch

from agreement import (
    DEFINITIONS,
    assert_pairs_agree,
    assert_runs_agree,
    listed_mask,
    oracle_mask,
    skipped_names,
)
from builders import Tensors, at_random, nudged, write_checkpoint
from command import INPUT, NOT_FOUND
from exports import exported_bits, exported_positions, flat_positions
from oracle import Definition, binades, changed, count, dequantised, overlap

BF16 = torch.bfloat16
SEGMENT = 2**22
EMBED, HEAD = "model.embed_tokens.weight", "lm_head.weight"
LAYER = "model.layers.0.mlp.up_proj.weight"


def model(*shapes: tuple[int, ...], dtype=BF16) -> Tensors:
    return {f"t{i}": at_random(*s, seed=i).to(dtype) for i, s in enumerate(shapes)}


def tuned_model(base: Tensors, share: float, seed: int) -> Tensors:
    return {name: nudged(v, share, seed=seed * 100 + i) for i, (name, v) in enumerate(base.items())}


@pytest.fixture
def agree(maskdb, checkpoint):
    """Adds runs of a model, given as tensors, and holds everything against the oracle."""

    def hold(base: Tensors, runs: dict[str, Tensors], definitions=DEFINITIONS, **options):
        paths = {name: checkpoint(name, tensors) for name, tensors in runs.items()}
        assert_runs_agree(maskdb, checkpoint("base", base), paths, definitions, **options)

    return hold


# --- shapes --------------------------------------------------------------------------------------


def test_fused_flat_point_and_empty_tensors_agree_under_every_definition_and_null(agree):
    base = model((3, 8, 10), (2, 3, 4, 5), (17,), (), (1,), (0,), (4, 0), (0, 5), (1, 9), (9, 1))
    agree(base, {f"run{i}": tuned_model(base, 0.2 + 0.2 * i, i) for i in range(3)})


def test_thousands_of_tiny_tensors_agree(agree):
    base = model(*[(3, 5), (7,)] * 1000)
    runs = {f"run{i}": tuned_model(base, 0.3, i) for i in range(2)}
    agree(base, runs, definitions=DEFINITIONS[:1])


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_models_of_other_float_types_agree_under_every_definition_and_null(agree, dtype):
    base = model((20, 30), (40,), dtype=dtype)
    agree(base, {f"run{i}": tuned_model(base, 0.3, i) for i in range(2)})


def test_a_point_that_changed_is_a_stratum_of_one(agree):
    base = {"point": torch.tensor(1.0, dtype=BF16)}
    agree(base, {f"to{v:g}": {"point": torch.tensor(v, dtype=BF16)} for v in (2.0, 3.0)})


def test_an_empty_mask_and_a_full_mask_agree_with_each_other_and_with_themselves(agree):
    base = model((12, 10), (7,), (2, 3, 4))
    doubled = {name: value * 2 for name, value in base.items()}
    runs = {
        "none": base | {"t1": base["t1"] + 0},
        "all": doubled,
        "half": tuned_model(base, 0.5, 1),
    }
    agree(base, runs, ["paper", "ulp:1"])


def test_empty_masks_are_alike_and_their_other_quotients_are_null(maskdb, checkpoint):
    base = checkpoint("base", {"w": torch.zeros(4, 4, dtype=BF16)})
    for name, zero in (("one", 0.0), ("two", -0.0)):
        tuned = checkpoint(name, {"w": torch.full((4, 4), zero, dtype=BF16)})
        maskdb.does("add", tuned, "--base", base, "--name", name, "--definition", "numeric")
    (pair,) = maskdb.json("overlap", "--definition", "numeric")["pairs"]
    assert (pair["jaccard"], pair["coverage_a"], pair["coverage_b"]) == (1, None, None)
    assert all(null["lift"] is None and null["reason"] for null in pair["nulls"].values())


def test_a_saturated_row_column_has_no_lift_and_says_why(maskdb, checkpoint):
    base = torch.ones(40, 40, dtype=BF16)
    cross = base.clone()
    cross[0, :] = cross[:, 0] = 2
    paths = {name: checkpoint(name, {"w": cross + i}) for i, name in enumerate(("one", "two"))}
    paths["even"] = checkpoint("even", {"w": nudged(base, 0.3, seed=1)})
    assert_runs_agree(maskdb, checkpoint("base", {"w": base}), {**paths}, ["ulp:200", "paper"])
    answer = maskdb.json("overlap", "one", "even", "--definition", "paper")
    (pair,) = answer["pairs"]
    assert pair["nulls"]["row_column"]["saturated"] == 1


def test_a_row_column_that_expects_more_than_the_masks_can_share_is_null(maskdb, checkpoint):
    base = torch.ones(40, 40, dtype=BF16)
    cross = base.clone()
    cross[0, :] = cross[:, 0] = 2
    paths = {"one": checkpoint("one", {"w": cross}), "two": checkpoint("two", {"w": cross * cross})}
    assert_runs_agree(maskdb, checkpoint("base", {"w": base}), paths, ["paper"])
    (pair,) = maskdb.json("overlap")["pairs"]
    null = pair["nulls"]["row_column"]
    assert null["lift"] is None
    assert null["expected"] > null["max"]
    assert null["reason"]


@pytest.mark.parametrize("shape", [(3 * SEGMENT + 17,), (3, SEGMENT // 1024, 1024), (33, 127 * 97)])
def test_a_tensor_of_several_segments_agrees_to_the_last_position(agree, shape):
    base = {"w": at_random(*shape).to(BF16)}
    tuned = tuned_model(base, 0.02, 1)
    edges = [i for i in (0, SEGMENT - 1, SEGMENT, 2 * SEGMENT, -1) if abs(i) < base["w"].numel()]
    tuned["w"].view(-1)[edges] = 1.0
    dense = tuned_model(base, 0.97, 2)
    agree(base, {"sparse": tuned, "dense": dense}, ["paper", "bitwise"])


def test_positions_survive_segments_in_both_export_formats(maskdb, checkpoint, tmp_path):
    base = {"w": at_random(SEGMENT * 3 + 17).to(BF16), "v": at_random(65_537).to(BF16)}
    tuned = {"w": nudged(base["w"], 0.3), "v": base["v"] * 2}
    tuned["w"][SEGMENT : 2 * SEGMENT] = base["w"][SEGMENT : 2 * SEGMENT]
    tuned["w"][2 * SEGMENT : 3 * SEGMENT] += 1
    paths = checkpoint("tuned", tuned), "--base", checkpoint("base", base)
    maskdb.does("add", *paths, "--name", "one")
    rule = Definition.parse("paper")
    mask = {name: changed(base[name], tuned[name], rule, BF16) for name in base}
    bits = exported_bits(maskdb, "one", tmp_path / "mask.safetensors")
    found = exported_positions(maskdb, "one", tmp_path / "masks")
    for name in base:
        assert (bits[name] == mask[name]).all(), name
        assert (found[name] == flat_positions(mask[name])).all(), name


# --- domains -------------------------------------------------------------------------------------


def vocabulary(rows: int, seed: int) -> Tensors:
    whole = {EMBED: at_random(110, 16).to(BF16), HEAD: at_random(110, 16, seed=1).to(BF16)}
    cut = {name: nudged(value[:rows], 0.3, seed=seed) for name, value in whole.items()}
    return cut | {LAYER: nudged(at_random(24, 16, seed=2).to(BF16), 0.2, seed=seed)}


def test_a_resized_vocabulary_is_compared_on_its_common_rows_and_says_so(maskdb, checkpoint):
    sizes = {"base": 104, "longer": 108, "shorter": 100, "same": 104}
    folders = {
        name: checkpoint(name, vocabulary(rows, seed), {"vocab_size": rows})
        for seed, (name, rows) in enumerate(sizes.items())
    }
    base = folders.pop("base")
    assert_runs_agree(maskdb, base, folders)
    parameters = {mask["run"]: mask["parameters"] for mask in maskdb.masks()}
    assert parameters == {
        "longer": (2 * 104 + 24) * 16,
        "shorter": (2 * 100 + 24) * 16,
        "same": (2 * 104 + 24) * 16,
    }
    answer = maskdb.does("add", folders["shorter"], "--base", base, "--definition", "ulp:3")
    assert "100" in answer.text
    assert "104" in answer.text


def test_a_mask_of_a_resized_vocabulary_is_exported_in_the_shape_of_the_base(
    maskdb, checkpoint, tmp_path
):
    base = checkpoint("base", vocabulary(104, 0), {"vocab_size": 104})
    shorter = checkpoint("shorter", vocabulary(100, 1), {"vocab_size": 100})
    maskdb.does("add", shorter, "--base", base, "--name", "shorter")
    found = exported_bits(maskdb, "shorter", tmp_path / "mask.safetensors")
    mask = oracle_mask("paper", base, shorter)
    assert found[EMBED].shape == (104, 16)
    assert (found[EMBED][:100] == mask[EMBED].bits).all()
    assert not found[EMBED][100:].any()


TIED = {"tie_word_embeddings": True, "vocab_size": 50}


@pytest.mark.parametrize("silent", [None, "base", "tuned"])
@pytest.mark.parametrize("side", ["base", "tuned", "both", "neither"])
def test_a_tied_lm_head_is_counted_once_whichever_side_saved_it(maskdb, checkpoint, side, silent):
    """Also where one side has no config.json to say that it is tied."""
    base = {EMBED: at_random(50, 8).to(BF16), LAYER: at_random(8, 8).to(BF16)}
    tuned = {name: nudged(value, 0.4, seed=3) for name, value in base.items()}
    for name, tensors in (("base", base), ("tuned", tuned)):
        if side in (name, "both"):
            tensors[HEAD] = tensors[EMBED]
    folders = {n: checkpoint(n, t, TIED) for n, t in (("base", base), ("tuned", tuned))}
    if silent:
        (folders[silent] / "config.json").unlink()
        maskdb.does("add", folders["tuned"], "--base", folders["base"])
    else:
        assert_runs_agree(maskdb, folders["base"], {"run": folders["tuned"]})
    assert {mask["parameters"] for mask in maskdb.masks()} == {50 * 8 + 8 * 8}


def test_a_head_of_other_bytes_is_a_tensor_of_its_own_whatever_the_config_says(maskdb, checkpoint):
    """As transformers 5 loads it; 4 ignored it."""
    base = {EMBED: at_random(50, 8).to(BF16), LAYER: at_random(8, 8).to(BF16)}
    tuned = base | {HEAD: nudged(base[EMBED], 0.4, seed=3)}
    folders = checkpoint("tuned", tuned, TIED), checkpoint("base", base, TIED)
    answer = maskdb.refuses("add", folders[0], "--base", folders[1], code=INPUT)
    assert f"{HEAD} (the base has no such tensor)" in answer.stderr
    again = checkpoint("again", base | {HEAD: base[EMBED]}, TIED)
    answer = maskdb.refuses("add", folders[0], "--base", again, code=INPUT)
    assert f"{HEAD} (in the base it is the embedding again, and counts once)" in answer.stderr
    answer = maskdb.refuses("add", again, "--base", folders[0], code=INPUT)
    again_there = "in the fine-tuned checkpoint it is the embedding again, and counts once"
    assert f"{HEAD} ({again_there})" in answer.stderr
    whole = checkpoint("whole", base | {HEAD: at_random(50, 8, seed=7).to(BF16)}, TIED)
    answer = maskdb.does("add", folders[0], "--base", whole, "--definition", "bitwise")
    assert "their bytes differ" in answer.stderr
    (mask,) = maskdb.masks()
    assert mask["parameters"] == 2 * 50 * 8 + 8 * 8
    assert mask["count"] > 0


@pytest.mark.parametrize(
    "prefix", ["module.", "_orig_mod.", "_fsdp_wrapped_module.", "base_model.model."]
)
def test_a_wrapper_prefix_is_stripped_and_the_mapping_is_told(maskdb, checkpoint, prefix):
    base = {LAYER: at_random(8, 9).to(BF16), "model.norm.weight": at_random(9).to(BF16)}
    wrapped = {prefix + name: nudged(value, 0.5) for name, value in base.items()}
    folders = checkpoint("tuned", wrapped), checkpoint("base", base)
    answer = maskdb.does("add", folders[0], "--base", folders[1], "--name", "run")
    assert prefix in answer.text
    (mask,) = maskdb.masks()
    assert mask["count"] == count(oracle_mask("paper", folders[1], folders[0]))
    assert mask["skipped_tensors"] == []


def test_shards_are_joined_with_a_single_file_by_name(maskdb, checkpoint):
    base = model((30, 20), (50,), (4, 5, 6), (12, 12))
    runs = {"two": (tuned_model(base, 0.3, 1), 2), "three": (tuned_model(base, 0.4, 2), 3)}
    backwards = {
        name: (dict(reversed(tensors.items())), shards) for name, (tensors, shards) in runs.items()
    }
    paths = {n: checkpoint(n, tensors, shards=shards) for n, (tensors, shards) in backwards.items()}
    assert_runs_agree(maskdb, checkpoint("base", base), paths, ["paper", "bitwise"])


def test_a_sharded_base_takes_single_files_and_a_file_path(maskdb, checkpoint):
    base = model((30, 20), (50,), (4, 5, 6))
    folder = checkpoint("base", base, shards=2)
    tuned = checkpoint("tuned", tuned_model(base, 0.3, 1)) / "model.safetensors"
    assert_runs_agree(maskdb, folder, {"run": tuned}, ["paper"])


def test_integer_tensors_are_not_parameters(maskdb, checkpoint):
    base = model((10, 10)) | {"steps": torch.arange(5), "flags": torch.ones(3, dtype=torch.bool)}
    tuned = tuned_model(base | {"steps": base["t0"], "flags": base["t0"]}, 0.5, 1)
    tuned |= {"steps": torch.arange(5) + 1, "flags": torch.zeros(3, dtype=torch.bool)}
    assert_runs_agree(maskdb, checkpoint("base", base), {"run": checkpoint("run", tuned)})


# --- fp8 -----------------------------------------------------------------------------------------


def quantised(weight: torch.Tensor, fp8: torch.dtype) -> Tensors:
    """A weight in fp8 with one fp32 scale for each block of 128 by 128."""
    rows, columns = (-(-size // 128) for size in weight.shape)
    scale = torch.rand(rows, columns, generator=torch.Generator().manual_seed(1)) / 300 + 1e-3
    unit = dequantised(
        "w", torch.ones_like(weight, dtype=torch.float32).to(fp8), {"w_scale_inv": scale}
    )
    return {LAYER: (weight.float() / unit).to(fp8), LAYER + "_scale_inv": scale}


@pytest.mark.parametrize("fp8", [torch.float8_e4m3fn, torch.float8_e5m2])
@pytest.mark.parametrize("quantised_side", ["base", "tuned"])
def test_fp8_weights_are_dequantised_by_block_before_they_are_compared(
    maskdb, checkpoint, fp8, quantised_side
):
    weight, norm = at_random(200, 300).to(BF16), {"model.norm.weight": at_random(300).to(BF16)}
    small = quantised(weight, fp8)
    exact = dequantised(LAYER, small[LAYER], small).to(BF16)
    wide = {LAYER: nudged(exact, 0.1, seed=4)}
    folders = {
        "fp8": checkpoint("fp8", small | norm, {"quantization_config": {"quant_method": "fp8"}}),
        "bf16": checkpoint("bf16", wide | norm),
    }
    base, tuned = ("fp8", "bf16") if quantised_side == "base" else ("bf16", "fp8")
    assert_runs_agree(maskdb, folders[base], {"run": folders[tuned]})
    assert {mask["parameters"] for mask in maskdb.masks()} == {200 * 300 + 300}


def test_fp8_checkpoints_that_are_added_together_keep_their_own_scales(maskdb, checkpoint):
    tensors = quantised(at_random(200, 300).to(BF16), torch.float8_e4m3fn)
    scale = LAYER + "_scale_inv"
    base, same = checkpoint("base", tensors), checkpoint("same", tensors)
    doubled = checkpoint("doubled", tensors | {scale: tensors[scale] * 2})
    maskdb.does("add", doubled, same, "--base", base)
    counts = {mask["run"]: mask["count"] for mask in maskdb.masks()}
    assert counts == {p.name: count(oracle_mask("paper", base, p)) for p in (doubled, same)}
    assert counts["same"] == 0 < counts["doubled"]


def test_fp8_without_scales_is_compared_as_it_stands(maskdb, checkpoint):
    every = torch.arange(256).to(torch.uint8).view(torch.float8_e4m3fn).float()
    finite = torch.where(every.isnan(), 0.0, every)
    base, tuned = ({"w": w.to(torch.float8_e4m3fn)} for w in (finite, finite.flip(0)))
    paths = {"run": checkpoint("run", tuned)}
    assert_runs_agree(maskdb, checkpoint("base", base), paths, compare_dtype="bf16")


# --- architectures -------------------------------------------------------------------------------

MISMATCHES = {
    "another_shape": {"t0": at_random(20, 10).to(BF16)},
    "another_rank": {"t0": at_random(200).to(BF16)},
    "a_missing_tensor": {"t0": None},
    "an_extra_tensor": {"extra": at_random(5).to(BF16)},
}


def mismatched(base: Tensors, kind: str) -> Tensors:
    tensors = tuned_model(base, 0.5, 1) | MISMATCHES[kind]
    return {name: value for name, value in tensors.items() if value is not None}


@pytest.mark.parametrize("kind", MISMATCHES)
def test_another_architecture_is_refused_and_nothing_is_added(maskdb, checkpoint, kind):
    base = model((10, 20), (30,))
    paths = checkpoint("tuned", mismatched(base, kind)), "--base", checkpoint("base", base)
    answer = maskdb("add", *paths, "--name", "run")
    assert answer.code in (1, 2)
    assert ("extra" if kind == "an_extra_tensor" else "t0") in answer.stderr
    assert maskdb.runs() == set()


@pytest.mark.parametrize("kind", MISMATCHES)
def test_an_allowed_mismatch_leaves_the_denominator_and_is_listed(maskdb, checkpoint, kind):
    base = model((10, 20), (30,))
    tuned = mismatched(base, kind)
    folders = checkpoint("tuned", tuned), checkpoint("base", base)
    maskdb.does("add", folders[0], "--base", folders[1], "--name", "run", "--allow-mismatch")
    (mask,) = maskdb.masks()
    skipped = "extra" if kind == "an_extra_tensor" else "t0"
    assert skipped_names(mask) == {skipped}
    assert mask["parameters"] == sum(v.numel() for n, v in base.items() if n != skipped)


def test_runs_that_skipped_different_tensors_are_counted_where_both_were_compared(
    maskdb, checkpoint
):
    base = model((10, 20), (30,), (8, 8))
    folder = checkpoint("base", base)
    masks = {}
    for seed, missing in enumerate(("t0", "t1")):
        tuned = tuned_model(base, 0.4, seed)
        del tuned[missing]
        path = checkpoint(f"no-{missing}", tuned)
        maskdb.does("add", path, "--base", folder, "--name", f"no-{missing}", "--allow-mismatch")
        masks[f"no-{missing}"] = oracle_mask("paper", folder, path)
    answer = maskdb.json("overlap")
    assert_pairs_agree(answer, masks)
    assert overlap(*masks.values()).parameters == 64


def test_nothing_is_said_of_masks_that_compared_no_position_in_common(maskdb, checkpoint, tmp_path):
    """As on a tensor that one run skipped: no likeness in any form of the answer."""
    base = model((10, 20), (30,))
    folder = checkpoint("base", base)
    for seed, name in enumerate("abcd"):
        tuned = tuned_model(base, 0.4, seed)
        if name == "d":
            del tuned["t0"]
        words = ["--allow-mismatch", "--dataset", "x" if name in "ab" else "y"]
        maskdb.does("add", checkpoint(name, tuned), "--base", folder, "--name", name, *words)
    scope = ("--include", "t0")
    pairs = {(p["a"][0], p["b"][0]): p for p in maskdb.json("overlap", *scope)["pairs"]}
    for (_, b), pair in pairs.items():
        values = [pair[key] for key in ("jaccard", "log2_odds_ratio", "phi", "jaccard_unchanged")]
        assert (pair["parameters"] == 0) == (b == "d") == all(value is None for value in values)
    assert pairs["a", "d"]["reason"] == "no position was compared for both masks"
    top = maskdb.json("overlap", *scope, "--top", 3)["pairs"]
    assert all("d" not in (pair["a"][0], pair["b"][0]) for pair in top)
    square = maskdb.does("overlap", *scope).stdout
    assert re.search(r"^4  d +- +- +- +-$", square, re.MULTILINE)
    rows = maskdb.does("overlap", *scope, "--format", "csv").stdout.splitlines()
    assert rows[4].split(",")[:5] == ["d", "", "", "", ""]
    maskdb.does("overlap", *scope, "--format", "npz", "-o", tmp_path / "all.npz")
    with np.load(tmp_path / "all.npz") as arrays:
        assert np.isnan(arrays["jaccard"][3]).all()
        assert (arrays["jaccard"][:3, :3] > 0).all()
    maskdb.does("overlap", "d", "a", "b", *scope, "--format", "npz", "-o", tmp_path / "some.npz")
    with np.load(tmp_path / "some.npz") as arrays:
        assert arrays["mask_parameters"].tolist() == [0, 200, 200]
    refused = maskdb.refuses(
        "groups", "--by", "dataset", "--stat", "jaccard", *scope, code=NOT_FOUND
    )
    assert "no position was compared" in refused.stderr


def test_the_binade_of_a_resized_row_is_not_counted():
    whole = at_random(104, 4).to(BF16)
    assert binades(whole[:100], BF16).size == 400


def test_a_manifest_adds_many_runs_with_paths_relative_to_itself(maskdb, checkpoint, tmp_path):
    base = model((10, 10))
    checkpoint("models/base", base)
    runs = []
    for seed, name in enumerate(("first", "second")):
        checkpoint(f"models/{name}", tuned_model(base, 0.4, seed))
        run = {"path": name, "name": name, "algorithm": "grpo", "dataset": "sums"}
        runs.append(run | {"seed": seed, "step": 40})
    manifest = tmp_path / "models" / "runs.json"
    content = {"schema": "maskdb.manifest/1", "base": "base", "runs": runs}
    manifest.write_text(json.dumps(content))
    maskdb.does("add", "--manifest", manifest)
    masks = maskdb.masks()
    for run in runs:
        mask = listed_mask(masks, run["name"], "paper")
        assert {key: mask[key] for key in run if key not in ("path", "name")} == {
            key: value for key, value in run.items() if key not in ("path", "name")
        }


def test_what_the_folder_says_of_a_run_is_taken_where_no_flag_says_otherwise(
    maskdb, checkpoint, tmp_path
):
    base = model((10, 10))
    folder = write_checkpoint(tmp_path / "tuned", tuned_model(base, 0.4, 1))
    said = {"algorithm": "grpo", "dataset": "sums", "seed": 7}
    (folder / "run.json").write_text(json.dumps(said))
    (folder / "trainer_state.json").write_text(json.dumps({"global_step": 40, "log_history": []}))
    options = ["--name", "run", "--dataset", "products"]
    maskdb.does("add", folder, "--base", checkpoint("base", base), *options)
    (mask,) = maskdb.masks()
    kept = {key: mask[key] for key in ("algorithm", "dataset", "seed", "step")}
    assert kept == {"algorithm": "grpo", "dataset": "products", "seed": 7, "step": 40}


TRAINER = """
import enum, sys, types, torch

# With the packages that it is in: pickle imports them, and there need be no TRL.
for name in ("trl", "trl.trainer", "trl.trainer.grpo_config"):
    module = sys.modules[name] = types.ModuleType(name)


class Optimizer(str, enum.Enum):
    FUSED = "adamw_torch_fused"


class GRPOConfig:
    pass


for kind in (Optimizer, GRPOConfig):
    kind.__module__ = module.__name__
    setattr(module, kind.__name__, kind)
arguments = GRPOConfig()
arguments.seed, arguments.data_seed, arguments.learning_rate = 11, None, 3e-6
arguments.optim, arguments.device = Optimizer.FUSED, torch.device("cpu")
arguments.beta, arguments.more = 0.04, {"nested": [1, {2, 3}]}
torch.save(arguments, sys.argv[1])
"""


def fields_of(maskdb, run):
    return {
        field["key"]: (field["value"], field["source"])
        for field in maskdb.json("show", run)["fields"]
    }


def test_what_a_trainer_was_told_is_read_from_its_pickle_and_not_run(maskdb, checkpoint, tmp_path):
    base = model((10, 10))
    folder = write_checkpoint(tmp_path / "out" / "checkpoint-40", tuned_model(base, 0.4, 1))
    command = [sys.executable, "-c", TRAINER, folder / "training_args.bin"]
    subprocess.run(command, check=True)
    maskdb.does("add", folder, "--base", checkpoint("base", base))
    source = "training_args.bin"
    assert fields_of(maskdb, "out-step40") == {
        "algorithm": ("grpo", source),
        "seed": ("11", source),
        "step": ("40", "folder name"),
        "optimizer": ("adamw_torch_fused", source),
        "learning_rate": ("3e-06", source),
    }


def test_what_trl_was_told_is_read_from_its_pickle(maskdb, checkpoint, tmp_path):
    trl, torch = pytest.importorskip("trl"), pytest.importorskip("torch")
    base = model((10, 10))
    folder = write_checkpoint(tmp_path / "tuned", tuned_model(base, 0.4, 1))
    told = trl.DPOConfig(output_dir=str(tmp_path / "x"), seed=7, use_cpu=True)
    torch.save(told, folder / "training_args.bin")
    maskdb.does("add", folder, "--base", checkpoint("base", base))
    fields = {key: value for key, (value, _) in fields_of(maskdb, "tuned").items()}
    assert fields == {
        "algorithm": "dpo",
        "seed": "7",
        "optimizer": told.optim.value,
        "learning_rate": repr(told.learning_rate),
    }


@pytest.mark.parametrize("content", [b"", b"x" * 100, None])
def test_a_damaged_pickle_of_a_trainer_is_named_and_ignored(maskdb, checkpoint, tmp_path, content):
    base = model((10, 10))
    folder = write_checkpoint(tmp_path / "tuned", tuned_model(base, 0.4, 1))
    if content is None:
        with zipfile.ZipFile(folder / "training_args.bin", "w") as archive:
            archive.writestr("archive/data.pkl", b"\x80\x02cos\nsystem\nX\x02\x00\x00\x00id\x85R")
    else:
        (folder / "training_args.bin").write_bytes(content)
    answer = maskdb.does("add", folder, "--base", checkpoint("base", base))
    assert "ignored 'training_args.bin'" in answer.stderr
    assert fields_of(maskdb, "tuned") == {}


def test_a_pickle_of_a_trainer_is_not_inflated_beyond_all_bounds(maskdb, checkpoint, tmp_path):
    base = model((10, 10))
    folder = write_checkpoint(tmp_path / "tuned", tuned_model(base, 0.4, 1))
    with zipfile.ZipFile(folder / "training_args.bin", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(1 << 25))
    assert (folder / "training_args.bin").stat().st_size < 1 << 16
    answer = maskdb.does("add", folder, "--base", checkpoint("base", base))
    assert "ignored 'training_args.bin': it holds no pickle" in answer.stderr


def test_runs_of_one_name_are_told_apart_by_the_folders_above(maskdb, checkpoint, tmp_path):
    base = model((10, 10))
    folders = [
        write_checkpoint(tmp_path / seed / "out" / "checkpoint-40", tuned_model(base, 0.4, number))
        for number, seed in enumerate(("seed1", "seed2"))
    ]
    maskdb.does("add", *folders, "--base", checkpoint("base", base))
    assert {mask["run"] for mask in maskdb.masks()} == {"out-step40", "seed2-out-step40"}


def test_changes_that_the_default_dtype_hides_in_some_tensors_are_said(maskdb, checkpoint):
    """Norms in fp32 beside weights in bf16 are compared in bf16, in which small steps vanish."""
    base = {
        "w": at_random(20, 10, seed=1).bfloat16(),
        "norm": torch.ones(10),
        "router": at_random(4, 10, seed=2),
    }
    tuned = base | {"w": nudged(base["w"], 0.4, seed=3), "norm": base["norm"] + 1e-4}
    folders = checkpoint("tuned", tuned), checkpoint("base", base)
    for command in (["add", folders[0], "--base"], ["diff"]):
        words = [*command, folders[1]] + ([folders[0]] if command == ["diff"] else [])
        answer = maskdb.does(*words, "--definition", "bitwise")
        assert "compared in bf16, though both sides store norm (fp32) and 1 more" in answer.stderr
        words = [*words, "--definition", "bitwise@fp32"]
        assert "norm" not in maskdb.does(*words).stderr
    one = {"w": at_random(20, 10, seed=1)}
    answer = maskdb.does("add", checkpoint("wide", one), "--base", checkpoint("wide-base", one))
    assert answer.stderr == "", "paper compares in bf16 whatever is stored"


def test_scales_of_packed_weights_are_no_parameters(maskdb, checkpoint):
    base = {
        "a.weight": torch.zeros(8, 4, dtype=torch.uint8),
        "a.weight_scale": at_random(8, 1, seed=1),
        "a.input_scale": torch.tensor(1.0),
        "b.qweight": torch.zeros(8, 4, dtype=torch.int32),
        "b.scales": at_random(2, 4, seed=2).half(),
        "norm.weight": at_random(7, seed=3).bfloat16(),
        "c.scales": at_random(5, seed=4).bfloat16(),
    }
    tuned = base | {
        "a.weight_scale": base["a.weight_scale"] * 2,
        "norm.weight": base["c.scales"][:1].repeat(7),
    }
    folder = checkpoint("tuned", tuned)
    answer = maskdb.does("add", folder, "--base", checkpoint("base", base), "--name", "run")
    assert "did not compare 3 tensors" in answer.stderr
    (mask,) = maskdb.masks()
    assert mask["parameters"] == 12
    assert mask["count"] == int((base["norm.weight"] != tuned["norm.weight"]).sum())


def test_what_a_folder_says_is_kept_as_it_is_or_named(maskdb, checkpoint, tmp_path):
    base = model((10, 10))
    folder = write_checkpoint(tmp_path / "tuned", tuned_model(base, 0.4, 1))
    options = ["add", folder, "--base", checkpoint("base", base)]
    (folder / "run.json").write_text('{"": "x"}')
    assert "has no name" in maskdb.refuses(*options, code=INPUT).stderr
    assert not maskdb.catalog.exists()
    (folder / "run.json").write_text('{"seed": 18446744073709551615, "step": 1.5, "beta": 0.1}')
    card = "---\ndatasets: [\"a, b\", 'c', it's]\n---\n"
    (folder / "README.md").write_text(card)
    answer = maskdb.does(*options)
    assert "ignored 'step' of 'run.json': no whole number" in answer.stderr
    assert fields_of(maskdb, "tuned") == {
        "dataset": ("a, b, c, it's", "README.md"),
        "seed": ("18446744073709551615", "run.json"),
        "beta": ("0.1", "run.json"),
    }


@pytest.mark.parametrize("size", [[2**63 - 1, 128], [128, 2**63 - 1], [256, 256]])
def test_any_size_of_blocks_is_held_against_the_scales(maskdb, checkpoint, size):
    """One factor for all is what blocks of any larger size have."""
    base = {"w": torch.zeros(16, 16).to(torch.float8_e4m3fn), "w_scale_inv": torch.ones(1, 1)}
    tuned = base | {"w_scale_inv": torch.full((1, 1), 2.0)}
    folders = checkpoint("base", base), checkpoint("tuned", tuned)
    for folder in folders:
        config = {"quantization_config": {"weight_block_size": size}}
        (folder / "config.json").write_text(json.dumps(config))
    maskdb.does("diff", *folders, "--compare-dtype", "fp32")


@pytest.mark.parametrize("size", ["x", [128], [0, 1], [1, 2, 3]])
def test_a_size_of_blocks_that_is_none_is_named(maskdb, checkpoint, size):
    base = {"w": torch.zeros(16, 16).to(torch.float8_e4m3fn), "w_scale_inv": torch.ones(1, 1)}
    folders = checkpoint("base", base), checkpoint("tuned", base)
    config = {"quantization_config": {"weight_block_size": size}}
    (folders[1] / "config.json").write_text(json.dumps(config))
    answer = maskdb.does("diff", *folders, "--compare-dtype", "fp32")
    assert "ignored 'weight_block_size' of 'config.json'" in answer.stderr


def test_a_base_overwritten_with_its_length_and_time_restored_is_read_again(maskdb, checkpoint):
    first, second = model((40, 30)), {"t0": at_random(40, 30, seed=9).to(BF16)}
    path, tuned = checkpoint("base", first), checkpoint("tuned", tuned_model(first, 0.3, 1))
    rule = ("--definition", "numeric")
    maskdb.does("add", tuned, "--base", path, "--name", "first", *rule)
    (file,) = path.glob("*.safetensors")
    times = (file.stat().st_atime_ns, file.stat().st_mtime_ns)
    (other,) = checkpoint("other", second).glob("*.safetensors")
    content = other.read_bytes()
    assert len(content) == file.stat().st_size
    with open(file, "r+b") as stream:
        stream.write(content)
    os.utime(file, ns=times)
    assert file.stat().st_mtime_ns == times[1]
    maskdb.does("add", tuned, "--base", path, "--name", "second", *rule)
    counts = {mask["run"]: mask["count"] for mask in maskdb.masks()}
    assert counts["second"] == int((second["t0"] != tuned_model(first, 0.3, 1)["t0"]).sum())
    assert counts["first"] != counts["second"]
