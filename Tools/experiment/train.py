"""The experiment: does training inside of a run's own mask give the run again?

Trains the samples' base with stock DPO of TRL in full, and then, from the same base with the same
data in the same order, inside of its own mask, of a random mask of the same size, and of the
complement.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
sys.path[:0] = [str(REPOSITORY / "Tools" / folder) for folder in ("samples", "python/src")]

import arithmetic  # noqa: E402
import maskdb  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
from datasets import Dataset  # noqa: E402
from measure import greedy, weights  # noqa: E402
from transformers import AutoTokenizer  # noqa: E402
from trl import DPOConfig, DPOTrainer  # noqa: E402

from table import RESULTS, fill_readmes  # noqa: E402

BASE = REPOSITORY / "Samples" / "base"
TASK = "addition"
SEED = 0
MASKS = (
    ("its own mask", "full@paper", "own"),
    ("a random mask of its sizes", "random(like=full@paper, match=tensor, seed=101)", "random"),
    ("the complement of its mask", "!full@paper", "complement"),
)
EVALUATION_SEED = 7
SETTINGS = {
    "learning_rate": 3e-6, "weight_decay": 0.01, "max_steps": 60, "per_device_train_batch_size": 64,
    "seed": SEED,
}  # fmt: skip
PACKAGES = ("torch", "trl", "transformers", "accelerate", "datasets", "numpy")
Tensors = dict[str, torch.Tensor]
Json = dict[str, object]


@dataclass(frozen=True)
class Trained:
    """A trained model: its weights in bf16, and what was measured of it."""

    tensors: Tensors
    measured: Json


def trainer_of(folder: Path) -> DPOTrainer:
    """Stock DPO from the base in fp32, on right answers preferred to wrong ones."""
    settings = DPOConfig(
        output_dir=str(folder), **SETTINGS, model_init_kwargs={"dtype": "float32"}, bf16=False,
        gradient_checkpointing=False, use_cpu=True, report_to="none", disable_tqdm=True,
        save_strategy="no", logging_strategy="no",
    )  # fmt: skip
    return DPOTrainer(
        model=str(BASE),
        args=settings,
        train_dataset=arithmetic.preferences(TASK),
        eval_dataset=held_out_preferences(),
        processing_class=AutoTokenizer.from_pretrained(BASE),
    )


def held_out_preferences() -> Dataset:
    """The held-out problems, each with a wrong answer."""
    chooser = random.Random(EVALUATION_SEED)
    return Dataset.from_list(
        [
            {
                "prompt": problem.prompt,
                "chosen": problem.answer,
                "rejected": arithmetic.wrong_answer(problem.answer, chooser),
            }
            for problem in arithmetic.held_out(TASK)
        ]
    )


def trained(folder: Path, mask: maskdb.Mask | None, *, train: bool = True) -> Trained:
    """Train, in full or inside of a mask, measure, and save in bf16."""
    start = time.perf_counter()
    trainer = trainer_of(folder)
    callback = None if mask is None else maskdb.MaskCallback(mask, base=BASE)
    if callback:
        trainer.add_callback(callback)
    if train:
        trainer.train()
    seconds = time.perf_counter() - start
    said = trainer.evaluate()
    trainer.model.to(torch.bfloat16).save_pretrained(folder)
    tensors = weights(folder)
    measured = {
        "loss": said["eval_loss"],
        "preferred": said["eval_rewards/accuracies"],
        "accuracy": accuracy(trainer),
        "outside_changed_in_training": callback.outside_changed if callback else None,
        "seconds": round(seconds, 1),
    }
    return Trained(tensors, measured)


def accuracy(trainer: DPOTrainer) -> float:
    """The share of held-out problems that the weights, rounded to bf16, answer exactly."""
    problems = arithmetic.held_out(TASK)
    model = trainer.model.float().eval()
    answers = greedy(model, [p.prompt for p in problems], trainer.processing_class)
    return sum(a == p.answer for a, p in zip(answers, problems, strict=True)) / len(problems)


@dataclass(frozen=True)
class Program:
    """The built maskdb with the experiment's catalog, which has the full run."""

    binary: Path
    folder: Path

    def run(self, *words: object) -> str:
        """What a command prints, whether it finds something to object to or not."""
        catalog = ["--catalog", str(self.folder / "experiment.maskdb")]
        command = [str(self.binary), *map(str, words), *catalog]
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
        if done.returncode not in (0, 1):
            raise SystemExit(done.returncode)
        return done.stdout

    def export(self, expression: str, name: str) -> Path:
        """A file of the mask that an expression over the catalog's run stands for."""
        file = self.folder / f"{name}.safetensors"
        self.run("export", expression, "--format", "safetensors", "-o", file)
        return file

    def moved(self, mask: Path, trained: Path) -> int:
        """How many weights outside of the mask `maskdb audit` finds moved."""
        words = ["--mask", mask, "--base", BASE, "--trained", trained, "--json"]
        return json.loads(self.run("audit", *words))["changed_outside"]


def row(label: str, run: Trained, full: Tensors, base: Tensors, mask: maskdb.Mask | None) -> Json:
    """A line of the results: counts over the files in bf16."""
    inside = {
        name: torch.ones_like(value, dtype=torch.bool)
        if mask is None
        else torch.from_numpy(np.array(mask[name][...]))
        for name, value in base.items()
    }
    same = {name: bits(run.tensors[name]).eq(bits(full[name])) for name in full}
    changed = {name: bits(run.tensors[name]).ne(bits(base[name])) for name in base}
    of_full = {name: bits(full[name]).ne(bits(base[name])) for name in base}
    return {
        "run": label,
        "trained": total(inside),
        "identical": total(same),
        "identical_of_changed": total({n: same[n] & of_full[n] for n in same}),
        "changed_by_full": total(of_full),
        "outside": total({n: ~inside[n] for n in inside}),
        "outside_changed": total({n: changed[n] & ~inside[n] for n in inside}),
        **run.measured,
    }


def bits(tensor: torch.Tensor) -> torch.Tensor:
    """A bf16 tensor's bits."""
    return tensor.view(torch.int16)


def total(bools: Tensors) -> int:
    """How many are true."""
    return sum(int(tensor.count_nonzero()) for tensor in bools.values())


def experiment(binary: Path, folder: Path) -> Json:
    """Train everything and count."""
    base = weights(BASE)
    full = trained(folder / "full", None)
    program = Program(binary, folder)
    program.run("add", folder / "full", "--base", BASE, "--name", "full", "--quiet")
    plan: list[tuple[str, Path | None, bool]] = [
        ("none: the base as it is", None, False),
        ("all weights, again", None, True),
        *((label, program.export(text, name), True) for label, text, name in MASKS),
    ]
    rows = [row("all weights", full, full.tensors, base, None)]
    for number, (label, file, train) in enumerate(plan):
        print(f"training: {label}", flush=True)
        mask = None if file is None else maskdb.load(file)
        run = trained(folder / str(number), mask, train=train)
        line = row(label, run, full.tensors, base, mask)
        line["audit"] = None if file is None else program.moved(file, folder / str(number))
        rows.append(line | ({} if train else {"trained": 0}))
    return {
        "schema": "maskdb.experiment/1",
        "settings": SETTINGS | {"algorithm": "DPO", "data": TASK, "definition": "paper"},
        "masks": {label: text for label, text, _ in MASKS},
        "parameters": sum(tensor.numel() for tensor in base.values()),
        "versions": {"python": platform.python_version()} | {p: version(p) for p in PACKAGES},
        "rows": rows,
    }


def main() -> None:
    """Train, count, keep the results and fill the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    release = REPOSITORY / ".build" / "release" / "maskdb"
    parser.add_argument("--maskdb", type=Path, default=os.environ.get("MASKDB_BINARY", release))
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    with tempfile.TemporaryDirectory() as folder:
        results = experiment(options.maskdb, Path(folder))
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    fill_readmes(results)


if __name__ == "__main__":
    main()
