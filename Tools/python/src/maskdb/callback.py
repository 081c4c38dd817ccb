"""Masked training in the trainers of transformers and TRL."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from maskdb.closing import Closing
from maskdb.files import read_json
from maskdb.loading import load
from maskdb.mask import Mask
from maskdb.optimizers import refuse_deepspeed
from maskdb.training import MaskedTraining

STATE_FILE = "maskdb.json"


class MaskCallback(TrainerCallback, Closing):
    """Trains the weights inside of a mask alone, in any trainer that takes callbacks::

        trainer.add_callback(maskdb.MaskCallback("mask.safetensors"))

    The trainer clips gradients before it calls back, so they are masked by hooks, as they arrive:
    frozen weights are outside of the clipping norm. `MaskedTraining` says what is done, and what
    it costs. At the end every frozen weight is compared with what it was; had one moved, training
    would end in an error.

    A checkpoint gets a `maskdb.json` with checksums of the frozen weights, once they have been
    compared with what they were; had one moved, training would end there. Training that resumes
    from it in the same `output_dir` is held against them; elsewhere a warning says that it is not,
    and `base` does instead. With `restore=False` and no `base` nothing is compared, and no
    checkpoint gets one.

    A trainer does not say when it is cut off, by an exception or by Ctrl-C: then the model stays
    masked until `close()`, which a `with` calls as well::

        with maskdb.MaskCallback("mask.safetensors") as callback:
            trainer.add_callback(callback)
            trainer.train()

    Attributes:
        training: the masked training while the trainer trains, else None.
        outside_changed: the frozen weights that had moved when they were compared last: 0.
    """

    def __init__(
        self, mask: Mask | str | Path, *, base: str | Path | None = None, **options: Any
    ) -> None:
        """A callback with a mask.

        Args:
            mask: what `load` gives, or a path for it.
            base: the checkpoint that frozen weights must equal when training begins and when it
                ends, cast to the dtype in which they are trained.
            options: what `MaskedTraining` takes, such as `unmasked`.
        """
        self._mask = load(mask) if isinstance(mask, str | Path) else mask
        self._base = base
        self._options = options
        self._keeps = bool(options.get("restore", True))
        self.training: MaskedTraining | None = None
        self.outside_changed: int | None = None

    def on_train_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,
    ) -> None:
        """Begin masked training, of the weights as they are now, resumed ones included."""
        if getattr(args, "deepspeed", None):
            refuse_deepspeed()
        self.close()
        with self._closed_on_failure():
            self.training = MaskedTraining(
                kwargs["model"], kwargs["optimizer"], self._mask, **self._options
            )
            if self._base is not None:
                self.training.check(self._base)
            if state.global_step:
                self._resume(_folder(args, state))

    def on_save(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,
    ) -> None:
        """Verify, and put the checksums of the frozen weights beside a checkpoint.

        Raises:
            FrozenWeightsMovedError: where a frozen weight moved.
        """
        if self.training is None or not (self._keeps or self._base):
            return
        with self._closed_on_failure():
            # What was kept is what was held against the base.
            self._check(self.training, None if self._keeps else self._base)
            content = self.training.state_dict()
        folder = _folder(args, state)
        if state.is_world_process_zero and folder.is_dir():
            (folder / STATE_FILE).write_text(json.dumps(content, indent=1) + "\n")

    def on_train_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,
    ) -> None:
        """Verify, and end masked training.

        Raises:
            FrozenWeightsMovedError: where a frozen weight moved.
        """
        if self.training is None:
            return
        try:
            if self._keeps or self._base:
                self._check(self.training, self._base)
        finally:
            self.close()

    def close(self) -> None:
        """End masked training where it was cut off; what was trained may be trained unmasked."""
        if self.training is not None:
            self.training.close()
        self.training = None

    def _check(self, training: MaskedTraining, base: str | Path | None) -> None:
        self.outside_changed = training.verify(base)
        if self.outside_changed:
            training.check(base)

    @contextmanager
    def _closed_on_failure(self) -> Iterator[None]:
        """Within, a failure ends the masked training, as it ends the trainer's."""
        try:
            yield
        except BaseException:
            self.close()
            raise

    def _resume(self, folder: Path) -> None:
        assert self.training is not None
        file = folder / STATE_FILE
        if file.is_file():
            self.training.load_state_dict(read_json(file))
        elif self._base is None:
            warnings.warn(
                f"training resumes and {file} is not there: weights outside of the mask stay as "
                "they were loaded, whatever they are; base=CHECKPOINT compares them",
                stacklevel=2,
            )


def _folder(args: TrainingArguments, state: TrainerState) -> Path:
    return Path(str(args.output_dir)) / f"checkpoint-{state.global_step}"
