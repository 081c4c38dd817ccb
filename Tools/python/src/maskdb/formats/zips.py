"""Zip archives of which ranges of members are read."""

from __future__ import annotations

import json
import os
import struct
import zipfile
import zlib
from pathlib import Path

from maskdb.errors import MaskFileError
from maskdb.readable import ReadableFile

METADATA = "maskdb.json"
LARGEST_WHOLE = 1 << 28
LOCAL_HEADER = struct.Struct("<4s22xHH")
FAULTS = (zipfile.BadZipFile, NotImplementedError, RuntimeError, struct.error, EOFError, zlib.error)


class ZipArchive(ReadableFile):
    """An open archive. Stored members are read by position, and by any thread.

    A range of a compressed member costs the unpacking of all that stands before it. The checksums
    of members are not looked at, since they are not read whole.
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
            self._stream = os.fdopen(os.dup(self.descriptor), "rb")
            try:
                self._zip = zipfile.ZipFile(self._stream)
            except (*FAULTS, ValueError) as error:
                raise self._refuse(str(error)) from None
            self.members = {info.filename: info for info in self._zip.infolist()}
            if len(self.members) != len(self._zip.infolist()):
                raise self._refuse("two members have one name")
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
        if member.flag_bits & 1:
            raise self._refuse("it is encrypted")
        if member.compress_type == zipfile.ZIP_STORED:
            return self.bytes_at(self._start(member) + first, stop - first)
        return self._unpacked(member, first, stop)

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

    def close(self) -> None:
        """Close the file; closing it twice does nothing."""
        super().close()
        if hasattr(self, "_stream"):
            self._stream.close()

    def _start(self, member: zipfile.ZipInfo) -> int:
        """Where the bytes of a stored member begin: its local header says how long that is."""
        header = self.bytes_at(member.header_offset, 30)
        mark, name, extra = LOCAL_HEADER.unpack(header)
        if mark != b"PK\3\4" or member.compress_size != member.file_size:
            raise self._refuse(f"{member.filename} is not where its directory says")
        return member.header_offset + LOCAL_HEADER.size + int(name) + int(extra)

    def _unpacked(self, member: zipfile.ZipInfo, first: int, stop: int) -> bytes:
        if self._stream.closed:
            raise MaskFileError(f"{self.path} is closed: load it again")
        try:
            with self._zip.open(member) as opened:
                opened.seek(first)
                found = opened.read(stop - first)
        except FAULTS as error:
            raise self._refuse(f"{member.filename} is damaged ({error})") from None
        if len(found) != stop - first:
            raise self._refuse(f"{member.filename} is shorter than its directory says")
        return found

    def _refuse(self, reason: str) -> MaskFileError:
        return MaskFileError(f"{self.path} is not a zip archive that can be used: {reason}")
