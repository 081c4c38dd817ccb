"""The package as a user installs it: by pip, into an environment of its own, from the network."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from command import REPOSITORY

PROGRAM = """
import json, sys
import maskdb
with maskdb.open_catalog(sys.argv[1]) as catalog:
    name = sys.argv[2]
    counts = {"catalog": catalog.mask(name).count(), "counted": catalog.find(name).count}
for file in sys.argv[3:]:
    with maskdb.load(file) as mask:
        counts[file] = mask.count()
print(json.dumps({"counts": counts, "file": maskdb.__file__, "version": maskdb.__version__}))
"""
FORMATS = ["safetensors", "pt", "npz", "packed", "indices", "roaring"]
RUN = "dpo-add-s0"


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A new environment with the package and its extras, but for those that bring torch."""
    folder = tmp_path_factory.mktemp("installed")
    source = folder / "python"
    ignored = shutil.ignore_patterns("build", "*.egg-info", ".*_cache", "__pycache__")
    shutil.copytree(REPOSITORY / "Tools" / "python", source, ignore=ignored)
    python = folder / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    pip = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check"]
    options = ["--quiet", "--no-compile", f"{source}[catalog,roaring]"]
    subprocess.run([*pip, "install", *options], check=True)
    return folder / "venv"


def test_an_installed_package_reads_masks_and_catalogs(environment, catalog, samples, tmp_path):
    files = [tmp_path / f"mask.{kind}" for kind in FORMATS]
    for kind, file in zip(FORMATS, files, strict=True):
        catalog.does("export", f"{RUN}@paper", "--format", kind, "-o", file)
    python = [environment / "bin" / "python", "-I", "-W", "error", "-c", PROGRAM]
    done = subprocess.run(
        [*python, catalog.catalog, f"{RUN}@paper", *files],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    expected = sum(int(tensor.bits.sum()) for tensor in samples.masks("paper")[RUN].values())
    assert set(found["counts"].values()) == {expected}
    assert len(found["counts"]) == 2 + len(FORMATS)
    assert found["file"].startswith(str(environment))
    assert found["version"] in (environment.parent / "python" / "pyproject.toml").read_text()


def test_every_module_is_installed(environment):
    """Also those that need torch, and the mark that types are in it."""
    (installed,) = environment.glob("lib/python*/site-packages/maskdb")
    source = REPOSITORY / "Tools" / "python" / "src" / "maskdb"
    for kind in ("*.py", "py.typed"):
        expected = {file.relative_to(source) for file in source.rglob(kind)}
        assert {file.relative_to(installed) for file in installed.rglob(kind)} == expected


def test_what_needs_torch_says_how_to_get_it(environment):
    done = subprocess.run(
        [environment / "bin" / "python", "-I", "-c", "import maskdb; maskdb.MaskedTraining"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert "which is not installed: pip install torch" in done.stderr
