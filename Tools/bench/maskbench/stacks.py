"""What one would write in Python today: a SQLite file of packed masks, and all pairs from it.

All stacks store segments of 2^22 positions, zstd-packed, in pages of 16 KiB, and count on two
threads. The plain one reads and unpacks on one thread, at level 1. The others have a connection and
every second segment for each thread; at level -1 zstd leaves the bits from 20 % on as they are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .engines import THREADS, available, numkong_chunks

TILE = 1 << 19  # bytes of mask bits

Counter = Callable[[list[bytes], int], np.ndarray]


@dataclass(frozen=True)
class StoredTiles:
    """A file of masks: for each tile, a blob of every mask."""

    path: Path
    masks: int
    size: int  # bytes of a mask

    @classmethod
    def of(
        cls, path: Path, rows: np.ndarray, level: int, packed: Callable[[np.ndarray], bytes]
    ) -> StoredTiles:
        """Writes every tile of every row as `packed` has it."""
        import zstandard

        path.unlink(missing_ok=True)
        stored = cls(path, len(rows), rows.shape[1])
        compressor = zstandard.ZstdCompressor(level=level)
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA page_size = 16384")
            connection.execute("CREATE TABLE segment (tile, mask, bytes, PRIMARY KEY (tile, mask))")
            for tile in range(stored.tiles):
                parts = [packed(row[tile * TILE : (tile + 1) * TILE]) for row in rows]
                blobs = [(tile, i, compressor.compress(part)) for i, part in enumerate(parts)]
                connection.executemany("INSERT INTO segment VALUES (?, ?, ?)", blobs)
        connection.close()
        return stored

    @property
    def tiles(self) -> int:
        return -(-self.size // TILE)

    def counted(self, counter: Counter, first: int = 0, step: int = 1) -> np.ndarray:
        """What `counter` makes of every `step`th tile."""
        connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        total = np.zeros((self.masks, self.masks), np.uint64)
        query = "SELECT bytes FROM segment WHERE tile = ? ORDER BY mask"
        for tile in range(first, self.tiles, step):
            blobs = [row[0] for row in connection.execute(query, (tile,))]
            total += counter(blobs, min(TILE, self.size - tile * TILE))
        connection.close()
        return total


@dataclass(frozen=True)
class Stack:
    """A way from a file of masks to the counts of all pairs."""

    name: str
    path: Path
    counted: Callable[[ThreadPoolExecutor], np.ndarray]


def on_both_threads(name: str, stored: StoredTiles, counter: Counter) -> Stack:
    """Each thread reads, unpacks and counts every second tile."""

    def counted(pool: ThreadPoolExecutor) -> np.ndarray:
        return sum(pool.map(lambda i: stored.counted(counter, i, THREADS), range(THREADS)))

    return Stack(name, stored.path, counted)


def unpacked(blobs: list[bytes], size: int) -> np.ndarray:
    import zstandard

    decompressor = zstandard.ZstdDecompressor()
    rows = np.empty((len(blobs), size), np.uint8)
    for row, blob in zip(rows, blobs, strict=True):
        row[:] = np.frombuffer(decompressor.decompress(blob), np.uint8)
    return rows


def numkong_stacks(folder: Path, rows: np.ndarray) -> list[Stack]:
    prepared = numkong_chunks(64 << 10)
    tight, fast = (
        StoredTiles.of(folder / f"numkong{level}.sqlite", rows, level, np.ndarray.tobytes)
        for level in (1, -1)
    )

    def plain(pool: ThreadPoolExecutor) -> np.ndarray:
        def counter(blobs: list[bytes], size: int) -> np.ndarray:
            halves = np.array_split(unpacked(blobs, size), THREADS, axis=1)
            return sum(pool.map(lambda half: prepared(half)(), halves))

        return tight.counted(counter)

    def counter(blobs: list[bytes], size: int) -> np.ndarray:
        return prepared(unpacked(blobs, size))()

    name = "sqlite3 + zstandard + NumKong"
    return [
        Stack(name, tight.path, plain),
        on_both_threads(f"{name}, unpacked on both threads", tight, counter),
        on_both_threads(f"{name}, level -1, unpacked on both threads", fast, counter),
    ]


def roaring_stack(folder: Path, rows: np.ndarray) -> Stack:
    import zstandard
    from pyroaring import BitMap

    def packed(part: np.ndarray) -> bytes:
        places = np.flatnonzero(np.unpackbits(part, bitorder="little"))
        return BitMap(places.astype(np.uint32)).serialize()

    def counter(blobs: list[bytes], size: int) -> np.ndarray:
        decompressor = zstandard.ZstdDecompressor()
        maps = [BitMap.deserialize(decompressor.decompress(blob)) for blob in blobs]
        total = np.zeros((len(maps), len(maps)), np.uint64)
        for i, a in enumerate(maps):
            for j in range(i + 1, len(maps)):
                total[i, j] = a.intersection_cardinality(maps[j])
        return total

    stored = StoredTiles.of(folder / "roaring.sqlite", rows, -1, packed)
    return on_both_threads("sqlite3 + zstandard + pyroaring", stored, counter)


def all_stacks(folder: Path, rows: np.ndarray) -> list[Stack]:
    """The stacks whose packages are here, the one that the goal is about first."""
    if not available("zstandard"):
        return []
    stacks = []
    if available("numkong"):
        stacks += numkong_stacks(folder, rows)
    if available("pyroaring"):
        stacks.append(roaring_stack(folder, rows))
    return stacks
