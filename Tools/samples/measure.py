"""What the samples are measured by: greedy accuracy, and masks as the paper's script makes them."""

from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, PreTrainedModel, PreTrainedTokenizerFast

from arithmetic import held_out

Tensors = dict[str, torch.Tensor]
TOLERANCE = 1e-5
LONGEST_COMPLETION = 6


def weights(folder: Path) -> Tensors:
    """Every tensor of a checkpoint, from one safetensors file or several."""
    tensors: Tensors = {}
    for file in sorted(folder.glob("*.safetensors")):
        tensors |= load_file(file)
    return tensors


def unchanged(base: torch.Tensor, tuned: torch.Tensor) -> torch.Tensor:
    """True where a weight counts as not updated: both cast to bf16, the difference close to 0."""
    delta = tuned.to(torch.bfloat16) - base.to(torch.bfloat16)
    return torch.isclose(delta, torch.zeros_like(delta), atol=TOLERANCE)


def mask(base: Tensors, tuned: Tensors) -> Tensors:
    """True where a run changed a weight, per tensor."""
    if base.keys() != tuned.keys():
        raise ValueError(f"tensors differ: {sorted(base.keys() ^ tuned.keys())}")
    return {name: ~unchanged(base[name], tuned[name]) for name in sorted(base)}


def changed(mask: Tensors) -> int:
    """How many weights a mask marks."""
    return sum(int(tensor.sum()) for tensor in mask.values())


def positions(mask: Tensors) -> int:
    """How many weights a mask covers."""
    return sum(tensor.numel() for tensor in mask.values())


def both(left: Tensors, right: Tensors) -> int:
    """How many weights both masks mark."""
    return sum(int((left[name] & right[name]).sum()) for name in left)


def accuracy(folder: Path, task: str, tokenizer: PreTrainedTokenizerFast) -> float:
    """The share of held-out problems answered exactly by greedy decoding in fp32."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    problems = held_out(task)
    answers = greedy(model, [p.prompt for p in problems], tokenizer)
    right = sum(text == p.answer for text, p in zip(answers, problems, strict=True))
    return right / len(problems)


@torch.no_grad()
def greedy(
    model: PreTrainedModel, prompts: list[str], tokenizer: PreTrainedTokenizerFast
) -> list[str]:
    """The model's most likely completion of each prompt; the prompts have one length."""
    inputs = tokenizer(prompts, return_tensors="pt")
    output = model.generate(
        input_ids=inputs["input_ids"],
        attention_mask=inputs["attention_mask"],
        max_new_tokens=LONGEST_COMPLETION,
        do_sample=False,
    )
    start = inputs["input_ids"].shape[1]
    return tokenizer.batch_decode(output[:, start:], skip_special_tokens=True)
