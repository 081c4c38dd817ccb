"""Writes a JUnit report in which every test of a folder is skipped, and prints their names.

For a machine on which what the tests import cannot be installed, so that they cannot be collected.
A test with parameters counts once.
"""

import ast
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef


def tests(body: list[ast.stmt], front: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, Function) and node.name.startswith("test_"):
            yield f"{front}::{node.name}"
        elif isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            yield from tests(node.body, f"{front}::{node.name}")


def main(folder: str, report: str, reason: str) -> None:
    suite = ElementTree.Element("testsuite")
    for file in sorted(Path(folder).rglob("test_*.py")):
        for name in tests(ast.parse(file.read_text()).body, str(file.relative_to(folder))):
            print(f"skipped: {name}")
            case = ElementTree.SubElement(suite, "testcase", name=name)
            ElementTree.SubElement(case, "skipped", message=reason)
    ElementTree.ElementTree(suite).write(report)


if __name__ == "__main__":
    main(*sys.argv[1:])
