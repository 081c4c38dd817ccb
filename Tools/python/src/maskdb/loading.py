"""Opening exported masks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from maskdb.errors import MaskFileError
from maskdb.formats import Opened, opened
from maskdb.mask import Bits, Mask, Polarity, Shape, Source, checked_polarity


def load(path: str | Path, polarity: Polarity | None = None) -> Mask:
    """Open an exported mask: names and shapes are read, bits not before they are asked for.

    A mask is what `maskdb export` writes, in any of its formats, or bool tensors as safetensors,
    `torch.save` or `numpy.savez` write them: a file, the index of several, or the folder that
    holds them. No format needs a library but numpy; a folder of roaring files needs the extra
    `roaring`. Nothing in a pickle is executed.

    What is asked for is read and no more, but for a list of positions, which is read for a whole
    tensor at a time; a roaring bitmap, which stays in memory; and `numpy.savez_compressed`, where
    a range costs the unpacking of what stands before it.

    Tensors of which the file says that nothing was compared are left out, as if it had none: what
    becomes of them is for the trainer's `unmasked` to say.

    Args:
        path: the file or the folder.
        polarity: what true means in the file, `trainable` or `frozen`; only where the file does
            not say. It is never guessed.

    Raises:
        MaskFileError: where it is no mask, does not say its polarity and none is given, or says
            another than the one given.
    """
    place = Path(path)
    source, metadata = _opened(place)
    try:
        source = _Compared.of(source, _uncompared(place, metadata))
        return Mask(source, _polarity(place, metadata, polarity), metadata, str(place))
    except BaseException:
        source.close()
        raise


class _Compared:
    """A source without the tensors that were not compared."""

    def __init__(self, source: Source, without: frozenset[str]) -> None:
        self._source = source
        shapes = source.shapes.items()
        self.shapes: Mapping[str, Shape] = {n: s for n, s in shapes if n not in without}

    @classmethod
    def of(cls, source: Source, without: frozenset[str]) -> Source:
        return cls(source, without) if without else source

    def read(self, name: str, start: int, stop: int) -> Bits:
        return self._source.read(name, start, stop)

    def close(self) -> None:
        self._source.close()


def _uncompared(path: Path, metadata: Mapping[str, str]) -> frozenset[str]:
    """The tensors of which the file says that no position was compared."""
    try:
        skipped = json.loads(metadata.get("skipped", "[]"))
        return frozenset(str(part["name"]) for part in skipped if part["compared"] == 0)
    except (ValueError, TypeError, KeyError) as error:
        raise MaskFileError(f"{path}: what it says of skipped tensors is malformed") from error


def _polarity(path: Path, metadata: Mapping[str, str], given: Polarity | None) -> Polarity:
    said = metadata.get("polarity")
    if said is None and given is None:
        raise MaskFileError(
            f"{path} does not say whether true is trainable or frozen: "
            "pass polarity='trainable' or polarity='frozen'"
        )
    if said is not None and given is not None and said != given:
        raise MaskFileError(f"{path} says that true is {said}, and {given} was asked for")
    return checked_polarity(said or given or "")


def _opened(path: Path) -> Opened:
    try:
        return opened(path)
    except OSError as error:
        raise MaskFileError(f"{path} cannot be read: {error.strerror or error}") from error
