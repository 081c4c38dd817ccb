"""The base: a small Qwen2 model trained from scratch on addition and subtraction."""

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


def architecture(tokenizer: PreTrainedTokenizerFast) -> Qwen2Config:
    """Four layers of hidden size 96 with tied embeddings: 0.44 million parameters."""
    return Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=96,
        intermediate_size=256,
        num_hidden_layers=4,
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


def train_base(tokenizer: PreTrainedTokenizerFast) -> PreTrainedModel:
    """Train the base and return it in bf16."""
    torch.manual_seed(SEED)
    model = AutoModelForCausalLM.from_config(architecture(tokenizer), dtype=torch.float32)
    rows, labels = encode(training("addition") + training("subtraction"), tokenizer)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=0.01)
    schedule = OneCycleLR(optimizer, LEARNING_RATE, total_steps=STEPS, pct_start=0.05)
    for step in range(STEPS):
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
