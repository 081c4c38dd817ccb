"""What a catalog says of its runs and masks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


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
        compare_dtype: the dtype that both sides were cast to; None where nothing was compared, as
            for masks that were derived.
        base: the digest of the base, in hexadecimal.
    """

    name: str
    run: str
    definition: str
    compare_dtype: str | None
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
