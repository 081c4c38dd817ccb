"""The parameters that a masked training began with, to hold a model against them later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from torch import nn
from torch.optim import Optimizer

from maskdb.errors import MaskMismatchError
from maskdb.frozen import MaskedParameter
from maskdb.matching import named_parameters
from maskdb.names import canonical
from maskdb.sharding import is_sharded

ANEW = "close(), and begin masked training anew when the model is as it will be trained"


class Roster:
    """Which parameters are masked, and which others may be trained."""

    def __init__(
        self, model: nn.Module, masked: Sequence[MaskedParameter], *, others_train: bool
    ) -> None:
        """The parameters of a model.

        Args:
            model: the model.
            masked: the parameters that are masked.
            others_train: whether those that the mask has no tensor for may be trained.
        """
        self._model = model
        self._others_train = others_train
        self._names = {name for parameter in masked for name in parameter.names}
        self._masked = {id(p.parameter): (p.name, p.parameter) for p in masked}
        self._others: dict[int, nn.Parameter] = {}
        self._is_sharded = any(is_sharded(p.parameter) for p in masked)

    def check(self) -> None:
        """Hold the whole model against what it was.

        Raises:
            MaskMismatchError: where another parameter took the place of a masked one, or one is
                trained that the mask has no tensor for.
        """
        if self._is_sharded:
            return  # FSDP2 puts other parameters there while modules compute; steps are checked
        now = named_parameters(self._model)
        gone = [name for name, parameter in self._masked.values() if parameter not in now]
        if gone:
            raise MaskMismatchError(
                f"the model has other parameters in the place of these ({ANEW})", gone
            )
        self._check_trained(now)

    def check_step(self, optimizer: Optimizer) -> None:
        """Hold what an optimizer is about to move against what it may.

        Raises:
            MaskMismatchError: as `check` does.
        """
        every = (p for group in optimizer.param_groups for p in group["params"])
        self._check_trained(every)

    def _check_trained(self, parameters: Iterable[nn.Parameter]) -> None:
        unknown = [
            p
            for p in parameters
            if p.requires_grad and id(p) not in self._masked and id(p) not in self._others
        ]
        if not unknown:
            return
        names = named_parameters(self._model)
        wrong = [
            canonical(names[p][0]) if p in names else f"one of the shape {list(p.shape)}"
            for p in unknown
            if not self._others_train or self._names.intersection(map(canonical, names.get(p, ())))
        ]
        if wrong:
            raise MaskMismatchError(
                "the mask is not about these, which are trained now and were not when masked "
                f"training began ({ANEW})",
                wrong,
            )
        self._others.update((id(p), p) for p in unknown)
