"""Masks as lists of positions: `<name>.indices`, with or without `<name>.values`."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from maskdb.errors import MaskFileError, listed
from maskdb.formats.arrays import IMPORT, Coding, Container, StoredArray, check_dtypes
from maskdb.mask import Bits, Shape

SUFFIX = ".indices"
DTYPES = {"I16": "<i2", "U16": "<u2", "I32": "<i4", "U32": "<u4", "I64": "<i8", "U64": "<u8"}
Positions = NDArray[np.integer]


class PositionSource(Coding):
    """Tensors as their set positions, row-major.

    The list of a tensor is read whole, whatever range of it is asked for, and kept until one of
    another tensor is read: 2 to 8 bytes for every bit that is set.
    """

    def __init__(self, container: Container, shapes: Mapping[str, Shape]) -> None:
        """The tensors of a container, whose shapes stand beside them.

        Raises:
            MaskFileError: where a list has no shape, or is none of integers.
        """
        super().__init__(container)
        self._lists = {
            name.removesuffix(SUFFIX): array
            for name, array in self._arrays.items()
            if name.endswith(SUFFIX)
        }
        check_dtypes(self._lists, frozenset(DTYPES))
        self.shapes = shapes
        self._last: tuple[str, Positions] | None = None
        loose = [name for name in self._lists if name not in shapes]
        if loose:
            raise MaskFileError(
                f"{self._lists[loose[0]].path} does not say the shapes of its tensors "
                f"({IMPORT}){listed(loose)}"
            )

    def read(self, name: str, start: int, stop: int) -> Bits:
        """The bits of a range."""
        bits = np.zeros(stop - start, np.bool_)
        every = self._positions(name)
        found = every[bisect_left(every, start) : bisect_left(every, stop)]
        bits[found.astype(np.int64) - start] = True
        return bits

    def close(self) -> None:
        """Close the files, and let go of the list that was kept."""
        self._last = None
        super().close()

    def _positions(self, name: str) -> Positions:
        last = self._last  # another thread may keep another meanwhile
        if last is None or last[0] != name:
            array = self._lists.get(name)
            last = name, np.zeros(0, np.int32) if array is None else self._read(name, array)
            self._last = last
        return last[1]

    def _read(self, name: str, array: StoredArray) -> Positions:
        """The positions of a list, in rising order."""
        dtype = np.dtype(DTYPES[array.dtype])
        found = np.frombuffer(array.read(0, array.size * dtype.itemsize), dtype)
        if not (found[1:] > found[:-1]).all():
            found = np.unique(found)
        if found.size and (found[0] < 0 or found[-1] >= math.prod(self.shapes[name])):
            raise MaskFileError(f"{array.path} is damaged: {name} has positions outside of it")
        return found
