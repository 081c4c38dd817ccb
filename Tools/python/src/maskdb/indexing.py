"""From a numpy index to the consecutive positions that hold what it asks for."""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from types import EllipsisType
from typing import SupportsIndex

Component = int | slice
Index = SupportsIndex | slice | EllipsisType | tuple[SupportsIndex | slice | EllipsisType, ...]


@dataclass(frozen=True)
class Extent:
    """Consecutive rows of a tensor, and what is left to be indexed once they are read.

    Attributes:
        start: the first flat position.
        stop: the flat position after the last.
        shape: the shape of the rows together.
        rest: the index into them.
    """

    start: int
    stop: int
    shape: tuple[int, ...]
    rest: tuple[Component | EllipsisType, ...]


def extent(index: Index, shape: tuple[int, ...]) -> Extent:
    """The rows that `index` asks for.

    Raises:
        IndexError: where the index is out of range, has too many parts, or parts that are neither
            integers nor slices.
    """
    parts = _parts(index, len(shape))
    if not shape or not parts or parts[0] is Ellipsis:
        return Extent(0, math.prod(shape), shape, parts)
    low, high, first = _rows(parts[0], shape[0])
    row = math.prod(shape[1:])
    return Extent(low * row, high * row, (high - low, *shape[1:]), (first, *parts[1:]))


def _parts(index: Index, dimensions: int) -> tuple[Component | EllipsisType, ...]:
    parts = tuple(map(_part, index if isinstance(index, tuple) else (index,)))
    if len(parts) - parts.count(Ellipsis) > dimensions or parts.count(Ellipsis) > 1:
        raise IndexError(f"{len(parts)} indices for a tensor of {dimensions} dimensions")
    return parts


def _part(part: object) -> Component | EllipsisType:
    """A part of an index; integers of numpy are integers."""
    if isinstance(part, slice | EllipsisType):
        return part
    try:
        if not isinstance(part, bool):
            return operator.index(part)  # type: ignore[arg-type]
    except TypeError:
        pass
    raise IndexError(f"a mask is indexed by integers and slices, not by {part!r}")


def _rows(part: Component | EllipsisType, rows: int) -> tuple[int, int, Component]:
    """The rows to read, and the index of what is wanted among them."""
    if isinstance(part, slice):
        wanted = range(*part.indices(rows))
        if not wanted:
            return 0, 0, slice(None)
        low, high = min(wanted[0], wanted[-1]), max(wanted[0], wanted[-1])
        return low, high + 1, slice(None, None, part.step)
    assert isinstance(part, int)
    if not -rows <= part < rows:
        raise IndexError(f"row {part} of {rows}")
    row = part % rows
    return row, row + 1, 0
