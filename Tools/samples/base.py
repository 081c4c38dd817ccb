"""The base: a small Qwen2 model trained from scratch on addition and subtraction."""

from dataclasses import dataclass

import torch
from torch.nn.functional import cross_entropy
from torch.optim.lr_scheduler import OneCycleLR
from transformers import AutoModelForCausalLM, PreTrainedModel, PreTrainedTokenizerFast, Qwen2Config

from arithmetic import Problem, training

SEED = 7
STEPS = 900
BATCH = 128
LEARNING_RATE = 3e-3
LONGEST_ANSWER = 4
IGNORED = -100


@dataclass(frozen=True)
class Size:
    """How large a base is, and how it is trained: what fits few weights is too fast for many."""

    hidden: int
    intermediate: int
    layers: int
    learning_rate: float = LEARNING_RATE
    steps: int = STEPS


SIZES = {
    # What stands in Samples/.
    "small": Size(hidden=96, intermediate=256, layers=4),
    # 4.8 million parameters, for figures that small tensors distort.
    "larger": Size(hidden=256, intermediate=704, layers=6, learning_rate=1e-3, steps=400),
}


def architecture(tokenizer: PreTrainedTokenizerFast, size: Size) -> Qwen2Config:
    """Four heads and tied embeddings; 0.44 million parameters in the size of the samples."""
    return Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=size.hidden,
        intermediate_size=size.intermediate,
        num_hidden_layers=size.layers,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=64,
        tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
    )


def encode(
    problems: list[Problem], tokenizer: PreTrainedTokenizerFast
) -> tuple[torch.Tensor, torch.Tensor]:
    """Token rows padded on the right, and labels that cover the answer and its end only."""
    rows, labels = [], []
    for problem in problems:
        prompt = tokenizer.encode(problem.prompt)
        answer = [*tokenizer.encode(problem.answer), tokenizer.eos_token_id]
        padding = LONGEST_ANSWER - len(answer)
        rows.append(prompt + answer + [tokenizer.pad_token_id] * padding)
        labels.append([IGNORED] * len(prompt) + answer + [IGNORED] * padding)
    return torch.tensor(rows), torch.tensor(labels)


def loss_of(model: PreTrainedModel, rows: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The mean next-token loss over the labelled positions."""
    logits = model(input_ids=rows).logits[:, :-1]
    return cross_entropy(logits.flatten(0, 1), labels[:, 1:].flatten(), ignore_index=IGNORED)


def train_base(tokenizer: PreTrainedTokenizerFast, size: Size) -> PreTrainedModel:
    """Train the base and return it in bf16."""
    torch.manual_seed(SEED)
    model = AutoModelForCausalLM.from_config(architecture(tokenizer, size), dtype=torch.float32)
    rows, labels = encode(training("addition") + training("subtraction"), tokenizer)
    optimizer = torch.optim.AdamW(model.parameters(), lr=size.learning_rate, weight_decay=0.01)
    schedule = OneCycleLR(optimizer, size.learning_rate, total_steps=size.steps, pct_start=0.05)
    for step in range(size.steps):
        chosen = torch.randint(len(rows), (BATCH,))
        loss = loss_of(model, rows[chosen], labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 250 == 0:
            print(f"base step {step} loss {loss.item():.4f}", flush=True)
    return model.to(torch.bfloat16)
