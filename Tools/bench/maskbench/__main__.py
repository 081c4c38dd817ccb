"""The command: `Tools/bench/run [--quick] [--only PARTS] [--json PATH]`."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from . import machine, part_catalog, part_growth, part_ingest, part_memory, part_storage
from .kernels import REPOSITORY
from .report import Report, WrongCountError, shown, words
from .settings import PARTS, QUICK, SMOKE, Settings

RUNS = {
    "memory": part_memory.run,
    "catalog": part_catalog.run,
    "storage": part_storage.run,
    "ingest": part_ingest.run,
    "growth": part_growth.run,
}


def parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="Tools/bench/run", description="Times maskdb and peers.")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="smaller inputs, fewer repeats")
    size.add_argument("--smoke", action="store_true", help="tiny inputs: the times mean nothing")
    parser.add_argument("--only", metavar="PARTS", help=f"some of {','.join(PARTS)}")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the figures there, too")
    parser.add_argument("--work", type=Path, metavar="FOLDER", help="for inputs; default .build")
    parser.add_argument(
        "--runs",
        action="append",
        type=Path,
        default=[],
        metavar="FOLDER",
        help="store these runs together, too: what Tools/samples/train.py wrote; may be repeated",
    )
    options = parser.parse_args(arguments)
    options.parts = options.only.split(",") if options.only else list(PARTS)
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        parser.error(f"'{unknown[0]}' is no part; use {', '.join(PARTS)}")
    return options


def settings_of(options: argparse.Namespace, work: Path) -> Settings:
    named = os.environ.get("MASKDB_BINARY", REPOSITORY / ".build/release/maskdb")
    change = QUICK if options.quick else SMOKE if options.smoke else {}
    return Settings(
        binary=Path(named).resolve(),
        build=REPOSITORY / ".build" / "bench",
        work=work,
        runs=tuple(options.runs),
        **change,
    )


def main(arguments: list[str]) -> int:
    options = parsed(arguments)
    place = options.work or REPOSITORY / ".build"
    place.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="bench-", dir=place))
    try:
        return measured(options, settings_of(options, work))
    finally:
        shutil.rmtree(work, ignore_errors=True)


def measured(options: argparse.Namespace, settings: Settings) -> int:
    start = time.monotonic()
    report = Report(
        machine=machine.described(settings.binary),
        options={
            "size": size_of(options),
            "parts": options.parts,
            "repeats": settings.repeats,
        },
    )
    print(machine.text(report.machine))
    failure = None
    try:
        for part in options.parts:
            RUNS[part](settings, report)
    except WrongCountError as wrong:
        failure = wrong
    report.machine["load_at_end"] = list(os.getloadavg())
    summarise(report, time.monotonic() - start)
    if options.json:
        report.write(options.json)
    if failure:
        print(f"error: {failure}; nothing after it was timed", file=sys.stderr)
    return 1 if failure else 0


def size_of(options: argparse.Namespace) -> str:
    return "quick" if options.quick else "smoke" if options.smoke else "whole"


def summarise(report: Report, seconds: float) -> None:
    """The ratios once more, together."""
    report.title("Ratios, each of figures taken in turn in this run")
    for ratio in report.ratios:
        best, median = shown(ratio["best"]), shown(ratio["median"])
        print(
            f"  {ratio['part']:8} {words(ratio['case']):34} {ratio['of']:52} "
            f"best {best:>6}  median {median:>6}  goal {ratio['goal']}"
        )
    load = " ".join(f"{value:.2f}" for value in report.machine["load_at_end"])
    print(f"\n{seconds:.0f} s; load average at the end {load}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
