"""From a warm catalog file to the exact matrix, against stacks in Python; how fast masks decode."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from .engines import THREADS
from .inputs import Chooser, alike, by_rows, entropy, iid, tensors_of, write_base, write_tuned
from .kernels import REPOSITORY, Kernels
from .report import Case, Report, words
from .settings import Settings
from .stacks import all_stacks
from .timing import interleaved
from .tool import Ran, Tool

PART = "catalog"


def run(settings: Settings, report: Report) -> None:
    report.title(f"Catalog to matrix, K {settings.catalog_masks}, N {settings.catalog_positions:,}")
    kernels = Kernels(settings.build)
    folder = settings.work / "catalog"
    base = write_base(folder / "base", settings.catalog_positions)
    for case, chosen in cases(settings):
        tool = Tool(settings.binary, folder / "masks.maskdb")
        rows = made(tool, base, chosen, settings)
        measure(tool, rows, case, kernels, settings, report)
        tool.remove()
    measure_samples(folder, kernels, settings, report)
    shutil.rmtree(folder)


def cases(settings: Settings) -> Iterator[tuple[Case, Chooser]]:
    for density in settings.densities:
        yield {"density": f"{density} %"}, iid(density)
    yield {"density": "10 % in 25 % of rows"}, by_rows(25, 40)
    yield {"density": "10 %, 80 % of it alike"}, alike(10, 80)


def made(tool: Tool, base: Path, chosen: Chooser, settings: Settings) -> np.ndarray:
    """Adds the masks to the catalog, and returns them packed, a row each."""
    tool.remove()
    rows = []
    for seed in range(settings.catalog_masks):
        tuned = base.parent / f"m{seed:02}"
        rows.append(write_tuned(tuned, settings.catalog_positions, chosen, seed))
        tool.add(tuned, base, "bitwise")
        shutil.rmtree(tuned)
    return np.stack(rows)


def measure(
    tool: Tool,
    rows: np.ndarray,
    case: Case,
    kernels: Kernels,
    settings: Settings,
    report: Report,
    names: list[str] | None = None,
) -> None:
    stacks = all_stacks(tool.catalog.parent, rows)
    names = names or [f"m{i:02}" for i in range(len(rows))]
    model = np.triu(kernels.pairs(rows), 1)
    ran: list[Ran] = []
    with ThreadPoolExecutor(THREADS) as pool:
        report.equal(
            PART,
            f"maskdb overlap and the bits, {words(case)}",
            (tool.matrix(names) == model).all(),
        )
        for stack in stacks:
            same = (np.triu(stack.counted(pool), 1) == model).all()
            report.equal(PART, f"{stack.name} and the bits, {words(case)}", same)
        jobs = {"maskdb overlap": lambda: ran.append(tool.overlap("--threads", THREADS))}
        jobs |= {stack.name: lambda stack=stack: stack.counted(pool) for stack in stacks}
        times = interleaved(jobs, settings.repeats, {"maskdb overlap": tool.forget_pairs})
    for name, taken in times.items():
        report.speed(PART, case, name, taken, rows.nbytes / 1e9, "GB/s of mask bits")
    mine, fastest = times["maskdb overlap"], min(ran, key=lambda run: run.seconds)
    busy = fastest.processor_seconds / fastest.seconds
    report.value(PART, case, "maskdb overlap: processors busy", "cores", busy)
    for i, stack in enumerate(stacks):
        his = times[stack.name]
        ratio = (his.best / mine.best, his.median / mine.median)
        goal = ">= 3.5" if i == 0 and "of" not in case else "-"
        report.ratio(PART, case, f"maskdb / {stack.name}", *ratio, goal)
        larger = stack.path.stat().st_size / tool.catalog.stat().st_size
        report.value("storage", case, f"{stack.name}: its file / the catalog", "x", larger)
    measure_storage(tool, rows, case, settings, report)


def measure_storage(
    tool: Tool, rows: np.ndarray, case: Case, settings: Settings, report: Report
) -> None:
    """The bytes that the bits take, and one thread that reads every mask once for K / 2 pairs."""
    counts = [int(np.bitwise_count(row).sum()) for row in rows]
    bound = sum(
        entropy(count / row.size / 8) * row.size for count, row in zip(counts, rows, strict=True)
    )
    report.value(
        "storage",
        case,
        "bytes of segments / sum of iid entropies",
        "x",
        tool.bytes_of_bits() / bound,
    )
    jobs = {
        "decode": lambda: tool.overlap("--threads", 1),
        "kept": lambda: tool.overlap("--threads", 1),
    }
    before = {"decode": lambda: tool.forget_pairs(neighbours=True)}
    times = interleaved(jobs, settings.repeats, before)
    gigabytes = rows.nbytes / 1e9
    report.speed(
        "storage",
        case,
        "read and decode, one thread",
        times["decode"],
        gigabytes,
        "GB/s of mask bits",
    )
    alone = times["decode"].best - times["kept"].best
    if alone > 0.01:
        report.value(
            "storage",
            case,
            "the same without start and answer",
            "GB/s of mask bits",
            gigabytes / alone,
        )


def measure_samples(folder: Path, kernels: Kernels, settings: Settings, report: Report) -> None:
    """The real sample runs; so small that the time is that of starting, opening and answering."""
    tool = Tool(settings.binary, folder / "samples.maskdb")
    tool.run(
        "add",
        "--manifest",
        REPOSITORY / "Samples" / "runs.json",
        "--quiet",
        "--definition",
        "bitwise",
    )
    masks = tool.json("ls")["masks"]
    names = [mask["run"] for mask in masks]
    rows = np.stack([exported(tool, name, folder / f"{name}.safetensors") for name in names])
    case = {"real runs": len(names), "of": f"{masks[0]['parameters']:,} positions"}
    measure(tool, rows, case, kernels, settings, report, names)


def exported(tool: Tool, name: str, file: Path) -> np.ndarray:
    """The bits of a run as it is exported, padded to whole words."""
    tool.run("export", name, "--format", "safetensors", "-o", file, "--quiet")
    bits = np.concatenate([data for _, data in sorted(tensors_of(file).items())])
    packed = np.packbits(bits, bitorder="little")
    return np.pad(packed, (0, -packed.size % 16))
