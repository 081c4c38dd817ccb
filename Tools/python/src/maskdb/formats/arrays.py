"""What the readers of masks have in common: arrays in files, and the files that hold them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from maskdb.errors import MaskFileError, listed
from maskdb.mask import Shape

IMPORT = "`maskdb import` with the base reads it, and `maskdb export` writes it again"


@dataclass(frozen=True)
class StoredArray:
    """An array in a file, row-major, of which any range of bytes can be read.

    Attributes:
        path: the file, for messages.
        dtype: as safetensors calls it where there is such a dtype, else as the file does.
        shape: of the array, which need not be that of the tensor that it is about.
        read: the bytes from one place in the array to another.
    """

    path: Path
    dtype: str
    shape: Shape
    read: Callable[[int, int], bytes]

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)


class Container(Protocol):
    """One file or several with arrays in them."""

    @property
    def arrays(self) -> Mapping[str, StoredArray]:
        """The arrays by their names, in the order of the files."""
        ...

    @property
    def metadata(self) -> Mapping[str, str]:
        """What the files say of themselves."""
        ...

    def close(self) -> None:
        """Close the files."""
        ...


class Coding:
    """What the codings of masks have in common: they are about the arrays of a container."""

    def __init__(self, container: Container) -> None:
        """The arrays of `container`, which is closed with this."""
        self._container = container
        self._arrays = container.arrays

    def close(self) -> None:
        """Close the files."""
        self._container.close()


def check_dtypes(arrays: Mapping[str, StoredArray], allowed: frozenset[str]) -> None:
    """Refuse arrays of other dtypes than the allowed ones.

    Raises:
        MaskFileError: which names the first dtype and the arrays.
    """
    other = [name for name, array in arrays.items() if array.dtype not in allowed]
    if other:
        first = arrays[other[0]]
        raise MaskFileError(f"{first.path} is no mask: it holds {first.dtype}{listed(other)}")
