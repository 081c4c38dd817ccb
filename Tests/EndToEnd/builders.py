"""Checkpoints made for a test. They exercise logic; no figure computed from them means anything."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

Tensors = dict[str, torch.Tensor]

DTYPE_NAMES = {
    "bf16": torch.bfloat16,
    "fp16": torch.float16,
    "fp32": torch.float32,
    "fp64": torch.float64,
}


def at_random(*shape: int, seed: int = 0, scale: float = 0.02) -> torch.Tensor:
    """Normal fp32 values of the size that weights have."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)) * scale


def nudged(values: torch.Tensor, share: float, seed: int = 0) -> torch.Tensor:
    """The same values with about `share` of them moved by a fiftieth to a half of themselves."""
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.rand(values.shape, generator=generator) < share
    factor = 1.02 + torch.rand(values.shape, generator=generator) / 2
    return torch.where(chosen, values.to(torch.float32) * factor, values.to(torch.float32)).to(
        values.dtype
    )


def write_checkpoint(
    folder: Path, tensors: Tensors, config: dict[str, Any] | None = None, shards: int = 1
) -> Path:
    """A folder as a trainer writes it: one file, or several with an index, and config.json."""
    folder.mkdir(parents=True, exist_ok=True)
    if config is not None:
        (folder / "config.json").write_text(json.dumps(config))
    plain = {name: value.clone().contiguous() for name, value in tensors.items()}
    if shards == 1:
        save_file(plain, folder / "model.safetensors", {"format": "pt"})
    else:
        write_shards(folder, plain, shards)
    return folder


def write_shards(folder: Path, tensors: Tensors, shards: int) -> None:
    weight_map = {}
    for shard in range(shards):
        file = f"model-{shard + 1:05}-of-{shards:05}.safetensors"
        part = dict(list(tensors.items())[shard::shards])
        save_file(part, folder / file, {"format": "pt"})
        weight_map |= dict.fromkeys(part, file)
    size = sum(value.nbytes for value in tensors.values())
    index = {"metadata": {"total_size": size}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def safetensors_bytes(header: dict[str, Any] | bytes, body: bytes = b"") -> bytes:
    """A file with any header, valid or not, in front of any bytes."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def write_sparse_tensor(
    file: Path, name: str, dtype: str, shape: list[int], item_size: int, cells: dict[int, bytes]
) -> Path:
    """One tensor of zeros in a file with holes; `cells` are the elements that are not zero."""
    size = item_size
    for length in shape:
        size *= length
    entry = {"dtype": dtype, "shape": shape, "data_offsets": [0, size]}
    head = safetensors_bytes({name: entry})
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as out:
        out.write(head)
        out.truncate(len(head) + size)
        for element, value in cells.items():
            out.seek(len(head) + element * item_size)
            out.write(value)
    return file
