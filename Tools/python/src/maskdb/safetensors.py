"""A reader of safetensors files that reads a range of one tensor at a time.

Source: https://github.com/huggingface/safetensors, section Format.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maskdb.errors import MaskFileError
from maskdb.readable import ReadableFile

LENGTH_BYTES = 8
LONGEST_HEADER = 100_000_000
BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "I16": 16, "U16": 16, "F16": 16,
    "BF16": 16, "I32": 32, "U32": 32, "F32": 32, "C64": 64, "F64": 64, "I64": 64, "U64": 64,
}  # fmt: skip


@dataclass(frozen=True)
class StoredTensor:
    """Where a tensor stands in its file."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    stop: int


class SafetensorsFile(ReadableFile):
    """An open safetensors file."""

    def __init__(self, path: str | Path) -> None:
        """Open `path` and read its header.

        Raises:
            MaskFileError: where it is not a whole safetensors file.
            OSError: where it cannot be opened.
        """
        super().__init__(path)
        try:
            self.tensors, self.metadata = self._header()
        except BaseException:
            self.close()
            raise

    def read(self, tensor: StoredTensor, first: int, stop: int) -> bytes:
        """The bytes from `first` to `stop` of a tensor."""
        assert 0 <= first <= stop <= tensor.stop - tensor.start
        return self.bytes_at(tensor.start + first, stop - first)

    def _refuse(self, reason: str) -> MaskFileError:
        return MaskFileError(f"{self.path} is not a safetensors file that can be used: {reason}")

    def _header(self) -> tuple[dict[str, StoredTensor], dict[str, str]]:
        size = self.size
        if size < LENGTH_BYTES:
            raise self._refuse("it is shorter than the length of a header")
        length = int.from_bytes(self.bytes_at(0, LENGTH_BYTES), "little")
        if length > min(LONGEST_HEADER, size - LENGTH_BYTES):
            raise self._refuse(f"its header would have {length} bytes")
        fields = self._json(self.bytes_at(LENGTH_BYTES, length))
        metadata = fields.pop("__metadata__", {})
        if not _is_texts(metadata):
            raise self._refuse("its metadata are not texts")
        data = LENGTH_BYTES + length
        tensors = {name: self._tensor(name, value, data) for name, value in fields.items()}
        self._check_contiguous(tensors.values(), data, size)
        return tensors, metadata

    def _json(self, header: bytes) -> dict[str, Any]:
        if not header.startswith(b"{"):
            raise self._refuse("its header does not begin with a brace")
        try:
            fields = json.loads(header.decode(), object_pairs_hook=_without_duplicates)
        except (ValueError, RecursionError) as error:
            raise self._refuse(f"its header is not JSON ({error})") from None
        if not isinstance(fields, dict):
            raise self._refuse("its header is not a JSON object")
        return fields

    def _tensor(self, name: str, value: object, data: int) -> StoredTensor:
        fields = value if isinstance(value, dict) else {}
        dtype: Any = fields.get("dtype")
        shape: Any = fields.get("shape")
        offsets: Any = fields.get("data_offsets")
        if not isinstance(dtype, str) or dtype not in BITS:
            raise self._refuse(f"{name} has the dtype {dtype!r}")
        if not _are_counts(shape) or not _are_counts(offsets) or len(offsets) != 2:
            raise self._refuse(f"{name} has no shape or no offsets")
        bits = math.prod(shape) * BITS[dtype]
        if bits % 8 or offsets[1] - offsets[0] != bits // 8:
            raise self._refuse(f"the bytes of {name} do not fit its shape")
        return StoredTensor(dtype, tuple(shape), data + offsets[0], data + offsets[1])

    def _check_contiguous(self, tensors: Iterable[StoredTensor], data: int, size: int) -> None:
        end = data
        for tensor in sorted(tensors, key=lambda tensor: (tensor.start, tensor.stop)):
            if tensor.start != end:
                raise self._refuse("its tensors overlap or leave holes")
            end = tensor.stop
        if end != size:
            raise self._refuse(f"its tensors end at byte {end} and the file at {size}")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands in it twice")
    return found


def _is_texts(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def _are_counts(value: Any) -> bool:
    return isinstance(value, list) and all(type(item) is int and item >= 0 for item in value)
