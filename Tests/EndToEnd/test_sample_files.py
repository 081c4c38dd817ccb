"""The committed samples are those that were trained, and the tool counts what torch counted."""

from __future__ import annotations

import hashlib
import json

from command import REPOSITORY

SAMPLES = REPOSITORY / "Samples"


def test_every_sample_file_has_the_digest_that_is_listed():
    listed = {}
    for line in (SAMPLES / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ", 1)
        listed[name] = digest
    present = {
        str(path.relative_to(SAMPLES)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in SAMPLES.rglob("*")
        if path.is_file() and path.name != "SHA256SUMS"
    }
    assert present == listed


def test_the_samples_are_at_most_14_megabytes_together():
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file()) <= 14e6


def test_the_tool_counts_what_torch_counted_when_the_samples_were_made(maskdb):
    measured = json.loads((SAMPLES / "measured.json").read_text())
    for run in measured["runs"]:
        words = SAMPLES / "base", SAMPLES / run["path"], "--definition", "paper"
        result = maskdb.json("diff", *words)["results"][0]
        assert result["count"] == run["changed"]
        assert {row["name"]: row["count"] for row in result["tensors"]} == run["tensors"]
