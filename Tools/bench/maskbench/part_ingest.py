"""Two bf16 checkpoints in the page cache to changed bits: maskdb add, cat, NumPy, and torch."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np

from .engines import THREADS, available
from .inputs import iid, tensors_of, write_base, write_tuned
from .report import Report
from .settings import Settings
from .timing import Times, interleaved
from .tool import Tool

PART = "ingest"
FOUR = ("paper", "bitwise", "numeric", "ulp:1")
SLOW = 1 << 26  # positions that torch is given


def run(settings: Settings, report: Report) -> None:
    report.title(f"Ingest: a bf16 pair of {settings.ingest_positions:,}, 10 % of it changed")
    folder = settings.work / "ingest"
    base = write_base(folder / "base", settings.ingest_positions)
    tuned = folder / "tuned"
    write_tuned(tuned, settings.ingest_positions, iid(10), seed=5)
    tool = Tool(settings.binary, folder / "masks.maskdb")
    files = [path / "model.safetensors" for path in (base, tuned)]
    check(tool, base, tuned, files, report)
    measure(tool, base, tuned, files, settings, report)
    measure_torch(files, settings, report)
    shutil.rmtree(folder)


def check(tool: Tool, base: Path, tuned: Path, files: list[Path], report: Report) -> None:
    tool.remove()
    tool.add(tuned, base, *FOUR)
    counts = {mask["definition"]: mask["count"] for mask in tool.json("ls")["masks"]}
    report.equal(
        PART,
        "bitwise changes as NumPy counts them",
        counts["bitwise"] == in_numpy(files),
    )
    if available("torch") and tensor_total(files) <= SLOW:
        same = counts["paper"] == in_torch(files, SLOW)
        report.equal(PART, "changes under the paper's definition as torch counts them", same)


def measure(
    tool: Tool,
    base: Path,
    tuned: Path,
    files: list[Path],
    settings: Settings,
    report: Report,
) -> None:
    jobs = {
        "cat base tuned > /dev/null": lambda: subprocess.run(
            ["cat", *files], stdout=subprocess.DEVNULL, check=True
        ),
        "maskdb add": lambda: tool.add(tuned, base, "paper"),
        "maskdb add, four definitions": lambda: tool.add(tuned, base, *FOUR),
        "numpy a != b, packbits": lambda: in_numpy(files),
    }
    before = {name: tool.remove for name in jobs if name.startswith("maskdb")}
    times = interleaved(jobs, settings.ingest_repeats, before)
    case = {"N": f"{settings.ingest_positions:,}"}
    for name, taken in times.items():
        report.speed(PART, case, name, taken, settings.ingest_positions / 1e9, "G parameters/s")
    tool.remove()
    peak = tool.peak_bytes("add", tuned, "--base", base, "--quiet")
    report.value(PART, case, "maskdb add: peak resident memory", "MiB", peak / 2**20)
    names = list(jobs)
    compare(times, names[1], names[0], "<= 1.75", case, report)
    compare(times, names[2], names[1], "<= 1.5", case, report)


def compare(
    times: dict[str, Times],
    name: str,
    other: str,
    goal: str,
    case: dict,
    report: Report,
) -> None:
    best = times[name].best / times[other].best
    median = times[name].median / times[other].median
    report.ratio(PART, case, f"time of {name} / {other}", best, median, goal)


def measure_torch(files: list[Path], settings: Settings, report: Report) -> None:
    if not available("torch"):
        report.leave_out("torch is not installed")
        return
    positions = min(SLOW, tensor_total(files))
    times = interleaved({"torch": lambda: in_torch(files, SLOW)}, settings.slow_repeats)["torch"]
    case = {"N": f"{positions:,}"}
    name = "torch, the paper's definition"
    report.speed(PART, case, name, times, positions / 1e9, "G parameters/s")


def tensor_total(files: list[Path]) -> int:
    return sum(data.size for data in tensors_of(files[0]).values()) // 2


def in_numpy(files: list[Path]) -> int:
    """Changed bits of whole tensors, packed and counted."""
    base, tuned = (tensors_of(file) for file in files)
    total = 0
    for name, values in base.items():
        changed = values.view(np.uint16) != tuned[name].view(np.uint16)
        total += int(np.bitwise_count(np.packbits(changed)).sum())
    return total


def in_torch(files: list[Path], most: int) -> int:
    """The rule of the paper's script, tensor by tensor."""
    import torch

    torch.set_num_threads(THREADS)
    base, tuned = (tensors_of(file) for file in files)
    total = done = 0
    for name, values in base.items():
        if done >= most:
            break
        done += values.size // 2
        a, b = (torch.from_numpy(np.array(v)).view(torch.bfloat16) for v in (values, tuned[name]))
        delta = b - a
        total += int((~torch.isclose(delta, torch.zeros_like(delta), atol=1e-5)).sum())
    return total
