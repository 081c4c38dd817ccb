"""How near the iid entropy a mask is stored, and how many masks of one base together."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from .inputs import entropy, iid, write_base, write_tuned
from .kernels import REPOSITORY
from .report import Report
from .settings import Settings
from .tool import Tool

PART = "storage"
FIRST = 6


def run(settings: Settings, report: Report) -> None:
    report.title(f"Storage: one mask of N {settings.lone_positions:,}, then real runs together")
    folder = settings.work / "storage"
    base = write_base(folder / "base", settings.lone_positions)
    for density in settings.lone_densities:
        measure_alone(density, base, settings, report)
    for runs in (REPOSITORY / "Samples", *settings.runs):
        measure_together(runs, settings, report)
    shutil.rmtree(folder)


def measure_alone(density: float, base, settings: Settings, report: Report) -> None:
    tool = Tool(settings.binary, base.parent / "alone.maskdb")
    tuned = base.parent / "tuned"
    packed = write_tuned(tuned, settings.lone_positions, iid(density), seed=3)
    tool.add(tuned, base, "bitwise")
    mask = tool.json("ls")["masks"][0]
    share = mask["count"] / mask["parameters"]
    bits = 8 * tool.bytes_of_bits()
    case = {"density": f"{density} %"}
    report.value(PART, case, "one mask", "% of one bit a position", 100 * bits / packed.size / 8)
    ratio = bits / (entropy(share) * mask["parameters"])
    report.ratio(PART, case, "bytes of one mask / iid entropy", ratio, ratio, "<= 1.05")
    tool.remove()


def measure_together(runs: Path, settings: Settings, report: Report) -> None:
    """Real runs in one catalog, the first six and all: their bytes against their entropies."""
    manifest = json.loads((runs / "runs.json").read_text())
    for definition in ("paper", "bitwise"):
        for number in sorted({min(FIRST, len(manifest["runs"])), len(manifest["runs"])}):
            tool = Tool(settings.binary, settings.work / "storage" / "together.maskdb")
            add_first(number, manifest, runs, definition, tool)
            compare_together(runs, definition, tool, report)
            tool.remove()


def add_first(number: int, manifest: dict, runs: Path, definition: str, tool: Tool) -> None:
    folder = runs.resolve()
    first = [run | {"path": str(folder / run["path"])} for run in manifest["runs"][:number]]
    chosen = manifest | {"base": str(folder / manifest["base"]), "runs": first}
    file = tool.catalog.parent / "runs.json"
    file.write_text(json.dumps(chosen))
    tool.run("add", "--manifest", file, "--quiet", "--definition", definition)


def compare_together(runs: Path, definition: str, tool: Tool, report: Report) -> None:
    masks = tool.json("ls")["masks"]
    bound = sum(entropy(m["count"] / m["parameters"]) * m["parameters"] for m in masks) / 8
    catalog = tool.json("info")["catalog"]
    case = {
        "real runs": len(masks),
        "of": f"{masks[0]['parameters']:,} positions",
        "in": runs.name,
        "definition": definition,
    }
    for name, size in (
        ("segments", catalog["segment_bytes"]),
        ("segments and counts", catalog["segment_bytes"] + catalog["marginal_bytes"]),
        ("the whole file", catalog["bytes"]),
    ):
        goal = "<= 0.6" if name == "the whole file" else "-"
        ratio = size / bound
        report.ratio(PART, case, f"{name} / sum of iid entropies", ratio, ratio, goal)
