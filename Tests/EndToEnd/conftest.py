"""Where the tests get the tool, the sample runs and checkpoints of their own from."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from agreement import definition_options, oracle_mask
from builders import write_checkpoint
from command import REPOSITORY, Json, Maskdb
from oracle import Mask

REQUIRE_ALL = os.environ.get("MASKDB_REQUIRE_ALL") == "1"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Iterator[pytest.TestReport]:
    """With MASKDB_REQUIRE_ALL=1 a test that skips has failed."""
    report = yield
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"MASKDB_REQUIRE_ALL=1 and this was skipped: {call.excinfo.value}"
    return report


@pytest.fixture(scope="session")
def binary() -> Path:
    """The built tool: $MASKDB_BINARY, else the release build, else the debug build."""
    named = os.environ.get("MASKDB_BINARY")
    built = [REPOSITORY / ".build" / kind / "maskdb" for kind in ("release", "debug")]
    for candidate in [Path(named)] if named else built:
        if candidate.is_file():
            return candidate.resolve()
    pytest.fail("maskdb is not built: run `swift build -c release` or set MASKDB_BINARY")


@pytest.fixture
def maskdb(binary: Path, tmp_path: Path) -> Maskdb:
    """The tool with a catalog that does not exist yet."""
    return Maskdb(binary, tmp_path / "masks.maskdb")


@pytest.fixture
def checkpoint(tmp_path: Path) -> Callable[..., Path]:
    """Writes a checkpoint folder by name."""
    return lambda name, *arguments, **options: write_checkpoint(
        tmp_path / name, *arguments, **options
    )


@dataclass(frozen=True)
class Samples:
    """The runs of Samples/runs.json."""

    manifest: Path
    base: Path
    runs: dict[str, Json]

    def path(self, run: str) -> Path:
        return self.manifest.parent / self.runs[run]["path"]

    @functools.cache  # noqa: B019 - one instance for the session
    def masks(self, definition: str, compare_dtype: str | None = None) -> dict[str, Mask]:
        """The oracle's mask of every run under a definition."""
        return {
            run: oracle_mask(definition, self.base, self.path(run), compare_dtype)
            for run in self.runs
        }

    def __hash__(self) -> int:
        return hash(self.manifest)


@pytest.fixture(scope="session")
def samples() -> Samples:
    """The sample runs, from $MASKDB_SAMPLES or Samples/."""
    folder = Path(os.environ.get("MASKDB_SAMPLES", REPOSITORY / "Samples"))
    manifest = folder / "runs.json"
    if not manifest.exists():
        pytest.skip(f"{manifest} is not there")
    content = json.loads(manifest.read_text())
    runs = {run["name"]: run for run in content["runs"]}
    return Samples(manifest, folder / content["base"], runs)


@pytest.fixture(scope="session")
def catalog(binary: Path, samples: Samples, tmp_path_factory: pytest.TempPathFactory) -> Maskdb:
    """Every sample run under every definition, added at once."""
    maskdb = Maskdb(binary, tmp_path_factory.mktemp("samples") / "masks.maskdb")
    maskdb.does("add", "--manifest", samples.manifest, *definition_options())
    return maskdb


@pytest.fixture(scope="session")
def wide_catalog(
    binary: Path, samples: Samples, tmp_path_factory: pytest.TempPathFactory
) -> Maskdb:
    """The same runs, all compared in fp32."""
    maskdb = Maskdb(binary, tmp_path_factory.mktemp("wide") / "masks.maskdb")
    options = [*definition_options(), "--compare-dtype", "fp32"]
    maskdb.does("add", "--manifest", samples.manifest, *options)
    return maskdb
