"""Reading exported masks with other people's libraries."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap, BitMap64
from safetensors import safe_open
from safetensors.torch import load_file

from command import Json, Maskdb
from oracle import Bits

Positions = NDArray[np.uint64]


def exported_bits(maskdb: Maskdb, mask: str, file: Path, *options: str) -> dict[str, Bits]:
    """Every tensor of an exported safetensors mask, as torch loads it."""
    maskdb.does("export", mask, "--format", "safetensors", "-o", file, *options)
    return {name: value.numpy() for name, value in load_file(file).items()}


def metadata(file: Path) -> dict[str, str]:
    with safe_open(file, framework="pt") as opened:
        return opened.metadata()


def exported_positions(maskdb: Maskdb, mask: str, folder: Path) -> dict[str, Positions]:
    """Every tensor of an exported folder of roaring files, as pyroaring loads it."""
    maskdb.does("export", mask, "--format", "roaring", "-o", folder)
    return {entry["name"]: positions(folder, entry) for entry in roaring_entries(folder)}


def roaring_entries(folder: Path) -> list[Json]:
    """What manifest.json says of every tensor: its `name`, its `shape` and its `file`."""
    return json.loads((folder / "manifest.json").read_text())["tensors"]


def positions(folder: Path, entry: Json) -> Positions:
    bitmap = BitMap64 if int(np.prod(entry["shape"], dtype=np.float64)) > 2**32 else BitMap
    read = bitmap.deserialize((folder / entry["file"]).read_bytes())
    return np.fromiter(read, np.uint64, len(read))


def flat_positions(bits: Bits) -> Positions:
    return np.flatnonzero(bits).astype(np.uint64)
