"""Two-digit arithmetic: the problems, their held-out split, the data sets and the tokenizer."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from operator import add, mul, sub

from datasets import Dataset
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

SPLIT_SEED = 2026
HELD_OUT = 500
ALPHABET = "0123456789+-*="


@dataclass(frozen=True)
class Task:
    """One operation on two numbers from 10 to 99."""

    name: str
    sign: str
    apply: Callable[[int, int], int]


@dataclass(frozen=True)
class Problem:
    """A prompt such as `12+34=` and its answer, `46`."""

    prompt: str
    answer: str


TASKS = {
    "addition": Task("addition", "+", add),
    "subtraction": Task("subtraction", "-", sub),
    "multiplication": Task("multiplication", "*", mul),
}


def problems(name: str) -> list[Problem]:
    """All 8,100 problems of a task in one fixed shuffled order."""
    task = TASKS[name]
    pairs = [(a, b) for a in range(10, 100) for b in range(10, 100)]
    random.Random(SPLIT_SEED).shuffle(pairs)
    return [Problem(f"{a}{task.sign}{b}=", str(task.apply(a, b))) for a, b in pairs]


def held_out(name: str) -> list[Problem]:
    """The problems no training ever sees."""
    return problems(name)[:HELD_OUT]


def training(name: str) -> list[Problem]:
    """The problems that training may draw from."""
    return problems(name)[HELD_OUT:]


def wrong_answer(answer: str, chooser: random.Random) -> str:
    """The answer with one of its digits replaced by another digit."""
    place = chooser.choice([i for i, character in enumerate(answer) if character.isdigit()])
    digit = chooser.choice([d for d in "0123456789" if d != answer[place]])
    return answer[:place] + digit + answer[place + 1 :]


def completions(name: str) -> Dataset:
    """Prompts with their right answers, for supervised training."""
    rows = [{"prompt": p.prompt, "completion": p.answer} for p in training(name)]
    return Dataset.from_list(rows)


def preferences(name: str) -> Dataset:
    """Prompts with the right answer preferred to one with a wrong digit."""
    chooser = random.Random(SPLIT_SEED)
    rows = [
        {"prompt": p.prompt, "chosen": p.answer, "rejected": wrong_answer(p.answer, chooser)}
        for p in training(name)
    ]
    return Dataset.from_list(rows)


def prompts(name: str) -> Dataset:
    """Prompts and the answers the reward compares with."""
    return Dataset.from_list([{"prompt": p.prompt, "answer": p.answer} for p in training(name)])


def exact_match(completions: list[str], answer: list[str], **_: object) -> list[float]:
    """The reward: 1 for the right answer, 0 for any other."""
    return [float(text == right) for text, right in zip(completions, answer, strict=True)]


def tokenizer() -> PreTrainedTokenizerFast:
    """One token a character, plus padding and the end of text."""
    vocabulary = {token: i for i, token in enumerate(["<pad>", "<eos>", *ALPHABET])}
    characters = Tokenizer(models.WordLevel(vocabulary, unk_token="<pad>"))
    characters.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    characters.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(
        tokenizer_object=characters, pad_token="<pad>", eos_token="<eos>", padding_side="left"
    )
