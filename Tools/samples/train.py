"""Make the samples: train a small base from scratch, then fine-tune it with stock TRL trainers."""

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast, Trainer
from trl import DPOConfig, DPOTrainer, GRPOConfig, GRPOTrainer, SFTConfig, SFTTrainer

import arithmetic
from base import SIZES, Size, train_base
from runs import RUNS, SAVE_STEPS, STEPS, Run, manifest, metadata, saved_by, write_json

THREADS = 1
KEPT = ("model*.safetensors", "*.json", "training_args.bin", "README.md")
TOKENIZER_FILES = ("tokenizer*.json", "special_tokens_map.json", "chat_template*")


def settings(run: Run) -> dict[str, Any]:
    """What all three trainers are given alike."""
    return {
        "output_dir": run.name,
        "seed": run.seed,
        "learning_rate": run.learning_rate,
        "max_steps": STEPS,
        "per_device_train_batch_size": 64,
        "save_strategy": "steps" if run.checkpoints else "no",
        "save_steps": SAVE_STEPS,
        "save_only_model": True,
        "logging_steps": 5,
        "model_init_kwargs": {"dtype": "float32"},
        "bf16": False,
        "gradient_checkpointing": False,
        "use_cpu": True,
        "report_to": "none",
        "disable_tqdm": True,
    }


def sft(run: Run, tokenizer: PreTrainedTokenizerFast) -> Trainer:
    """Supervised fine-tuning on right answers."""
    return SFTTrainer(
        model="base",
        args=SFTConfig(**settings(run)),
        train_dataset=arithmetic.completions(run.dataset),
        processing_class=tokenizer,
    )


def dpo(run: Run, tokenizer: PreTrainedTokenizerFast) -> Trainer:
    """Direct preference optimisation of right answers over wrong ones."""
    return DPOTrainer(
        model="base",
        args=DPOConfig(**settings(run)),
        train_dataset=arithmetic.preferences(run.dataset),
        processing_class=tokenizer,
    )


def grpo(run: Run, tokenizer: PreTrainedTokenizerFast) -> Trainer:
    """Group-relative policy optimisation of exact answers, eight samples a prompt."""
    return GRPOTrainer(
        model="base",
        reward_funcs=arithmetic.exact_match,
        args=GRPOConfig(num_generations=8, max_completion_length=5, **settings(run)),
        train_dataset=arithmetic.prompts(run.dataset),
        processing_class=tokenizer,
    )


TRAINERS = {"sft": sft, "dpo": dpo, "grpo": grpo}


def make_base(size: Size) -> None:
    """Train the base and save it with its tokenizer."""
    tokenizer = arithmetic.tokenizer()
    train_base(tokenizer, size).save_pretrained("base")
    tokenizer.save_pretrained("base")


def make_run(run: Run) -> None:
    """Fine-tune the base as a run says, and save what the run says."""
    trainer = TRAINERS[run.algorithm](run, AutoTokenizer.from_pretrained("base"))
    trainer.train()
    trainer.model.to(getattr(torch, run.saved))
    trainer.save_model()
    trainer.save_state()
    trainer.create_model_card()
    cast_checkpoints(run)
    if run.shard_size:
        shard(run, trainer)
    describe(run, trainer)
    tidy(Path(run.name))


def cast_checkpoints(run: Run) -> None:
    """Save a run's intermediate checkpoints, which the trainer wrote in fp32, as the run says."""
    for folder in Path(run.name).glob("checkpoint-*"):
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, run.saved))
        model.save_pretrained(folder)


def shard(run: Run, trainer: Trainer) -> None:
    """Save a run's weights again, in several files with an index."""
    (Path(run.name) / "model.safetensors").unlink()
    trainer.model.save_pretrained(run.name, max_shard_size=run.shard_size)


def describe(run: Run, trainer: Trainer) -> None:
    """Write `run.json` beside every checkpoint of a run."""
    for saved in saved_by(run):
        write_json(Path(saved.path) / "run.json", metadata(saved, trainer.args.optim.value))


def tidy(folder: Path) -> None:
    """Remove what the samples do not keep; the tokenizer stays with the base alone."""
    for file in [path for path in folder.rglob("*") if path.is_file()]:
        if any(file.match(name) for name in TOKENIZER_FILES) or not any(
            file.match(name) for name in KEPT
        ):
            file.unlink()


def timed(label: str, work: Callable[..., None], *arguments: object) -> None:
    """Do some work and print how long it took."""
    start = time.perf_counter()
    work(*arguments)
    print(f"{label}: {time.perf_counter() - start:.1f} s", flush=True)


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="the folder to write base/ and the runs to")
    parser.add_argument(
        "--only", choices=[run.name for run in RUNS], help="make this run again from out/base"
    )
    parser.add_argument(
        "--size", choices=SIZES, default="small", help="how large the base is; small: the samples"
    )
    return parser.parse_args()


def main() -> None:
    """Make everything, or one run."""
    options = parsed()
    torch.set_num_threads(THREADS)
    torch.use_deterministic_algorithms(True)
    options.out.mkdir(parents=True, exist_ok=True)
    os.chdir(options.out)
    if not options.only:
        timed("base", make_base, SIZES[options.size])
        write_json(Path("runs.json"), manifest())
    for run in RUNS:
        if options.only in (None, run.name):
            timed(run.name, make_run, run)


if __name__ == "__main__":
    main()
