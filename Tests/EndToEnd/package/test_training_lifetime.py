"""When a masked training begins and ends, and what may not happen between: counted by numpy."""

from __future__ import annotations

import gc

import numpy as np
import pytest
import torch
from maskdb import MaskdbError, MaskedTraining, MaskMismatchError
from torch import nn
from torch.optim import SGD, AdamW
from toys import batches, loss_of, moved, random_bools, toy, train, trainable, values


class TestClosed:
    @pytest.fixture
    def closed(self):
        model = toy()
        optimizer = AdamW(model.parameters(), lr=1e-2)
        with MaskedTraining(model, optimizer, trainable(random_bools(model))) as masked:
            pass
        train(model, [optimizer])
        return masked

    @pytest.mark.parametrize("question", ["verify", "check", "changed", "state_dict", "restore"])
    def test_no_question_is_answered_blindly(self, closed, question):
        with pytest.raises(MaskdbError, match=r"is closed .* ask before close\(\)"):
            getattr(closed, question)()

    def test_a_base_is_not_asked_either(self, closed):
        with pytest.raises(MaskdbError, match="is closed"):
            closed.verify(base="base.safetensors")
        assert repr(closed) == "<MaskedTraining: closed>"


class TestTwoTrainings:
    """A cell of a notebook that is run twice makes two."""

    @pytest.fixture
    def model(self):
        return toy()

    def begun(self, model, seed=2):
        optimizer = AdamW(model.parameters(), lr=1e-2, weight_decay=0.1)
        bools = random_bools(model, 0.5, seed)
        return optimizer, MaskedTraining(model, optimizer, trainable(bools)), bools

    def test_of_one_model_are_refused(self, model):
        first = self.begun(model)
        with pytest.raises(MaskMismatchError, match=r"another masked training .* close\(\) it fir"):
            self.begun(model, seed=3)
        assert first[1].verify() == 0

    def test_the_second_trains_its_mask_once_the_first_is_closed(self, model):
        self.begun(model)[1].close()
        before = values(model)
        optimizer, _, bools = self.begun(model, seed=3)
        train(model, [optimizer])
        outside, inside = moved(before, values(model), bools)
        assert outside == 0
        assert inside > 0.9 * sum(int(b.sum()) for b in bools.values())

    def test_one_that_nothing_refers_to_is_not_in_the_way(self, model):
        self.begun(model)
        self.begun(model, seed=3)[1].close()
        assert not any(parameter._backward_hooks for parameter in model.parameters())

    def test_one_without_a_name_goes_on_as_long_as_its_optimizer(self, model):
        before = values(model)
        optimizer, _, bools = self.begun(model)
        del _
        gc.collect()
        train(model, [optimizer])
        assert moved(before, values(model), bools)[0] == 0

    def test_one_that_fails_on_its_way_leaves_no_hooks(self, model):
        model.down.weight.grad = torch.zeros_like(model.down.weight).to_sparse()
        with pytest.raises(MaskMismatchError, match="use sparse=False"):
            self.begun(model)
        assert not any(parameter._backward_hooks for parameter in model.parameters())
        model.zero_grad()
        self.begun(model)[1].close()


class Decaying(torch.optim.Optimizer):
    """An optimizer around another, that moves weights after it."""

    def __init__(self, optimizer):
        super().__init__(optimizer.param_groups, {})
        self.around(optimizer)

    def around(self, optimizer):
        self.optimizer = optimizer
        self.param_groups = optimizer.param_groups

    @torch.no_grad()
    def step(self, closure=None):
        self.optimizer.step(closure)
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.mul_(0.99)


class DecayingWithoutHooks(Decaying):
    """One that never calls torch's `__init__`, as that of accelerate does not."""

    __init__ = Decaying.around

    def zero_grad(self, set_to_none=True):
        self.optimizer.zero_grad(set_to_none)

    @torch.no_grad()
    def step(self, closure=None):
        self.optimizer.step(closure)
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.mul_(0.99)


@pytest.mark.parametrize("kind", [Decaying, DecayingWithoutHooks])
def test_what_a_wrapper_moves_after_the_step_is_restored(kind):
    model = toy()
    bools, before = random_bools(model), values(model)
    optimizer = kind(AdamW(model.parameters(), lr=1e-2))
    with MaskedTraining(model, optimizer, trainable(bools)) as masked:
        train(model, [optimizer])
        assert masked.steps == 4
    outside, inside = moved(before, values(model), bools)
    assert outside == 0
    assert inside > 0
    train(model, [optimizer])
    assert moved(before, values(model), bools)[0] > 0


class Averaging(SGD):
    """Trains away from an average to which `eval` goes, as optimizers without schedules do."""

    def eval(self):
        self.shift(-0.5)

    def train(self):
        self.shift(0.5)

    @torch.no_grad()
    def shift(self, by):
        for parameter in self.param_groups[0]["params"]:
            parameter.add_(by)


@pytest.mark.parametrize("depth", [0, 1])
def test_weights_that_an_optimizer_moves_without_a_step_are_restored(depth):
    model = toy()
    bools, before = random_bools(model), values(model)
    inner = optimizer = Averaging(model.parameters(), lr=0.1)
    if depth:
        optimizer = Decaying(inner)
    with MaskedTraining(model, optimizer, trainable(bools)) as masked:
        inner.train()
        outside, inside = moved(before, values(model), bools)
        assert outside == masked.verify() == 0
        assert inside > 0
        inner.eval()
        assert moved(before, values(model), bools)[0] == masked.verify() == 0
    assert "eval" not in vars(inner)
    inner.train()
    assert moved(before, values(model), bools)[0] > 0
