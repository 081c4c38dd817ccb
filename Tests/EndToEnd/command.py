"""The built maskdb as a test calls it."""

from __future__ import annotations

import functools
import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema
from referencing import Registry, Resource

REPOSITORY = Path(__file__).resolve().parents[2]
SCHEMAS = REPOSITORY / "Schemas"
CRASH_MARKS = ("Fatal error", "Stack dump", "Traceback", "backtrace", "Thread 0 crashed")
NOT_FOUND, INPUT, CATALOG, OUTPUT, USAGE = 1, 2, 3, 4, 64  # as `maskdb --help` documents

Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What a command printed and how it ended."""

    arguments: tuple[str, ...]
    code: int
    stdout: str
    stderr: str

    @property
    def text(self) -> str:
        return self.stdout + self.stderr

    def __str__(self) -> str:
        return f"maskdb {' '.join(self.arguments)}\nended with {self.code}\n{self.text}"


@dataclass(frozen=True)
class Maskdb:
    """The binary with one catalog."""

    binary: Path
    catalog: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: object) -> Answer:
        """Runs a command to its end, however that comes; a crash is never an answer."""
        words = self.words(*arguments)
        done = subprocess.run(
            words, capture_output=True, text=True, env=self.variables, timeout=600, check=False
        )
        answer = Answer(tuple(words[1:]), done.returncode, done.stdout, done.stderr)
        assert answer.code >= 0, f"killed by signal {-answer.code}: {answer}"
        assert not any(mark in answer.stderr for mark in CRASH_MARKS), str(answer)
        return answer

    def words(self, *arguments: object) -> list[str]:
        return [str(self.binary), *map(str, arguments), "--catalog", str(self.catalog)]

    @property
    def variables(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("MASKDB_", "HF_"))}
        return inherited | {"NO_COLOR": "1"} | self.environment

    def does(self, *arguments: object) -> Answer:
        """A command that must succeed."""
        answer = self(*arguments)
        assert answer.code == 0, str(answer)
        return answer

    def refuses(self, *arguments: object, code: int) -> Answer:
        """A command that must fail with a code and one sentence, and print no data."""
        answer = self(*arguments)
        assert answer.code == code, str(answer)
        assert answer.stdout == "", str(answer)
        sentences = [line for line in answer.stderr.splitlines() if line.strip()]
        assert len(sentences) == 1 or code == USAGE, str(answer)
        assert sentences, str(answer)
        return answer

    def json(self, *arguments: object) -> Json:
        """The JSON of a command that must succeed, validated against the schema that it names."""
        answer = json.loads(self.does(*arguments, "--json").stdout)
        validate(answer)
        return answer

    def masks(self) -> list[Json]:
        return self.json("ls")["masks"]

    def runs(self) -> set[str]:
        """The names of the runs that can be seen; a catalog that is not there has none."""
        return {mask["run"] for mask in self.masks()} if self.catalog.exists() else set()


def validate(answer: Json) -> None:
    """Holds an answer against the published schema that its `schema` field names."""
    family, _, version = answer["schema"].partition("/")
    assert family.startswith("maskdb."), answer["schema"]
    assert version == "1", answer["schema"]
    validator(family.removeprefix("maskdb.")).validate(answer)


@functools.cache
def validator(name: str) -> jsonschema.Draft202012Validator:
    """A validator that resolves references between the files of Schemas/."""
    contents = {file.name: json.loads(file.read_text()) for file in SCHEMAS.glob("*.schema.json")}
    resources = [(key, Resource.from_contents(value)) for key, value in contents.items()]
    schema = contents[f"{name}.schema.json"]
    return jsonschema.Draft202012Validator(schema, registry=Registry().with_resources(resources))
