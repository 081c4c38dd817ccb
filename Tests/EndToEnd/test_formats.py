"""What `--format` writes, read by csv, numpy, zlib and an XML parser; and the tree of the heat map
against scipy's."""

import csv
import json
import sqlite3
import struct
import xml.etree.ElementTree as ElementTree
import zlib

import numpy as np
import pytest
import torch
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
from scipy.spatial.distance import squareform

from command import NOT_FOUND, REPOSITORY, USAGE, Maskdb, validate

NULL_VALUES = ("expected", "lift", "max_lift", "attained", "excess", "jaccard_at_expected", "z")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="session")
def written(catalog, tmp_path_factory):
    """Writes the overlap of the sample runs in a format."""
    folder = tmp_path_factory.mktemp("formats")

    def write(form, *options):
        path = folder / f"{form}{'-'.join(options).replace(':', '.')}"
        catalog.does("overlap", "--definition", "paper", "--format", form, "-o", path, *options)
        return path

    return write


@pytest.fixture(scope="session")
def answer(catalog):
    return catalog.json("overlap", "--definition", "paper")


@pytest.fixture(scope="session")
def arrays(written):
    with np.load(written("npz"), allow_pickle=False) as archive:
        return dict(archive)


def rows_of(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def version(catalog):
    return catalog.does("--version").stdout.strip()


def square(answer, value, diagonal):
    """The matrix of `value(pair, is_turned)`."""
    places = {mask["id"]: place for place, mask in enumerate(answer["masks"])}
    matrix = np.full((len(places), len(places)), np.nan)
    np.fill_diagonal(matrix, diagonal)
    for pair in answer["pairs"]:
        a, b = places[pair["a"]], places[pair["b"]]
        found = value(pair, False), value(pair, True)
        matrix[a, b], matrix[b, a] = (np.nan if x is None else x for x in found)
    return matrix


def assert_square(found, answer, values):
    """Holds a symmetric matrix against the values of pairs by their ids."""
    expected = square(answer, lambda pair, _: values[pair["a"] + pair["b"]], np.nan)
    np.testing.assert_array_equal(found, expected)


def coverage(pair, is_turned):
    return pair["coverage_b" if is_turned else "coverage_a"]


def chunks(data):
    """The chunks of a PNG, their checksums checked."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    place, found = 8, []
    while place < len(data):
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        body = data[place + 8 : place + 8 + length]
        (checksum,) = struct.unpack(">I", data[place + 8 + length : place + 12 + length])
        assert zlib.crc32(kind + body) == checksum
        found.append((kind, body))
        place += 12 + length
    return found


def pixels(data):
    """The pixels of an 8-bit RGB image whose rows all have filter 2, and its texts."""
    found = chunks(data)
    width, height, *kind = struct.unpack(">IIBBBBB", dict(found)[b"IHDR"])
    assert kind == [8, 2, 0, 0, 0]
    rows = np.frombuffer(zlib.decompress(dict(found)[b"IDAT"]), np.uint8).reshape(height, -1)
    assert (rows[:, 0] == 2).all()
    texts = [body.decode() for name, body in found if name == b"iTXt"]
    return np.cumsum(rows[:, 1:], axis=0, dtype=np.uint8).reshape(height, width, 3), texts


@pytest.mark.parametrize("value", ["jaccard", "coverage", "lift:global", "attained:magnitude"])
def test_a_csv_matrix_has_the_values_of_the_json(written, catalog, answer, value):
    rows = rows_of(written("csv", "--value", value))
    labels = [mask["run"] for mask in answer["masks"]]
    name, _, null = value.partition(":")
    assert [row[value] for row in rows] == labels
    found = np.array([[float(row[label] or "nan") for label in labels] for row in rows])
    if null:
        expected = square(answer, lambda pair, _: pair["nulls"][null][name], np.nan)
    else:
        expected = square(answer, coverage if name == "coverage" else lambda p, _: p[name], 1)
    np.testing.assert_array_equal(found, expected)
    facts = {
        "definition": "paper", "compare_dtype": "bf16", "value": value, "null": null,
        "maskdb_version": version(catalog),
    }  # fmt: skip
    for row in rows:
        assert {key: row[key] for key in facts} == facts
        assert row["direction"].startswith("row A" if name == "coverage" else "symmetric")


def test_long_csv_has_every_number_of_the_json(written, answer):
    runs = {mask["id"]: mask["run"] for mask in answer["masks"]}
    rows = rows_of(written("long-csv"))
    assert len(rows) == len(answer["pairs"])
    for row, pair in zip(rows, answer["pairs"], strict=True):
        assert (row["a"], row["b"]) == (runs[pair["a"]], runs[pair["b"]])
        members = {key: pair[key] for key in pair if key not in ("a", "b", "nulls", "reason")}
        for null, values in pair["nulls"].items():
            members |= {f"{null}_{key}": value for key, value in values.items()}
        for key, value in members.items():
            if isinstance(value, (int, float)):
                assert float(row[key]) == value, key


def test_lines_of_json_hold_what_the_json_holds(written, answer):
    header, *pairs = map(json.loads, written("ndjson").read_text().splitlines())
    validate(header)
    assert header["schema"] == "maskdb.overlap.lines/1"
    assert header["masks"] == answer["masks"]
    assert pairs == answer["pairs"]


def test_npz_has_every_matrix_and_needs_no_pickle(arrays, catalog, answer):
    masks = answer["masks"]
    assert arrays["labels"].tolist() == [mask["run"] for mask in masks]
    assert arrays["ids"].tolist() == [mask["id"] for mask in masks]
    assert arrays["count"].tolist() == [mask["count"] for mask in masks]
    assert set(arrays["definition"]) == {"paper"}
    assert set(arrays["compare_dtype"]) == {"bf16"}
    assert str(arrays["maskdb_version"]) == version(catalog)
    assert "row A, column B" in str(arrays["direction"])
    assert arrays["intersection"].dtype == np.int64
    shared = square(answer, lambda pair, _: pair["intersection"], arrays["count"])
    np.testing.assert_array_equal(arrays["intersection"], shared)
    np.testing.assert_array_equal(arrays["coverage"], square(answer, coverage, 1))
    for null in arrays["nulls"]:
        for name in NULL_VALUES:
            if null == "row_column" and name == "z":
                assert "row_column_z" not in arrays
                continue
            values = {pair["a"] + pair["b"]: pair["nulls"][null][name] for pair in answer["pairs"]}
            assert_square(arrays[f"{null}_{name}"], answer, values)


def assert_tree_is_scipys(arrays):
    """The tree is scipy's; the order is at least as short as scipy's, and drawn without crossings.

    scipy decides at every merge which way its two parts lie by the ends that are best for that
    merge alone, in single precision, so that its order may be longer than the optimum.
    """
    distances = squareform(1 - arrays["jaccard"], checks=False)
    tree = linkage(distances, "average")
    np.testing.assert_allclose(arrays["linkage"], tree, rtol=1e-12, atol=0)
    matrix = squareform(distances)

    def length(order):
        return matrix[order[:-1], order[1:]].sum()

    order = arrays["leaf_order"]
    assert sorted(order) == list(range(len(order)))
    assert length(order) <= length(leaves_list(optimal_leaf_ordering(tree, distances))) + 1e-6
    place = {leaf: where for where, leaf in enumerate(order)}
    clusters = [{leaf} for leaf in range(len(order))]
    for left, right, *_ in tree.astype(int):
        clusters.append(clusters[left] | clusters[right])
        where = [place[leaf] for leaf in clusters[-1]]
        assert max(where) - min(where) + 1 == len(where)


def test_the_tree_of_the_samples_is_scipys(arrays):
    assert_tree_is_scipys(arrays)


@pytest.mark.parametrize("seed", range(4))
def test_the_tree_of_random_masks_is_scipys(maskdb, checkpoint, tmp_path, seed):
    random = torch.Generator().manual_seed(seed)
    before = torch.ones(30, 40)
    base = checkpoint("base", {"w": before})
    common = torch.rand(3, 30, 40, generator=random)
    for run in range(14):
        own = torch.rand(30, 40, generator=random)
        changed = (own + common[run % 3] * (run % 5) / 4) / (1 + (run % 5) / 4) < 0.3
        path = checkpoint(f"run{run}", {"w": before + changed.float()})
        maskdb.does("add", path, "--base", base)
    maskdb.does("overlap", "--format", "npz", "-o", tmp_path / "random.npz")
    with np.load(tmp_path / "random.npz", allow_pickle=False) as archive:
        assert_tree_is_scipys(dict(archive))


@pytest.mark.parametrize("value", ["jaccard", "coverage", "lift:magnitude"])
def test_svg_is_xml_with_labels_definition_null_direction_and_version(
    written, catalog, answer, value
):
    root = ElementTree.parse(written("svg", "--value", value)).getroot()
    assert root.tag == f"{SVG}svg"
    texts = [element.text for element in root.iter(f"{SVG}text")]
    for mask in answer["masks"]:
        assert texts.count(mask["run"]) == 2
    page = " ".join(texts)
    for part in (value, "Definition: paper compared in bf16", "Direction:", version(catalog)):
        assert part in page
    assert ("Null: magnitude" in page) == value.endswith("magnitude")


def test_png_decodes_to_a_drawing_with_the_same_facts(written, catalog):
    image, texts = pixels(written("png").read_bytes())
    assert (image[0] == 255).all()
    assert (image[-1] == 255).all()
    colours = np.unique(image.reshape(-1, 3), axis=0)
    assert len(colours) > 50
    assert image.min() < 60
    for part in ("jaccard", "Definition: paper compared in bf16", version(catalog)):
        assert any(part in text for text in texts)


@pytest.mark.parametrize(
    "form", ["table", "json", "ndjson", "csv", "long-csv", "md", "latex", "svg"]
)
def test_every_text_says_whose_it_is(catalog, form):
    text = catalog.does("overlap", "dpo-add*", "--definition", "paper", "--format", form).stdout
    for part in ("dpo-add-s0", "dpo-add-s1", "paper", "bf16", version(catalog)):
        assert part in text


@pytest.mark.parametrize(
    "options",
    [
        ("--format", "xlsx"), ("--format", "csv", "--json"), ("--value", "phi"),
        ("--format", "csv", "--value", "lift"), ("--format", "csv", "--value", "z:row_column"),
        ("--csv-comments",),
    ],
)  # fmt: skip
def test_wrong_usage_is_refused(catalog, options):
    catalog.refuses("overlap", *options, code=USAGE)


ENDINGS = {
    "json": "json", "ndjson": "ndjson", "jsonl": "ndjson", "csv": "csv", "md": "md", "tex": "latex",
    "markdown": "md", "npz": "npz", "svg": "svg", "PNG": "png", "txt": "table", "dat": "table",
}  # fmt: skip


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_name_of_the_file_says_the_format(catalog, tmp_path, ending):
    command = ("overlap", "dpo-add*", "--definition", "paper")
    inferred, said, other = tmp_path / f"a.{ending}", tmp_path / "said", tmp_path / f"b.{ending}"
    catalog.does(*command, "-o", inferred)
    catalog.does(*command, "--format", ENDINGS[ending], "-o", said)
    assert inferred.read_bytes() == said.read_bytes()
    catalog.does(*command, "--format", "latex", "-o", other)
    assert b"tabular" in other.read_bytes(), "what is said outranks the name"


def test_options_of_a_format_go_with_the_name_of_its_file(catalog, tmp_path):
    words = ("overlap", "dpo-add*", "--definition", "paper", "--value", "phi", "-o")
    catalog.does(*words, tmp_path / "phi.csv", "--csv-comments")
    assert b"# value: phi" in (tmp_path / "phi.csv").read_bytes()
    catalog.refuses(*words, tmp_path / "phi.md", code=USAGE)
    for command in (("ls",), ("factors",), ("groups", "--by", "algorithm")):
        path = tmp_path / "figure.png"
        sentence = catalog.refuses(*command, "-o", path, code=USAGE).stderr
        assert "writes no .png files" in sentence
        assert not path.exists()


@pytest.mark.parametrize("form", ["table", "csv", "npz", "svg"])
def test_one_mask_is_no_pair_and_no_file(catalog, tmp_path, form):
    path = tmp_path / "overlap"
    catalog.refuses("overlap", "dpo-add-s0@paper", "--format", form, "-o", path, code=NOT_FOUND)
    assert not path.exists()


def test_one_mask_is_json_without_pairs(catalog):
    answer = catalog.json("overlap", "dpo-add-s0@paper")
    assert [mask["id"] for mask in answer["masks"]] == ["dpo-add-s0@paper"]
    assert answer["pairs"] == []
    lines = catalog.does("overlap", "dpo-add-s0@paper", "--format", "ndjson").stdout
    (header,) = map(json.loads, lines.splitlines())
    assert header["masks"] == answer["masks"]


def test_the_threshold_leaves_out_what_is_less_alike_and_says_so(catalog, answer):
    shown = catalog.json("overlap", "--definition", "paper", "--threshold", "0.5", "--top", "3")
    alike = [pair for pair in answer["pairs"] if pair["jaccard"] >= 0.5]
    largest = sorted(alike, key=lambda pair: -pair["jaccard"])[:3]
    assert shown["pairs"] == largest
    omitted = shown["omitted"]
    assert omitted["pairs"] == len(answer["pairs"]) - 3
    assert omitted["beyond_top"] == len(alike) - 3
    assert omitted["ruled_out_by_size"] + omitted["below_threshold"] == len(answer["pairs"]) - len(
        alike
    )
    table = catalog.does("overlap", "--definition", "paper", "--threshold", "0.5").stdout
    every = len(answer["pairs"])
    assert f"Not shown: {every - len(alike)} of {every} pairs" in table
    catalog.refuses(
        "overlap", "dpo*", "sft-mul-s0", "--definition", "paper", "--threshold", "0.9",
        code=NOT_FOUND,
    )  # fmt: skip
    for wrong in (("--threshold", "1.5"), ("--top", "0")):
        catalog.refuses("overlap", *wrong, code=USAGE)


def test_pairs_that_sizes_rule_out_are_not_counted(binary, samples, tmp_path):
    maskdb = Maskdb(binary, tmp_path / "fresh.maskdb")
    maskdb.does("add", "--manifest", samples.manifest)
    maskdb.does("overlap", "--threshold", "0.5")
    with sqlite3.connect(maskdb.catalog) as database:
        (kept,) = database.execute("SELECT count(*) FROM pair").fetchone()
    shown = maskdb.json("overlap", "--threshold", "0.5")
    count = len(samples.runs) * (len(samples.runs) - 1) // 2
    assert kept == count - shown["omitted"]["ruled_out_by_size"] < count


@pytest.mark.parametrize("grouping", ["layer,module", "module", "layer"])
def test_densities_are_drawn(catalog, tmp_path, grouping):
    masks = ("grpo-add-s0@paper", "dpo-add-s0@paper")
    command = ("sparsity", *masks, "--by", grouping)
    texts = [
        element.text
        for element in ElementTree.fromstring(
            catalog.does(*command, "--format", "svg").stdout.encode()
        ).iter(f"{SVG}text")
    ]
    page = " ".join(texts)
    for part in ("grpo-add-s0", "dpo-add-s0", "paper compared in bf16", version(catalog)):
        assert part in page
    if grouping == "module":
        for row in catalog.json(*command)["rows"]:
            percent = 100 * row["density"]
            shown = f"{percent:.0f}" if percent >= 10 or percent == 0 else f"{percent:.1f}"
            assert shown in texts
    catalog.does(*command, "--format", "png", "-o", tmp_path / "density.png")
    pixels((tmp_path / "density.png").read_bytes())


@pytest.mark.parametrize(
    ("name", "value"), [("jaccard", "jaccard"), ("attained", "attained:magnitude")]
)
def test_the_pictures_of_the_repository_are_what_the_tool_draws(written, name, value):
    kept = REPOSITORY / "Sources/MaskDB/MaskDB.docc/Resources" / f"samples-{name}.svg"
    drawn = written("svg", "--value", value)
    assert kept.read_bytes() == drawn.read_bytes(), f"draw {kept.name} again with --value {value}"


def test_files_over_some_tensors_say_so_and_count_only_those(catalog, tmp_path):
    command = ("overlap", "dpo-add*", "--definition", "paper", "--exclude", "*mlp*")
    (pair,) = catalog.json(*command)["pairs"]
    catalog.does(*command, "--format", "npz", "-o", tmp_path / "some.npz")
    with np.load(tmp_path / "some.npz", allow_pickle=False) as archive:
        assert archive["count"].tolist() == [pair["count_a"], pair["count_b"]]
        assert archive["intersection"][0].tolist() == [pair["count_a"], pair["intersection"]]
        assert "left out by name" in str(archive["tensors"])
    for form in ("csv", "long-csv", "svg", "md"):
        assert "left out by name" in catalog.does(*command, "--format", form).stdout


def test_long_csv_has_a_row_for_every_group(catalog, tmp_path):
    command = ("overlap", "dpo-add*", "--definition", "paper", "--by", "module")
    (pair,) = catalog.json(*command)["pairs"]
    path = tmp_path / "groups.csv"
    catalog.does(*command, "--format", "long-csv", "-o", path)
    found = {row["group"]: int(row["intersection"]) for row in rows_of(path)}
    groups = {group["name"]: group["intersection"] for group in pair["groups"]}
    assert found == groups | {"all": pair["intersection"]}
    catalog.refuses(*command, "--format", "csv", code=USAGE)
