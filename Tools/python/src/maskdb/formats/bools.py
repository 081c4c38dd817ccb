"""Masks at a byte a weight: bool safetensors, `.npz` and `.pt`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from maskdb.errors import MaskFileError
from maskdb.formats.arrays import Coding, Container, check_dtypes
from maskdb.mask import Bits, Shape

BYTES = frozenset({"BOOL", "U8", "I8"})


class BoolSource(Coding):
    """Tensors of a byte of 0 or 1 a weight; a range is read by itself."""

    def __init__(self, container: Container) -> None:
        """The tensors of a container.

        Raises:
            MaskFileError: where it holds anything but bools, or bytes that may be bools.
        """
        super().__init__(container)
        check_dtypes(self._arrays, BYTES)
        self.shapes: Mapping[str, Shape] = {n: array.shape for n, array in self._arrays.items()}

    def read(self, name: str, start: int, stop: int) -> Bits:
        """The bits of a range."""
        array = self._arrays[name]
        values = np.frombuffer(array.read(start, stop), np.uint8)
        if values.size and values.max() > 1:
            raise MaskFileError(
                f"{array.path} is damaged: {name} has a bool that is neither 0 nor 1"
            )
        return values.view(np.bool_)
