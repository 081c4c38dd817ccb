"""Real optimizers of torch move nothing outside of a mask, counted bit by bit by numpy."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from maskdb import (
    FrozenWeightsMovedError,
    MaskedTraining,
    MaskFileError,
    MaskMismatchError,
    from_arrays,
)
from safetensors.torch import save_file
from torch import nn
from torch.optim import SGD, Adafactor, AdamW
from toys import (
    batches,
    bits,
    loss_of,
    moved,
    random_bools,
    toy,
    train,
    trainable,
    values,
)


def resumed(optimizer, model):
    """An optimizer with the state of an unmasked training; the model is as it was."""
    start = copy.deepcopy(model.state_dict())
    train(model, [optimizer])
    model.load_state_dict(start)
    return optimizer


def muon(model):
    matrices = [model.up.weight, model.down.weight]
    others = [p for p in model.parameters() if all(p is not matrix for matrix in matrices)]
    return [torch.optim.Muon(matrices, lr=0.02), AdamW(others, lr=1e-2, weight_decay=0)]


MOVERS = {
    "AdamW with weight decay": lambda model: [AdamW(model.parameters(), lr=1e-2, weight_decay=0.1)],
    "fused AdamW with weight decay": lambda model: [
        AdamW(model.parameters(), lr=1e-2, weight_decay=0.1, fused=True)
    ],
    "AdamW with resumed state": lambda model: [
        resumed(AdamW(model.parameters(), lr=1e-2, weight_decay=0), model)
    ],
    "SGD with resumed momentum": lambda model: [
        resumed(SGD(model.parameters(), lr=1e-2, momentum=0.9), model)
    ],
    "Adafactor with weight decay": lambda model: [
        Adafactor(model.parameters(), lr=1e-2, weight_decay=0.1)
    ],
    "Muon": muon,
}


@pytest.fixture(params=MOVERS)
def optimizers_of(request):
    """A function that makes the optimizers of a model."""
    if request.param == "Muon" and not hasattr(torch.optim, "Muon"):
        pytest.skip(f"torch {torch.__version__} has no Muon")
    return MOVERS[request.param]


def masked_run(optimizers_of, **options):
    model = toy()
    optimizers, bools = optimizers_of(model), random_bools(model)
    before = values(model)
    with MaskedTraining(model, optimizers, trainable(bools), **options) as masked:
        train(model, optimizers)
        counted = masked.verify() if options.get("restore", True) else None
    return moved(before, values(model), bools), counted, values(model)


def test_nothing_outside_of_the_mask_moves(optimizers_of):
    (outside, inside), counted, _ = masked_run(optimizers_of)
    assert outside == counted == 0
    assert inside > 0


def test_masked_gradients_alone_let_frozen_weights_move(optimizers_of):
    (outside, _), _, _ = masked_run(optimizers_of, restore=False)
    assert outside > 0


@pytest.mark.parametrize("options", [{"packed": True}, {"keep_on": "cpu"}])
def test_how_masks_and_values_are_held_changes_no_bit(optimizers_of, options):
    _, _, expected = masked_run(optimizers_of)
    _, counted, found = masked_run(optimizers_of, **options)
    assert counted == 0
    assert all(np.array_equal(bits(expected[name]), bits(found[name])) for name in expected)


def test_fresh_adamw_without_weight_decay_needs_no_restoring():
    (outside, inside), _, _ = masked_run(
        lambda model: [AdamW(model.parameters(), lr=1e-2, weight_decay=0)], restore=False
    )
    assert outside == 0
    assert inside > 0


def test_a_full_mask_trains_as_no_mask_does():
    plain, masked = toy(), toy()
    train(plain, [AdamW(plain.parameters(), lr=1e-2)])
    optimizer = AdamW(masked.parameters(), lr=1e-2)
    full = {name: np.ones(tuple(p.shape), bool) for name, p in masked.named_parameters()}
    with MaskedTraining(masked, optimizer, trainable(full)) as training:
        assert training.frozen == 0
        train(masked, [optimizer])
    assert moved(values(plain), values(masked), full) == [0, 0]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_every_dtype_is_restored_bit_by_bit(dtype):
    model = toy().to(dtype)
    with torch.no_grad():
        model.up.weight.view(-1)[:4] = torch.tensor([-0.0, float("nan"), float("inf"), 1e-7])
    bools = random_bools(model)
    bools["up.weight"].reshape(-1)[:4] = False
    before = values(model)
    optimizer = SGD(model.parameters(), lr=0.1, weight_decay=0.1)
    with MaskedTraining(model, optimizer, trainable(bools)) as masked:
        for parameter in model.parameters():
            parameter.grad = torch.ones_like(parameter)
        optimizer.step()
        assert masked.verify() == 0
    assert moved(before, values(model), bools)[0] == 0


def test_a_frozen_nan_gradient_becomes_zero():
    weight = nn.Parameter(torch.ones(4))
    model = nn.Module()
    model.weight = weight
    mask = trainable({"weight": np.array([True, False, True, False])})
    with MaskedTraining(model, SGD([weight], lr=1), mask):
        (weight * torch.tensor([1.0, float("nan"), 2.0, float("inf")])).sum().backward()
    assert weight.grad.tolist() == [1, 0, 2, 0]


def test_frozen_weights_are_outside_of_the_clipping_norm():
    model = toy()
    bools = random_bools(model, density=0.1)
    loss_of(model, batches(1)[0]).backward()
    inside = [p.grad.numpy()[bools[name]] for name, p in model.named_parameters()]
    expected = float(np.sqrt(sum((part.astype(np.float64) ** 2).sum() for part in inside)))
    model.zero_grad()
    with MaskedTraining(model, AdamW(model.parameters()), trainable(bools)):
        loss_of(model, batches(1)[0]).backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    assert float(norm) == pytest.approx(expected, rel=1e-5)


def test_gradients_that_are_there_already_are_masked():
    model = toy()
    bools = random_bools(model)
    loss_of(model, batches(1)[0]).backward()
    with MaskedTraining(model, AdamW(model.parameters()), trainable(bools)):
        pass
    for name, parameter in model.named_parameters():
        assert not parameter.grad.numpy()[~bools[name]].any()


def test_gradients_accumulate_under_autocast_and_a_gradient_scaler():
    model = toy()
    bools, before = random_bools(model), values(model)
    optimizer = AdamW(model.parameters(), lr=1e-2, weight_decay=0.1)
    scaler = torch.amp.GradScaler("cpu")
    with MaskedTraining(model, optimizer, trainable(bools)) as masked:
        for number, words in enumerate(batches(6)):
            with torch.autocast("cpu", torch.bfloat16):
                loss = loss_of(model, words)
            scaler.scale(loss).backward()
            if number % 2:
                scaler.unscale_(optimizer)
                torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                scaler.step(optimizer)
                scaler.update()
                optimizer.zero_grad()
        assert masked.verify() == 0
        assert masked.steps == 3
    outside, inside = moved(before, values(model), bools)
    assert outside == 0
    assert inside > 0


def test_a_learning_rate_schedule_does_not_come_between():
    model = toy()
    bools, before = random_bools(model), values(model)
    optimizer = AdamW(model.parameters(), lr=1e-2, weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.5**step)
    with MaskedTraining(model, optimizer, trainable(bools)):
        train(model, [optimizer], step=lambda one: (one.step(), schedule.step()))
    assert moved(before, values(model), bools)[0] == 0


def test_a_compiled_model_is_matched_and_masked():
    model = toy()
    compiled = torch.compile(model, backend="eager")
    bools, before = random_bools(model), values(model)
    optimizer = AdamW(compiled.parameters(), lr=1e-2, weight_decay=0.1)
    with MaskedTraining(compiled, optimizer, trainable(bools)):
        train(compiled, [optimizer])
    outside, inside = moved(before, values(model), bools)
    assert outside == 0
    assert inside > 0


def test_closing_ends_it():
    model = toy()
    bools = random_bools(model)
    optimizer = AdamW(model.parameters(), lr=1e-2)
    masked = MaskedTraining(model, optimizer, trainable(bools))
    masked.close()
    before = values(model)
    train(model, [optimizer])
    assert moved(before, values(model), bools)[0] > 0


def test_a_frozen_mask_trains_the_complement():
    model = toy()
    bools, before = random_bools(model), values(model)
    optimizer = AdamW(model.parameters(), lr=1e-2, weight_decay=0.1)
    with MaskedTraining(model, optimizer, from_arrays(bools, "frozen")):
        train(model, [optimizer])
    outside, inside = moved(before, values(model), {n: ~b for n, b in bools.items()})
    assert outside == 0
    assert inside > 0


@pytest.mark.parametrize("options", [{}, {"packed": True}])
@pytest.mark.parametrize("moment", ["before", "while"])
def test_arrays_that_are_used_again_do_not_change_the_mask(moment, options):
    model = toy()
    bools, before = random_bools(model), values(model)
    buffers = {name: b.copy() for name, b in bools.items()}
    mask, optimizer = trainable(buffers), AdamW(model.parameters(), lr=1e-2, weight_decay=0.1)
    if moment == "before":
        [b.fill(True) for b in buffers.values()]
    with MaskedTraining(model, optimizer, mask, **options) as masked:
        [b.fill(True) for b in buffers.values()]
        train(model, [optimizer])
        assert masked.verify() == 0
    outside, inside = moved(before, values(model), bools)
    assert outside == 0
    assert inside > 0


def test_a_bit_that_moves_outside_is_found_named_and_restored():
    model = toy()
    bools = random_bools(model)
    bools["down.weight"][0, 0] = False
    with MaskedTraining(model, AdamW(model.parameters()), trainable(bools)) as masked:
        with torch.no_grad():
            model.down.weight.view(torch.int32)[0, 0] ^= 1
        assert masked.changed() == {"down.weight": 1}
        with pytest.raises(FrozenWeightsMovedError, match=r", 1 in all: down\.weight \(1\)"):
            masked.check()
        masked.restore()
        assert masked.verify() == 0


def test_a_model_that_is_cast_on_the_way_is_refused():
    model = toy()
    masked = MaskedTraining(model, AdamW(model.parameters()), trainable(random_bools(model)))
    model.to(torch.bfloat16)
    with pytest.raises(MaskMismatchError, match=r"close\(\) before the model is cast"):
        masked.verify()


def test_the_memory_is_what_the_documentation_says():
    model = toy()
    bools = random_bools(model)
    optimizer = AdamW(model.parameters())
    weights = sum(p.numel() for p in model.parameters())
    inside = sum(int(b.sum()) for b in bools.values())
    with MaskedTraining(model, optimizer, trainable(bools)) as masked:
        assert masked.bytes == weights + 4 * (weights - inside)
    with MaskedTraining(model, optimizer, trainable(bools), restore=False) as masked:
        assert masked.bytes == weights
    with MaskedTraining(model, optimizer, trainable(bools), packed=True, restore=False) as masked:
        assert masked.bytes == sum(-(-p.numel() // 8) for p in model.parameters())


class TestABase:
    @pytest.fixture
    def masked(self):
        model = toy()
        mask = trainable({f"old.{name}": b for name, b in random_bools(model).items()})
        names = {f"old.{name}": name for name, _ in model.named_parameters()}
        with MaskedTraining(model, AdamW(model.parameters()), mask, rename=names) as masked:
            yield masked

    def written(self, masked, folder, prefix):
        held = {f"{prefix}{p.name}": p.parameter.detach().clone() for p in masked.parameters}
        save_file({**held, "extra": torch.ones(2)}, folder / "model.safetensors")

    @pytest.mark.parametrize("prefix", ["old.", ""])
    def test_its_names_are_those_of_the_mask_or_of_the_model(self, masked, tmp_path, prefix):
        self.written(masked, tmp_path, prefix)
        assert masked.verify(base=tmp_path) == 0
        with torch.no_grad():
            masked.parameters[0].parameter += 1
        assert masked.verify(base=tmp_path) == masked.parameters[0].frozen

    def test_one_that_lacks_a_tensor_is_refused(self, masked, tmp_path):
        self.written(masked, tmp_path, "new.")
        with pytest.raises(MaskMismatchError, match=r"has no float tensor of shape \[10, 12\] for"):
            masked.verify(base=tmp_path)

    @pytest.mark.parametrize("base", ["missing", "org/model", "missing.safetensors"])
    def test_one_that_is_not_there_is_named(self, masked, base):
        with pytest.raises(MaskFileError, match=rf"{base} cannot be read: No such .* local file"):
            masked.verify(base=base)


class TestResuming:
    def state(self, model, bools):
        with MaskedTraining(model, AdamW(model.parameters()), trainable(bools)) as masked:
            return masked.state_dict()

    def resume(self, model, bools, state):
        with MaskedTraining(model, AdamW(model.parameters()), trainable(bools)) as masked:
            masked.load_state_dict(state)
            return masked.steps

    def test_training_inside_of_the_mask_does_not_matter(self):
        model = toy()
        bools = random_bools(model)
        optimizer = AdamW(model.parameters(), weight_decay=0.1)
        with MaskedTraining(model, optimizer, trainable(bools)) as masked:
            first = masked.state_dict()
            train(model, [optimizer])
            state = masked.state_dict()
        assert state["frozen"] == first["frozen"]
        assert self.resume(model, bools, state) == 4

    def test_weights_that_moved_outside_are_refused_by_name(self):
        model = toy()
        bools = random_bools(model)
        state = self.state(model, bools)
        frozen = np.argwhere(~bools["up.weight"])[0]
        with torch.no_grad():
            model.up.weight[tuple(frozen)] += 1
        with pytest.raises(MaskMismatchError, match=r"weights outside of it: up\.weight$"):
            self.resume(model, bools, state)

    def test_weights_that_changed_places_are_refused(self):
        model = toy()
        bools = {name: np.zeros_like(b) for name, b in random_bools(model).items()}
        bools["norm.bias"][:] = True
        state = self.state(model, bools)
        with torch.no_grad():
            model.up.weight[:] = model.up.weight.flip(0)
        with pytest.raises(MaskMismatchError, match=r"up\.weight$"):
            self.resume(model, bools, state)

    def test_another_mask_is_refused(self):
        model = toy()
        state = self.state(model, random_bools(model))
        with pytest.raises(MaskMismatchError, match="another mask"):
            self.resume(model, random_bools(model, seed=9), state)

    def test_another_file_is_refused(self):
        model = toy()
        with pytest.raises(MaskMismatchError, match="no state"):
            self.resume(model, random_bools(model), {"schema": "other"})

    @pytest.mark.parametrize("damage", [{"frozen": None}, {"frozen": []}, {"steps": "many"}])
    def test_a_damaged_state_is_refused(self, damage):
        model = toy()
        state = self.state(model, random_bools(model))
        with pytest.raises(MaskMismatchError, match="is damaged"):
            self.resume(model, random_bools(model), state | damage)
