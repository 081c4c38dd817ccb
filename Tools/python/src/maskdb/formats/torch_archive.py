"""Dictionaries of bool tensors as `torch.save` writes them, read without torch."""

from __future__ import annotations

import math
from typing import Any

from maskdb.errors import MaskFileError
from maskdb.formats.arrays import IMPORT, StoredArray
from maskdb.formats.pickles import (
    PARAMETERS,
    TENSORS,
    Call,
    Identity,
    Name,
    PickleError,
    read_pickle,
)
from maskdb.formats.zips import METADATA, ZipArchive
from maskdb.mask import Shape

PICKLE = "/data.pkl"
WRAPPERS = ("masks", "mask", "state_dict", "model", "module", "state")
MOST_WRAPPERS = 4
# Where a tensor's dtype stands among the arguments of `_rebuild_tensor_v3`.
DTYPE = 6
DTYPES = {
    "torch.BoolStorage": "BOOL", "torch.ByteStorage": "U8", "torch.CharStorage": "I8",
    "torch.bool": "BOOL", "torch.uint8": "U8", "torch.int8": "I8",
}  # fmt: skip


def is_torch(archive: ZipArchive) -> bool:
    """Whether an archive was written by `torch.save`."""
    return any(name.endswith(PICKLE) for name in archive.members)


class TorchArchive:
    """The tensors of an archive: of the dictionary that was saved, or of one wrapped in it."""

    def __init__(self, archive: ZipArchive) -> None:
        """Read the pickle, as data.

        Raises:
            MaskFileError: where it is damaged, names what tensors do not need, or holds anything
                but a dictionary of tensors.
        """
        self._archive = archive
        self._folder = next(n for n in archive.members if n.endswith(PICKLE))[: -len("data.pkl")]
        root = self._root()
        self.metadata = _texts(root.get("metadata") if type(root) is dict else None)
        self.metadata |= archive.texts(self._folder + METADATA)
        self.arrays = {name: self._array(name, value) for name, value in self._masks(root).items()}

    def close(self) -> None:
        """Close the file."""
        self._archive.close()

    def _root(self) -> Any:
        member, order = self._folder + "data.pkl", self._folder + "byteorder"
        if order in self._archive.members:
            if self._archive.head(order) != b"little":
                raise self._refuse("it was written on a machine of the other byte order")
            # They are 0 after `torch.serialization.set_crc32_options(False)`.
            self._archive.has_checksums = self._archive.members[order].CRC != 0
        try:
            return read_pickle(self._archive.whole(member))
        except PickleError as error:
            raise self._refuse(str(error)) from None

    def _masks(self, root: Any) -> dict[str, Any]:
        for _ in range(MOST_WRAPPERS):
            inner = root if type(root) is dict else {}
            root = next((inner[key] for key in WRAPPERS if type(inner.get(key)) is dict), root)
        if type(root) is not dict or not all(type(name) is str for name in root):
            raise self._refuse("it holds no dictionary from names to bool tensors")
        return root

    def _array(self, name: str, value: Any) -> StoredArray:
        """The tensor that a call would rebuild."""
        if type(value) is Call and value.function in PARAMETERS and value.arguments:
            value = value.arguments[0]
        if type(value) is not Call or value.function not in TENSORS:
            raise self._refuse(f"{name} is no tensor; {IMPORT} where it is another kind of mask")
        try:
            identity, start, shape, strides, *_ = value.arguments
            _, kind, key, *_ = identity.parts if type(identity) is Identity else ()
        except (ValueError, TypeError):
            raise self._refuse(f"{name} is malformed in its pickle") from None
        dtype = kind if len(value.arguments) <= DTYPE else value.arguments[DTYPE]
        if type(dtype) is not Name or not (_are_counts(shape) and _are_counts((start,))):
            raise self._refuse(f"{name} is malformed in its pickle")
        if not _is_contiguous(shape, strides):
            raise self._refuse(f"{name} is not contiguous; save it again after .contiguous()")
        return self._stored(name, dtype, f"{self._folder}data/{key}", start, shape)

    def _stored(self, name: str, dtype: Name, member: str, start: int, shape: Shape) -> StoredArray:
        archive = self._archive
        if member not in archive.members:
            raise self._refuse(f"{name} has no record {member}")
        if start + math.prod(shape) > archive.size_of(member):
            raise self._refuse(f"{name} reaches beyond its record {member}")
        called = dtype.text.replace("torch.cuda.", "torch.").replace("torch.storage.", "torch.")
        return StoredArray(
            archive.path, DTYPES.get(called, called), shape,
            lambda first, stop: archive.read(member, start + first, start + stop),
        )  # fmt: skip

    def _refuse(self, reason: str) -> MaskFileError:
        return MaskFileError(f"{self._archive.path} is not a mask of torch: {reason}")


def _texts(value: Any) -> dict[str, str]:
    if type(value) is not dict:
        return {}
    return {str(key): text for key, text in value.items() if type(text) is str}


def _are_counts(value: Any) -> bool:
    return type(value) is tuple and all(type(item) is int and item >= 0 for item in value)


def _is_contiguous(shape: Shape, strides: Any) -> bool:
    """Whether row-major order is the order of the bytes; steps of dimensions of 1 do not matter."""
    if not _are_counts(strides) or len(strides) != len(shape):
        return False
    step, count = 1, math.prod(shape)
    for size, stride in zip(reversed(shape), reversed(strides), strict=True):
        if count and size != 1 and stride != step:
            return False
        step *= size
    return True
