"""The formats of exported masks.

A container (`shards`, `numpy_archive`, `torch_archive`) has arrays in files; a coding (`bools`,
`packed`, `positions`) gives the bits that its arrays stand for. `roaring` is a folder of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from maskdb.errors import MaskFileError
from maskdb.files import INDEX_SUFFIX, read_json
from maskdb.formats.arrays import IMPORT
from maskdb.formats.bools import BoolSource
from maskdb.formats.numpy_archive import NumpyArchive
from maskdb.formats.packed import PackedSource
from maskdb.formats.positions import SUFFIX, PositionSource
from maskdb.formats.roaring import RoaringSource
from maskdb.formats.shards import Shards
from maskdb.formats.torch_archive import TorchArchive, is_torch
from maskdb.formats.zips import ZipArchive
from maskdb.mask import Source

MANIFEST = "manifest.json"
ZIP = (b"PK\3\4", b"PK\5\6")
NUMPY = b"\x93NUM"
# Protocol 2 and the number that torch.save began with before 1.6.
OLD_TORCH = bytes.fromhex("80028a0a6cfc9c46f920")
Opened = tuple[Source, Mapping[str, str]]


def opened(path: Path) -> Opened:
    """The bits of what is at `path`, and what it says of itself.

    Raises:
        MaskFileError: where it is no mask that can be read.
        OSError: where it cannot be opened.
    """
    place = _described(path)
    if place.is_dir():
        manifest = place / MANIFEST
        described = read_json(manifest) if manifest.is_file() else {}
        if described.get("format") == "roaring":
            source = RoaringSource(place, described)
            return source, source.metadata
    elif not place.name.endswith(INDEX_SUFFIX):
        with place.open("rb") as file:
            start = file.read(len(OLD_TORCH))
        _refuse_others(place, start)
        if start.startswith(ZIP):
            return _archive(place)
    return _safetensors(place)


def _described(path: Path) -> Path:
    """The file or folder that a manifest describes."""
    if path.name == MANIFEST:
        return path.parent
    beside = path.name.removesuffix(f".{MANIFEST}")
    return path.with_name(beside) if beside != path.name else path


def _refuse_others(path: Path, start: bytes) -> None:
    if start == OLD_TORCH:
        raise MaskFileError(
            f"{path} has the format of PyTorch before 1.6: write it again with "
            "torch.save(torch.load(FILE, weights_only=True), FILE)"
        )
    if start.startswith(NUMPY):
        raise MaskFileError(f"{path} is an array without the names of tensors: {IMPORT}")


def _archive(path: Path) -> Opened:
    archive = ZipArchive(path)
    try:
        container = TorchArchive(archive) if is_torch(archive) else NumpyArchive(archive)
        return BoolSource(container), container.metadata
    except BaseException:
        archive.close()
        raise


def _safetensors(path: Path) -> Opened:
    shards = Shards(path)
    try:
        return _coded(shards)
    except BaseException:
        shards.close()
        raise


def _coded(shards: Shards) -> Opened:
    """The bits of safetensors, in the coding that they state or show."""
    metadata = shards.metadata
    shown = "indices" if any(name.endswith(SUFFIX) for name in shards.arrays) else "safetensors"
    coding = metadata.get("mask_format", shown)
    if coding == "packed":
        return PackedSource(shards, shards.shapes), metadata
    if coding in ("indices", "delta"):
        # The positions of a delta are those that changed.
        implied = {"polarity": "trainable"} if coding == "delta" else {}
        return PositionSource(shards, shards.shapes), implied | metadata
    return BoolSource(shards), metadata
