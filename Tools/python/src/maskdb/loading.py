"""Opening exported masks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from maskdb.errors import MaskFileError
from maskdb.files import index_of, read_json, safetensors_files, weight_map
from maskdb.mask import Mask, Polarity, Source, checked_polarity
from maskdb.roaring import RoaringSource
from maskdb.shards import ShardedSource

MANIFEST = "manifest.json"
Opened = tuple[Source, Mapping[str, str]]


def load(path: str | Path, polarity: Polarity | None = None) -> Mask:
    """Open an exported mask: names and shapes are read, bits not before they are asked for.

    A mask is a bool safetensors file, a sharded one (its `.safetensors.index.json`, or the folder
    that holds it), or a folder of portable roaring files with their `manifest.json`, which needs
    the extra `roaring`.

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
        return _opener(path)(path)
    except OSError as error:
        raise MaskFileError(f"{path} cannot be read: {error.strerror or error}") from error


def _opener(path: Path) -> Callable[[Path], Opened]:
    if path.name == MANIFEST:
        return lambda file: _roaring(file.parent)
    return _roaring if (path / MANIFEST).is_file() else _safetensors


def _safetensors(path: Path) -> Opened:
    index = index_of(path)
    source = ShardedSource(safetensors_files(path))
    if index is not None:
        source.check_index(index, weight_map(index))
    return source, source.metadata


def _roaring(folder: Path) -> Opened:
    manifest = read_json(folder / MANIFEST)
    return RoaringSource(folder, manifest), _texts(manifest)


def _texts(manifest: dict[str, Any]) -> dict[str, str]:
    extra = manifest.get("metadata")
    every = {**(extra if isinstance(extra, dict) else {}), **manifest}
    return {key: value for key, value in every.items() if isinstance(value, str)}
