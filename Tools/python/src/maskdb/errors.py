"""What goes wrong, each a sentence that names the thing, the reason and the way out."""

from __future__ import annotations

from collections.abc import Iterable

SHOWN = 10


class MaskdbError(Exception):
    """Anything that this package refuses."""


class MaskFileError(MaskdbError):
    """A mask file that cannot be used."""


class CatalogError(MaskdbError):
    """A catalog that cannot be used, or a thing that it does not hold."""


class MaskMismatchError(MaskdbError):
    """A mask and a model, or a model and an optimizer, that do not fit each other.

    Attributes:
        names: every tensor concerned, also those that the sentence leaves out.
    """

    def __init__(self, sentence: str, names: Iterable[str] = ()) -> None:
        """A sentence, and the tensors that it is about."""
        self.names = tuple(names)
        super().__init__(f"{sentence}{listed(self.names)}")


class FrozenWeightsMovedError(MaskdbError):
    """Weights outside of the mask are not what they were.

    Attributes:
        changed: how many of them, for every tensor in which there are any.
    """

    def __init__(self, sentence: str, changed: dict[str, int]) -> None:
        """A sentence, and the counts that it is about."""
        self.changed = changed
        super().__init__(f"{sentence}{listed(f'{n} ({k})' for n, k in changed.items())}")


def listed(names: Iterable[str]) -> str:
    """Names as the end of a sentence, the first few of them."""
    every = list(names)
    if not every:
        return ""
    rest = f" and {len(every) - SHOWN} more" if len(every) > SHOWN else ""
    return f": {', '.join(every[:SHOWN])}{rest}"
