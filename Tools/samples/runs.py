"""The runs that make up the samples, and the metadata each one carries."""

import json
from dataclasses import dataclass
from pathlib import Path

ABBREVIATIONS = {"addition": "add", "subtraction": "sub", "multiplication": "mul"}
STEPS = 60
SAVE_STEPS = 20


@dataclass(frozen=True)
class Run:
    """One fine-tuning of the base."""

    algorithm: str
    dataset: str
    seed: int
    learning_rate: float = 2e-6
    saved: str = "bfloat16"
    shard_size: str | None = None
    checkpoints: bool = False

    @property
    def name(self) -> str:
        """The folder's name."""
        suffix = "-fp32" if self.saved == "float32" else "-sharded" if self.shard_size else ""
        return f"{self.algorithm}-{ABBREVIATIONS[self.dataset]}-s{self.seed}{suffix}"

    @property
    def precision(self) -> str:
        """What the weights were trained in, and what they were saved in."""
        return f"fp32 master, saved {'fp32' if self.saved == 'float32' else 'bf16'}"


@dataclass(frozen=True)
class Saved:
    """One checkpoint of a run: its last, or one on the way."""

    run: Run
    step: int
    on_the_way: bool = False

    @property
    def path(self) -> str:
        """The folder, relative to the samples."""
        return f"{self.run.name}/checkpoint-{self.step}" if self.on_the_way else self.run.name

    @property
    def name(self) -> str:
        """A name that no other checkpoint has."""
        return f"{self.run.name}-step{self.step}" if self.on_the_way else self.run.name


RUNS = (
    Run("grpo", "addition", 0, checkpoints=True),
    Run("grpo", "addition", 1),
    Run("grpo", "subtraction", 0),
    Run("grpo", "subtraction", 1, shard_size="300KB"),
    Run("dpo", "addition", 0),
    Run("dpo", "addition", 1),
    Run("dpo", "subtraction", 0, saved="float32"),
    Run("sft", "addition", 0),
    Run("sft", "multiplication", 0, learning_rate=2e-5),
)


def saved_by(run: Run) -> list[Saved]:
    """The checkpoints of a run in the order of their steps, its last one last."""
    steps = range(SAVE_STEPS, STEPS + 1, SAVE_STEPS) if run.checkpoints else ()
    return [*(Saved(run, step, on_the_way=True) for step in steps), Saved(run, STEPS)]


def every_saved() -> list[Saved]:
    """All checkpoints of all runs."""
    return [saved for run in RUNS for saved in saved_by(run)]


def metadata(saved: Saved, optimizer: str) -> dict[str, str | int | float]:
    """What `run.json` says."""
    return {
        "name": saved.name,
        "algorithm": saved.run.algorithm,
        "dataset": saved.run.dataset,
        "seed": saved.run.seed,
        "step": saved.step,
        "optimizer": optimizer,
        "learning_rate": saved.run.learning_rate,
        "precision": saved.run.precision,
        "base": "../../base" if saved.on_the_way else "../base",
    }


def manifest() -> dict[str, object]:
    """Every checkpoint to compare with the base, by paths relative to the samples."""
    rows = [
        {
            "path": saved.path,
            "name": saved.name,
            "algorithm": saved.run.algorithm,
            "dataset": saved.run.dataset,
            "seed": saved.run.seed,
            "step": saved.step,
        }
        for saved in every_saved()
    ]
    return {"schema": "maskdb.manifest/1", "base": "base", "runs": rows}


def write_json(path: Path, value: object) -> None:
    """Write a value as indented JSON that ends with a newline."""
    path.write_text(json.dumps(value, indent=2) + "\n")
