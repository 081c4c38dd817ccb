"""Checkpoints and bits that the measurements are over, each from a seed."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

COLUMNS = 4096
TENSOR = 1 << 24  # positions
BLOCK = 1 << 22  # positions that are made at once

Chooser = Callable[[np.random.Generator, int], np.ndarray]


def iid(density: float) -> Chooser:
    """Every position by itself, with `density` in per cent."""
    bound = np.uint16(min(round(density / 100 * 65536), 65535))
    return lambda random, count: random.integers(0, 65536, count, np.uint16) < bound


def by_rows(share: float, density: float) -> Chooser:
    """A share of the rows of 4096 positions, each at `density`; both in per cent."""
    inside = iid(density)

    def choose(random: np.random.Generator, count: int) -> np.ndarray:
        rows = random.random(-(-count // COLUMNS)) < share / 100
        return inside(random, count) & np.repeat(rows, COLUMNS)[:count]

    return choose


def alike(density: float, shared: float) -> Chooser:
    """Masks of `density` that have `shared` of their positions from one pattern; both in per cent.

    So are those of one base: what a mask is coded against pays. The pattern is one block, again and
    again, as the weights are.
    """
    pattern = iid(density)(np.random.default_rng(11), BLOCK)
    kept, own = iid(shared), iid(density * (100 - shared) / 100)

    def choose(random: np.random.Generator, count: int) -> np.ndarray:
        return (pattern[:count] & kept(random, count)) | own(random, count)

    return choose


def blocks(chosen: Chooser, positions: int, seed: int) -> Iterator[np.ndarray]:
    random = np.random.default_rng(seed)
    for first in range(0, positions, BLOCK):
        yield chosen(random, min(BLOCK, positions - first))


def entropy(density: float) -> float:
    """The bits that a position of independent bits carries; `density` as a fraction."""
    if density in (0, 1):
        return 0.0
    rest = 1 - density
    return -float(density * np.log2(density) + rest * np.log2(rest))


# --- checkpoints ---------------------------------------------------------------------------------


def header(positions: int) -> bytes:
    """Tensors of 4096 columns, of 2^24 positions each where there are so many."""
    tensors = max(1, positions // TENSOR)
    each = positions // tensors
    entries = {
        f"model.layers.{i}.mlp.up_proj.weight": {
            "dtype": "BF16",
            "shape": [each // COLUMNS, COLUMNS],
            "data_offsets": [2 * each * i, 2 * each * (i + 1)],
        }
        for i in range(tensors)
    }
    text = json.dumps(entries).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text


def weights(positions: int, seed: int = 7) -> Iterator[np.ndarray]:
    """Normal weights of deviation 0.02 as bf16 bits; one block, again and again."""
    random = np.random.default_rng(seed)
    values = random.standard_normal(min(BLOCK, positions), np.float32) * np.float32(0.02)
    block = (values.view(np.uint32) >> 16).astype(np.uint16)
    for first in range(0, positions, BLOCK):
        yield block[: min(BLOCK, positions - first)]


def write_base(folder: Path, positions: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "model.safetensors").open("wb") as out:
        out.write(header(positions))
        for block in weights(positions):
            out.write(block)
    return folder


def write_tuned(folder: Path, positions: int, chosen: Chooser, seed: int) -> np.ndarray:
    """The base with the last bit of the chosen weights turned; returns the mask, packed."""
    folder.mkdir(parents=True, exist_ok=True)
    packed = []
    with (folder / "model.safetensors").open("wb") as out:
        out.write(header(positions))
        for block, bits in zip(weights(positions), blocks(chosen, positions, seed), strict=True):
            out.write(block ^ bits)
            packed.append(np.packbits(bits, bitorder="little"))
    return np.concatenate(packed)


def tensors_of(file: Path) -> dict[str, np.ndarray]:
    """The raw bytes of every tensor of a safetensors file."""
    data = np.memmap(file, np.uint8, "r")
    size = int(data[:8].view(np.uint64)[0])
    entries = json.loads(bytes(data[8 : 8 + size]))
    entries.pop("__metadata__", None)
    offsets = {name: entry["data_offsets"] for name, entry in entries.items()}
    return {name: data[8 + size + a : 8 + size + b] for name, (a, b) in offsets.items()}
