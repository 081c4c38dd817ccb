"""Safetensors files, one or several, as one container."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from maskdb.errors import MaskFileError, listed
from maskdb.files import index_of, safetensors_files, weight_map
from maskdb.formats.arrays import StoredArray
from maskdb.mask import Shape
from maskdb.safetensors import SafetensorsFile, StoredTensor


class Shards:
    """The arrays of safetensors files; a range is read by one `pread`."""

    def __init__(self, path: Path) -> None:
        """Open what is at `path`: a file, an index, or a folder with one of the two.

        Raises:
            MaskFileError: where a file is none, two hold an array of one name, they differ in what
                they say of polarity, or the index says otherwise.
        """
        self._files: list[SafetensorsFile] = []
        self._shapes: dict[str, Shape] = {}
        self.arrays: dict[str, StoredArray] = {}
        try:
            for file in safetensors_files(path):
                self._add(SafetensorsFile(file))
            index = index_of(path)
            if index is not None:
                self._check_index(index)
        except BaseException:
            self.close()
            raise

    @property
    def metadata(self) -> dict[str, str]:
        """What the first file says of itself, but for the shapes, which differ."""
        every = self._files[0].metadata if self._files else {}
        return {key: text for key, text in every.items() if key != "shapes"}

    @property
    def shapes(self) -> Mapping[str, Shape]:
        """The shapes of tensors that the files state, for codings that do not show them."""
        return self._shapes

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            file.close()

    def _add(self, file: SafetensorsFile) -> None:
        self._files.append(file)
        twice = sorted(set(file.tensors) & set(self.arrays))
        if twice:
            raise MaskFileError(f"{file.path} holds what another file holds{listed(twice)}")
        if file.metadata.get("polarity") != self.metadata.get("polarity"):
            raise MaskFileError(f"{file.path} says another polarity than {self._files[0].path}")
        self._shapes |= _stated_shapes(file)
        self.arrays |= {name: _array(file, tensor) for name, tensor in file.tensors.items()}

    def _check_index(self, path: Path) -> None:
        index = weight_map(path)
        wrong = {name for name, array in self.arrays.items() if index.get(name) != array.path.name}
        wrong |= set(index) - set(self.arrays)
        if wrong:
            raise MaskFileError(f"{path} and its files disagree about{listed(sorted(wrong))}")


def _array(file: SafetensorsFile, tensor: StoredTensor) -> StoredArray:
    return StoredArray(
        file.path, tensor.dtype, tensor.shape, lambda first, stop: file.read(tensor, first, stop)
    )


def _stated_shapes(file: SafetensorsFile) -> dict[str, Shape]:
    try:
        stated = json.loads(file.metadata.get("shapes", "{}"))
        shapes = {name: tuple(shape) for name, shape in stated.items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise MaskFileError(f"{file.path} is damaged: its shapes cannot be read") from None
    wrong = [n for n, s in shapes.items() if not all(type(d) is int and d >= 0 for d in s)]
    if wrong:
        raise MaskFileError(f"{file.path} is damaged: these have no shapes{listed(wrong)}")
    return shapes
