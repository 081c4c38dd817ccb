"""Optimizers, and what wraps them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from torch import nn
from torch.optim import Optimizer

from maskdb.errors import MaskMismatchError
from maskdb.matching import GUIDE, named_parameters


@dataclass(frozen=True)
class WrappedOptimizer:
    """An optimizer of torch, and the optimizers around it, from the outermost on.

    Attributes:
        optimizer: the innermost, which holds the parameters.
        wrappers: those that may move weights, too; accelerate's only passes calls on.
    """

    optimizer: Optimizer
    wrappers: tuple[Optimizer, ...]

    def __iter__(self) -> Iterator[Optimizer]:
        """All of them."""
        return iter((*self.wrappers, self.optimizer))


def unwrapped(optimizer: Optimizer | Sequence[Optimizer]) -> tuple[WrappedOptimizer, ...]:
    """The torch optimizers, and what wraps each.

    Raises:
        MaskMismatchError: where one is not an optimizer of torch, as those of DeepSpeed are not.
    """
    given = tuple(optimizer) if isinstance(optimizer, list | tuple) else (optimizer,)
    every = [_layers(one) for one in given]
    for *_, last in every:
        if not isinstance(last, Optimizer) and _is_of(last, "deepspeed"):
            refuse_deepspeed(f" ({type(last).__name__})")
    strange = [type(last).__name__ for *_, last in every if not isinstance(last, Optimizer)]
    if strange or not every:
        raise MaskMismatchError(f"an optimizer of torch is needed ({GUIDE})", strange)
    return tuple(
        WrappedOptimizer(last, tuple(one for one in outer if not _is_of(one, "accelerate")))
        for *outer, last in every
    )


def refuse_deepspeed(optimizer: str = "") -> NoReturn:
    """Raise what is to be said of DeepSpeed."""
    raise MaskMismatchError(f"DeepSpeed{optimizer} keeps master weights of its own: {GUIDE}")


def check_optimizers(optimizers: Sequence[Optimizer], model: nn.Module) -> None:
    """Hold optimizers against the model that they are to train.

    Raises:
        MaskMismatchError: where one holds parameters that are not the model's, as after sharding
            it or moving it, or the same as another.
    """
    own = set(map(id, named_parameters(model)))
    held = [id(p) for o in optimizers for group in o.param_groups for p in group["params"]]
    foreign = sum(key not in own for key in held)
    if foreign:
        raise MaskMismatchError(
            f"the optimizer holds {foreign} parameters that are not the model's: make it after "
            "the model is wrapped, and pass the model that it trains"
        )
    if len(set(held)) != len(held):
        raise MaskMismatchError("two optimizers hold the same parameter")


def _layers(optimizer: Any) -> list[Any]:
    """An optimizer and those that it is wrapped around, the innermost last."""
    inner = getattr(optimizer, "optimizer", None)
    if isinstance(inner, Optimizer):
        return [optimizer, *_layers(inner)]
    return [optimizer, inner] if _is_of(inner, "deepspeed") else [optimizer]


def _is_of(value: object, package: str) -> bool:
    return type(value).__module__.partition(".")[0] == package
