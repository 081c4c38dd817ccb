"""The bits of a mask in a catalog."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from maskdb.catalog.database import CatalogDatabase
from maskdb.catalog.records import CatalogMask
from maskdb.catalog.segments import (
    LENGTH,
    MOST_REFERENCES,
    PREDICTED,
    DamagedSegmentError,
    StoredSegment,
    decoded,
)
from maskdb.errors import CatalogError
from maskdb.mask import Bits, Shape


class CatalogSource:
    """The tensors of a mask in a catalog; keeps the last segment that was read."""

    def __init__(
        self, database: CatalogDatabase, mask: CatalogMask, tensors: Mapping[str, tuple[int, Shape]]
    ) -> None:
        """The tensors of a mask."""
        self._database, self._mask = database, mask
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
        last = self._last  # another thread may keep another meanwhile
        if last is None or last[0] != (name, number):
            size = min(LENGTH, math.prod(self.shapes[name]) - number * LENGTH)
            try:
                with self._database.snapshot():  # a reference may be removed meanwhile
                    self._check_present()
                    bits = self._stored(self._mask.id, self._ordinals[name], number, size)
            except DamagedSegmentError as error:
                raise CatalogError(
                    f"segment {number} of {name} in {self._mask.name} is damaged: {error}"
                ) from None
            self._last = last = (name, number), bits
        return last[1]

    def _check_present(self) -> None:
        """Refuse a mask that is gone; no other ever has its number."""
        if not self._database.rows("SELECT 1 FROM mask WHERE id = ?", self._mask.id):
            raise CatalogError(
                f"{self._mask.name} was removed from {self._database.path} since it was opened"
            )

    def _stored(self, mask: int, ordinal: int, number: int, size: int, depth: int = 0) -> Bits:
        """The bits of a segment, those that it is coded against read first."""
        row = self._database.rows(
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
            against = self._stored(reference, ordinal, number, size, depth + 1)
        return decoded(StoredSegment(*stored), size, against)
