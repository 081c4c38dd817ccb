"""A mask that does not fit its model is refused by a sentence that lists every name."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from maskdb import Mask, MaskdbError, MaskedTraining, MaskMismatchError, fused_experts
from maskdb.names import canonical
from torch import nn
from torch.optim import AdamW
from toys import Toy, loss_of, moved, random_bools, toy, train, trainable, values


def begun(model, mask: Mask, **options):
    optimizer = AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)
    return MaskedTraining(model, optimizer, mask, **options)


def refusal(model, mask: Mask, **options) -> MaskMismatchError:
    with pytest.raises(MaskMismatchError) as caught:
        begun(model, mask, **options)
    return caught.value


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("_orig_mod.model.layers.0.mlp.up.weight", "model.layers.0.mlp.up.weight"),
        ("module._orig_mod.model.norm.weight", "model.norm.weight"),
        (
            "model.layers.3._fsdp_wrapped_module._checkpoint_wrapped_module.a.b",
            "model.layers.3.a.b",
        ),
        ("module.module.a", "a"),
        ("base_model.model.model.q_proj.base_layer.weight", "model.q_proj.weight"),
        ("encoder.module.weight", "encoder.module.weight"),
        ("module", "module"),
        ("x.base_layer.weight", "x.base_layer.weight"),
    ],
)
def test_the_prefixes_of_wrappers_are_taken_off(name, expected):
    assert canonical(name) == expected


class Wrapper(nn.Module):
    """A wrapper that puts a prefix before every name."""

    def __init__(self, name: str, model: nn.Module) -> None:
        super().__init__()
        self.add_module(name, model)
        self.name = name

    def forward(self, words):
        return getattr(self, self.name)(words)


@pytest.mark.parametrize("prefix", ["module", "_orig_mod", "_fsdp_wrapped_module"])
@pytest.mark.parametrize("on_mask", [False, True])
def test_a_wrapped_model_or_mask_is_matched(prefix, on_mask):
    model = toy()
    bools, before = random_bools(model), values(model)
    mask = trainable({f"{prefix}.{n}" if on_mask else n: b for n, b in bools.items()})
    wrapped = model if on_mask else Wrapper(prefix, model)
    optimizer = AdamW(wrapped.parameters(), lr=1e-2)
    with MaskedTraining(wrapped, optimizer, mask):
        train(wrapped, [optimizer])
    outside, inside = moved(before, values(model), bools)
    assert outside == 0
    assert inside > 0


def test_tensors_that_the_model_lacks_are_listed():
    model = toy()
    mask = trainable({**random_bools(model), "rotary.one": np.ones(2, bool), "x": np.ones(1, bool)})
    error = refusal(model, mask)
    assert error.names == ("rotary.one", "x")
    assert "no parameter for 2 of 8 tensors" in str(error)
    assert "rotary.one, x" in str(error)
    begun(model, mask, ignore=["rotary.*", "x"]).close()


def test_a_glob_that_ignores_nothing_is_refused():
    model = toy()
    assert refusal(model, trainable(random_bools(model)), ignore=["lm_head*"]).names == (
        "lm_head*",
    )


def test_a_missing_prefix_is_named_and_can_be_renamed():
    model = Wrapper("model", toy())
    bools = random_bools(model.model)
    error = refusal(model, trainable(bools))
    assert "is embed.weight the model's model.embed.weight? Then pass rename" in str(error)
    begun(model, trainable(bools), rename=lambda name: f"model.{name}").close()
    begun(model, trainable(bools), rename={name: f"model.{name}" for name in bools}).close()


def test_two_tensors_renamed_alike_are_refused():
    model = toy()
    mask = trainable(random_bools(model))
    assert len(refusal(model, mask, rename=lambda _: "embed.weight").names) == 2


def test_shapes_that_differ_are_listed_with_both():
    model = toy()
    bools = {**random_bools(model), "norm.bias": np.ones(35, bool)}
    error = refusal(model, trainable(bools))
    assert "norm.bias is [35] in the mask and [36] in the model" in str(error)


def test_a_transposed_mask_is_refused():
    model = toy()
    bools = random_bools(model)
    assert "up.weight" in str(
        refusal(model, trainable({**bools, "up.weight": bools["up.weight"].T}))
    )


class TestParametersWithoutAMask:
    @pytest.fixture
    def part(self):
        model = toy()
        bools = random_bools(model)
        del bools["norm.weight"], bools["norm.bias"]
        return model, bools

    def test_they_are_listed_and_a_choice_is_asked_for(self, part):
        error = refusal(part[0], trainable(part[1]))
        assert error.names == ("norm.weight", "norm.bias")
        assert "unmasked='frozen' or unmasked='trainable'" in str(error)

    @pytest.mark.parametrize(("unmasked", "moves"), [("frozen", False), ("trainable", True)])
    def test_the_choice_is_followed(self, part, unmasked, moves):
        model, bools = part
        before = values(model)
        optimizer = AdamW(model.parameters(), lr=1e-2, weight_decay=0.1)
        with MaskedTraining(model, optimizer, trainable(bools), unmasked=unmasked):
            train(model, [optimizer])
        chosen = np.full(36, moves)
        every = {**bools, "norm.weight": chosen, "norm.bias": chosen}
        assert moved(before, values(model), every)[0] == 0
        assert moves == bool((before["norm.weight"] != model.norm.weight).any())

    def test_another_word_is_refused(self, part):
        assert "'frozen' or 'trainable', not 'train'" in str(
            refusal(part[0], trainable(part[1]), unmasked="train")
        )

    def test_what_requires_no_gradient_needs_no_mask(self, part):
        model, bools = part
        model.norm.requires_grad_(False)
        begun(model, trainable(bools)).close()


def test_what_the_mask_trains_has_to_require_gradients():
    model = toy()
    model.norm.requires_grad_(False)
    error = refusal(model, trainable(random_bools(model)))
    assert error.names == ("norm.weight", "norm.bias")


class TestTiedWeights:
    def run(self, bools):
        model = toy()
        before = values(model)
        optimizer = AdamW(model.parameters(), lr=1e-2, weight_decay=0.1)
        with MaskedTraining(model, optimizer, trainable(bools)):
            train(model, [optimizer])
        return moved(before, values(model), random_bools(model))

    def test_either_name_is_enough(self):
        bools = random_bools(toy())
        assert "head.weight" not in bools
        outside, inside = self.run(bools)
        other = {n: b for n, b in bools.items() if n != "embed.weight"}
        assert self.run({**other, "head.weight": bools["embed.weight"]}) == [outside, inside]
        assert outside == 0
        assert inside > 0

    def test_both_names_are_taken_where_they_agree(self):
        bools = random_bools(toy())
        assert self.run({**bools, "head.weight": bools["embed.weight"].copy()})[0] == 0

    def test_names_that_disagree_are_refused(self):
        model = toy()
        bools = random_bools(model)
        mask = trainable({**bools, "head.weight": ~bools["embed.weight"]})
        assert refusal(model, mask).names == ("embed.weight", "head.weight")

    def test_memory_that_is_shared_without_tying_is_refused(self):
        model = toy(tied=False)
        model.head.weight = nn.Parameter(model.embed.weight.detach())
        assert "share their memory" in str(refusal(model, trainable(random_bools(model))))


class TestOptimizers:
    def test_of_another_model(self):
        model, other = toy(), toy()
        with pytest.raises(MaskMismatchError, match="holds 6 parameters that are not the model's"):
            MaskedTraining(model, AdamW(other.parameters()), trainable(random_bools(model)))

    def test_that_lacks_what_the_mask_trains(self):
        model = toy()
        with pytest.raises(MaskMismatchError, match="does not hold") as caught:
            MaskedTraining(model, AdamW(model.up.parameters()), trainable(random_bools(model)))
        assert "norm.weight" in caught.value.names
        assert "up.weight" not in caught.value.names

    def test_two_that_hold_the_same(self):
        model = toy()
        both = [AdamW(model.parameters()), AdamW(model.parameters())]
        with pytest.raises(MaskMismatchError, match="two optimizers"):
            MaskedTraining(model, both, trainable(random_bools(model)))

    def test_that_are_not_torch(self):
        model = toy()
        with pytest.raises(MaskMismatchError, match=r"an optimizer of torch is needed.*: object"):
            MaskedTraining(model, object(), trainable(random_bools(model)))

    @pytest.mark.parametrize("wrapped", [True, False])
    def test_of_deepspeed_that_accelerate_turned_on(self, wrapped):
        """As its wrapper has it where the environment says so, and no argument of the trainer."""
        model = toy()
        foreign = type("ZeroOptimizer", (), {"__module__": "deepspeed.runtime.zero.stage_1"})()
        optimizer = AdamW(model.parameters())
        optimizer.optimizer = foreign
        with pytest.raises(MaskMismatchError, match=r"^DeepSpeed \(ZeroOptimizer\) .*README\.md"):
            MaskedTraining(model, optimizer if wrapped else foreign, trainable(random_bools(model)))


def test_a_mask_that_trains_nothing_is_refused():
    model = toy()
    nothing = {name: np.zeros_like(b) for name, b in random_bools(model).items()}
    assert "trains nothing" in str(refusal(model, trainable(nothing)))


def test_a_model_without_values_is_refused():
    with torch.device("meta"):
        model = Toy()
    assert "no values yet" in str(refusal(model, trainable(random_bools(toy()))))


def test_a_sparse_gradient_is_refused_by_name():
    model = toy(tied=False)
    model.embed.sparse = True
    training = begun(model, trainable(random_bools(model)))
    with pytest.raises(MaskMismatchError, match=r"sparse=False in the module of: embed\.weight"):
        loss_of(model, torch.arange(4)).backward()
    training.close()


class TestFusedExperts:
    """Qwen2-MoE of transformers keeps its experts in one tensor, and saves them one by one."""

    @pytest.fixture
    def transformers(self):
        return pytest.importorskip("transformers", minversion="5")

    @pytest.fixture
    def model(self, transformers):
        config = transformers.Qwen2MoeConfig(
            vocab_size=16, hidden_size=8, intermediate_size=12, moe_intermediate_size=6,
            shared_expert_intermediate_size=10, num_hidden_layers=1, num_attention_heads=2,
            num_key_value_heads=2, num_experts=3, num_experts_per_tok=2,
        )  # fmt: skip
        torch.manual_seed(0)
        return transformers.AutoModelForCausalLM.from_config(config)

    @pytest.fixture
    def bools(self, model, tmp_path):
        """True where a saved weight is positive, by the names of the file."""
        from safetensors.numpy import load_file

        model.save_pretrained(tmp_path)
        return {
            name: value > 0 for name, value in load_file(tmp_path / "model.safetensors").items()
        }

    def test_they_are_refused_one_by_one_with_the_way_out(self, model, bools):
        assert any(".experts.0.gate_proj" in name for name in bools)
        error = refusal(model, trainable(bools))
        assert "see maskdb.fused_experts" in str(error)
        assert any(".experts.2.down_proj" in name for name in error.names)

    def test_fused_they_stand_where_transformers_puts_the_weights(self, model, bools):
        mask = fused_experts(trainable(bools))
        for name, parameter in model.named_parameters():
            expected = (parameter > 0).numpy()
            assert np.array_equal(mask[name][...], expected), name
            for rows in (slice(1, 2), slice(1, 3), slice(0, 0)):
                assert np.array_equal(mask[name][rows], expected[rows]), name
        begun(model, mask).close()

    def test_they_are_compared_with_a_base_that_has_them_one_by_one(self, model, bools, tmp_path):
        optimizer = AdamW(model.parameters(), lr=1e-2, weight_decay=0.1)
        with MaskedTraining(model, optimizer, fused_experts(trainable(bools))) as masked:
            for parameter in model.parameters():
                parameter.grad = torch.ones_like(parameter)
            optimizer.step()
            assert masked.verify(base=tmp_path) == 0
            name = "model.layers.0.mlp.experts.gate_up_proj"
            fused = dict(model.named_parameters())[name]
            (where,) = [p.mask for p in masked.parameters if p.name == name]
            frozen = (~where[1, 8]).nonzero()[0]
            with torch.no_grad():
                fused[1, 8, frozen] += 1
            assert masked.changed(base=tmp_path) == {name: 1}

    def test_a_missing_expert_is_named(self, bools):
        del bools["model.layers.0.mlp.experts.1.up_proj.weight"]
        with pytest.raises(MaskMismatchError, match="expert 1's up_proj"):
            fused_experts(trainable(bools))

    def test_experts_of_mixtral_have_other_names(self, transformers, tmp_path):
        """They are w1, w3 and w2, and stand below another module than they do in the model."""
        from safetensors.numpy import load_file

        config = transformers.MixtralConfig(
            vocab_size=16, hidden_size=8, intermediate_size=6, num_hidden_layers=2,
            num_attention_heads=2, num_key_value_heads=2, num_local_experts=3,
        )  # fmt: skip
        model = transformers.AutoModelForCausalLM.from_config(config)
        model.save_pretrained(tmp_path)
        saved = load_file(tmp_path / "model.safetensors")
        mask = trainable({name: value > 0 for name, value in saved.items()})
        assert any("experts.0.w1" in name for name in mask)
        assert "see maskdb.fused_experts" in str(refusal(model, mask))

        def rename(name):
            return name.replace("block_sparse_moe", "mlp")

        with begun(model, fused_experts(mask), rename=rename) as masked:
            for parameter in masked.parameters:
                assert torch.equal(parameter.mask, parameter.parameter > 0), parameter.name
            assert masked.verify(base=tmp_path) == 0

    def test_experts_with_names_of_no_known_order_are_not_said_to_be_fused(self, model):
        other = trainable({"model.layers.0.mlp.experts.0.linear_v.weight": np.ones((2, 2), bool)})
        assert "fused_experts" not in str(refusal(model, other, unmasked="frozen"))

    def test_a_part_of_two_names_is_refused(self):
        both = {f"x.experts.0.{part}.weight": np.ones((2, 2), bool) for part in ("w1", "gate_proj")}
        with pytest.raises(MaskMismatchError, match="two tensors are one part of an expert"):
            fused_experts(trainable(both))

    def test_a_mask_without_experts_is_refused(self):
        with pytest.raises(MaskdbError, match="no experts"):
            fused_experts(trainable(random_bools(toy())))
