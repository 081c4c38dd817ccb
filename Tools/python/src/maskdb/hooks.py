"""The hooks of a masked training, which one place sets and removes; no two have the same."""

from __future__ import annotations

import functools
import gc
import weakref
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from torch.optim import Optimizer

from maskdb.closing import Closing
from maskdb.errors import MaskMismatchError
from maskdb.frozen import MaskedParameter
from maskdb.sharding import is_sharded


class Hooks(Closing):
    """What a masked training has put on parameters and optimizers, until it is closed.

    As long as it is open, no other may be made for the same parameters: they would train what both
    masks do. It refers to optimizers weakly, and to no training, so that one of which nothing is
    left but this is collected.
    """

    # By id, which stays a parameter's own as long as it is held here.
    _at_work: ClassVar[dict[int, Hooks]] = {}

    def __init__(self, parameters: Sequence[MaskedParameter]) -> None:
        """Take parameters for one training alone.

        Raises:
            MaskMismatchError: where another one has them.
        """
        self._parameters = tuple(parameters)
        self._removals: list[Callable[[], None]] = []
        self._hooked: set[int] = set()
        self._is_open = True
        if self._taken():
            gc.collect()  # one that nothing refers to any more may wait for it
        taken = self._taken()
        if taken:
            raise MaskMismatchError(
                "another masked training is at work on these, and both would train what is in both "
                "masks: close() it first (the MaskCallback, too, after a training that was cut "
                "off); where no name is left for it, delete its optimizer or trainer",
                taken,
            )
        self._at_work.update(dict.fromkeys(self._keys(), self))

    def mask_gradients(self, parameter: MaskedParameter) -> None:
        """Mask the gradient that a parameter has and, where it requires one, all to come.

        Done twice, it does nothing more. Under FSDP2 a plain hook on a parameter never fires.
        """
        tensor: Any = parameter.parameter
        if not parameter.frozen or id(tensor) in self._hooked:
            return
        parameter.mask_accumulated()
        if not tensor.requires_grad:
            return
        self._hooked.add(id(tensor))
        if is_sharded(tensor):
            handle = tensor.register_post_accumulate_grad_hook(
                lambda _: parameter.mask_accumulated()
            )
        else:
            handle = tensor.register_hook(parameter.masked)
        self._removals.append(handle.remove)

    def before_steps(self, optimizer: Optimizer, action: Callable[[], None]) -> None:
        """Do something before every step of an optimizer."""
        self._removals.append(optimizer.register_step_pre_hook(lambda *_: action()).remove)

    def after_steps(self, optimizer: Optimizer, action: Callable[[], None]) -> None:
        """Do something after every step of an optimizer."""
        if hasattr(optimizer, "_optimizer_step_post_hooks"):
            self._removals.append(optimizer.register_step_post_hook(lambda *_: action()).remove)
        else:  # it wraps another, and did not make itself one of torch
            self.after_calls(optimizer, "step", action)

    def after_calls(self, owner: object, name: str, action: Callable[[], None]) -> None:
        """Do something after every call of a method that an object may have."""
        method = getattr(owner, name, None)
        if not callable(method):
            return

        @functools.wraps(method)
        def followed(*arguments: Any, **options: Any) -> Any:
            result = method(*arguments, **options)
            if self._is_open:
                action()
            return result

        is_own = name in vars(owner)
        setattr(owner, name, followed)
        # Weak, since a method refers to its object, and that to the training.
        place, ours = weakref.ref(owner), weakref.ref(followed)
        self._removals.append(lambda: _put_back(place(), name, ours(), is_own))

    def close(self) -> None:
        """Remove the hooks, and leave the parameters to others."""
        self._is_open = False
        while self._removals:
            self._removals.pop()()
        for key in self._keys():
            if self._at_work.get(key) is self:
                del self._at_work[key]
        self._parameters = ()

    def _keys(self) -> list[int]:
        return [id(parameter.parameter) for parameter in self._parameters]

    def _taken(self) -> list[str]:
        return [p.name for p in self._parameters if id(p.parameter) in self._at_work]


def _put_back(owner: object, name: str, followed: object, is_own: bool) -> None:
    """Give an object the method again that it had, unless another took the place since."""
    if owner is None or followed is None or vars(owner).get(name) is not followed:
        return
    if is_own:
        setattr(owner, name, vars(followed)["__wrapped__"])
    else:
        delattr(owner, name)
