"""Two processes under gloo: FSDP2, HSDP and DDP move nothing outside of a mask."""

from __future__ import annotations

import json

import pytest
from processes import two_processes
from readme import documented
from toys import random_bools, toy

WEIGHTS = sum(p.numel() for p in toy().parameters())
FROZEN = WEIGHTS - sum(int(b.sum()) for b in random_bools(toy()).values())


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """What both processes wrote."""
    folder = tmp_path_factory.mktemp("distributed")
    code = folder / "fsdp1.py"
    code.write_text(documented("FSDP1"))
    two_processes("distributed_runs.py", folder, code)
    return [json.loads((folder / f"{rank}.json").read_text()) for rank in (0, 1)]


RESTORED = ["plain", "DDP", "FSDP2", "FSDP2, packed", "FSDP2, resumed", "HSDP"]


@pytest.mark.parametrize("run", RESTORED)
def test_nothing_outside_of_the_mask_moves(results, run):
    for rank in results:
        assert rank[run]["outside"] == rank[run]["said"] == 0
        assert rank[run]["inside"] > 0


@pytest.mark.parametrize("run", ["FSDP2, not restored", "FSDP2, resumed, not restored"])
def test_masked_gradients_alone_let_frozen_weights_move(results, run):
    assert all(rank[run]["outside"] > 0 for rank in results)


@pytest.mark.parametrize("run", ["FSDP2", "FSDP2, packed", "FSDP2, resumed"])
def test_a_process_reads_its_rows_of_the_mask_and_no_others(results, run):
    assert sum(rank[run]["read"] for rank in results) == WEIGHTS
    assert all(0 < rank[run]["read"] < WEIGHTS for rank in results)
    assert sum(rank[run]["frozen"] for rank in results) == FROZEN


@pytest.mark.parametrize("run", ["plain", "DDP", "HSDP"])
def test_a_process_with_all_rows_reads_them_once(results, run):
    assert all(rank[run]["read"] == WEIGHTS for rank in results)
    assert all(rank[run]["frozen"] == FROZEN for rank in results)


@pytest.mark.parametrize("run", RESTORED)
def test_the_state_does_not_depend_on_how_a_model_is_sharded(results, run):
    expected = results[0]["plain"]["state"]
    assert all(rank[run]["state"] == expected for rank in results)


@pytest.mark.parametrize("run", ["tampering", "HSDP tampering"])
def test_every_process_hears_what_moved_in_one_of_them(results, run):
    width = 12
    assert all(rank[run]["changed"] == {"up.weight": width} for rank in results)


def test_a_plain_gradient_hook_never_fires_under_fsdp2(results):
    assert all(rank["plain hook"]["fired"] == 0 for rank in results)


def test_fsdp1_is_refused_with_the_way_out(results):
    for rank in results:
        assert "use fully_shard" in rank["FSDP1"]["refused"]


def test_what_the_readme_shows_for_fsdp1_moves_nothing_outside(results):
    for rank in results:
        assert rank["FSDP1 by the book"]["outside"] == 0
        assert rank["FSDP1 by the book"]["inside"] > 0
