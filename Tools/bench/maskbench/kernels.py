"""maskdb's C kernels through ctypes, which lets go of Python's lock, and the loops of limit.c."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[3]
KERNELS = REPOSITORY / "Sources" / "CMaskKernels"
LIMIT = REPOSITORY / "Tools" / "bench" / "limit.c"
SEGMENT_WORDS = 65_536  # what PairCounter counts at a time: 2^22 positions
BITS_A_ROUND = {"avx2": 8 * 256, "avx512": 8 * 512, "neon": 8 * 128, "scalar": 8 * 64}

Counts = np.ndarray


def compiled(folder: Path) -> ctypes.CDLL:
    """The kernels and the limits as one library, by the compiler that Swift comes with."""
    folder.mkdir(parents=True, exist_ok=True)
    library = folder / "libmaskbench.so"
    sources = [*sorted(KERNELS.glob("*.c")), LIMIT]
    inputs = [*sources, *KERNELS.glob("*.h"), *KERNELS.glob("include/*.h")]
    if not library.exists() or library.stat().st_mtime < max(f.stat().st_mtime for f in inputs):
        compiler = os.environ.get("CC") or shutil.which("clang") or "cc"
        options = [
            "-std=gnu17",
            "-O2",  # as Swift's package manager compiles them
            "-fPIC",
            "-shared",
            "-I",
            KERNELS,
            "-I",
            KERNELS / "include",
        ]
        subprocess.run(
            [compiler, *options, *sources, "-o", library, "-lm", "-lpthread"],
            check=True,
        )
    return ctypes.CDLL(str(library))


class Kernels:
    """The functions that PairCounter calls, with their limits."""

    def __init__(self, folder: Path) -> None:
        self.library = compiled(folder)
        self.library.mk_kernel.restype = ctypes.c_char_p
        self.name = self.library.mk_kernel().decode()
        self.count_pairs = self.library.mk_count_pairs
        self.count_pairs.argtypes = [
            ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_void_p,
        ]  # fmt: skip
        self.count_pairs.restype = None
        self.repeat_pairs = self.library.repeat_pairs
        self.repeat_pairs.argtypes = [*self.count_pairs.argtypes, ctypes.c_size_t]
        self.repeat_pairs.restype = None
        self.read = self.library.limit_read
        self.read.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
        self.read.restype = ctypes.c_uint64
        self.limit = getattr(self.library, f"limit_{self.name}")
        self.limit.argtypes = [ctypes.c_size_t]
        self.limit.restype = ctypes.c_uint64

    def prepared(self, rows: np.ndarray) -> Callable[[], Counts]:
        """Counts rows of bytes segment by segment; of the k x k counts only i < j is filled.

        Every call returns the same array, counted anew.
        """
        k, size = rows.shape
        starts = rows.ctypes.data + np.arange(k, dtype=np.uint64) * np.uint64(rows.strides[0])
        segments = [
            (starts + np.uint64(first), min(SEGMENT_WORDS, (size - first) // 8))
            for first in range(0, size, SEGMENT_WORDS * 8)
        ]
        calls = [(pointers.ctypes.data, words) for pointers, words in segments]

        counts = np.empty((k, k), np.uint64)
        to = counts.ctypes.data

        def count() -> Counts:
            counts.fill(0)
            for pointers, words in calls:
                self.count_pairs(pointers, k, words, to)
            return counts

        count.keeps = (rows, segments)  # what the addresses point into
        return count

    def pairs(self, rows: np.ndarray) -> Counts:
        """The counts of `prepared`, at once."""
        return self.prepared(rows)()

    def repeated(self, rows: np.ndarray, times: int) -> None:
        """Counts the pairs of rows of at most a segment `times` times."""
        k, size = rows.shape
        counts = np.zeros((k, k), np.uint64)
        starts = rows.ctypes.data + np.arange(k, dtype=np.uint64) * np.uint64(rows.strides[0])
        words = min(SEGMENT_WORDS, size // 8)
        self.repeat_pairs(starts.ctypes.data, k, words, counts.ctypes.data, times)

    @property
    def bits_a_round(self) -> int:
        return BITS_A_ROUND[self.name]
