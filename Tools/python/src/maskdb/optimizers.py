"""Optimizers, without what wraps them."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn
from torch.optim import Optimizer

from maskdb.errors import MaskMismatchError
from maskdb.matching import GUIDE, named_parameters


def unwrapped(optimizer: Optimizer | Sequence[Optimizer]) -> tuple[Optimizer, ...]:
    """The torch optimizers themselves: accelerate puts one into another.

    Raises:
        MaskMismatchError: where one is not an optimizer of torch, as those of DeepSpeed are not.
    """
    given = tuple(optimizer) if isinstance(optimizer, list | tuple) else (optimizer,)
    found = tuple(_innermost(one) for one in given)
    strange = [type(one).__name__ for one in found if not isinstance(one, Optimizer)]
    if strange or not found:
        raise MaskMismatchError(f"an optimizer of torch is needed ({GUIDE})", strange)
    return found


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


def _innermost(optimizer: object) -> Optimizer:
    while isinstance(inner := getattr(optimizer, "optimizer", None), Optimizer):
        optimizer = inner
    return optimizer  # type: ignore[return-value]
