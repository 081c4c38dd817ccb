"""What the README shows for DeepSpeed ZeRO, run as it stands there by two processes."""

from __future__ import annotations

import importlib.util
import json

import pytest
from processes import two_processes
from readme import documented

RUNS = [f"{stage} {dtype}" for stage in (1, 2, 3) for dtype in ("fp32", "bf16")]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """What both processes wrote."""
    if importlib.util.find_spec("deepspeed") is None:
        pytest.skip("deepspeed is not installed")
    folder = tmp_path_factory.mktemp("deepspeed")
    code = folder / "zero.py"
    code.write_text(documented("DeepSpeed ZeRO"))
    two_processes("deepspeed_runs.py", folder, code, DS_ACCELERATOR="cpu")
    return [json.loads((folder / f"{rank}.json").read_text()) for rank in (0, 1)]


@pytest.mark.parametrize("weights", ["master", "model"])
@pytest.mark.parametrize("run", RUNS)
def test_nothing_outside_of_the_mask_moves(results, run, weights):
    for rank in results:
        outside, inside = rank[f"{run} True"][weights]
        assert outside == 0
        assert inside > 0


@pytest.mark.parametrize("run", RUNS)
def test_without_restoring_frozen_weights_move(results, run):
    assert all(rank[f"{run} False"]["master"][0] > 0 for rank in results)
