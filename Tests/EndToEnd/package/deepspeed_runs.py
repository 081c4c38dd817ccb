"""What two processes do together under DeepSpeed ZeRO, on CPUs; run by `test_deepspeed.py`.

Every run trains the toy model, with or without the README's `restore`, and writes how many weights
numpy sees moved: of the master weights, and of those that the model computes with.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import deepspeed
import torch
import torch.distributed as dist
from deepspeed.utils import safe_get_full_fp32_param
from maskdb import from_arrays
from torch.optim import AdamW
from toys import batches, loss_of, moved, random_bools, toy

# An extension in C++ that DeepSpeed would build first, and does without.
deepspeed.ops.__compatible_ops__["deepspeed_shm_comm"] = False
STAGES = (1, 2, 3)
DTYPES = ("fp32", "bf16")


def engine_of(stage: int, dtype: str) -> deepspeed.DeepSpeedEngine:
    model = toy(tied=False)
    config = {
        "train_micro_batch_size_per_gpu": 16, "gradient_clipping": 1.0,
        "zero_optimization": {"stage": stage}, "bf16": {"enabled": dtype == "bf16"},
        "zero_allow_untested_optimizer": True, "zero_force_ds_cpu_optimizer": False,
    }  # fmt: skip
    optimizer = AdamW(model.parameters(), lr=1e-2, weight_decay=0.1)
    return deepspeed.initialize(model=model, optimizer=optimizer, config=config)[0]


def masters(engine: deepspeed.DeepSpeedEngine) -> dict[str, torch.Tensor]:
    return {
        name: safe_get_full_fp32_param(parameter).detach().cpu().clone()
        for name, parameter in engine.module.named_parameters()
    }


def weights(engine: deepspeed.DeepSpeedEngine) -> dict[str, torch.Tensor]:
    found = {}
    for name, parameter in engine.module.named_parameters():
        with deepspeed.zero.GatheredParameters([parameter]):
            found[name] = parameter.detach().cpu().clone()
    return found


def run(stage: int, dtype: str, code: str | None) -> dict[str, list[int]]:
    engine, bools = engine_of(stage, dtype), random_bools(toy(tied=False))
    before = masters(engine), weights(engine)
    names = {"engine": engine, "mask": from_arrays(bools, "trainable"), "restore": lambda: None}
    if code:
        exec(compile(code, "README.md", "exec"), names)
    for words in batches(4, seed=10 + dist.get_rank()):
        engine.backward(loss_of(engine, words))
        engine.step()
        names["restore"]()
    after = masters(engine), weights(engine)
    kinds = zip(("master", "model"), before, after, strict=True)
    return {kind: moved(first, last, bools) for kind, first, last in kinds}


def main(folder: Path, code: str) -> None:
    deepspeed.init_distributed("gloo")
    torch.set_num_threads(1)
    found = {
        f"{stage} {dtype} {restored}": run(stage, dtype, code if restored else None)
        for stage in STAGES
        for dtype in DTYPES
        for restored in (True, False)
    }
    (folder / f"{dist.get_rank()}.json").write_text(json.dumps(found))
    dist.barrier()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]).read_text())
    sys.stdout.flush()
    os._exit(0)
