"""Files that are read a range at a time."""

from __future__ import annotations

import os
from pathlib import Path

from maskdb.errors import MaskFileError
from maskdb.shared import Shared

LARGEST_READ = 1 << 30


class ReadableFile(Shared):
    """An open file; reads by position, so that threads may share it.

    The file stays open: what is read later is what was opened, whatever took its name since.
    """

    def __init__(self, path: str | Path) -> None:
        """Open `path`.

        Raises:
            OSError: where it cannot be opened.
        """
        self.path = Path(path)
        self._descriptor = os.open(self.path, os.O_RDONLY)

    @property
    def size(self) -> int:
        """The bytes that it has now."""
        return os.fstat(self.descriptor).st_size

    @property
    def descriptor(self) -> int:
        """The open file's number.

        Raises:
            MaskFileError: where it was closed.
        """
        if self._descriptor < 0:
            raise MaskFileError(f"{self.path} is closed: load it again")
        return self._descriptor

    def bytes_at(self, offset: int, count: int) -> bytes:
        """The `count` bytes from `offset` on.

        Raises:
            MaskFileError: where the file has not so many, or was closed.
        """
        parts, descriptor = [], self.descriptor
        while count:
            part = os.pread(descriptor, min(count, LARGEST_READ), offset)
            if not part:
                raise MaskFileError(f"{self.path} is cut short: it ends before its tensors do")
            parts.append(part)
            offset, count = offset + len(part), count - len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def close(self) -> None:
        """Close the file; closing it twice does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __del__(self) -> None:
        if hasattr(self, "_descriptor"):
            self.close()
