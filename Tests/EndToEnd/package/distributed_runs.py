"""What two processes do together under gloo; run by `test_distributed.py` with torchrun.

Every run trains the toy model and writes what numpy counts of it, and what the package says.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from maskdb import Mask, MaskedTraining, MaskMismatchError
from maskdb.mask import ArraySource
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import FullyShardedDataParallel, fully_shard
from torch.distributed.fsdp.wrap import ModuleWrapPolicy
from torch.distributed.tensor import DTensor
from torch.nn.parallel import DistributedDataParallel
from torch.optim import SGD, AdamW
from toys import batches, loss_of, moved, random_bools, toy, train, values

Json = dict[str, object]


class CountingSource(ArraySource):
    """Bits in memory that count how many of them were read."""

    read_bits = 0

    def read(self, name: str, start: int, stop: int) -> np.ndarray:
        self.read_bits += stop - start
        return super().read(name, start, stop)


def whole(model: nn.Module) -> dict[str, torch.Tensor]:
    """The values of all parameters, gathered."""
    return {
        name: (p.full_tensor() if isinstance(p, DTensor) else p).detach().clone()
        for name, p in model.named_parameters()
    }


def adamw(model: nn.Module) -> torch.optim.Optimizer:
    return AdamW(model.parameters(), lr=1e-2, weight_decay=0.1)


def resumed(model: nn.Module) -> torch.optim.Optimizer:
    """Momentum of an unmasked training; the weights are as they were."""
    start = [p.detach().clone() for p in model.parameters()]
    optimizer = SGD(model.parameters(), lr=1e-2, momentum=0.9)
    train(model, [optimizer])
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), start, strict=True):
            parameter.copy_(value)
    return optimizer


def sharded(mesh_shape: tuple[int, ...] = (2,)) -> nn.Module:
    model = toy()
    names = ("copies", "shards")[-len(mesh_shape) :]
    mesh = init_device_mesh("cpu", mesh_shape, mesh_dim_names=names)
    for module in (model.up, model.down):
        fully_shard(module, mesh=mesh)
    return fully_shard(model, mesh=mesh)


def masked_run(model: nn.Module, make=adamw, **options: object) -> Json:
    """Trains inside of a mask, on other data in each process, and counts."""
    bools = random_bools(toy())
    source = CountingSource(bools)
    optimizer, before = make(model), whole(model)
    with MaskedTraining(model, optimizer, Mask(source, "trainable"), **options) as masked:
        for words in batches(4, seed=10 + dist.get_rank()):
            loss_of(model, words).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
        said = masked.verify() if options.get("restore", True) else None
        state, frozen = masked.state_dict(), masked.frozen
    after = {name.removeprefix("module."): value for name, value in whole(model).items()}
    before = {name.removeprefix("module."): value for name, value in before.items()}
    outside, inside = moved(before, after, bools)
    return {
        "outside": outside, "inside": inside, "said": said, "read": source.read_bits,
        "frozen": frozen, "state": state["frozen"],
    }  # fmt: skip


def tampering(model: nn.Module) -> Json:
    """One process moves a weight; every process hears of it."""
    nothing = {name: np.zeros_like(b) for name, b in random_bools(toy()).items()}
    nothing["norm.bias"][:] = True
    mask = Mask(ArraySource(nothing), "trainable")
    with MaskedTraining(model, adamw(model), mask) as masked:
        if dist.get_rank() == 1:
            with torch.no_grad():
                model.up.weight.to_local()[0] += 1
        return {"changed": masked.changed()}


def plain_hook_fires() -> Json:
    """Whether a plain gradient hook on a parameter fires under FSDP2."""
    model, fired = sharded(), []
    for parameter in model.parameters():
        parameter.register_hook(lambda gradient: fired.append(1))
    loss_of(model, batches(1)[0]).backward()
    return {"fired": len(fired)}


def fsdp1() -> nn.Module:
    model = toy(tied=False)
    return FullyShardedDataParallel(
        model, use_orig_params=True, device_id=torch.device("cpu"),
        auto_wrap_policy=ModuleWrapPolicy({nn.Linear, nn.LayerNorm}),
    )  # fmt: skip


def fsdp1_refused() -> Json:
    model = fsdp1()
    mask = Mask(ArraySource(random_bools(toy(tied=False))), "trainable")
    try:
        MaskedTraining(model, adamw(model), mask)
    except MaskMismatchError as error:
        return {"refused": str(error)}
    return {"refused": ""}


def fsdp1_by_the_book(code: str) -> Json:
    """What the README of the package shows for FSDP1, run as it stands there."""
    model, bools = fsdp1(), random_bools(toy(tied=False))
    optimizer, mask = adamw(model), Mask(ArraySource(bools), "trainable")

    def gathered() -> dict[str, torch.Tensor]:
        with FullyShardedDataParallel.summon_full_params(model):
            return values(model)

    before = gathered()
    exec(code, {"model": model, "optimizer": optimizer, "mask": mask})
    train(model, [optimizer])
    outside, inside = moved(before, gathered(), bools)
    return {"outside": outside, "inside": inside}


def main(folder: Path, code: str) -> None:
    dist.init_process_group("gloo")
    torch.set_num_threads(1)
    found = {
        "plain": masked_run(toy()),
        "DDP": masked_run(DistributedDataParallel(toy())),
        "FSDP2": masked_run(sharded()),
        "FSDP2, packed": masked_run(sharded(), packed=True),
        "FSDP2, resumed": masked_run(sharded(), resumed),
        "FSDP2, not restored": masked_run(sharded(), restore=False),
        "FSDP2, resumed, not restored": masked_run(sharded(), resumed, restore=False),
        "HSDP": masked_run(sharded((2, 1))),
        "tampering": tampering(sharded()),
        "HSDP tampering": tampering(sharded((1, 2))),
        "plain hook": plain_hook_fires(),
        "FSDP1": fsdp1_refused(),
        "FSDP1 by the book": fsdp1_by_the_book(code),
    }
    (folder / f"{dist.get_rank()}.json").write_text(json.dumps(found))
    dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]).read_text())
    sys.stdout.flush()
    os._exit(0)
