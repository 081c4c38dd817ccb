"""Applies exported deltas with vLLM's own loader, taken from its wheel and run on the CPU.

Not one of the tests: vLLM cannot be installed beside a CPU build of torch, and its wheel is large.
Its loader of sparse updates needs torch alone, so that the one file does::

    pip download vllm --no-deps
    python Tests/EndToEnd/vllm_delta.py vllm-*.whl .build/release/maskdb

For every sample run, the delta of its bitwise mask has to turn the base into the run, bit by bit
and in the dtype of the base.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import types
import zipfile
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file

SAMPLES = Path(__file__).resolve().parents[2] / "Samples"
LOADER = "vllm/model_executor/model_loader/checkpoint_weight_patch.py"


class Model(torch.nn.Module):
    """Weights that are loaded as vLLM's models load theirs: copied into what is there."""

    def __init__(self, weights):
        super().__init__()
        self.weights = {name: value.clone() for name, value in weights.items()}

    def load_weights(self, weights):
        for name, value in weights:
            self.weights[name].copy_(value)
        return [name for name, _ in weights]


def loader_of(wheel):
    module = types.ModuleType("checkpoint_weight_patch")
    sys.modules[module.__name__] = module
    with zipfile.ZipFile(wheel) as archive:
        exec(compile(archive.read(LOADER), LOADER, "exec"), module.__dict__)
    return module


def patches_of(file, patch):
    """The arrays of a delta in the words of vLLM."""
    with safe_open(file, framework="pt") as opened:
        shapes = json.loads(opened.metadata()["shapes"])
        lists = [name for name in shapes if f"{name}.indices" in set(opened.keys())]
        for name in lists:
            values = opened.get_tensor(f"{name}.values")
            indices = opened.get_tensor(f"{name}.indices")
            yield patch(name, tuple(shapes[name]), values.dtype, values, indices)


def weights_of(folder):
    every = [load_file(file) for file in sorted(folder.glob("*.safetensors"))]
    return {name: value for part in every for name, value in part.items()}


def bits(tensor):
    return tensor.view({2: torch.int16, 4: torch.int32}[tensor.element_size()])


def main(wheel, binary):
    loader = loader_of(wheel)
    base = weights_of(SAMPLES / "base")
    with tempfile.TemporaryDirectory() as folder:
        catalog = ["--catalog", f"{folder}/masks.maskdb", "--quiet"]
        options = ["--manifest", SAMPLES / "runs.json", "--definition", "bitwise"]
        subprocess.run([binary, "add", *options, *catalog], check=True, stdout=subprocess.DEVNULL)
        for run in json.loads((SAMPLES / "runs.json").read_text())["runs"]:
            tuned, file = SAMPLES / run["path"], f"{folder}/{run['name']}.safetensors"
            delta = ["--format", "delta", "--tuned", tuned, "-o", file]
            subprocess.run([binary, "export", run["name"], *delta, *catalog], check=True)
            patches = list(patches_of(file, loader.CheckpointWeightPatch))
            model = Model(base)
            loader.load_checkpoint_weight_patches(model, patches)
            expected = weights_of(tuned)
            for name, value in model.weights.items():
                wanted = expected[name].to(value.dtype)
                assert torch.equal(bits(value), bits(wanted)), f"{run['name']}: {name}"
            positions = sum(patch.indices.numel() for patch in patches)
            print(f"{run['name']}: {positions} positions in {len(patches)} tensors, bit-identical")


if __name__ == "__main__":
    main(*sys.argv[1:])
