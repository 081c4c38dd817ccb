"""Training the weights inside of a mask, and no others."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from maskdb.base import BaseCheckpoint
from maskdb.checksums import checksum
from maskdb.closing import Closing
from maskdb.collecting import together
from maskdb.errors import FrozenWeightsMovedError, MaskdbError, MaskMismatchError
from maskdb.frozen import MaskedParameter
from maskdb.hooks import Hooks
from maskdb.loading import load
from maskdb.mask import Mask
from maskdb.matching import Unmasked, matched
from maskdb.names import Rename
from maskdb.optimizers import WrappedOptimizer, check_optimizers, unwrapped
from maskdb.roster import Roster

SCHEMA = "maskdb.training/1"


class MaskedTraining(Closing):
    """Keeps the weights outside of a mask bit by bit as they are while an optimizer steps.

    Two things, since one alone does not do: gradients are 0 outside of the mask, so that frozen
    weights are outside of the clipping norm and of the optimizer's moments; and after each step
    the frozen weights get their first values back, since weight decay, resumed optimizer state,
    SGD momentum and Muon move weights whose gradients are 0. From its making until `close()`::

        mask = maskdb.load("mask.safetensors")
        masked = maskdb.MaskedTraining(model, optimizer, mask)

    Make it when the model is as it will be trained: on its device, in its dtype, wrapped, its
    weights loaded. Works with DDP, FSDP2 (`fully_shard`: each process reads only its rows of the
    mask), gradient accumulation, autocast and `GradScaler`, and with several optimizers. It refuses
    FSDP1 and DeepSpeed ZeRO; Tools/python/README.md has the way there.

    Memory, of this process's part: the mask at 1 byte a weight, or 1 bit with `packed=True` (then
    up to 9 bytes a weight of one tensor at a time while it is used), and a copy of the frozen
    values in the parameter's dtype, on `keep_on` if given; `bytes` is their sum. Masked training
    saves no memory: gradients and optimizer state stay as large as without a mask. Time: a pass
    over gradients and one over weights a step.
    """

    def __init__(
        self,
        model: nn.Module,
        optimizer: Optimizer | Sequence[Optimizer],
        mask: Mask | str | Path,
        *,
        unmasked: Unmasked | None = None,
        ignore: Sequence[str] = (),
        rename: Rename | None = None,
        restore: bool = True,
        packed: bool = False,
        keep_on: str | torch.device | None = None,
    ) -> None:
        """Begin masked training.

        Args:
            model: what is trained.
            optimizer: what trains it, or several that do.
            mask: what `load` gives, or a path for it.
            unmasked: what becomes of parameters that the mask has no tensor for. Without it, they
                are an error. Those that require no gradients are left alone, and a step is refused
                once they do, unless it is `trainable`.
            ignore: globs of the mask's tensors that are left out, as if it did not have them.
            rename: the model's name for a tensor of the mask, as a mapping or a function, where
                they differ by more than the prefixes of wrappers.
            restore: whether frozen weights get their values back after each step. Without it no
                values are kept, and what is said above moves them.
            packed: whether masks are held at one bit a weight.
            keep_on: the device of the kept values, such as `cpu`, which are then copied to the
                weights' device at each step.

        Raises:
            MaskMismatchError: where the mask, the model and the optimizer do not fit, or another
                training masks what this one would; it lists every name.
        """
        owned = isinstance(mask, str | Path)
        opened = load(mask) if isinstance(mask, str | Path) else mask
        wrapped = unwrapped(optimizer)
        self.optimizers = tuple(one.optimizer for one in wrapped)
        self.steps = 0
        self._rename = rename
        try:
            found = matched(model, opened, unmasked=unmasked, ignore=ignore, rename=rename)
            check_optimizers(self.optimizers, model)
            device = None if keep_on is None else torch.device(keep_on)
            self.parameters = [
                MaskedParameter(names, parameter, bits, keep=restore, packed=packed, device=device)
                for names, parameter, bits in found
            ]
        finally:
            if owned:
                opened.close()
        self._check_trained()
        self._roster = Roster(model, self.parameters, others_train=unmasked == "trainable")
        self._hooks = Hooks(self.parameters)
        weakref.finalize(self, self._hooks.close).atexit = False
        try:
            self._hook(wrapped)
        except BaseException:
            self.close()
            raise

    @property
    def frozen(self) -> int:
        """The weights that this process keeps as they are."""
        return sum(parameter.frozen for parameter in self.parameters)

    @property
    def trainable(self) -> int:
        """The weights of masked parameters that this process trains."""
        return sum(parameter.trainable for parameter in self.parameters)

    @property
    def bytes(self) -> int:
        """The memory that masks and kept values take in this process."""
        return sum(parameter.bytes for parameter in self.parameters)

    @torch.no_grad()
    def restore(self) -> None:
        """Give the frozen weights their first values back; done after each step by itself."""
        self._check_open()
        for parameter in self.parameters:
            parameter.restore()

    @torch.no_grad()
    def changed(self, base: str | Path | None = None) -> dict[str, int]:
        """How many frozen weights differ in a bit, by tensor, those without any left out.

        Where parameters are sharded, every process has to ask, and all get the same answer.

        Args:
            base: a safetensors checkpoint to compare with, cast to the parameters' dtype, instead
                of the values that the weights had when masked training began.

        Raises:
            MaskMismatchError: where the model has other parameters than it had, or trains more, or
                the checkpoint lacks one.
            MaskFileError: where the checkpoint cannot be read.
            MaskdbError: after `close()`.
        """
        self._check_open()
        self._roster.check()
        if base is None:
            counts = {p.name: p.changed() for p in self.parameters}
        else:
            with BaseCheckpoint(base, self._rename) as opened:
                counts = {p.name: p.changed(opened.part(p)) for p in self.parameters}
        every = together(self.parameters, counts)
        return {name: count for name, count in every.items() if count}

    def verify(self, base: str | Path | None = None) -> int:
        """The number of frozen weights that differ in a bit: 0 unless something went wrong."""
        return sum(self.changed(base).values())

    def check(self, base: str | Path | None = None) -> None:
        """Verify, and raise where anything moved.

        Raises:
            FrozenWeightsMovedError: with the number of weights by tensor.
        """
        changed = self.changed(base)
        if changed:
            since = "what they were when training began" if base is None else f"those of {base}"
            raise FrozenWeightsMovedError(
                f"weights outside of the mask differ from {since}, {sum(changed.values())} in all",
                changed,
            )

    @torch.no_grad()
    def state_dict(self) -> dict[str, Any]:
        """What a resumed training checks itself by: for every tensor its frozen weights' checksum.

        Small, as JSON can hold it, and the same however the parameters are sharded. Costs a pass
        over the frozen weights. Where parameters are sharded, every process has to ask.
        """
        self._check_open()
        self._roster.check()
        sums = together(self.parameters, {p.name: checksum(p) for p in self.parameters})
        texts = {name: f"{value % 2**64:016x}" for name, value in sums.items()}
        return {"schema": SCHEMA, "steps": self.steps, "frozen": texts}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Hold this training against the one that it resumes, and go on counting its steps.

        Raises:
            MaskMismatchError: where a tensor's frozen weights, or which weights are frozen, differ
                from those of that training.
        """
        if state.get("schema") != SCHEMA:
            raise MaskMismatchError(f"this is no state of a masked training: {state.get('schema')}")
        before, steps = state.get("frozen"), state.get("steps")
        if not isinstance(before, dict) or not isinstance(steps, int):
            raise MaskMismatchError(
                "this state of a masked training is damaged: it has no checksums or no steps"
            )
        now = self.state_dict()["frozen"]
        wrong = [name for name in {**before, **now} if before.get(name) != now.get(name)]
        if wrong:
            raise MaskMismatchError(
                "the training that is resumed had another mask, or other weights outside of it",
                wrong,
            )
        self.steps = steps

    def close(self) -> None:
        """End masked training: remove the hooks and let go of the kept values."""
        self._hooks.close()
        self.parameters = []

    def _hook(self, optimizers: Sequence[WrappedOptimizer]) -> None:
        for parameter in self.parameters:
            self._hooks.mask_gradients(parameter)
        for wrapped in optimizers:
            restore = functools.partial(self._restore_held, wrapped.optimizer)
            before = functools.partial(self._before_step, wrapped.optimizer)
            after = functools.partial(self._after_step, wrapped.optimizer)
            self._hooks.before_steps(wrapped.optimizer, before)
            self._hooks.after_steps(wrapped.optimizer, after)
            for wrapper in wrapped.wrappers:
                self._hooks.after_steps(wrapper, restore)
            for optimizer in wrapped:  # those that are free of schedules move weights in these
                self._hooks.after_calls(optimizer, "train", restore)
                self._hooks.after_calls(optimizer, "eval", restore)

    def _before_step(self, optimizer: Optimizer) -> None:
        self._roster.check_step(optimizer)
        for parameter in self.parameters:
            self._hooks.mask_gradients(parameter)  # of what requires them only now

    def _after_step(self, optimizer: Optimizer) -> None:
        self.steps += optimizer is self.optimizers[0]
        self._restore_held(optimizer)

    @torch.no_grad()
    def _restore_held(self, optimizer: Optimizer) -> None:
        """Restore what an optimizer can have moved."""
        held = {id(p) for group in optimizer.param_groups for p in group["params"]}
        for parameter in self.parameters:
            if id(parameter.parameter) in held:
                parameter.restore()

    def _check_open(self) -> None:
        if not self.parameters:
            raise MaskdbError(
                "this masked training is closed and knows no longer what frozen weights were: "
                "ask before close(), or hold a saved checkpoint against its base by `maskdb audit`"
            )

    def _check_trained(self) -> None:
        trained = [p for p in self.parameters if p.trainable]
        fixed = [p.name for p in trained if not p.parameter.requires_grad]
        if fixed:
            raise MaskMismatchError(
                "the mask trains what requires no gradients (ignore=[GLOB] leaves it out)",
                fixed,
            )
        held = {id(p) for o in self.optimizers for g in o.param_groups for p in g["params"]}
        loose = [p.name for p in trained if id(p.parameter) not in held]
        if loose:
            raise MaskMismatchError("the mask trains what the optimizer does not hold", loose)
        counts = {p.name: p.trainable for p in self.parameters}
        if not sum(together(self.parameters, counts).values()):
            raise MaskMismatchError("the mask trains nothing: is its polarity the right one?")

    def __repr__(self) -> str:
        if not self.parameters:
            return "<MaskedTraining: closed>"
        return f"<MaskedTraining: {self.trainable} weights trainable, {self.frozen} frozen>"
