"""The values of a base checkpoint, to compare weights with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from maskdb.closing import Closing
from maskdb.errors import MaskMismatchError
from maskdb.files import safetensors_files
from maskdb.frozen import MaskedParameter
from maskdb.indexing import extent
from maskdb.names import canonical
from maskdb.safetensors import SafetensorsFile, StoredTensor
from maskdb.sharding import bits_of

DTYPES = {"BF16": torch.bfloat16, "F16": torch.float16, "F32": torch.float32, "F64": torch.float64}


class BaseCheckpoint(Closing):
    """A safetensors checkpoint, of which the rows that a process holds are read."""

    def __init__(self, path: str | Path) -> None:
        """Open the files of a checkpoint: a file, a folder or an index."""
        self._path = path
        self._files: list[SafetensorsFile] = []
        self._places: dict[str, tuple[SafetensorsFile, StoredTensor]] = {}
        for file in safetensors_files(Path(path)):
            opened = SafetensorsFile(file)
            self._files.append(opened)
            for name, tensor in opened.tensors.items():
                self._places[canonical(name)] = opened, tensor

    def part(self, parameter: MaskedParameter) -> Tensor:
        """This process's values of a parameter, cast to its dtype (nearest-even).

        Raises:
            MaskMismatchError: where the checkpoint has no such tensor, or one of another shape.
        """
        place = next((self._places[n] for n in parameter.names if n in self._places), None)
        wanted = tuple(parameter.parameter.shape)
        if place is None or place[1].shape != wanted or place[1].dtype not in DTYPES:
            raise MaskMismatchError(
                f"{self._path} has no float tensor of shape {list(wanted)} for", [parameter.name]
            )
        file, tensor = place
        dtype = DTYPES[tensor.dtype]
        values = bits_of(
            parameter.parameter, wanted, lambda slices: _integers(file, tensor, dtype, slices)
        )
        return values.view(dtype).to(parameter.parameter.dtype)

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            file.close()


def _integers(
    file: SafetensorsFile, tensor: StoredTensor, dtype: torch.dtype, slices: tuple[slice, ...]
) -> np.ndarray:
    """A block of a tensor as integers of its width, which numpy has for every dtype."""
    wanted = extent(slices, tensor.shape)
    size = dtype.itemsize
    read = file.read(tensor, wanted.start * size, wanted.stop * size)
    values = np.frombuffer(read, np.dtype(f"<i{size}")).reshape(wanted.shape)
    return np.array(values[wanted.rest])
