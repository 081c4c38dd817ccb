"""What `ls`, `sparsity`, `compare`, `groups` and `factors` write in every format."""

import csv
import io
import json
import xml.etree.ElementTree as ElementTree

import pytest
import torch

from builders import write_checkpoint
from command import NOT_FOUND, USAGE, Maskdb, validate
from test_formats import SVG, pixels, version

PAIR = ("grpo-add-s0", "dpo-add-s0")
COMMANDS = {
    "ls": ("ls", *PAIR),
    "sparsity": ("sparsity", *PAIR),
    "compare": ("compare", *PAIR),
    "groups": ("groups", "--by", "algorithm"),
    "factors": ("factors",),
}
PAPER = ("--definition", "paper")
TEXTS = ("table", "json", "csv", "md", "latex")


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def texts_of(svg):
    return [e.text for e in ElementTree.fromstring(svg.encode()).iter(f"{SVG}text")]


@pytest.mark.parametrize("form", TEXTS)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_text_says_whose_it_is(catalog, command, form):
    text = catalog.does(*COMMANDS[command], *PAPER, "--format", form).stdout
    for part in ("paper", version(catalog)):
        assert part in text
    assert "nan" not in text.lower()
    null = {"groups": "magnitude", "factors": "magnitude", "compare": "magnitude"}.get(command)
    if null:
        assert null in text
        assert "bf16" in text


@pytest.mark.parametrize("command", COMMANDS)
def test_markdown_and_latex_have_the_lines_of_the_table(catalog, command):
    def lines(form):
        return catalog.does(*COMMANDS[command], *PAPER, "--format", form).stdout.splitlines()

    markdown = [line for line in lines("md") if line.startswith("| ")]
    widths = [line.replace("\\|", "").count("|") for line in markdown]
    ruled = [place for place, line in enumerate(markdown) if set(line) <= set("|:- ")]
    assert ruled
    for start, end in zip(ruled, [*[r - 1 for r in ruled[1:]], len(markdown)], strict=True):
        assert set(widths[start - 1 : end]) == {widths[start]}
    latex = lines("latex")
    assert latex.count("\\toprule") == latex.count("\\bottomrule") == len(ruled)
    body = sum(line.endswith(" \\\\") for line in latex)
    grouped = sum("\\multicolumn" in line for line in latex)
    assert body - grouped == len(markdown) - len(ruled)


def test_the_csv_of_ls_is_the_list(catalog):
    masks = catalog.json("ls", *PAPER)["masks"]
    rows = rows_of(catalog.does("ls", *PAPER, "--format", "csv").stdout)
    assert [row["id"] for row in rows] == [mask["id"] for mask in masks]
    for row, mask in zip(rows, masks, strict=True):
        assert (int(row["count"]), float(row["density"])) == (mask["count"], mask["density"])
        assert row["maskdb_version"] == version(catalog)


def test_the_csv_of_sparsity_is_its_rows(catalog):
    command = ("sparsity", *PAIR, "--by", "layer,module", *PAPER)
    found = rows_of(catalog.does(*command, "--format", "csv").stdout)
    rows = catalog.json(*command)["rows"]
    assert len(found) == len(rows)
    for line, row in zip(found, rows, strict=True):
        assert (line["mask"], line["name"]) == (row["mask"], row["name"])
        assert (int(line["count"]), float(line["density"])) == (row["count"], row["density"])
        assert (line["definition"], line["compare_dtype"]) == ("paper", "bf16")


@pytest.mark.parametrize(("command", "key"), [("ls", "masks"), ("sparsity", "rows")])
def test_lines_of_json_are_the_list_of_the_json(catalog, command, key):
    text = catalog.does(*COMMANDS[command], *PAPER, "--format", "ndjson").stdout
    header, *lines = map(json.loads, text.splitlines())
    validate(header)
    assert lines == catalog.json(*COMMANDS[command], *PAPER)[key]


def test_the_csv_of_one_pair_is_the_long_csv_of_the_overlap(catalog):
    pair = catalog.does("compare", *PAIR, *PAPER, "--format", "csv").stdout
    overlap = ("overlap", *PAIR, *PAPER, "--by", "module", "--format", "long-csv")
    assert pair == catalog.does(*overlap).stdout


def test_the_csv_of_groups_has_the_means_and_the_test(catalog):
    answer = catalog.json("groups", "--by", "algorithm", *PAPER)
    text = catalog.does("groups", "--by", "algorithm", *PAPER, "--format", "csv").stdout
    rows = rows_of(text)
    means = {(row["group_a"], row["group_b"]): row["mean"] for row in rows}
    for cell in answer["between_groups"]:
        assert float(means[cell["a"], cell["b"]]) == cell["mean"]
    for group in answer["groups"]:
        mean = means[group["name"], group["name"]]
        assert (float(mean) if mean else None) == group["within"]["mean"]
    for row in rows:
        assert float(row["p"]) == answer["test"]["p"]
        assert float(row["difference"]) == answer["difference"]
        assert (row["statistic"], row["null"]) == ("attained:magnitude", "magnitude")


def test_the_csv_of_factors_has_every_mean(catalog):
    rows = catalog.json("factors", *PAPER)["rows"]
    found = rows_of(catalog.does("factors", *PAPER, "--format", "csv").stdout)
    assert [line["name"] for line in found] == [row["name"] for row in rows]
    for line, row in zip(found, rows, strict=True):
        assert float(line["coverage_a"]) == row["coverage_a"]
        for null, values in row["nulls"].items():
            for key, value in values.items():
                text = line[f"{null}_{key}"]
                assert (float(text) if text else None) == value


def test_comments_of_csv_stand_before_it(catalog):
    text = catalog.does(*COMMANDS["factors"], *PAPER, "--format", "csv", "--csv-comments").stdout
    comments = [line for line in text.splitlines() if line.startswith("# ")]
    assert f"# maskdb_version: {version(catalog)}" in comments
    assert rows_of(text[text.index("\nname,") + 1 :])[0]["name"]
    assert "# definition: paper" in comments


def test_an_empty_catalog_is_listed_in_every_format_without_an_empty_file(maskdb, checkpoint):
    base = checkpoint("base", {"w": torch.ones(2)})
    maskdb.does("add", base, "--base", base, "--name", "run")
    maskdb.does("rm", "run")
    for form in ("table", "json", "ndjson", "csv", "md", "latex"):
        assert maskdb.does("ls", "--format", form).stdout.strip()


# --- figures of one pair -------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["lift:magnitude", "attained:magnitude", "jaccard", "coverage"])
def test_a_pair_is_drawn_by_layer_and_module(catalog, tmp_path, value):
    command = ("compare", *PAIR, *PAPER, "--by", "layer,module")
    texts = texts_of(catalog.does(*command, "--format", "svg", "--value", value).stdout)
    page = " ".join(texts)
    parts = (
        *PAIR, f"{value} of A", "Definition: paper compared in bf16", "Direction:",
        version(catalog),
    )  # fmt: skip
    for part in parts:
        assert part in page
    name, _, null = value.partition(":")
    assert (f"Null: {null}." if null else "No null.") in page
    dots = 0
    for group in catalog.json(*command)["pair"]["groups"]:
        key = "coverage_a" if name == "coverage" else name
        found = group["nulls"][null][key] if null else group[key]
        if found is None or (name == "jaccard" and group["union"] == 0):
            dots += 1
        else:
            assert f"{found:.2f}".replace("-0.00", "0.00") in texts or found in (0, 1)
    assert ("A dot: no value" in page) == (dots > 0)
    catalog.does(*command, "--format", "png", "--value", value, "-o", tmp_path / "pair.png")
    assert any(f"{value} of A" in text for text in pixels((tmp_path / "pair.png").read_bytes())[1])


def test_a_mark_is_escaped_before_a_combining_mark_too(maskdb, checkpoint):
    """`"` and U+0301 are one character to the eye and two to every reader of these formats."""
    base = checkpoint("base", {"w": torch.ones(6, 4)})
    tuned = checkpoint("tuned", {"w": torch.arange(24.0).reshape(6, 4)})
    name = 'a"\u0301,b|\u0301c%\u0301d_\u0301'
    (tuned / "run.json").write_text(json.dumps({"algorithm": name}))
    maskdb.does("add", tuned, "--base", base)

    def written(form):
        return maskdb.does("ls", "--format", form).stdout

    assert [row["algorithm"] for row in rows_of(written("csv"))] == [name]
    assert 'a"\u0301,b\\|\u0301c%\u0301d\\_\u0301' in written("md")
    latex = "a\\textquotedbl{}\u0301,b\\textbar{}\u0301c\\%\u0301d\\_\u0301"
    assert latex in written("latex")


def test_lift_and_attained_are_drawn_where_nothing_is_asked(catalog):
    page = " ".join(texts_of(catalog.does("compare", *PAIR, *PAPER, "--format", "svg").stdout))
    assert "lift:magnitude of A" in page
    assert "attained:magnitude of A" in page
    assert "compare attained, not lifts" in page


@pytest.mark.parametrize(
    "options",
    [
        ("--format", "svg", "--by", "module"), ("--value", "jaccard"), ("--format", "npz"),
        ("--format", "svg", "--value", "z:row_column"), ("--csv-comments",),
    ],
)  # fmt: skip
def test_wrong_usage_is_refused(catalog, options):
    catalog.refuses("compare", *PAIR, *PAPER, *options, code=USAGE)


# --- bad input, in every format ------------------------------------------------------------------

OVERLAP = ("table", "json", "ndjson", "csv", "long-csv", "md", "latex", "npz", "svg", "png")
COMPARE = ("table", "json", "csv", "md", "latex", "svg", "png")
EVERY = [("overlap", form) for form in OVERLAP] + [("compare", form) for form in COMPARE]


@pytest.fixture(scope="session")
def odd(binary, tmp_path_factory):
    """A catalog with an empty mask, another layout, and a tensor with a name beyond ASCII."""
    folder = tmp_path_factory.mktemp("odd")
    maskdb = Maskdb(binary, folder / "odd.maskdb")
    ones = {"layers.0.权重.weight": torch.ones(6, 4), "layers.0.mlp.up_proj.weight": torch.ones(3)}
    base = write_checkpoint(folder / "base", ones)
    for run, rows in {"none": 0, "none-too": 0, "some": 2, "more": 4}.items():
        tuned = {name: value.clone() for name, value in ones.items()}
        tuned["layers.0.权重.weight"][:rows] = 2
        tuned["layers.0.权重.weight"] += 1e-6 * len(run)  # not seen in bf16
        maskdb.does("add", write_checkpoint(folder / run, tuned), "--base", base)
    other = write_checkpoint(folder / "other-base", {"v": torch.ones(5)})
    tuned = write_checkpoint(folder / "other", {"v": torch.tensor([1.0, 1, 2, 1, 1])})
    maskdb.does("add", tuned, "--base", other)
    return maskdb


def refused(maskdb, tmp_path, words, form, code=NOT_FOUND):
    """What a command says that must write nothing."""
    path = tmp_path / "answer"
    answer = maskdb.refuses(*words, "--format", form, "-o", path, code=code)
    assert not path.exists()
    return answer.stderr


@pytest.mark.parametrize(("command", "form"), EVERY)
def test_an_unknown_name_offers_the_nearest_in_every_format(odd, tmp_path, command, form):
    said = refused(odd, tmp_path, (command, "some", "mroe"), form)
    assert "no run or mask is named 'mroe'; did you mean 'more'" in said


@pytest.mark.parametrize(("command", "form"), EVERY)
def test_masks_of_different_layouts_are_refused_in_every_format(odd, tmp_path, command, form):
    said = refused(odd, tmp_path, (command, "some", "other"), form)
    assert "their bases have different tensors" in said


@pytest.mark.parametrize("form", COMPARE)
def test_a_mask_with_itself_is_no_pair_in_every_format(odd, tmp_path, form):
    assert "not two masks" in refused(odd, tmp_path, ("compare", "some", "some"), form)


@pytest.mark.parametrize("form", OVERLAP)
def test_no_mask_selected_is_refused_in_every_format(odd, tmp_path, form):
    said = refused(odd, tmp_path, ("overlap", "some", "--definition", "bitwise"), form)
    assert "bitwise" in said
    for filtered, way_out in ((("--where", "algorithm=dpo"), "set"), (("nothing*",), "ls")):
        assert f"maskdb {way_out}" in refused(odd, tmp_path, ("overlap", *filtered), form)


@pytest.mark.parametrize("runs", [("none", "some"), ("none", "none-too")])
@pytest.mark.parametrize(("command", "form"), EVERY)
def test_a_pair_with_an_empty_mask_has_no_nan_in_any_format(odd, tmp_path, command, form, runs):
    path = tmp_path / "answer"
    odd.does(command, *runs, "--format", form, "-o", path)
    data = path.read_bytes()
    assert data
    if form == "npz":
        return  # numpy has no null: NaN stands for it there, as the reference says
    if form == "png":
        pixels(data)
        return
    text = data.decode()
    for word in ("nan", "inf"):
        assert word not in text.lower()
    if form not in ("csv", "svg"):
        assert "empty" in text


def test_names_beyond_ascii_are_boxes_in_pixels_and_themselves_elsewhere(odd, tmp_path):
    command = ("sparsity", "some", "--by", "tensor")
    svg = odd.does(*command, "--format", "svg").stdout
    assert "layers.0.权重.weight" in texts_of(svg)
    odd.does(*command, "--format", "png", "-o", tmp_path / "names.png")
    pixels((tmp_path / "names.png").read_bytes())
    for form in ("table", "json", "csv", "latex"):
        assert "layers.0.权重.weight" in odd.does(*command, "--format", form).stdout


# --- what is left out ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form", ["table", "json", "ndjson", "csv", "long-csv", "md", "latex", "svg"]
)
def test_every_format_says_that_pairs_are_not_shown(catalog, form):
    text = catalog.does("overlap", *PAPER, "--top", "2", "--format", form, "-q").stdout
    if form in ("json", "ndjson"):
        omitted = json.loads(text if form == "json" else text.splitlines()[0])["omitted"]
        assert omitted["beyond_top"] == omitted["pairs"] == omitted["of"] - 2
    else:
        assert "Not shown: " in text.replace("\n", " ")
    if form in ("csv", "long-csv"):
        assert all("Not shown: " in row["omitted"] for row in rows_of(text))
        words = ("--format", form, "--csv-comments")
        lines = catalog.does("overlap", *PAPER, "--top", "2", *words).stdout.splitlines()
        assert any(line.startswith("# omitted: Not shown: ") for line in lines)
