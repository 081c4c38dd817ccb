"""Engines that count every pair of bit rows in memory: maskdb's kernel, and its peers from PyPI.

An engine takes rows of bytes and gives jobs, one a thread; the sum of what the jobs return is the
matrix of counts. Only entries i < j are looked at.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from .kernels import Kernels

Rows = np.ndarray
Part = Callable[[], np.ndarray]
THREADS = 2


@dataclass(frozen=True)
class Engine:
    """A way to count, and about how many pair-bits it is given at once, for it may be slow."""

    name: str
    parts: Callable[[Rows], list[Part]]
    most: float = float("inf")

    @property
    def is_slow(self) -> bool:
        """Whether a part of the input has to do, and being in cache makes no difference."""
        return self.most < float("inf")

    def columns(self, pairs: int) -> int:
        """The bytes of every row that it is given; 2 MiB at most where it is slow."""
        if not self.is_slow:
            return 1 << 62
        return min(max(int(self.most / pairs / 8), 1 << 13), 2 << 20)

    def counted(self, pool: ThreadPoolExecutor, parts: list[Part]) -> np.ndarray:
        return sum(pool.map(lambda part: part(), parts))


def halves(rows: Rows) -> list[Rows]:
    """The columns in two, each a multiple of 8 bytes."""
    middle = rows.shape[1] // 16 * 8
    return [rows[:, :middle], rows[:, middle:]]


def by_halves(prepared: Callable[[Rows], Part]) -> Callable[[Rows], list[Part]]:
    return lambda rows: [prepared(half) for half in halves(rows)]


def chunks(rows: Rows, size: int) -> Iterator[Rows]:
    for first in range(0, rows.shape[1], size):
        yield rows[:, first : first + size]


# --- peers ---------------------------------------------------------------------------------------


def numkong_chunks(size: int) -> Callable[[Rows], Part]:
    import numkong

    def prepared(rows: Rows) -> Part:
        views = list(chunks(rows, size))

        def one(view: Rows) -> np.ndarray:
            return np.asarray(numkong.dots_symmetric(view, dtype="uint1"))

        if len(views) == 1:
            return lambda: one(views[0])

        def count() -> np.ndarray:
            total = np.zeros((len(rows), len(rows)), np.uint64)
            for view in views:
                total += one(view)
            return total

        return count

    return prepared


def numkong_rows(rows: Rows) -> list[Part]:
    """The rows of the matrix in two parts of as many pairs each, without chunks."""
    import numkong

    k = len(rows)
    middle = max(1, round(k * (1 - 0.5**0.5)))

    def count(start: int, end: int) -> np.ndarray:
        total = np.zeros((k, k), np.uint64)
        answer = numkong.dots_symmetric(rows, dtype="uint1", start_row=start, end_row=end)
        total[start:end] = np.asarray(answer)[start:end]
        return total

    return [lambda: count(0, middle), lambda: count(middle, k)]


def numpy_blocked(rows: Rows) -> Part:
    def count() -> np.ndarray:
        total = np.zeros((len(rows), len(rows)), np.uint64)
        for chunk in chunks(rows, 32 << 10):
            words = np.ascontiguousarray(chunk).view(np.uint64)
            for i in range(len(rows) - 1):
                both = np.bitwise_count(words[i] & words[i + 1 :])
                total[i, i + 1 :] += both.sum(axis=1, dtype=np.uint64)
        return total

    return count


def scipy_sparse(rows: Rows) -> list[Part]:
    from scipy import sparse

    def prepared(half: Rows) -> Part:
        bits = np.unpackbits(half, axis=1, bitorder="little")
        matrix = sparse.csr_array(bits.astype(np.int32))
        return lambda: (matrix @ matrix.T).toarray().astype(np.uint64)

    return [prepared(half) for half in halves(rows)]


def roaring(rows: Rows) -> list[Part]:
    """On one thread: pyroaring holds Python's lock."""
    from pyroaring import BitMap

    maps = [BitMap(np.flatnonzero(np.unpackbits(r, bitorder="little"))) for r in rows]

    def count() -> np.ndarray:
        total = np.zeros((len(maps), len(maps)), np.uint64)
        for i, a in enumerate(maps):
            for j in range(i + 1, len(maps)):
                total[i, j] = a.intersection_cardinality(maps[j])
        return total

    return [count]


def duckdb_wide(rows: Rows) -> list[Part]:
    """A column of words a row, every pair a sum in one query, on DuckDB's own threads."""
    import duckdb

    k = len(rows)
    connection = duckdb.connect(config={"threads": THREADS})
    words = {f"m{i}": np.ascontiguousarray(rows[i]).view(np.uint64) for i in range(k)}
    create_table(connection, words)
    sums = [f"sum(bit_count(m{i} & m{j}))" for i in range(k) for j in range(i + 1, k)]
    query = f"SELECT {', '.join(sums)} FROM mask"

    def count() -> np.ndarray:
        total = np.zeros((k, k), np.uint64)
        total[np.triu_indices(k, 1)] = connection.execute(query).fetchone()
        return total

    return [count]


def create_table(connection: object, words: dict[str, np.ndarray]) -> None:
    frame = words  # DuckDB finds a dict of NumPy arrays by the name of its variable
    connection.execute("CREATE TABLE mask AS SELECT * FROM frame")
    del frame


# --- all of them ---------------------------------------------------------------------------------


def available(name: str) -> bool:
    try:
        importlib.import_module(name)
    except ImportError:
        return False
    return True


def all_engines(kernels: Kernels) -> tuple[list[Engine], list[str]]:
    """The engines that can run here, maskdb first, and the packages that are missing."""
    engines = [Engine("maskdb", by_halves(kernels.prepared))]
    if available("numkong"):
        engines += [
            Engine("NumKong, chunks of 64 KiB", by_halves(numkong_chunks(64 << 10))),
            Engine("NumKong, chunks of 256 KiB", by_halves(numkong_chunks(256 << 10))),
            Engine("NumKong, rows split", numkong_rows),
        ]
    engines.append(Engine("numpy bitwise_count, blocked", by_halves(numpy_blocked), 2e10))
    if available("pyroaring"):
        engines.append(Engine("pyroaring, one thread", roaring, 1e10))
    if available("duckdb"):
        engines.append(Engine("duckdb bit_count", duckdb_wide, 1e10))
    if available("scipy"):
        engines.append(Engine("scipy sparse", scipy_sparse, 5e8))
    wanted = ("numkong", "pyroaring", "duckdb", "scipy")
    return engines, [name for name in wanted if not available(name)]
