"""A small model, masks of it, and an independent count of what moved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import torch
from maskdb import Mask, from_arrays
from numpy.typing import NDArray
from torch import Tensor, nn

Bools = dict[str, NDArray[np.bool_]]
INTEGERS = {2: torch.int16, 4: torch.int32, 8: torch.int64}


class Toy(nn.Module):
    """An embedding, two matrices with a norm between them, and a head that is tied to the first."""

    def __init__(self, width: int = 12, words: int = 10, *, tied: bool = True) -> None:
        super().__init__()
        self.embed = nn.Embedding(words, width)
        self.up = nn.Linear(width, 3 * width)
        self.norm = nn.LayerNorm(3 * width)
        self.down = nn.Linear(3 * width, width, bias=False)
        self.head = nn.Linear(width, words, bias=False)
        if tied:
            self.head.weight = self.embed.weight

    def forward(self, words: Tensor) -> Tensor:
        hidden = self.embed(words)
        return self.head(hidden + self.down(torch.tanh(self.norm(self.up(hidden)))))


def toy(seed: int = 0, **options: object) -> Toy:
    torch.manual_seed(seed)
    return Toy(**options)


def batches(count: int, seed: int = 1) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.randint(0, 10, (16,), generator=generator) for _ in range(count)]


def loss_of(model: nn.Module, words: Tensor) -> Tensor:
    logits = model(words)
    return nn.functional.cross_entropy(logits.float(), words.roll(1))


def random_bools(model: nn.Module, density: float = 0.3, seed: int = 2) -> Bools:
    generator = np.random.default_rng(seed)
    return {
        name: generator.random(tuple(parameter.shape)) < density
        for name, parameter in model.named_parameters()
    }


def trainable(bools: Mapping[str, NDArray[np.bool_]]) -> Mask:
    return from_arrays(dict(bools), "trainable")


def values(model: nn.Module) -> dict[str, Tensor]:
    return {name: p.detach().clone() for name, p in model.named_parameters()}


def bits(tensor: Tensor) -> NDArray[np.generic]:
    return tensor.detach().contiguous().view(INTEGERS[tensor.element_size()]).numpy()


def moved(before: Mapping[str, Tensor], after: Mapping[str, Tensor], bools: Bools) -> list[int]:
    """How many weights outside and inside of a mask differ in a bit, counted by numpy."""
    assert set(before) == set(after) == set(bools)
    differ = {name: bits(before[name]) != bits(after[name]) for name in before}
    outside = sum(int((differ[name] & ~bools[name]).sum()) for name in differ)
    return [outside, sum(int((differ[name] & bools[name]).sum()) for name in differ)]


def train(
    model: nn.Module,
    optimizers: Iterable[torch.optim.Optimizer],
    steps: int = 4,
    step: Callable[[torch.optim.Optimizer], object] = lambda optimizer: optimizer.step(),
) -> None:
    for words in batches(steps):
        loss_of(model, words).backward()
        for optimizer in optimizers:
            step(optimizer)
            optimizer.zero_grad()
