"""What was measured: kept as JSON, and printed line by line as it becomes known."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .timing import Times

Case = dict[str, Any]


class WrongCountError(Exception):
    """An engine counted something else than the others."""


@dataclass
class Report:
    """The figures of one run."""

    machine: dict[str, Any]
    options: dict[str, Any]
    equalities: list[dict[str, Any]] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    ratios: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def title(self, text: str) -> None:
        print(f"\n{text}", flush=True)

    def equal(self, part: str, what: str, is_equal: bool) -> None:
        """Holds that two counts are the same; nothing is timed that counts wrongly."""
        self.equalities.append({"part": part, "what": what, "equal": bool(is_equal)})
        if not is_equal:
            raise WrongCountError(f"{part}: {what} differ")
        print(f"  equal: {what}", flush=True)

    def leave_out(self, what: str) -> None:
        self.left_out.append(what)
        print(f"  left out: {what}", flush=True)

    def speed(
        self, part: str, case: Case, engine: str, times: Times, work: float, unit: str
    ) -> None:
        """A rate: `work` units in each of the times."""
        best, median = work / times.best, work / times.median
        self.value(part, case, engine, unit, best, median, times)

    def value(
        self,
        part: str,
        case: Case,
        engine: str,
        unit: str,
        best: float,
        median: float | None = None,
        times: Times | None = None,
    ) -> None:
        entry: dict[str, Any] = {
            "part": part,
            "case": case,
            "engine": engine,
            "unit": unit,
        }
        entry |= {"best": best, "median": best if median is None else median}
        if times is not None:
            entry["seconds"] = list(times.seconds)
        self.results.append(entry)
        middle = "" if median is None else f"   median {shown(median)}"
        print(
            f"  {words(case):34} {engine:44} {shown(best):>9} {unit}{middle}",
            flush=True,
        )

    def ratio(self, part: str, case: Case, of: str, best: float, median: float, goal: str) -> None:
        self.ratios.append(
            {
                "part": part,
                "case": case,
                "of": of,
                "best": best,
                "median": median,
                "goal": goal,
            }
        )
        print(
            f"  {words(case):34} = {of}: {best:.2f} (best), {median:.2f} (median); goal {goal}",
            flush=True,
        )

    def write(self, path: Path) -> None:
        entries = {
            "schema": "maskdb.bench/1",
            "machine": self.machine,
            "options": self.options,
        }
        entries |= {"equalities": self.equalities, "results": self.results}
        entries |= {"ratios": self.ratios, "left_out": self.left_out}
        path.write_text(json.dumps(entries, indent=1) + "\n")


def words(case: Case) -> str:
    return ", ".join(f"{key} {value}" for key, value in case.items())


def shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
