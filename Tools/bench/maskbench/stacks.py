"""What one would write in Python today: a SQLite file of packed masks, and all pairs from it.

Both stacks store segments of 2^22 positions, zstd-packed at level -1, in pages of 16 KiB, and count
on two threads with a connection each.
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

CountTile = Callable[[list[bytes], int], np.ndarray]


@dataclass(frozen=True)
class Stack:
    """A file of masks, and how the pairs of one tile are counted from its blobs."""

    name: str
    path: Path
    masks: int
    tiles: int
    size: int
    count_tile: CountTile

    def counted(self, pool: ThreadPoolExecutor) -> np.ndarray:
        return sum(pool.map(self.count_some, range(THREADS)))

    def count_some(self, thread: int) -> np.ndarray:
        connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        total = np.zeros((self.masks, self.masks), np.uint64)
        query = "SELECT bytes FROM segment WHERE tile = ? ORDER BY mask"
        for tile in range(thread, self.tiles, THREADS):
            blobs = [row[0] for row in connection.execute(query, (tile,))]
            total += self.count_tile(blobs, min(TILE, self.size - tile * TILE))
        connection.close()
        return total


def written(path: Path, rows: np.ndarray, packed: Callable[[np.ndarray], bytes]) -> int:
    """Writes every tile of every row, and returns how many tiles there are."""
    import zstandard

    path.unlink(missing_ok=True)
    tiles = -(-rows.shape[1] // TILE)
    compressor = zstandard.ZstdCompressor(level=-1)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA page_size = 16384")
        connection.execute("CREATE TABLE segment (tile, mask, bytes, PRIMARY KEY (tile, mask))")
        for tile in range(tiles):
            parts = [row[tile * TILE : (tile + 1) * TILE] for row in rows]
            blobs = [(tile, i, compressor.compress(packed(part))) for i, part in enumerate(parts)]
            connection.executemany("INSERT INTO segment VALUES (?, ?, ?)", blobs)
    connection.close()
    return tiles


def numkong_stack(path: Path, rows: np.ndarray) -> Stack:
    import zstandard

    prepared = numkong_chunks(64 << 10)

    def count_tile(blobs: list[bytes], size: int) -> np.ndarray:
        decompressor = zstandard.ZstdDecompressor()
        buffer = np.empty((len(blobs), size), np.uint8)
        for row, blob in zip(buffer, blobs, strict=True):
            row[:] = np.frombuffer(decompressor.decompress(blob), np.uint8)
        return prepared(buffer)()

    tiles = written(path, rows, lambda part: part.tobytes())
    name = "sqlite3 + zstandard + NumKong"
    return Stack(name, path, len(rows), tiles, rows.shape[1], count_tile)


def roaring_stack(path: Path, rows: np.ndarray) -> Stack:
    import zstandard
    from pyroaring import BitMap

    def packed(part: np.ndarray) -> bytes:
        places = np.flatnonzero(np.unpackbits(part, bitorder="little"))
        return BitMap(places.astype(np.uint32)).serialize()

    def count_tile(blobs: list[bytes], size: int) -> np.ndarray:
        decompressor = zstandard.ZstdDecompressor()
        maps = [BitMap.deserialize(decompressor.decompress(blob)) for blob in blobs]
        total = np.zeros((len(maps), len(maps)), np.uint64)
        for i, a in enumerate(maps):
            for j in range(i + 1, len(maps)):
                total[i, j] = a.intersection_cardinality(maps[j])
        return total

    tiles = written(path, rows, packed)
    name = "sqlite3 + zstandard + pyroaring"
    return Stack(name, path, len(rows), tiles, rows.shape[1], count_tile)


def all_stacks(folder: Path, rows: np.ndarray) -> list[Stack]:
    """The stacks whose packages are here, the one that the goal is about first."""
    if not available("zstandard"):
        return []
    stacks = []
    if available("numkong"):
        stacks.append(numkong_stack(folder / "numkong.sqlite", rows))
    if available("pyroaring"):
        stacks.append(roaring_stack(folder / "roaring.sqlite", rows))
    return stacks
