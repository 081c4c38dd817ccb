"""The values of a base checkpoint, to compare weights with."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from maskdb.closing import Closing
from maskdb.errors import MaskFileError, MaskMismatchError
from maskdb.experts import Group, expert_groups, experts_in_order, fused_shape, joined
from maskdb.files import safetensors_files
from maskdb.frozen import MaskedParameter
from maskdb.indexing import extent
from maskdb.mask import Shape
from maskdb.names import Rename, canonical
from maskdb.safetensors import SafetensorsFile, StoredTensor
from maskdb.sharding import bits_of

DTYPES = {"BF16": torch.bfloat16, "F16": torch.float16, "F32": torch.float32, "F64": torch.float64}


class BaseCheckpoint(Closing):
    """A safetensors checkpoint, of which the rows that a process holds are read.

    A parameter has the tensor of its name, or of the name that `rename` gives it as it does to
    those of a mask, or the experts that stand one by one in the file and together in the model.
    """

    def __init__(self, path: str | Path, rename: Rename | None = None) -> None:
        """Open the files of a checkpoint: a file, a folder or an index.

        Raises:
            MaskFileError: where it is not there, or cannot be read.
        """
        self._path = path
        self._files: list[SafetensorsFile] = []
        self._tensors: dict[str, tuple[SafetensorsFile, StoredTensor]] = {}
        try:
            self._open()
            groups = expert_groups(self._tensors)
        except OSError as error:
            self.close()
            raise MaskFileError(f"{path} cannot be read: {_reason(path, error)}") from None
        except BaseException:
            self.close()
            raise
        self._names = _by_name(self._tensors, rename)
        self._groups: dict[str, tuple[str, Group]] = {
            name: (fused, groups[fused]) for name, fused in _by_name(groups, rename).items()
        }

    def part(self, parameter: MaskedParameter) -> Tensor:
        """This process's values of a parameter, cast to its dtype (nearest-even).

        Raises:
            MaskMismatchError: where the checkpoint has no such tensor, or one of another shape.
        """
        names, shape = self._found(parameter)
        wanted = tuple(parameter.parameter.shape)
        stored = {self._tensors[name][1].dtype for name in names}
        if shape != wanted or len(stored) != 1 or not stored <= set(DTYPES):
            raise MaskMismatchError(
                f"{self._path} has no float tensor of shape {list(wanted)} for", [parameter.name]
            )
        dtype = DTYPES[stored.pop()]
        size = math.prod(wanted) // len(names)

        def block(slices: tuple[slice, ...]) -> NDArray[Any]:
            rows = extent(slices, wanted)
            found = joined(self._integers, names, size, rows.start, rows.stop)
            return np.array(found.reshape(rows.shape)[rows.rest])

        values = bits_of(parameter.parameter, wanted, block)
        return values.view(dtype).to(parameter.parameter.dtype)

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            file.close()

    def _open(self) -> None:
        for file in safetensors_files(Path(self._path)):
            opened = SafetensorsFile(file)
            self._files.append(opened)
            self._tensors |= {name: (opened, tensor) for name, tensor in opened.tensors.items()}

    def _found(self, parameter: MaskedParameter) -> tuple[list[str], Shape | None]:
        """The tensors that are a parameter together, and the shape that they have then."""
        for name in parameter.names:
            if name in self._names:
                found = self._names[name]
                return [found], self._tensors[found][1].shape
            if name in self._groups:
                parts = experts_in_order(*self._groups[name])
                shapes = [self._tensors[part][1].shape for part in parts]
                return parts, fused_shape(self._groups[name][0], shapes)
        return [], None

    def _integers(self, name: str, start: int, stop: int) -> NDArray[Any]:
        """A range of a tensor as integers of its width, which numpy has for every dtype."""
        file, tensor = self._tensors[name]
        size = DTYPES[tensor.dtype].itemsize
        return np.frombuffer(file.read(tensor, start * size, stop * size), np.dtype(f"<i{size}"))


def _by_name(entries: Iterable[str], rename: Rename | None) -> dict[str, str]:
    """Names of a checkpoint by those that a model may have for them; renamed ones come first."""
    every = list(entries)
    found = {canonical(entry): entry for entry in every}
    if rename is None:
        return found
    for entry in every:
        try:
            name = rename(entry) if callable(rename) else rename[entry]
        except LookupError:
            continue  # the mask has no such tensor, so that nothing was said of it
        found[name] = entry
    return found


def _reason(path: str | Path, error: OSError) -> str:
    reason = error.strerror or str(error)
    if Path(path).exists():
        return reason
    return (
        f"{reason}; a base is a local file or folder, such as the one that "
        "huggingface_hub.snapshot_download gives for a name of the Hub"
    )
