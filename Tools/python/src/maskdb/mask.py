"""A mask: which weights of a model are to be trained."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Literal, Protocol, cast, get_args

import numpy as np
from numpy.typing import NDArray

from maskdb.closing import Closing
from maskdb.errors import MaskFileError, MaskMismatchError
from maskdb.indexing import Index, extent

Bits = NDArray[np.bool_]
Shape = tuple[int, ...]
Polarity = Literal["trainable", "frozen"]
CHUNK = 1 << 24


class Source(Protocol):
    """Where the bits of a mask are, in the polarity in which they stand there."""

    @property
    def shapes(self) -> Mapping[str, Shape]:
        """The shape of every tensor, by its name, in the order of the source."""
        ...

    def read(self, name: str, start: int, stop: int) -> Bits:
        """The bits of the row-major positions from `start` to `stop` of a tensor.

        No one writes into them later; what the source keeps for itself, it gives read-only.
        """
        ...

    def close(self) -> None:
        """Let go of files."""
        ...


class TensorMask:
    """The mask of one tensor, read when it is asked for.

    `tensor[rows]`, with any index of integers and slices, is a numpy array of bools that are true
    where a weight is **trainable**, whatever the polarity of the file. It costs the reading of the
    rows between the first and the last that are asked for, one byte a weight. The array is the
    caller's own, to be written into or handed to torch.
    """

    def __init__(self, name: str, shape: Shape, source: Source, polarity: Polarity) -> None:
        """The tensor `name` of a source."""
        self.name = name
        self.shape = shape
        self._source = source
        self._flip = polarity == "frozen"

    @property
    def size(self) -> int:
        """The number of positions."""
        return math.prod(self.shape)

    def __getitem__(self, index: Index) -> Bits:
        """The bits of an index, read from the source."""
        wanted = extent(index, self.shape)
        rows = self.flat(wanted.start, wanted.stop).reshape(wanted.shape)
        return cast(Bits, np.asarray(rows[wanted.rest]))

    def flat(self, start: int, stop: int) -> Bits:
        """The bits of the row-major positions from `start` to `stop`."""
        if not 0 <= start <= stop <= self.size:
            raise IndexError(f"positions {start} to {stop} of {self.size} in {self.name}")
        bits = self._source.read(self.name, start, stop)
        if self._flip:
            return ~bits
        return bits if bits.flags.writeable else bits.copy()

    def count(self) -> int:
        """The trainable weights; reads the tensor once, a few megabytes at a time."""
        starts = range(0, self.size, CHUNK)
        return sum(
            int(np.count_nonzero(self.flat(start, min(start + CHUNK, self.size))))
            for start in starts
        )

    def __array__(self, dtype: object = None, copy: bool | None = None) -> NDArray[np.generic]:
        """The whole tensor."""
        if copy is False:
            raise ValueError("a mask is read from its file: there is nothing to share")
        return self[...].astype(cast(type, dtype or np.bool_), copy=False)

    def __repr__(self) -> str:
        return f"<mask of {self.name} {list(self.shape)}>"


class Mask(Closing, Mapping[str, TensorMask]):
    """A mask by tensor names; nothing is read before it is indexed.

    Attributes:
        polarity: what true means *in the source*. What is read is always true where trainable.
        metadata: what the source says of itself, such as `mask`, `definition` and `base`.
        origin: the file, for messages.
    """

    def __init__(
        self,
        source: Source,
        polarity: Polarity,
        metadata: Mapping[str, str] | None = None,
        origin: str = "the mask",
    ) -> None:
        """A mask over a source; `load` and `from_arrays` make the usual ones."""
        self.polarity = checked_polarity(polarity)
        self.metadata = dict(metadata or {})
        self.origin = origin
        self.source = source

    def __getitem__(self, name: str) -> TensorMask:
        """The mask of one tensor."""
        shape = self.source.shapes.get(name)
        if shape is None:
            raise KeyError(f"{self.origin} has no tensor {name}")
        return TensorMask(name, shape, self.source, self.polarity)

    def __iter__(self) -> Iterator[str]:
        """The tensors' names."""
        return iter(self.source.shapes)

    def __len__(self) -> int:
        """The number of tensors."""
        return len(self.source.shapes)

    def count(self) -> int:
        """The trainable weights; reads the whole mask once."""
        return sum(tensor.count() for tensor in self.values())

    def close(self) -> None:
        """Close the files; what was read stays."""
        self.source.close()

    def __repr__(self) -> str:
        return f"<Mask {self.origin}: {len(self)} tensors, true is {self.polarity} in the file>"


class ArraySource:
    """Bits in memory, an eighth of a byte each, so that they are no one else's."""

    def __init__(self, arrays: Mapping[str, Bits]) -> None:
        """Arrays of bools by tensor names, which are copied."""
        given = {name: np.asarray(array) for name, array in arrays.items()}
        wrong = [name for name, array in given.items() if array.dtype != np.bool_]
        if wrong:
            raise MaskMismatchError("these arrays do not hold bools", wrong)
        self.shapes: Mapping[str, Shape] = {name: array.shape for name, array in given.items()}
        self._octets = {name: np.packbits(array) for name, array in given.items()}

    def read(self, name: str, start: int, stop: int) -> Bits:
        """The bits of a range."""
        bits = np.unpackbits(self._octets[name][start // 8 : -(-stop // 8)])
        return bits[start % 8 :][: stop - start].view(np.bool_)

    def close(self) -> None:
        """Nothing is open."""


def from_arrays(arrays: Mapping[str, Bits], polarity: Polarity) -> Mask:
    """A mask of numpy arrays of bools by tensor names, copied at a bit each.

    What becomes of the arrays afterwards does not change the mask.

    Args:
        arrays: an array of the model's shape for every tensor.
        polarity: `trainable` where true is a weight to train, `frozen` where it is one to keep.
    """
    return Mask(ArraySource(arrays), polarity, origin="the mask in memory")


def checked_polarity(value: str) -> Polarity:
    """A polarity, or an error that says which there are."""
    if value not in get_args(Polarity):
        raise MaskFileError(f"the polarity {value!r} is neither 'trainable' nor 'frozen'")
    return cast(Polarity, value)
