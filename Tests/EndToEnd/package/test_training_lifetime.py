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

    def step(self, closure=None):
        self.optimizer.step(closure)
        self.decay()

    @torch.no_grad()
    def decay(self):
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.mul_(0.99)


class DecayingWithoutHooks(Decaying):
    """One that never calls torch's `__init__`, as that of accelerate does not."""

    __init__ = Decaying.around

    def zero_grad(self, set_to_none=True):
        self.optimizer.zero_grad(set_to_none)

    def step(self, closure=None):
        self.optimizer.step(closure)
        self.decay()


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


class TestParametersThatBecomeOthers:
    @pytest.fixture
    def part(self):
        """A model without a mask, and without gradients, for its norm."""
        model = toy()
        bools = random_bools(model)
        del bools["norm.weight"], bools["norm.bias"]
        model.norm.requires_grad_(False)
        return model, bools, AdamW(model.parameters(), lr=1e-2, weight_decay=0.1)

    @pytest.mark.parametrize("unmasked", [None, "frozen"])
    def test_what_is_trained_on_the_way_without_a_mask_is_refused_before_it_moves(
        self, part, unmasked
    ):
        model, bools, optimizer = part
        with MaskedTraining(model, optimizer, trainable(bools), unmasked=unmasked) as masked:
            train(model, [optimizer])
            assert masked.verify() == 0
            model.norm.requires_grad_(True)
            before = values(model)
            with pytest.raises(MaskMismatchError, match="trained now and were not") as caught:
                train(model, [optimizer])
            assert caught.value.names == ("norm.weight", "norm.bias")
            assert all(torch.equal(before[n], p) for n, p in model.named_parameters())
            with pytest.raises(MaskMismatchError, match=r"norm\.weight"):
                masked.verify()

    def test_what_may_be_trained_may_be_trained_on_the_way(self, part):
        model, bools, optimizer = part
        with MaskedTraining(model, optimizer, trainable(bools), unmasked="trainable") as masked:
            model.norm.requires_grad_(True)
            before = values(model)
            train(model, [optimizer])
            assert masked.verify() == 0
        assert not torch.equal(before["norm.weight"], model.norm.weight)

    def test_a_frozen_tensor_that_requires_gradients_later_is_masked(self, part):
        model, bools, optimizer = part
        nothing = {name: np.zeros(36, bool) for name in ("norm.weight", "norm.bias")}
        with MaskedTraining(model, optimizer, trainable(bools | nothing)) as masked:
            model.norm.requires_grad_(True)
            train(model, [optimizer])
            loss_of(model, batches(1)[0]).backward()
            assert masked.verify() == 0
        assert not model.norm.weight.grad.any()

    @pytest.mark.parametrize("unmasked", [None, "frozen", "trainable"])
    @pytest.mark.parametrize("way", ["replaced", "assigned", "trained"])
    def test_another_parameter_in_the_place_of_a_masked_one_is_refused(self, way, unmasked):
        model = toy()
        optimizer = AdamW(model.parameters(), lr=1e-2)
        mask = trainable(random_bools(model))
        with MaskedTraining(model, optimizer, mask, unmasked=unmasked) as masked:
            if way == "assigned":
                copied = {name: value.clone() for name, value in model.state_dict().items()}
                model.load_state_dict(copied, assign=True)
            else:
                model.down.weight = nn.Parameter(model.down.weight.detach().clone())
            with pytest.raises(MaskMismatchError, match=r"in the place of these .*down\.weight"):
                masked.check()
            if way == "trained":
                optimizer.add_param_group({"params": [model.down.weight]})
                with pytest.raises(MaskMismatchError, match=r"trained now .*: down\.weight$"):
                    train(model, [optimizer])
