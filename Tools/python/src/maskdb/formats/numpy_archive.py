"""Archives of `numpy.savez`, one array a tensor."""

from __future__ import annotations

import re

from maskdb.errors import MaskFileError
from maskdb.formats.arrays import StoredArray
from maskdb.formats.zips import METADATA, ZipArchive
from maskdb.mask import Shape

SUFFIX = ".npy"
DTYPES = {"|b1": "BOOL", "|u1": "U8", "|i1": "I8"}
MAGIC = b"\x93NUMPY"
DTYPE = re.compile(rb"'descr':\s*'([^']+)'")
ORDER = re.compile(rb"'fortran_order':\s*(True|False)")
SHAPE = re.compile(rb"'shape':\s*\(([0-9, ]{0,1000})\)")


class NumpyArchive:
    """The arrays of an archive; nothing is unpickled."""

    def __init__(self, archive: ZipArchive) -> None:
        """Read the headers of the arrays.

        Raises:
            MaskFileError: where a member is no array, not row-major, or has not the bytes that its
                shape asks for.
        """
        self._archive = archive
        self.metadata = archive.texts(METADATA)
        names = [name for name in archive.members if name.endswith(SUFFIX)]
        if not names and METADATA not in archive.members:
            raise MaskFileError(f"{archive.path} holds neither numpy arrays nor tensors of torch")
        self.arrays = {name.removesuffix(SUFFIX): self._array(name) for name in names}

    def close(self) -> None:
        """Close the file."""
        self._archive.close()

    def _array(self, member: str) -> StoredArray:
        archive = self._archive
        size = archive.size_of(member)
        header = Header(archive.head(member))
        if header.shape is None:
            raise MaskFileError(f"{archive.path}: {member} is no numpy array that can be read")
        array = StoredArray(
            archive.path, DTYPES.get(header.dtype, header.dtype), header.shape,
            lambda first, stop: archive.read(member, header.length + first, header.length + stop),
        )  # fmt: skip
        if header.is_fortran and sum(length != 1 for length in header.shape) > 1:
            raise MaskFileError(
                f"{archive.path}: {member} is column-major; save numpy.ascontiguousarray of it"
            )
        if header.dtype in DTYPES and header.length + array.size != size:
            raise MaskFileError(f"{archive.path}: {member} has not as many bytes as its shape asks")
        return array


class Header:
    """What a `.npy` says of its array; without a shape where it cannot be read.

    Matched and not evaluated. Source: `numpy.lib.format`, versions 1 to 3.

    Attributes:
        length: the bytes of the header, after which the array begins.
    """

    def __init__(self, start: bytes) -> None:
        """The header that `start` begins with."""
        self.dtype, self.is_fortran, self.length = "", False, 0
        self.shape: Shape | None = None
        width = {1: 2, 2: 4, 3: 4}.get(start[6] if len(start) > 6 else 0)
        if width is None or not start.startswith(MAGIC):
            return
        self.length = 8 + width + int.from_bytes(start[8 : 8 + width], "little")
        text = start[8 + width : self.length]
        found = [pattern.search(text) for pattern in (DTYPE, ORDER, SHAPE)]
        if all(found) and self.length <= len(start):
            dtype, order, shape = (match[1] for match in found if match)
            self.dtype, self.is_fortran = dtype.decode("latin-1"), order == b"True"
            self.shape = tuple(map(int, re.findall(rb"\d+", shape)))
