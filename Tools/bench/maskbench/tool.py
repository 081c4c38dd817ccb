"""The maskdb program, with what each run of it cost."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

OVERLAP = ("overlap", "--null", "global", "--format", "csv", "--quiet")


@dataclass(frozen=True)
class Ran:
    """What a finished command took."""

    seconds: float
    processor_seconds: float
    stdout: bytes


@dataclass(frozen=True)
class Tool:
    """The program with one catalog."""

    binary: Path
    catalog: Path

    def run(self, *arguments: object) -> Ran:
        words = [str(self.binary), *map(str, arguments), "--catalog", str(self.catalog)]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            start = time.perf_counter()
            process = subprocess.Popen(words, stdout=out, stderr=err)
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0), err.seek(0)
            if process.returncode != 0:
                raise RuntimeError(f"{' '.join(words)}: {err.read().decode(errors='replace')}")
            return Ran(
                seconds,
                usage.ru_utime + usage.ru_stime,
                out.read(),
            )

    def peak_bytes(self, *arguments: object) -> int:
        """The most memory that is resident while the command runs, asked every millisecond.

        The kernel's own figure for a child that ended would include what Python held at the fork.
        """
        words = [str(self.binary), *map(str, arguments), "--catalog", str(self.catalog)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(words, **quiet)
        peak = 0
        while process.poll() is None:
            peak = max(peak, high_water(process.pid))
            time.sleep(0.001)
        return peak

    def json(self, *arguments: object) -> dict[str, Any]:
        return json.loads(self.run(*arguments, "--json").stdout)

    def add(self, tuned: Path, base: Path, *definitions: str) -> Ran:
        options = [word for rule in definitions for word in ("--definition", rule)]
        return self.run("add", tuned, "--base", base, "--quiet", *options)

    def overlap(self, *options: object) -> Ran:
        """The whole answer as a matrix; what is not counted yet is."""
        return self.run(*OVERLAP, *options)

    def matrix(self, names: list[str]) -> np.ndarray:
        """The intersection of every pair of runs, i < j in the order of `names`."""
        place = {name: i for i, name in enumerate(names)}
        counts = np.zeros((len(names), len(names)), np.uint64)
        for pair in self.json("overlap", "--null", "global", "--quiet")["pairs"]:
            ends = sorted(place[pair[side].partition("@")[0]] for side in ("a", "b"))
            counts[ends[0], ends[1]] = pair["intersection"]
        return counts

    def forget_pairs(self, neighbours: bool = False) -> None:
        """Deletes the counts that the catalog keeps: of all pairs, or of as many as read each
        mask once."""
        with sqlite3.connect(self.catalog) as connection:
            ids = [row[0] for row in connection.execute("SELECT id FROM mask ORDER BY id")]
            if neighbours:
                pairs = list(zip(ids[::2], ids[1::2], strict=False))
                connection.executemany("DELETE FROM pair WHERE mask_a = ? AND mask_b = ?", pairs)
            else:
                connection.execute("DELETE FROM pair")
        connection.close()

    def remove(self) -> None:
        for suffix in ("", "-journal"):
            Path(f"{self.catalog}{suffix}").unlink(missing_ok=True)

    def bytes_of_bits(self) -> int:
        return self.json("info")["catalog"]["segment_bytes"]


def high_water(process: int) -> int:
    """The bytes that a running process held at most; 0 where that cannot be told."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM")), 0)
