"""Masks as folders of portable roaring files, one a tensor."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from maskdb.errors import MaskFileError
from maskdb.extras import needed
from maskdb.mask import Bits, Shape

SCHEMA = "maskdb.export/1"


class RoaringSource:
    """The tensors of a folder that `maskdb export --format roaring` wrote.

    A bitmap stays in memory once one of its ranges is read: about 2 bits to 2 bytes for every bit
    that is set.
    """

    def __init__(self, folder: Path, manifest: dict[str, Any]) -> None:
        """The tensors of `folder`, as its manifest says."""
        if (manifest.get("schema"), manifest.get("format")) != (SCHEMA, "roaring"):
            raise MaskFileError(f"{folder}/manifest.json is none of a roaring export ({SCHEMA})")
        self._folder = folder
        self.metadata = _texts(manifest)
        self._entries = _entries(folder, manifest.get("tensors"))
        self._bitmaps: dict[str, Any] = {}
        self.shapes: Mapping[str, Shape] = {
            name: tuple(entry["shape"]) for name, entry in self._entries.items()
        }

    def read(self, name: str, start: int, stop: int) -> Bits:
        """The bits of a range."""
        bitmap = self._bitmap(name)
        first, last = (bitmap.rank(end - 1) if end else 0 for end in (start, stop))
        bits = np.zeros(stop - start, np.bool_)
        found = bitmap[first:last]
        bits[np.fromiter(found, np.uint64, len(found)) - np.uint64(start)] = True
        return bits

    def close(self) -> None:
        """Let go of the bitmaps."""
        self._bitmaps.clear()

    def _bitmap(self, name: str) -> Any:
        if name not in self._bitmaps:
            self._bitmaps[name] = self._read(self._entries[name])
        return self._bitmaps[name]

    def _read(self, entry: dict[str, Any]) -> Any:
        pyroaring = needed("pyroaring")
        file = self._folder / Path(entry["file"]).name
        wide = entry["bits"] == 64
        kind = pyroaring.BitMap64 if wide else pyroaring.BitMap
        try:
            bitmap = kind.deserialize(file.read_bytes())
        except OSError as error:
            raise MaskFileError(f"{file} cannot be read: {error.strerror or error}") from None
        except ValueError as error:
            raise MaskFileError(f"{file} is not a portable roaring file: {error}") from None
        beyond = bool(bitmap) and bitmap.max() >= math.prod(entry["shape"])
        if len(bitmap) != entry["count"] or beyond:
            raise MaskFileError(f"{file} does not hold the {entry['count']} positions it should")
        return bitmap


def _entries(folder: Path, stated: object) -> dict[str, dict[str, Any]]:
    """The tensors that a manifest states, by their names."""
    if not isinstance(stated, list) or not all(map(_is_entry, stated)):
        raise MaskFileError(
            f"{folder}/manifest.json is damaged: its tensors are no list of names, shapes, files, "
            "bits and counts"
        )
    return {entry["name"]: entry for entry in stated}


def _is_entry(entry: Any) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get("shape"), list):
        return False
    counts = [*entry["shape"], entry.get("bits"), entry.get("count")]
    texts = [entry.get("name"), entry.get("file")]
    return all(type(count) is int and count >= 0 for count in counts) and all(
        isinstance(text, str) for text in texts
    )


def _texts(manifest: dict[str, Any]) -> dict[str, str]:
    extra = manifest.get("metadata")
    every = {**(extra if isinstance(extra, dict) else {}), **manifest}
    texts = {key: value for key, value in every.items() if isinstance(value, str)}
    # A list here, and its text in the metadata of files.
    return texts | {"skipped": json.dumps(manifest["skipped"])} if "skipped" in manifest else texts
