"""Timing: jobs take turns, so that a busy machine slows all of them alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Job = Callable[[], object]


@dataclass(frozen=True)
class Times:
    """The seconds of every run of one job."""

    seconds: tuple[float, ...]

    @property
    def best(self) -> float:
        return min(self.seconds)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def timed(job: Job) -> float:
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def interleaved(
    jobs: dict[str, Job], repeats: int, before: dict[str, Job] | None = None
) -> dict[str, Times]:
    """Runs every job once unmeasured, then `repeats` rounds of all; `before` is not measured."""
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    names = list(jobs)
    gc.collect()
    gc.disable()
    try:
        for turn in range(-1, repeats):
            first = max(turn, 0) % len(names)
            for name in names[first:] + names[:first]:
                (before or {}).get(name, lambda: None)()
                took = timed(jobs[name])
                if turn >= 0:
                    seconds[name].append(took)
    finally:
        gc.enable()
    return {name: Times(tuple(taken)) for name, taken in seconds.items()}


def repeated(job: Job, least: float = 0.02) -> tuple[Job, int]:
    """The job so many times over that it takes `least` seconds, and how many that is."""
    job()
    count = max(1, int(least / max(timed(job), 1e-7)))

    def many() -> None:
        for _ in range(count):
            job()

    return many, count
