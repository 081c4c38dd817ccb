"""Catalogs from Python, without the program: runs, masks and counts, to be read only."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from maskdb.catalog.database import CatalogDatabase, Layout
from maskdb.catalog.records import CatalogMask, CatalogRun, TensorCount
from maskdb.catalog.segments import LENGTH, leb128, verifies_checksums
from maskdb.catalog.source import CatalogSource
from maskdb.closing import Closing
from maskdb.errors import CatalogError
from maskdb.extras import needed
from maskdb.mask import Mask

NAME = (
    "run.name || '@' || mask.definition || "
    "CASE mask.is_default_dtype WHEN 1 THEN '' ELSE '@' || mask.compare_dtype END"
)
# In the order of a CatalogMask.
MASKS = (
    f"SELECT {NAME}, run.name, mask.definition, mask.compare_dtype, mask.compared, mask.count, "
    "lower(hex(base.digest)), mask.id, base.layout_id "
    "FROM mask JOIN run ON run.id = mask.run_id JOIN base ON base.id = run.base_id ORDER BY mask.id"
)


class Catalog(Closing):
    """An open catalog. Threads may share it and its masks; one reads at a time."""

    def __init__(self, path: str | Path) -> None:
        """Open a catalog, to read it.

        Raises:
            CatalogError: where it is not there, is none, or was written by a newer maskdb.
        """
        self._database = CatalogDatabase(path)
        self.path = self._database.path

    def runs(self) -> list[CatalogRun]:
        """The runs, in the order in which they were added."""
        fields: dict[str, dict[str, str]] = {}
        for name, key, value in self._database.rows("SELECT run, key, value FROM run_fields"):
            fields.setdefault(name, {})[key] = value
        found = self._database.rows(
            "SELECT run.name, run.location, lower(hex(base.digest)) FROM run "
            "JOIN base ON base.id = run.base_id ORDER BY run.id"
        )
        return [CatalogRun(name, at, base, fields.get(name, {})) for name, at, base in found]

    def masks(self) -> list[CatalogMask]:
        """The masks, in the order in which they were added."""
        return [CatalogMask(*row) for row in self._database.rows(MASKS)]

    def counts(self, name: str) -> dict[str, TensorCount]:
        """What a mask has of every tensor of its base."""
        mask = self.find(name)
        names = {ordinal: name for name, (ordinal, _) in self._database.layout(mask.layout).items()}
        rows = self._database.rows(
            "SELECT ordinal, compared, count, reason FROM mask_tensor WHERE mask_id = ? "
            "ORDER BY ordinal",
            mask.id,
        )
        return {names[ordinal]: TensorCount(*rest) for ordinal, *rest in rows}

    def intersections(self, a: str, b: str) -> dict[str, int] | None:
        """How many weights of every tensor two masks share; None where not all are counted.

        `maskdb overlap` counts them and keeps the counts; one that is stopped keeps those of the
        leading tensors, and goes on from there when it is asked again.
        """
        first, second = sorted([self.find(a), self.find(b)], key=lambda mask: mask.id)
        if first.layout != second.layout:
            raise CatalogError(f"{a} and {b} are masks of models with different tensors")
        if first.id == second.id:
            return {name: tensor.count for name, tensor in self.counts(a).items()}
        query = "SELECT counts FROM pair WHERE mask_a = ? AND mask_b = ?"
        found = self._database.rows(query, first.id, second.id)
        return self._unpacked(found[0][0], first.layout) if found else None

    def mask(self, name: str) -> Mask:
        """A mask that `MaskedTraining` takes: true where the run changed the weight.

        Segments are read when they are asked for, and held against their counts and checksums.
        Tensors that were not compared are left out. Tensors are numpy bools once they are indexed;
        `bitmap` gives roaring bitmaps.

        Args:
            name: `RUN@DEFINITION[@DTYPE]`, or a run that has one mask alone.
        """
        with self._database.snapshot():
            mask = self.find(name)
            tensors = self._compared(mask)
        metadata = {
            "mask": mask.name, "definition": mask.definition, "base": mask.base,
            "polarity": "trainable",
        }  # fmt: skip
        if mask.compare_dtype is not None:
            metadata["compare_dtype"] = mask.compare_dtype
        source = CatalogSource(self._database, mask, tensors)
        return Mask(source, "trainable", metadata, f"{self.path}: {mask.name}")

    def bitmap(self, name: str, tensor: str) -> Any:
        """A tensor of a mask as a `pyroaring.BitMap` of row-major positions.

        It is a `BitMap64` where the tensor has more than 2^32 positions.
        """
        pyroaring = needed("pyroaring")
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

    def _compared(self, mask: CatalogMask) -> Layout:
        """The tensors of a mask's layout without those that were not compared."""
        counts = self.counts(mask.name)
        return {
            name: place
            for name, place in self._database.layout(mask.layout).items()
            if name in counts and (counts[name].compared or not counts[name].skipped)
        }

    def _unpacked(self, packed: bytes, layout: int) -> dict[str, int] | None:
        found, start = {}, 0
        for name in self._database.layout(layout):
            if start == len(packed):
                return None  # a count that was stopped
            found[name], start = leb128(packed, start)
        return found


def open_catalog(path: str | Path) -> Catalog:
    """Open a catalog, to read it.

    Masks need the extra `catalog`: zstandard, and xxhash for checksums. Without xxhash, a warning
    says that segments are held against their counts alone.
    """
    catalog = Catalog(path)
    if not verifies_checksums():
        warnings.warn(
            "xxhash is not installed: segments are held against their counts, not against their "
            "checksums (pip install xxhash)",
            stacklevel=2,
        )
    return catalog
