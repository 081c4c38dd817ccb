"""Catalogs from Python, without the program: runs, masks and counts, to be read only."""

from __future__ import annotations

import json
import math
import sqlite3
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from maskdb.errors import CatalogError
from maskdb.extras import needed
from maskdb.mask import Bits, Mask, Shape
from maskdb.segments import (
    LENGTH,
    MOST_REFERENCES,
    PREDICTED,
    DamagedSegmentError,
    StoredSegment,
    decoded,
    leb128,
    verifies_checksums,
)

APPLICATION = 0x6D61736B
VERSION = 1
NAME = (
    "run.name || '@' || mask.definition || "
    "CASE mask.is_default_dtype WHEN 1 THEN '' ELSE '@' || mask.compare_dtype END"
)
MASKS = (
    f"SELECT mask.id, {NAME} AS name, run.name AS run, mask.definition, mask.compare_dtype, "
    "mask.compared, mask.count, base.layout_id, lower(hex(base.digest)) AS base "
    "FROM mask JOIN run ON run.id = mask.run_id JOIN base ON base.id = run.base_id ORDER BY mask.id"
)


@dataclass(frozen=True)
class CatalogRun:
    """A run and what is recorded of it, as text."""

    name: str
    location: str
    base: str
    fields: Mapping[str, str]


@dataclass(frozen=True)
class CatalogMask:
    """A mask of a catalog.

    Attributes:
        name: `RUN@DEFINITION`, with `@DTYPE` where the compare dtype is not the default.
        parameters: the weights that were compared.
        count: those that changed.
        base: the digest of the base, in hexadecimal.
    """

    name: str
    run: str
    definition: str
    compare_dtype: str
    parameters: int
    count: int
    base: str
    id: int = field(repr=False)
    layout: int = field(repr=False)


@dataclass(frozen=True)
class TensorCount:
    """What a mask has of a tensor: the weights compared, those changed, and why it was skipped."""

    compared: int
    count: int
    skipped: str | None


class Catalog:
    """An open catalog. One thread at a time may use it."""

    def __init__(self, path: str | Path) -> None:
        """Open a catalog, to read it.

        Raises:
            CatalogError: where it is not there, is none, or was written by a newer maskdb.
        """
        self.path = Path(path)
        if not self.path.is_file():
            raise CatalogError(f"{self.path} is not there")
        uri = f"{self.path.resolve().as_uri()}?mode=ro"
        self._database = sqlite3.connect(uri, uri=True, timeout=60, check_same_thread=False)
        try:
            self._check_identity()
        except BaseException:
            self.close()
            raise
        self._shapes: dict[int, dict[str, tuple[int, Shape]]] = {}

    def runs(self) -> list[CatalogRun]:
        """The runs, in the order in which they were added."""
        fields: dict[str, dict[str, str]] = {}
        for name, key, value in self._rows("SELECT run, key, value FROM run_fields"):
            fields.setdefault(name, {})[key] = value
        found = self._rows(
            "SELECT run.name, run.location, lower(hex(base.digest)) FROM run "
            "JOIN base ON base.id = run.base_id ORDER BY run.id"
        )
        return [CatalogRun(*row, fields=fields.get(row[0], {})) for row in found]

    def masks(self) -> list[CatalogMask]:
        """The masks, in the order in which they were added."""
        return [
            CatalogMask(name, run, definition, dtype, compared, count, base, number, layout)
            for number, name, run, definition, dtype, compared, count, layout, base in self._rows(
                MASKS
            )
        ]

    def counts(self, name: str) -> dict[str, TensorCount]:
        """What a mask has of every tensor of its base."""
        mask = self.find(name)
        names = {ordinal: name for name, (ordinal, _) in self._layout(mask.layout).items()}
        rows = self._rows(
            "SELECT ordinal, compared, count, reason FROM mask_tensor WHERE mask_id = ? "
            "ORDER BY ordinal",
            mask.id,
        )
        return {names[ordinal]: TensorCount(*rest) for ordinal, *rest in rows}

    def intersections(self, a: str, b: str) -> dict[str, int] | None:
        """How many weights of every tensor two masks share; None where the catalog has not counted.

        `maskdb overlap` counts them and keeps the counts.
        """
        first, second = sorted([self.find(a), self.find(b)], key=lambda mask: mask.id)
        if first.layout != second.layout:
            raise CatalogError(f"{a} and {b} are masks of models with different tensors")
        if first.id == second.id:
            return {name: tensor.count for name, tensor in self.counts(a).items()}
        query = "SELECT counts FROM pair WHERE mask_a = ? AND mask_b = ?"
        found = self._rows(query, first.id, second.id)
        return self._unpacked(found[0][0], first.layout) if found else None

    def mask(self, name: str) -> Mask:
        """A mask that `MaskedTraining` takes: true where the run changed the weight.

        Segments are read when they are asked for, and held against their counts and checksums.
        Tensors that were not compared are left out. Tensors are numpy bools once they are indexed;
        `bitmap` gives roaring bitmaps.

        Args:
            name: `RUN@DEFINITION[@DTYPE]`, or a run that has one mask alone.
        """
        mask = self.find(name)
        metadata = {
            "mask": mask.name, "definition": mask.definition, "compare_dtype": mask.compare_dtype,
            "base": mask.base, "polarity": "trainable",
        }  # fmt: skip
        source = CatalogSource(self, mask, self._compared(mask))
        return Mask(source, "trainable", metadata, f"{self.path}: {mask.name}")

    def bitmap(self, name: str, tensor: str) -> Any:
        """A tensor of a mask as a `pyroaring.BitMap` of row-major positions.

        It is a `BitMap64` where the tensor has more than 2^32 positions.
        """
        pyroaring = needed("pyroaring", "roaring")
        mask = self.mask(name)[tensor]
        found = pyroaring.BitMap() if mask.size <= 2**32 else pyroaring.BitMap64()
        for start in range(0, mask.size, LENGTH):
            bits = mask.flat(start, min(start + LENGTH, mask.size))
            found.update((np.flatnonzero(bits) + start).tolist())
        return found

    def find(self, name: str) -> CatalogMask:
        """The mask of a name.

        Raises:
            CatalogError: where there is none, or a run has several.
        """
        every = self.masks()
        found = [m for m in every if m.name == name] or [m for m in every if m.run == name]
        if len(found) == 1:
            return found[0]
        if found:
            raise CatalogError(f"{name} has several masks: {', '.join(m.name for m in found)}")
        raise CatalogError(f"{self.path} has no mask {name}")

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def __enter__(self) -> Catalog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def segment(self, mask: int, ordinal: int, number: int, size: int, depth: int = 0) -> Bits:
        """The bits of a segment, those that it is coded against read first."""
        row = self._rows(
            "SELECT coding, count, checksum, bytes, reference_id FROM segment "
            "WHERE mask_id = ? AND ordinal = ? AND number = ?",
            mask, ordinal, number,
        )  # fmt: skip
        if not row:
            raise DamagedSegmentError("it is not there")
        *stored, reference = row[0]
        if depth > MOST_REFERENCES:
            raise DamagedSegmentError("it is coded against too many others, one behind another")
        against = None
        if stored[0] == PREDICTED and reference is not None:
            against = self.segment(reference, ordinal, number, size, depth + 1)
        return decoded(StoredSegment(*stored), size, against)

    def _check_identity(self) -> None:
        try:
            (owner,), (version,) = (
                self._rows(f"PRAGMA {key}")[0] for key in ("application_id", "user_version")
            )
        except sqlite3.DatabaseError as error:
            raise CatalogError(f"{self.path} is not a catalog: {error}") from None
        if owner != APPLICATION:
            raise CatalogError(f"{self.path} is a database, but not a catalog")
        if version > VERSION:
            raise CatalogError(
                f"{self.path} is of format {version} and this package reads {VERSION}: update it"
            )

    def _rows(self, query: str, *values: object) -> list[Any]:
        return self._database.execute(query, values).fetchall()

    def _layout(self, number: int) -> dict[str, tuple[int, Shape]]:
        """The ordinal and the shape of every tensor of a layout."""
        if number not in self._shapes:
            rows = self._rows(
                "SELECT name, ordinal, shape FROM tensor WHERE layout_id = ? ORDER BY ordinal",
                number,
            )
            self._shapes[number] = {n: (o, tuple(json.loads(shape))) for n, o, shape in rows}
        return self._shapes[number]

    def _compared(self, mask: CatalogMask) -> dict[str, tuple[int, Shape]]:
        """The tensors of a mask's layout without those that were not compared."""
        counts = self.counts(mask.name)
        return {
            name: place
            for name, place in self._layout(mask.layout).items()
            if name in counts and (counts[name].compared or not counts[name].skipped)
        }

    def _unpacked(self, packed: bytes, layout: int) -> dict[str, int]:
        found, start = {}, 0
        for name in self._layout(layout):
            found[name], start = leb128(packed, start)
        return found


class CatalogSource:
    """The tensors of a mask in a catalog; keeps the last segment that was read."""

    def __init__(
        self, catalog: Catalog, mask: CatalogMask, tensors: Mapping[str, tuple[int, Shape]]
    ) -> None:
        """The tensors of a mask."""
        self._catalog, self._mask = catalog, mask
        self._ordinals = {name: ordinal for name, (ordinal, _) in tensors.items()}
        self.shapes: Mapping[str, Shape] = {name: shape for name, (_, shape) in tensors.items()}
        self._last: tuple[tuple[str, int], Bits] | None = None

    def read(self, name: str, start: int, stop: int) -> Bits:
        """The bits of a range, of every segment that it touches."""
        parts = [
            self._segment(name, number)[max(start - number * LENGTH, 0) : stop - number * LENGTH]
            for number in range(start // LENGTH, -(-stop // LENGTH))
        ]
        return np.concatenate(parts) if parts else np.zeros(0, np.bool_)

    def close(self) -> None:
        """The catalog stays open; the segment that was kept goes."""
        self._last = None

    def _segment(self, name: str, number: int) -> Bits:
        if self._last is None or self._last[0] != (name, number):
            size = min(LENGTH, math.prod(self.shapes[name]) - number * LENGTH)
            try:
                bits = self._catalog.segment(self._mask.id, self._ordinals[name], number, size)
            except DamagedSegmentError as error:
                raise CatalogError(
                    f"segment {number} of {name} in {self._mask.name} is damaged: {error}"
                ) from None
            self._last = (name, number), bits
        return self._last[1]


def open_catalog(path: str | Path) -> Catalog:
    """Open a catalog, to read it.

    Masks need the extra `catalog`: zstandard, and xxhash for checksums. Without xxhash, a warning
    says that segments are held against their counts alone.
    """
    catalog = Catalog(path)
    if not verifies_checksums():
        warnings.warn(
            "xxhash is not installed: segments are held against their counts, not against their "
            "checksums (pip install 'maskdb[catalog]')",
            stacklevel=2,
        )
    return catalog
