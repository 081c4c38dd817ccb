"""The experiment's table, made from `results.json`; needs nothing but Python."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
READMES = (HERE.parents[1] / "README.md", HERE / "README.md")
BEGIN, END = "<!-- begin: experiment -->", "<!-- end: experiment -->"
HEADER = (
    "trained", "weights trained", "bit-identical to the full run", "of those it changed",
    "DPO loss", "right answer preferred", "exact answers", "moved outside, by `maskdb audit`",
)  # fmt: skip


def rendered(results: dict[str, Any]) -> str:
    """The results as a Markdown table."""
    lines = [HEADER, ["---"] + ["--:"] * (len(HEADER) - 1)]
    lines += [cells(row, results["parameters"]) for row in results["rows"]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cells(row: dict[str, Any], parameters: int) -> list[str]:
    """One line of the table."""
    audit = row.get("audit")
    outside = "-" if audit is None else f"{audit:,} of {row['outside']:,}"
    return [
        row["run"],
        f"{row['trained']:,}",
        f"{100 * row['identical'] / parameters:.2f} %",
        f"{100 * row['identical_of_changed'] / row['changed_by_full']:.2f} %",
        f"{row['loss']:.4f}",
        f"{100 * row['preferred']:.1f} %",
        f"{100 * row['accuracy']:.1f} %",
        outside,
    ]


def shown(readme: Path) -> str:
    """What stands between the markers of a README."""
    return readme.read_text().split(BEGIN)[1].split(END)[0].strip()


def fill_readmes(results: dict[str, Any]) -> None:
    """Write the table between the markers of both READMEs."""
    for readme in READMES:
        head, rest = readme.read_text().split(BEGIN)
        tail = rest.split(END)[1]
        readme.write_text(f"{head}{BEGIN}\n{rendered(results)}\n{END}{tail}")


if __name__ == "__main__":
    fill_readmes(json.loads(RESULTS.read_text()))
