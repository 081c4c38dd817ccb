"""Zip archives of which ranges of members are read."""

from __future__ import annotations

import json
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from maskdb.errors import MaskFileError
from maskdb.readable import ReadableFile

METADATA = "maskdb.json"
LARGEST_WHOLE = 1 << 28
# The longest start of a member that is read to learn what it is.
HEAD = 1 << 14
PART = 1 << 20
LOCAL_HEADER = struct.Struct("<4s22xHH")
FAULTS = (zipfile.BadZipFile, NotImplementedError, RuntimeError, struct.error, EOFError, zlib.error)


class ZipArchive(ReadableFile):
    """An open archive, read by position alone, so that threads and processes may share it.

    A range of a compressed member costs the unpacking of all that stands before it, and the first
    such range of all the member, which is held against its checksum then. A stored member is, where
    a range has all of it but for its head.

    Attributes:
        members: what its directory has, by name.
        has_checksums: whether there are any; torch can leave them out.
    """

    def __init__(self, path: str | Path) -> None:
        """Open `path` and read its directory.

        Raises:
            MaskFileError: where it is not a whole archive, is encrypted, or has two members of one
                name.
            OSError: where it cannot be opened.
        """
        super().__init__(path)
        try:
            every = self._directory()
            self.members = {member.filename: member for member in every}
            if len(self.members) != len(every):
                raise self._refuse("two members have one name")
            self._verified: set[str] = set()
            self.has_checksums = True
        except BaseException:
            self.close()
            raise

    def size_of(self, name: str) -> int:
        """The bytes of a member, unpacked."""
        return self.members[name].file_size

    def read(self, name: str, first: int, stop: int) -> bytes:
        """The bytes from `first` to `stop` of a member.

        Raises:
            MaskFileError: where the archive is damaged or was closed.
        """
        member = self.members[name]
        assert 0 <= first <= stop <= member.file_size
        if self._is_stored(member):
            return self._stored(member, first, stop)
        return self._unpacked(member, first, stop, verifies=name not in self._verified)

    def head(self, name: str) -> bytes:
        """The first bytes of a member, not held against a checksum.

        Raises:
            MaskFileError: as `read` does.
        """
        member = self.members[name]
        size = min(HEAD, member.file_size)
        if self._is_stored(member):
            return self.bytes_at(self._start(member), size)
        return self._unpacked(member, 0, size, verifies=False)

    def whole(self, name: str) -> bytes:
        """A small member.

        Raises:
            MaskFileError: where it is none.
        """
        size = self.size_of(name)
        if size > LARGEST_WHOLE:
            raise self._refuse(f"{name} has {size} bytes")
        return self.read(name, 0, size)

    def texts(self, name: str) -> dict[str, str]:
        """The texts of a JSON object; none where there is no such member."""
        if name not in self.members:
            return {}
        try:
            found = json.loads(self.whole(name))
        except (ValueError, RecursionError):
            raise self._refuse(f"{name} is not JSON") from None
        items = found.items() if isinstance(found, dict) else ()
        return {key: value for key, value in items if isinstance(value, str)}

    def _directory(self) -> list[zipfile.ZipInfo]:
        try:
            with os.fdopen(os.dup(self.descriptor), "rb") as stream:
                return zipfile.ZipFile(stream).infolist()
        except (*FAULTS, ValueError) as error:
            raise self._refuse(str(error)) from None

    def _is_stored(self, member: zipfile.ZipInfo) -> bool:
        if member.flag_bits & 1:
            raise self._refuse("it is encrypted")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise self._refuse(f"{member.filename} is compressed otherwise than by deflate")
        return member.compress_type == zipfile.ZIP_STORED

    def _start(self, member: zipfile.ZipInfo) -> int:
        """Where the bytes of a stored member begin: its local header says how long that is."""
        header = self.bytes_at(member.header_offset, 30)
        mark, name, extra = LOCAL_HEADER.unpack(header)
        sizes = member.compress_size, member.file_size
        if mark != b"PK\3\4" or (self._is_stored(member) and sizes[0] != sizes[1]):
            raise self._refuse(f"{member.filename} is not where its directory says")
        return member.header_offset + LOCAL_HEADER.size + int(name) + int(extra)

    def _stored(self, member: zipfile.ZipInfo, first: int, stop: int) -> bytes:
        place = self._start(member)
        found = self.bytes_at(place + first, stop - first)
        if first <= HEAD and stop == member.file_size:
            self._verify(member, zlib.crc32(found, zlib.crc32(self.bytes_at(place, first))))
        return found

    def _unpacked(self, member: zipfile.ZipInfo, first: int, stop: int, *, verifies: bool) -> bytes:
        parts, checksum, place = [], 0, 0
        for part in self._inflated(member):
            parts.append(part[max(first - place, 0) : max(stop - place, 0)])
            checksum, place = zlib.crc32(part, checksum), place + len(part)
            if place >= stop and not verifies:
                break
        if place < stop or (verifies and place != member.file_size):
            raise self._refuse(f"{member.filename} is not as long as its directory says")
        if verifies:
            self._verify(member, checksum)
        return b"".join(parts)

    def _inflated(self, member: zipfile.ZipInfo) -> Iterator[bytes]:
        """The bytes of a compressed member, a few at a time, and few more than there should be."""
        place, left, made, rest = self._start(member), member.compress_size, 0, b""
        decoder = zlib.decompressobj(-zlib.MAX_WBITS)
        while not decoder.eof and made <= member.file_size:
            if left and not rest:
                rest = self.bytes_at(place, min(left, PART))
                place, left = place + len(rest), left - len(rest)
            try:
                part, was = decoder.decompress(rest, PART), rest
            except zlib.error as error:
                raise self._refuse(f"{member.filename} is damaged ({error})") from None
            rest, made = decoder.unconsumed_tail, made + len(part)
            if not (part or was or left):
                return  # it is cut short
            yield part

    def _verify(self, member: zipfile.ZipInfo, checksum: int) -> None:
        if self.has_checksums and checksum != member.CRC:
            raise self._refuse(f"{member.filename} is damaged: its checksum does not match it")
        self._verified.add(member.filename)

    def _refuse(self, reason: str) -> MaskFileError:
        return MaskFileError(f"{self.path} is not a zip archive that can be used: {reason}")
