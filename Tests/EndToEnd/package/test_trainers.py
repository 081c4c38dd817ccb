"""Stock trainers of TRL and transformers with a MaskCallback, on the samples' base."""

from __future__ import annotations

import json
import random
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from maskdb import FrozenWeightsMovedError, MaskCallback, MaskMismatchError, from_arrays
from toys import moved, values
from transformers import TrainerCallback

SETTINGS = {
    "max_steps": 4, "per_device_train_batch_size": 4, "gradient_accumulation_steps": 2,
    "learning_rate": 1e-3, "weight_decay": 0.1, "logging_strategy": "no", "save_strategy": "no",
    "report_to": "none", "use_cpu": True, "disable_tqdm": True, "seed": 0,
    "gradient_checkpointing": False, "bf16": False,
}  # fmt: skip


@pytest.fixture(scope="module")
def stack(samples):
    """TRL with a tokenizer, and a maker of the samples' base in fp32."""
    trl = pytest.importorskip("trl")
    transformers = pytest.importorskip("transformers")
    warnings.filterwarnings("ignore", module="trl|transformers|accelerate")
    return SimpleNamespace(
        trl=trl,
        datasets=pytest.importorskip("datasets"),
        tokenizer=transformers.AutoTokenizer.from_pretrained(samples.base),
        base=lambda: transformers.AutoModelForCausalLM.from_pretrained(
            samples.base, dtype=torch.float32
        ),
    )


@pytest.fixture
def trainer_of(stack, tmp_path):
    """Makes a stock trainer of a kind with settings."""

    def sums(chooser):
        a, b = chooser.randint(10, 99), chooser.randint(10, 99)
        return f"{a}+{b}=", str(a + b), str(a + b + chooser.choice([-10, 1, 10]))

    def rows(kind):
        chooser = random.Random(3)
        for prompt, right, wrong in [sums(chooser) for _ in range(64)]:
            pair = {"chosen": right, "rejected": wrong}
            yield {"prompt": prompt, **({"completion": right} if kind == "SFT" else pair)}

    def make(kind, **settings):
        return getattr(stack.trl, f"{kind}Trainer")(
            model=stack.base(),
            args=getattr(stack.trl, f"{kind}Config")(
                output_dir=str(tmp_path / "out"), **SETTINGS | settings
            ),
            train_dataset=stack.datasets.Dataset.from_list(list(rows(kind))),
            processing_class=stack.tokenizer,
        )

    return make


@pytest.fixture(scope="module")
def bools(samples):
    return {name: tensor.bits for name, tensor in samples.masks("paper")["dpo-add-s0"].items()}


def counted(trainer, before, bools):
    found = values(trainer.model)
    outside, inside = moved(before, {name: found[name] for name in bools}, bools)
    return outside, inside


def hooks_of(model):
    return sum(len(parameter._backward_hooks or ()) for parameter in model.parameters())


@pytest.mark.parametrize("kind", ["SFT", "DPO"])
def test_nothing_outside_of_the_mask_moves(trainer_of, samples, bools, kind):
    trainer = trainer_of(kind, bf16=True)
    callback = MaskCallback(from_arrays(bools, "trainable"), base=samples.base)
    trainer.add_callback(callback)
    before = values(trainer.model)
    trainer.train()
    outside, inside = counted(trainer, before, bools)
    assert outside == callback.outside_changed == 0
    assert inside > 0
    assert callback.training is None
    assert trainer.state.global_step == 4


@pytest.mark.parametrize("form", ["safetensors", "pt", "indices"])
def test_an_exported_mask_trains_by_its_path(trainer_of, catalog, bools, tmp_path, form):
    file = tmp_path / f"mask.{form}"
    catalog.does("export", "dpo-add-s0@paper", "--format", form, "-o", file)
    trainer = trainer_of("SFT", max_steps=2)
    trainer.add_callback(MaskCallback(file))
    before = values(trainer.model)
    trainer.train()
    assert counted(trainer, before, bools)[0] == 0


def test_masked_gradients_alone_let_frozen_weights_move(trainer_of, bools):
    trainer = trainer_of("SFT")
    trainer.add_callback(MaskCallback(from_arrays(bools, "trainable"), restore=False))
    before = values(trainer.model)
    trainer.train()
    assert counted(trainer, before, bools)[0] > 0


class CutOff(TrainerCallback):
    """Does something to the model at the end of the second step."""

    def __init__(self, action):
        self.action = action

    def on_step_end(self, args, state, control, **kwargs):
        if state.global_step == 2:
            self.action(kwargs["model"])


class TestEnding:
    """The model is masked for as long as a training is, and no longer."""

    @pytest.fixture
    def stopped(self, trainer_of, bools):
        """A trainer and a callback whose training was cut off."""

        def cut_off(model):
            raise KeyboardInterrupt

        trainer, callback = trainer_of("SFT"), MaskCallback(from_arrays(bools, "trainable"))
        trainer.add_callback(callback)
        trainer.add_callback(CutOff(cut_off))
        with pytest.raises(KeyboardInterrupt):
            trainer.train()
        trainer.pop_callback(CutOff)
        return trainer, callback

    def test_a_training_that_was_cut_off_is_in_the_way_of_another(self, stopped, bools):
        trainer, _ = stopped
        trainer.pop_callback(MaskCallback)
        trainer.add_callback(MaskCallback(from_arrays(bools, "frozen")))
        with pytest.raises(MaskMismatchError, match=r"at work on these.*close\(\) it first"):
            trainer.train()

    def test_closing_it_ends_it(self, stopped, bools):
        trainer, callback = stopped
        with callback:
            pass
        assert hooks_of(trainer.model) == 0
        trainer.pop_callback(MaskCallback)
        before = values(trainer.model)
        trainer.train()
        assert counted(trainer, before, bools)[0] > 0

    def test_the_same_callback_goes_on(self, stopped, bools):
        trainer, callback = stopped
        before = values(trainer.model)
        trainer.train()
        assert counted(trainer, before, bools)[0] == callback.outside_changed == 0

    def test_one_that_is_refused_leaves_no_hooks(self, trainer_of, bools, samples):
        trainer = trainer_of("SFT")
        callback = MaskCallback(from_arrays(bools, "trainable"), base=samples.path("sft-mul-s0"))
        trainer.add_callback(callback)
        with pytest.raises(FrozenWeightsMovedError):
            trainer.train()
        assert hooks_of(trainer.model) == 0
        assert callback.training is None

    def test_no_checkpoint_vouches_for_weights_that_moved(self, trainer_of, bools, tmp_path):
        def drift(model):
            name = "model.norm.weight"
            weight = dict(model.named_parameters())[name]
            weight.data[~torch.from_numpy(bools[name])] += 1

        trainer = trainer_of("SFT", save_strategy="steps", save_steps=2)
        trainer.add_callback(MaskCallback(from_arrays(bools, "trainable")))
        trainer.add_callback(CutOff(drift))
        with pytest.raises(FrozenWeightsMovedError, match=r"model\.norm\.weight"):
            trainer.train()
        assert (tmp_path / "out" / "checkpoint-2").is_dir()
        assert not (tmp_path / "out" / "checkpoint-2" / "maskdb.json").exists()
        assert hooks_of(trainer.model) == 0


class TestResuming:
    SAVING = {"save_strategy": "steps", "save_steps": 2}  # noqa: RUF012

    def test_a_resumed_training_goes_on_as_if_it_had_not_stopped(self, trainer_of, bools, tmp_path):
        mask = from_arrays(bools, "trainable")
        whole = trainer_of("SFT", **self.SAVING)
        before = values(whole.model)
        whole.add_callback(MaskCallback(mask))
        whole.train()
        state = json.loads((tmp_path / "out" / "checkpoint-2" / "maskdb.json").read_text())
        assert state["steps"] == 2

        resumed = trainer_of("SFT", **self.SAVING)
        callback = MaskCallback(mask)
        resumed.add_callback(callback)
        resumed.train(resume_from_checkpoint=str(tmp_path / "out" / "checkpoint-2"))
        assert counted(resumed, before, bools)[0] == callback.outside_changed == 0
        everything = {name: np.ones_like(b) for name, b in bools.items()}
        assert counted(resumed, values(whole.model), everything) == (0, 0)

    def test_a_checkpoint_of_an_unmasked_run_is_refused(self, trainer_of, bools, samples, tmp_path):
        plain = trainer_of("SFT", **self.SAVING)
        plain.train()
        checkpoint = str(tmp_path / "out" / "checkpoint-2")
        mask = from_arrays(bools, "trainable")

        resumed = trainer_of("SFT")
        resumed.add_callback(MaskCallback(mask, base=samples.base))
        with pytest.raises(Exception, match="weights outside of the mask differ from those of"):
            resumed.train(resume_from_checkpoint=checkpoint)

        unsure = trainer_of("SFT")
        unsure.add_callback(MaskCallback(mask))
        with pytest.warns(UserWarning, match="base=CHECKPOINT compares them"):
            unsure.train(resume_from_checkpoint=checkpoint)

    def test_the_optimizer_state_of_an_unmasked_run_moves_nothing(
        self, trainer_of, stack, bools, samples, tmp_path
    ):
        plain = trainer_of("SFT", **self.SAVING)
        plain.train()
        checkpoint = tmp_path / "out" / "checkpoint-2"
        stack.base().save_pretrained(checkpoint)

        resumed = trainer_of("SFT")
        before = values(resumed.model)
        resumed.add_callback(MaskCallback(from_arrays(bools, "trainable"), base=samples.base))
        resumed.train(resume_from_checkpoint=str(checkpoint))
        outside, inside = counted(resumed, before, bools)
        assert outside == 0
        assert inside > 0

    def test_another_mask_is_refused(self, trainer_of, bools, tmp_path):
        first = trainer_of("SFT", **self.SAVING)
        first.add_callback(MaskCallback(from_arrays(bools, "trainable")))
        first.train()
        resumed = trainer_of("SFT")
        resumed.add_callback(MaskCallback(from_arrays(bools, "frozen")))
        with pytest.raises(MaskMismatchError, match="another mask"):
            resumed.train(resume_from_checkpoint=str(tmp_path / "out" / "checkpoint-2"))
