"""How time, memory and bytes grow with the masks and with the positions."""

from __future__ import annotations

import shutil

import numpy as np

from .inputs import iid, write_base, write_tuned
from .report import Report
from .settings import Settings
from .tool import OVERLAP, Tool

PART = "growth"
ROOM = 3  # of the free disk's bytes, a third at most is used


def run(settings: Settings, report: Report) -> None:
    report.title("Growth: 10 % iid")
    folder = settings.work / "growth"
    by_masks(folder, settings, report)
    by_positions(folder, settings, report)
    shutil.rmtree(folder, ignore_errors=True)


def by_masks(folder, settings: Settings, report: Report) -> None:
    positions = settings.growth_mask_positions
    base = write_base(folder / "base", positions)
    tool = Tool(settings.binary, folder / "masks.maskdb")
    made, figures = 0, []
    for k in settings.growth_masks:
        for seed in range(made, k):
            write_tuned(folder / f"m{seed:03}", positions, iid(10), seed)
            tool.add(folder / f"m{seed:03}", base, "bitwise")
            shutil.rmtree(folder / f"m{seed:03}")
        made = k
        figures.append(overlap_figures(tool, settings))
        tell({"K": k, "N": f"{positions:,}"}, figures[-1], report)
    fit("K", settings.growth_masks, figures, report)
    shutil.rmtree(folder)


def by_positions(folder, settings: Settings, report: Report) -> None:
    k, figures, done = settings.growth_position_masks, [], []
    for positions in settings.growth_positions:
        if shutil.disk_usage(settings.work).free < ROOM * 4 * positions:
            report.leave_out(f"growth at N {positions:,}: too little disk")
            break
        base = write_base(folder / "base", positions)
        tool = Tool(settings.binary, folder / "masks.maskdb")
        tool.remove()
        for seed in range(k):
            write_tuned(folder / "tuned", positions, iid(10), seed)
            words = ("add", folder / "tuned", "--base", base, "--quiet", "--name")
            seconds = tool.run(*words, f"m{seed}").seconds
        figures.append(overlap_figures(tool, settings))
        figures[-1]["add of the last, s"] = seconds
        figures[-1]["add, MiB resident"] = added_again(tool, words) / 2**20
        done.append(positions)
        tell({"K": k, "N": f"{positions:,}"}, figures[-1], report)
        shutil.rmtree(folder)
    fit("N", done, figures, report)


def overlap_figures(tool: Tool, settings: Settings) -> dict[str, float]:
    """The best of some runs of `overlap` that count every pair, and of as many that count none."""
    repeats = min(settings.repeats, 3)
    fresh, kept = [], []
    for _ in range(repeats):
        tool.forget_pairs()
        fresh.append(tool.overlap())
        kept.append(tool.overlap())
    size = tool.catalog.stat().st_size
    tool.forget_pairs()
    return {
        "overlap, s": min(run.seconds for run in fresh),
        "overlap from kept counts, s": min(run.seconds for run in kept),
        "overlap, MiB resident": tool.peak_bytes(*OVERLAP) / 2**20,
        "catalog, bytes": float(size),
    }


def added_again(tool: Tool, words: tuple[object, ...]) -> int:
    """The memory that adding takes, in a catalog that does not have the mask."""
    other = Tool(tool.binary, tool.catalog.with_name("other.maskdb"))
    peak = other.peak_bytes(*words, "again")
    other.remove()
    return peak


def tell(case: dict, figures: dict[str, float], report: Report) -> None:
    for name, value in figures.items():
        what, _, unit = name.partition(", ")
        report.value(PART, case, what, unit, value)


def fit(what: str, sizes, figures: list[dict[str, float]], report: Report) -> None:
    """The slope of the upper half on logarithmic axes: cost grows as the size to this power."""
    if len(figures) < 2:
        return
    upper = slice(max(0, min(len(figures) // 2, len(figures) - 3)), None)
    for name in figures[0]:
        values = np.log([figure[name] for figure in figures[upper]])
        slope = float(np.polyfit(np.log(sizes[upper]), values, 1)[0])
        report.value(PART, {"exponent in": what}, name.partition(", ")[0], "power", slope)
