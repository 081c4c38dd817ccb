"""Tensors beyond 2^32 positions, and memory that does not grow with the model."""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from agreement import DEFINITIONS, definition_options
from builders import write_sparse_tensor
from command import Maskdb
from exports import exported_positions, roaring_entries

BOUNDARY = 2**32
ROWS, COLUMNS = 2**17, 2**15 + 8
SIZE = ROWS * COLUMNS
ONE_E5M2, ONE_BF16 = b"\x3c", b"\x80\x3f"
SHARED = [0, 65_536, BOUNDARY - 1, BOUNDARY, BOUNDARY + 7, SIZE - 1]
ONLY_FIRST = [5, 2**31, BOUNDARY - 2, BOUNDARY + 1]
ONLY_SECOND = [6, BOUNDARY + COLUMNS, SIZE - 2]
GIBIBYTE = 2**20  # in kilobytes, as the kernel reports


def needs_holes(file: Path) -> None:
    """Skips where the file system would really write the zeros."""
    state = file.stat()
    if state.st_blocks * 512 > state.st_size // 10:
        file.unlink()
        pytest.skip("the temporary folder is on a file system without sparse files")


@pytest.fixture(scope="module")
def holes():
    """A folder for sparse files: in memory where possible, as reading a hole there costs least."""
    memory = Path("/dev/shm")
    usable = memory.is_dir() and os.access(memory, os.W_OK)
    with tempfile.TemporaryDirectory(dir=memory if usable else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def beyond(binary, holes, tmp_path_factory):
    """Two runs of one tensor of more than 2^32 weights, changed on both sides of the boundary."""
    folder = holes / "beyond"

    def write(name, positions):
        cells = dict.fromkeys(positions, ONE_E5M2)
        file = folder / name / "model.safetensors"
        return write_sparse_tensor(file, "experts", "F8_E5M2", [ROWS, COLUMNS], 1, cells).parent

    base = write("base", [])
    needs_holes(base / "model.safetensors")
    runs = [write("first", SHARED + ONLY_FIRST), write("second", SHARED + ONLY_SECOND)]
    maskdb = Maskdb(binary, tmp_path_factory.mktemp("beyond") / "masks.maskdb")
    maskdb.does("add", *runs, "--base", base)
    for path in (base, *runs):
        (path / "model.safetensors").unlink()
    return maskdb


def test_changes_on_both_sides_of_2_to_the_32_are_counted(beyond):
    counts = {mask["run"]: (mask["parameters"], mask["count"]) for mask in beyond.masks()}
    assert counts == {
        "first": (SIZE, len(SHARED + ONLY_FIRST)),
        "second": (SIZE, len(SHARED + ONLY_SECOND)),
    }


def test_the_nulls_of_a_tensor_beyond_2_to_the_32_are_those_of_its_positions(beyond):
    (pair,) = beyond.json("overlap")["pairs"]
    first, second = SHARED + ONLY_FIRST, SHARED + ONLY_SECOND
    assert pair["intersection"] == len(SHARED)
    rows = [Counter(position // COLUMNS for position in mask) for mask in (first, second)]
    columns = [Counter(position % COLUMNS for position in mask) for mask in (first, second)]
    by_row, by_column = (sum(a[key] * b[key] for key in a) for a, b in (rows, columns))
    product = len(first) * len(second)
    expected = {
        "global": Fraction(product, SIZE),
        "tensor": Fraction(product, SIZE),
        "row": Fraction(by_row, COLUMNS),
        "column": Fraction(by_column, ROWS),
        "row_column": Fraction(by_row * by_column, product),
        "magnitude": Fraction(product, SIZE),
    }
    found = {null: pair["nulls"][null]["expected"] for null in expected}
    assert found == pytest.approx({k: float(v) for k, v in expected.items()}, rel=1e-12)


def test_positions_beyond_2_to_the_32_are_exported_as_64_bit_roaring(beyond, tmp_path):
    found = exported_positions(beyond, "first", tmp_path / "masks")
    assert roaring_entries(tmp_path / "masks")[0]["shape"] == [ROWS, COLUMNS]
    assert np.array_equal(found["experts"], np.array(sorted(SHARED + ONLY_FIRST), np.uint64))


def test_four_gibibytes_against_four_are_added_within_one_gibibyte_of_memory(maskdb, holes):
    positions = [0, 2**22, 2**30, 2**31 - 1]
    cells = {"base": {}, "tuned": dict.fromkeys(positions, ONE_BF16)}
    files = {
        name: write_sparse_tensor(
            holes / name / "model.safetensors", "w", "BF16", [2**16, 2**15], 2, values
        )
        for name, values in cells.items()
    }
    needs_holes(files["base"])
    add = ["add", files["tuned"].parent, "--base", files["base"].parent, "--name", "run"]
    words = maskdb.words(*add, *definition_options())
    launcher = [sys.executable, "-S", str(Path(__file__).with_name("peak_memory.py"))]
    done = subprocess.run([*launcher, *words], capture_output=True, text=True, timeout=900)
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["code"] == 0, done.stderr
    assert result["peak"] < GIBIBYTE, f"{result['peak'] // 1024} MiB at the peak"
    assert {mask["count"] for mask in maskdb.masks()} == {len(positions)}
    assert len(maskdb.masks()) == len(DEFINITIONS)
