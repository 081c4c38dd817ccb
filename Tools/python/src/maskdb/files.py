"""The files of a safetensors checkpoint or mask."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from maskdb.errors import MaskFileError

INDEX_SUFFIX = ".safetensors.index.json"


def safetensors_files(path: Path) -> list[Path]:
    """The files of a file, of a folder, or of an index, in the order of their names.

    Raises:
        MaskFileError: where a folder holds several and no index, or an index cannot be used.
    """
    index = index_of(path)
    if index is not None:
        return sorted({index.parent / file for file in weight_map(index).values()})
    if not path.is_dir():
        return [path]
    files = sorted(path.glob("*.safetensors"))
    if len(files) != 1:
        raise MaskFileError(f"{path} holds {len(files)} safetensors files and no index: name one")
    return files


def index_of(path: Path) -> Path | None:
    """The index that `path` is or holds."""
    if not path.is_dir():
        return path if path.name.endswith(INDEX_SUFFIX) else None
    indices = sorted(path.glob(f"*{INDEX_SUFFIX}"))
    if len(indices) > 1:
        raise MaskFileError(f"{path} holds {len(indices)} indices: name one of them")
    return indices[0] if indices else None


def weight_map(index: Path) -> dict[str, str]:
    """The file of every tensor, as an index says.

    Raises:
        MaskFileError: where it says nothing, or names a file that does not stand beside it.
    """
    found = read_json(index).get("weight_map")
    if not isinstance(found, dict) or not found:
        raise MaskFileError(f"{index} has no weight_map from tensors to files")
    for file in found.values():
        plain = isinstance(file, str) and Path(file).name == file and "\0" not in file
        if not plain or file in ("", ".", ".."):
            raise MaskFileError(f"{index} names the file {file!r}: a shard stands beside its index")
    return found


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object.

    Raises:
        MaskFileError: where the file is not one.
    """
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise MaskFileError(f"{path} is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise MaskFileError(f"{path} is not a JSON object")
    return content
