"""Measure the samples: fill the tables of their README, `measured.json` and `SHA256SUMS`."""

import argparse
import hashlib
import json
import platform
from importlib.metadata import version
from itertools import combinations
from pathlib import Path
from statistics import fmean

import torch
from transformers import AutoTokenizer

from arithmetic import TASKS
from measure import TOLERANCE, Tensors, accuracy, both, changed, mask, positions, weights
from runs import Saved, every_saved, write_json

PACKAGES = ("torch", "trl", "transformers", "datasets", "accelerate", "tokenizers", "safetensors")
SUMS = "SHA256SUMS"


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def fill(readme: Path, block: str, text: str) -> None:
    """Replace what stands between a block's two markers."""
    begin, end = f"<!-- begin: {block} -->", f"<!-- end: {block} -->"
    head, rest = readme.read_text().split(begin)
    tail = rest.split(end)[1]
    readme.write_text(f"{head}{begin}\n{text}\n{end}{tail}")


def versions() -> str:
    """What the samples were made with."""
    rows = [[name, version(name)] for name in PACKAGES]
    rows.insert(0, ["Python", platform.python_version()])
    rows.append(["CPU kernels of torch", torch.backends.cpu.get_cpu_capability()])
    return table(["what", "version"], rows)


def file_names(folder: Path) -> str:
    """The files of a folder, its checkpoints left out."""
    return ", ".join(f"`{path.name}`" for path in sorted(folder.iterdir()) if path.is_file())


def folders(samples: Path) -> str:
    """How each checkpoint was made."""
    header = ["folder", "algorithm", "dataset", "seed", "step", "learning rate", "saved", "files"]
    rows = [
        [
            f"`{saved.path}`",
            saved.run.algorithm,
            saved.run.dataset,
            str(saved.run.seed),
            str(saved.step),
            f"{saved.run.learning_rate:.0e}",
            saved.run.saved,
            file_names(samples / saved.path),
        ]
        for saved in every_saved()
    ]
    return table(header, rows)


def accuracies(samples: Path) -> str:
    """Greedy accuracy on the held-out problems of every task, the base first."""
    tokenizer = AutoTokenizer.from_pretrained(samples / "base")
    rows = [
        [f"`{path}`", *(f"{accuracy(samples / path, task, tokenizer):.3f}" for task in TASKS)]
        for path in ["base", *(saved.path for saved in every_saved())]
    ]
    return table(["folder", *TASKS], rows)


def rewards(samples: Path) -> str:
    """What the trainer logged of each GRPO run's rewards, averaged over its steps."""
    rows = []
    for path in [saved.path for saved in every_saved() if saved.run.algorithm == "grpo"]:
        history = json.loads((samples / path / "trainer_state.json").read_text())["log_history"]
        logs = [log for log in history if "reward" in log]
        means = [fmean(log[key] for log in logs) for key in ("reward", "frac_reward_zero_std")]
        rows.append([f"`{path}`", *(f"{mean:.3f}" for mean in means)])
    return table(["folder", "mean reward", "groups whose rewards are all equal"], rows)


def masks(samples: Path) -> dict[str, Tensors]:
    """The mask of every checkpoint against the base, by its path."""
    base = weights(samples / "base")
    return {saved.path: mask(base, weights(samples / saved.path)) for saved in every_saved()}


def sparsities(masks: dict[str, Tensors]) -> str:
    """How many weights each run changed, and the share it left as they were."""
    rows = []
    for path, found in masks.items():
        marked, total = changed(found), positions(found)
        rows.append([f"`{path}`", str(total), str(marked), f"{1 - marked / total:.6f}"])
    return table(["folder", "weights", "changed", "sparsity"], rows)


def counts(saved: Saved, found: Tensors) -> dict[str, object]:
    """One run's counts, tensor by tensor."""
    return {
        "path": saved.path,
        "positions": positions(found),
        "changed": changed(found),
        "tensors": {name: int(tensor.sum()) for name, tensor in found.items()},
    }


def measured(masks: dict[str, Tensors]) -> dict[str, object]:
    """The counts of the tables and of every pair, for programs to read."""
    return {
        "definition": f"torch.isclose(bf16(tuned) - bf16(base), 0, atol={TOLERANCE})",
        "torch": version("torch"),
        "runs": [counts(saved, masks[saved.path]) for saved in every_saved()],
        "pairs": [
            {"left": left, "right": right, "both": both(masks[left], masks[right])}
            for left, right in combinations(masks, 2)
        ],
    }


def digest(file: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def sums(samples: Path) -> str:
    """One line a file, as `sha256sum` prints them."""
    files = sorted(path for path in samples.rglob("*") if path.is_file() and path.name != SUMS)
    return "".join(f"{digest(file)}  {file.relative_to(samples).as_posix()}\n" for file in files)


def reproduction(samples: Path, again: Path) -> str:
    """Which weight files another making of the samples repeats bit for bit."""
    rows = []
    for file in sorted(again.rglob("*.safetensors")):
        name = file.relative_to(again)
        same = digest(file) == digest(samples / name)
        rows.append([f"`{name.as_posix()}`", "yes" if same else "no"])
    return table(["file", "identical bytes"], rows)


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("samples", type=Path, help="the folder that train.py wrote")
    parser.add_argument("--again", type=Path, help="the same runs made a second time, elsewhere")
    return parser.parse_args()


def main() -> None:
    """Measure, then write the digests last."""
    options = parsed()
    samples, readme = options.samples, options.samples / "README.md"
    found = masks(samples)
    write_json(samples / "measured.json", measured(found))
    fill(readme, "versions", versions())
    fill(readme, "folders", folders(samples))
    fill(readme, "accuracy", accuracies(samples))
    fill(readme, "rewards", rewards(samples))
    fill(readme, "sparsity", sparsities(found))
    if options.again:
        fill(readme, "reproduction", reproduction(samples, options.again))
    (samples / SUMS).write_text(sums(samples))


if __name__ == "__main__":
    main()
