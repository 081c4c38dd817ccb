"""The published schemas are valid, and every answer on the sample runs keeps to them."""

import json

import jsonschema
import pytest

from command import SCHEMAS, validator

NAMES = sorted(file.name.removesuffix(".schema.json") for file in SCHEMAS.glob("*.schema.json"))


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_itself_valid_and_resolves(name):
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["properties"]["schema"]["const"] == f"maskdb.{name}/1"
    assert not validator(name).is_valid({"schema": schema["properties"]["schema"]["const"]})


def test_the_manifest_of_the_samples_keeps_to_its_schema(samples):
    validator("manifest").validate(json.loads(samples.manifest.read_text()))


@pytest.mark.parametrize("command", ["ls", "overlap", "sparsity", "info", "verify"])
def test_a_command_about_the_whole_catalog_keeps_to_its_schema(catalog, command):
    assert catalog.json(command)["schema"] == f"maskdb.{command}/1"


def test_showing_a_run_or_a_mask_keeps_to_its_schema(catalog, samples):
    name = next(iter(samples.runs))
    shown = catalog.json("show", name)
    assert shown["run"]["name"] == name
    assert {mask["run"] for mask in shown["masks"]} == {name}
    assert len(catalog.json("show", f"{name}@bitwise")["masks"]) == 1


def test_a_value_that_is_null_without_a_reason_breaks_the_schema_of_overlap():
    null = {"expected": 0, "lift": None, "max": 0, "max_lift": None, "attained": None}
    pair = dict.fromkeys(("jaccard", "coverage_a", "coverage_b"), 1)
    counts = ("a", "b", "parameters", "count_a", "count_b", "intersection", "union")
    pair |= dict.fromkeys(counts, 0) | {"nulls": {"global": null}}
    answer = {"schema": "maskdb.overlap/1", "masks": [], "pairs": [pair]}
    assert not validator("overlap").is_valid(answer)
    null["reason"] = "0/0"
    validator("overlap").validate(answer)
