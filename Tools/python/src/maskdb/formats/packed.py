"""Masks at a bit a weight, as `numpy.packbits` orders them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import numpy as np

from maskdb.errors import MaskFileError, listed
from maskdb.formats.arrays import Coding, Container, check_dtypes
from maskdb.mask import Bits, Shape


class PackedSource(Coding):
    """Tensors of eight weights a byte; a range is read by itself."""

    def __init__(self, container: Container, shapes: Mapping[str, Shape]) -> None:
        """The tensors of a container, whose shapes stand beside them.

        Raises:
            MaskFileError: where an array has no shape, or another number of bytes than that asks
                for, or its bits have an order that is not known.
        """
        super().__init__(container)
        check_dtypes(self._arrays, frozenset({"U8"}))
        self.shapes = shapes
        self._order = _order(container.metadata.get("bit_order", "big"))
        wrong = sorted(set(shapes) ^ set(self._arrays))
        wrong += [n for n in shapes if n not in wrong and self._arrays[n].size != self._bytes(n)]
        if wrong:
            path = next((array.path for array in self._arrays.values()), "the mask")
            raise MaskFileError(
                f"{path} has not the packed bits that its shapes ask for{listed(wrong)}"
            )

    def read(self, name: str, start: int, stop: int) -> Bits:
        """The bits of a range."""
        octets = self._arrays[name].read(start // 8, -(-stop // 8)) if start < stop else b""
        bits = np.unpackbits(np.frombuffer(octets, np.uint8), bitorder=self._order)
        return bits[start % 8 :][: stop - start].view(np.bool_)

    def _bytes(self, name: str) -> int:
        return -(-math.prod(self.shapes[name]) // 8)


def _order(said: str) -> Literal["big", "little"]:
    if said == "big":
        return "big"
    if said == "little":
        return "little"
    raise MaskFileError(f"the bit order {said!r} is neither 'big' nor 'little'")
