"""All pairs in memory: the kernel against its peers, from DRAM and in cache, and the limits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import numpy as np

from .engines import THREADS, Engine, all_engines
from .kernels import Kernels
from .processes import Processes
from .report import Case, Report
from .settings import Settings
from .timing import Job, Times, interleaved, repeated, timed

PART, UNIT = "memory", "G pair-bit/s"
PEER = "NumKong"


def run(settings: Settings, report: Report) -> None:
    report.title("All pairs in memory, two threads, one bit in eight set")
    kernels = Kernels(settings.build)
    engines, missing = all_engines(kernels)
    for name in missing:
        report.leave_out(f"{name} is not installed")
    with ThreadPoolExecutor(THREADS) as pool:
        check(engines, pool, report)
        limit = measure_limits(kernels, pool, settings, report)
        for k in settings.memory_ks:
            for place, size in (
                ("DRAM", settings.memory_bytes),
                ("cache", settings.cache_bytes),
            ):
                rows = random_rows(k, size // k // 16 * 16, seed=k)
                some = [e for e in engines if place == "DRAM" or not e.is_slow]
                time_engines(some, pool, rows, {"K": k, "in": place}, limit, settings, report)
            time_kernel(kernels, pool, rows, settings, report)


def random_rows(k: int, size: int, seed: int) -> np.ndarray:
    """Rows of `size` bytes, one bit in eight set."""
    random = np.random.default_rng(seed)
    rows = np.empty((k, size), np.uint8)
    for row in rows:
        words = [random.integers(0, 2**64, size // 8, np.uint64, endpoint=False) for _ in range(3)]
        row[:] = (words[0] & words[1] & words[2]).view(np.uint8)
    return rows


def check(engines: list[Engine], pool: ThreadPoolExecutor, report: Report) -> None:
    """Every engine counts the same rows, of a length that fits no block, to the unit."""
    for k in (5, 19):
        rows = random_rows(k, 8 * 9_001, seed=1)
        bits = np.unpackbits(rows, axis=1).astype(np.int64)
        model = np.triu(bits @ bits.T, 1).astype(np.uint64)
        for engine in engines:
            counted = np.triu(engine.counted(pool, engine.parts(rows)), 1)
            report.equal(
                PART,
                f"{engine.name} and a product of integers, K {k}",
                (counted == model).all(),
            )


def measure_limits(
    kernels: Kernels, pool: ThreadPoolExecutor, settings: Settings, report: Report
) -> Times:
    """The seconds of 10^9 pair-bits on both threads in registers; and the rate of reading."""
    rounds = max(1, int(settings.limit_bits / THREADS / kernels.bits_a_round))
    words = np.ones(settings.memory_bytes // 8, np.uint64)
    parts = np.array_split(words, THREADS)
    jobs = {
        "registers": lambda: list(pool.map(kernels.limit, [rounds] * THREADS)),
        "read": lambda: list(
            pool.map(lambda part: kernels.read(part.ctypes.data, part.size), parts)
        ),
    }
    times = interleaved(jobs, settings.repeats)
    bits = rounds * THREADS * kernels.bits_a_round
    name = f"limit: AND, count, add in registers ({kernels.name})"
    report.speed(PART, {}, name, times["registers"], bits / 1e9, UNIT)
    report.speed(PART, {}, "limit: reading memory", times["read"], words.nbytes / 1e9, "GB/s")
    return Times(tuple(t * 1e9 / bits for t in times["registers"].seconds))


def time_engines(
    engines: list[Engine],
    pool: ThreadPoolExecutor,
    rows: np.ndarray,
    case: Case,
    limit: Times,
    settings: Settings,
    report: Report,
) -> None:
    jobs, work = {}, {}
    pairs = len(rows) * (len(rows) - 1) // 2
    with ExitStack() as stack:
        for engine in engines:
            size = min(rows.shape[1], engine.columns(pairs)) // 16 * 16
            parts = engine.parts(rows[:, :size])
            if case["in"] == "cache":
                processes = stack.enter_context(Processes(parts))
                job, count = counted_often(processes, settings.least)
            else:
                job, count = repeated(lambda e=engine, p=parts: e.counted(pool, p), settings.least)
            jobs[engine.name] = job
            work[engine.name] = pairs * size * 8 * count / 1e9
        times = interleaved(jobs, settings.repeats)
    for name, taken in times.items():
        report.speed(PART, case, name, taken, work[name], UNIT)
    compare(times, work, case, limit, report)


def counted_often(processes: Processes, least: float) -> tuple[Job, int]:
    """The processes, each counting so many times over that it takes `least` seconds."""
    processes.run(10)
    count = max(10, int(10 * least / timed(lambda: processes.run(10))))
    return lambda: processes.run(count), count


def time_kernel(
    kernels: Kernels,
    pool: ThreadPoolExecutor,
    rows: np.ndarray,
    settings: Settings,
    report: Report,
) -> None:
    """The kernel and the limit in turn, in cache, without the calls from Python."""
    k = len(rows)
    parts = [np.ascontiguousarray(part) for part in np.array_split(rows, THREADS, axis=1)]
    size = parts[0].shape[1] // 8 * 8
    parts = [part[:, :size] for part in parts]
    bits = k * (k - 1) // 2 * size * 8 * THREADS
    loops = max(1, int(settings.limit_bits / 20 / bits))
    rounds = max(1, int(bits * loops / THREADS / kernels.bits_a_round))
    jobs = {
        "kernel": lambda: list(pool.map(lambda part: kernels.repeated(part, loops), parts)),
        "limit": lambda: list(pool.map(kernels.limit, [rounds] * THREADS)),
    }
    times = interleaved(jobs, 3 * settings.repeats)
    taken, limit = times["kernel"], times["limit"]
    case = {"K": k, "in": "cache"}
    work = bits * loops / 1e9
    report.speed(PART, case, "maskdb, looped in C", taken, work, UNIT)
    report.ratio(
        PART,
        case,
        "maskdb, looped in C / limit in registers",
        limit.best / taken.best,
        limit.median / taken.median,
        ">= 0.7" if k in (32, 64) else "-",
    )


def compare(
    times: dict[str, Times],
    work: dict[str, float],
    case: Case,
    limit: Times,
    report: Report,
) -> None:
    def speed(name: str, kind: str) -> float:
        return work[name] / getattr(times[name], kind)

    peers = [name for name in times if name.startswith(PEER)]
    if peers:
        best = speed("maskdb", "best") / max(speed(name, "best") for name in peers)
        median = speed("maskdb", "median") / max(speed(name, "median") for name in peers)
        goal = ">= 2" if case["K"] in (32, 64) else "-"
        report.ratio(PART, case, f"maskdb / fastest {PEER}", best, median, goal)
    report.ratio(
        PART,
        case,
        "maskdb / limit in registers",
        speed("maskdb", "best") * limit.best,
        speed("maskdb", "median") * limit.median,
        "-",
    )
