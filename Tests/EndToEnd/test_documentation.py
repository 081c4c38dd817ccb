"""What the documentation shows is what the program does."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess

import pytest
from safetensors.torch import load_file
from toys import moved

from command import REPOSITORY

README = (REPOSITORY / "README.md").read_text()


def blocks(language: str) -> list[str]:
    """The fenced blocks of the README in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.M | re.S)


def examples() -> list[tuple[str, list[str]]]:
    """Each command of the README's console blocks with the lines that it shows."""
    found: list[tuple[str, list[str]]] = []
    for line in "".join(blocks("console")).splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def shows(shown: list[str], printed: list[str]) -> bool:
    """Whether `shown` is `printed`, a line `...` standing for any lines."""
    if "..." not in shown:
        return shown == printed
    cut = shown.index("...")
    head, tail = shown[:cut], shown[cut + 1 :]
    return printed[: len(head)] == head and (not tail or printed[-len(tail) :] == tail)


@pytest.fixture(scope="module")
def workplace(tmp_path_factory, binary):
    """A folder with the samples, and `maskdb` on the PATH, in which the README is followed."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "Samples").symlink_to(REPOSITORY / "Samples")
    variables = {k: v for k, v in os.environ.items() if not k.startswith("MASKDB_")}
    variables["PATH"] = f"{binary.parent}{os.pathsep}{variables['PATH']}"

    def run(command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, shell=True, cwd=folder, env=variables, capture_output=True, text=True
        )

    run.folder = folder
    return run


def test_every_example_of_the_readme_prints_what_it_shows(workplace):
    assert len(examples()) >= 4
    for command, shown in examples():
        done = workplace(command)
        assert done.returncode == 0, f"{command}: {done.stderr}"
        assert shows(shown, done.stdout.splitlines()), f"{command} printed\n{done.stdout}"


def test_the_python_of_the_readme_trains_with_the_mask_that_its_commands_exported(
    workplace, monkeypatch, capsys
):
    pytest.importorskip("transformers")
    monkeypatch.chdir(workplace.folder)
    before = weights(workplace.folder / "Samples" / "base")
    for block in blocks("python"):
        names = {"__name__": "readme"}
        exec(compile(block, "README.md", "exec"), names)
        mask = {name: value.numpy() for name, value in load_file("mask.safetensors").items()}
        after = dict(names["model"].named_parameters())
        assert set(after) == set(before) == set(mask)
        outside, inside = moved({n: v.to(after[n].dtype) for n, v in before.items()}, after, mask)
        assert outside == 0
        assert inside > 0
    assert capsys.readouterr().out == "0\n"


def weights(folder):
    return load_file(folder / "model.safetensors")


def prose() -> str:
    """The README without its code, in one line."""
    return " ".join(re.sub(r"^```.*?^```$", "", README, flags=re.M | re.S).split())


def figures(pattern: str) -> tuple[str, ...]:
    """What the groups of a pattern match in the prose, which must have it once."""
    (found,) = re.findall(pattern, prose())
    return found if isinstance(found, tuple) else (found,)


def test_the_sentence_under_the_example_has_the_figures_of_the_program(catalog):
    answer = catalog.json("overlap", "*-add-s?", "--definition", "paper")
    pairs = {(p["a"].split("@")[0], p["b"].split("@")[0]): p for p in answer["pairs"]}
    grpo, dpo = (pairs[f"{name}-add-s0", f"{name}-add-s1"] for name in ("grpo", "dpo"))
    shared, random, lift = figures(
        r"share (\d+) % of their subnetworks, where random masks of their sizes would share "
        r"(\d+) % - a lift of ([\d.]+)\."
    )
    sides = ("a", "b")
    assert {f"{100 * grpo[f'coverage_{side}']:.0f}" for side in sides} == {shared}
    assert {f"{100 * grpo[f'count_{side}'] / grpo['parameters']:.0f}" for side in sides} == {random}
    assert f"{grpo['nulls']['global']['lift']:.2f}" == lift
    found = figures(r"the lift is ([\d.]+) out of a possible ([\d.]+): (\d+) % of the way")
    null = grpo["nulls"]["magnitude"]
    assert found == (
        f"{null['lift']:.2f}", f"{null['max_lift']:.2f}", f"{100 * null['attained']:.0f}",
    )  # fmt: skip
    (remains,) = figures(r"Of the two DPO runs, (\d+) % of the way remains")
    assert f"{100 * dpo['nulls']['magnitude']['attained']:.0f}" == remains


def test_the_sentence_under_the_heat_map_ranks_the_pairs_as_the_program_does(catalog):
    assert figures(r"(Beyond one run's own checkpoints, little remains over magnitude)")
    answer = catalog.json("overlap", "--definition", "paper")
    masks = {mask["id"]: mask for mask in answer["masks"]}

    def trained(mask):
        return tuple(mask[key] for key in ("algorithm", "dataset", "seed"))

    left = [
        (masks[p["a"]], masks[p["b"]], p["nulls"]["magnitude"]["attained"])
        for p in answer["pairs"]
        if trained(masks[p["a"]]) != trained(masks[p["b"]])
    ]
    largest = max(left, key=lambda pair: pair[2])
    assert {mask["run"] for mask in largest[:2]} == {"dpo-add-s0", "dpo-add-s1"}
    assert figures(r"(two DPO seeds on the same data)")
    remaining = [pair for pair in left if pair[2] > 0.1]
    assert all(a["dataset"] == b["dataset"] for a, b, _ in remaining)
    kinds = {frozenset((a["algorithm"], b["algorithm"])) for a, b, _ in remaining}
    assert figures(r"(some GRPO runs with DPO or SFT runs on that data)")
    assert {frozenset(("grpo", "dpo")), frozenset(("grpo", "sft"))} <= kinds
    assert len(remaining) < len(left) / 4


def subcommands(binary) -> list[str]:
    text = subprocess.run([binary, "--help"], capture_output=True, text=True).stdout
    return re.findall(r"^  ([a-z]+)\s", text.partition("SUBCOMMANDS:")[2], re.M)


def test_the_tables_of_the_experiment_are_those_of_its_results():
    folder = REPOSITORY / "Tools" / "experiment"
    table = runpy.run_path(str(folder / "table.py"))
    results = json.loads((folder / "results.json").read_text())
    for readme in table["READMES"]:
        assert table["shown"](readme) == table["rendered"](results)
    masked = [row for row in results["rows"] if row.get("audit") is not None]
    assert len(masked) == 3
    for row in masked:
        assert row["audit"] == row["outside_changed"] == row["outside_changed_in_training"]


def test_every_command_has_examples_in_its_help_and_a_line_in_the_readme(binary):
    names = subcommands(binary)
    assert {"add", "diff", "ls", "overlap", "export", "verify"} <= set(names)
    for name in names:
        help_text = subprocess.run([binary, name, "--help"], capture_output=True, text=True).stdout
        assert re.search(rf"^  maskdb {name}", help_text, re.M), f"{name} shows no example"
        assert f"`{name}" in README, f"the README does not name {name}"


def test_the_documented_exit_codes_are_those_of_the_help(binary):
    text = subprocess.run([binary, "--help"], capture_output=True, text=True).stdout
    for code in ("0", "1", "2", "3", "4", "64"):
        assert re.search(rf"\b{code} [a-z]", text)
        assert f"| {code} |" in README
