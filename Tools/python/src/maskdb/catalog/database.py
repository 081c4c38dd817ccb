"""The file of a catalog, to be read only."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from maskdb.closing import Closing
from maskdb.errors import CatalogError
from maskdb.mask import Shape
from maskdb.shared import Shared

APPLICATION = 0x6D61736B
VERSION = 1
# How long to wait for a writer, in seconds.
PATIENCE = 60
Layout = dict[str, tuple[int, Shape]]


class CatalogDatabase(Shared, Closing):
    """An open catalog's rows. Threads may share it; one reads at a time."""

    def __init__(self, path: str | Path) -> None:
        """Open a catalog.

        Raises:
            CatalogError: where it is not there, is none, or was written by a newer maskdb.
        """
        self.path = Path(path)
        if not self.path.is_file():
            raise CatalogError(f"{self.path} is not there")
        uri = f"{self.path.resolve().as_uri()}?mode=ro"
        self._database = sqlite3.connect(uri, uri=True, timeout=PATIENCE, check_same_thread=False)
        self._lock = threading.RLock()
        self._is_open = True
        self._layouts: dict[int, Layout] = {}
        try:
            self._check_identity()
        except BaseException:
            self.close()
            raise

    def rows(self, query: str, *values: object) -> list[Any]:
        """What a query gives.

        Raises:
            CatalogError: where the file cannot be read, or was closed.
        """
        with self._lock:
            if not self._is_open:
                raise CatalogError(f"{self.path} is closed: open it again, and ask it for the mask")
            return self._fetched(query, values)

    def _fetched(self, query: str, values: tuple[object, ...]) -> list[Any]:
        try:
            return self._database.execute(query, values).fetchall()
        except sqlite3.ProgrammingError:
            raise  # a mistake here
        except sqlite3.DatabaseError as error:
            raise CatalogError(f"{self.path} {_reason(error)}") from None

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Within, what is read is of one state of the catalog, which no one changes meanwhile."""
        with self._lock:
            if self._is_open and self._database.in_transaction:
                yield  # of the one that is open already
                return
            self.rows("BEGIN")
            try:
                yield
            finally:
                self._database.rollback()

    def layout(self, number: int) -> Layout:
        """The ordinal and the shape of every tensor of a layout."""
        if number not in self._layouts:
            found = self.rows(
                "SELECT name, ordinal, shape FROM tensor WHERE layout_id = ? ORDER BY ordinal",
                number,
            )
            self._layouts[number] = {n: (o, tuple(json.loads(shape))) for n, o, shape in found}
        return self._layouts[number]

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._is_open = False
            self._database.close()

    def _check_identity(self) -> None:
        (owner,), (version,) = (
            self.rows(f"PRAGMA {key}")[0] for key in ("application_id", "user_version")
        )
        if owner != APPLICATION:
            raise CatalogError(f"{self.path} is a database, but not a catalog")
        if version > VERSION:
            raise CatalogError(
                f"{self.path} is of format {version} and this package reads {VERSION}: update it"
            )


def _reason(error: sqlite3.DatabaseError) -> str:
    """Why SQLite could not read a catalog, and the way out, after its path."""
    name = error.sqlite_errorname
    if name.startswith("SQLITE_BUSY"):
        return f"is in use by a writer for more than {PATIENCE} s; try again later"
    if name == "SQLITE_READONLY_ROLLBACK":
        return (
            "was left by an add that was cut off; any maskdb command on it, such as ls, mends that"
        )
    if name == "SQLITE_NOTADB":
        return f"is not a catalog: {error}"
    return f"cannot be read: {error}; run `maskdb verify`"
