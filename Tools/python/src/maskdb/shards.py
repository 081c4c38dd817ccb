"""Masks as bool safetensors, in one file or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from maskdb.errors import MaskFileError, listed
from maskdb.mask import Bits, Shape
from maskdb.safetensors import SafetensorsFile


class ShardedSource:
    """The tensors of bool safetensors files; a range is read by one `pread`."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Open the files and read their headers.

        Raises:
            MaskFileError: where one is no mask, two hold a tensor of one name, or they differ in
                what they say of polarity.
        """
        self._files: list[SafetensorsFile] = []
        self._places: dict[str, SafetensorsFile] = {}
        try:
            for path in paths:
                self._add(SafetensorsFile(path))
        except BaseException:
            self.close()
            raise
        self.shapes: Mapping[str, Shape] = {
            name: file.tensors[name].shape for name, file in self._places.items()
        }

    @property
    def metadata(self) -> dict[str, str]:
        """What the first file says of itself."""
        return self._files[0].metadata if self._files else {}

    def read(self, name: str, start: int, stop: int) -> Bits:
        """The bits of a range."""
        file = self._places[name]
        values = np.frombuffer(file.read(file.tensors[name], start, stop), np.uint8)
        if values.size and values.max() > 1:
            raise MaskFileError(
                f"{file.path} is damaged: {name} has a bool that is neither 0 nor 1"
            )
        return values.view(np.bool_)

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            file.close()

    def check_index(self, path: Path, index: Mapping[str, str]) -> None:
        """Hold what an index says against the files."""
        wrong = {name for name, file in self._places.items() if index.get(name) != file.path.name}
        wrong |= set(index) - set(self._places)
        if wrong:
            self.close()
            raise MaskFileError(f"{path} and its files disagree about{listed(sorted(wrong))}")

    def _add(self, file: SafetensorsFile) -> None:
        self._files.append(file)
        other = [name for name, tensor in file.tensors.items() if tensor.dtype != "BOOL"]
        if other:
            dtype = file.tensors[other[0]].dtype
            raise MaskFileError(f"{file.path} is no mask: it holds {dtype}{listed(other)}")
        twice = sorted(set(file.tensors) & set(self._places))
        if twice:
            raise MaskFileError(f"{file.path} holds what another file holds{listed(twice)}")
        if file.metadata.get("polarity") != self.metadata.get("polarity"):
            raise MaskFileError(f"{file.path} says another polarity than {self._files[0].path}")
        self._places |= dict.fromkeys(file.tensors, file)
