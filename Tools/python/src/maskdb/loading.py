"""Opening exported masks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from maskdb.errors import MaskFileError
from maskdb.formats import Opened, opened
from maskdb.mask import Mask, Polarity, checked_polarity


def load(path: str | Path, polarity: Polarity | None = None) -> Mask:
    """Open an exported mask: names and shapes are read, bits not before they are asked for.

    A mask is what `maskdb export` writes, in any of its formats, or bool tensors as safetensors,
    `torch.save` or `numpy.savez` write them: a file, the index of several, or the folder that
    holds them. No format needs a library but numpy; a folder of roaring files needs the extra
    `roaring`. Nothing in a pickle is executed.

    What is asked for is read and no more, but for a list of positions, which is read for a whole
    tensor at a time; a roaring bitmap, which stays in memory; and `numpy.savez_compressed`, where
    a range costs the unpacking of what stands before it.

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
        return Mask(source, _polarity(place, metadata, polarity), metadata, str(place))
    except BaseException:
        source.close()
        raise


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
