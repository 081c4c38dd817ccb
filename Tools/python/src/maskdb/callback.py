"""Masked training in the trainers of transformers and TRL."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from maskdb.errors import MaskMismatchError
from maskdb.files import read_json
from maskdb.loading import load
from maskdb.mask import Mask
from maskdb.matching import GUIDE
from maskdb.training import MaskedTraining

STATE_FILE = "maskdb.json"


class MaskCallback(TrainerCallback):
    """Trains the weights inside of a mask alone, in any trainer that takes callbacks::

        trainer.add_callback(maskdb.MaskCallback("mask.safetensors"))

    The trainer clips gradients before it calls back, so they are masked by hooks, as they arrive:
    frozen weights are outside of the clipping norm. `MaskedTraining` says what is done, and what
    it costs. At the end every frozen weight is compared with what it was; had one moved, training
    would end in an error.

    A checkpoint gets a `maskdb.json` with checksums of the frozen weights. Training that resumes
    from it in the same `output_dir` is held against them; elsewhere a warning says that it is not,
    and `base` does instead.

    Attributes:
        training: the masked training while the trainer trains, else None.
        outside_changed: after training, the frozen weights that moved: 0.
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
            raise MaskMismatchError(f"DeepSpeed keeps master weights of its own: {GUIDE}")
        self._close()
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
        """Put the checksums of the frozen weights beside a checkpoint."""
        if self.training is None:
            return
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
            if self._options.get("restore", True) or self._base is not None:
                self.outside_changed = self.training.verify(self._base)
                self.training.check(self._base)
        finally:
            self._close()

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

    def _close(self) -> None:
        if self.training is not None:
            self.training.close()
        self.training = None


def _folder(args: TrainingArguments, state: TrainerState) -> Path:
    return Path(str(args.output_dir)) / f"checkpoint-{state.global_step}"
