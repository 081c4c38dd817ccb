"""Adds up JUnit reports and prints the last line of ./Tools/test: `N passed, N failed, N skipped`."""

import os
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def outcome(case: ElementTree.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "skipped" if case.find("skipped") is not None else "passed"


def main(folder: str, failed_elsewhere: str) -> int:
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    reports = sorted(Path(folder).glob("*.xml"))
    for report in reports:
        for case in ElementTree.parse(report).iter("testcase"):
            counts[outcome(case)] += 1
    if failed_elsewhere != "0" and counts["failed"] == 0:
        print("a check outside of the test reports failed; its output is above")
        counts["failed"] = 1
    if counts["skipped"] and os.environ.get("MASKDB_REQUIRE_ALL", "0") != "0":
        print("a test was skipped, and MASKDB_REQUIRE_ALL takes that for a failure")
        counts["failed"] += 1
    print(", ".join(f"{number} {word}" for word, number in counts.items()))
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
