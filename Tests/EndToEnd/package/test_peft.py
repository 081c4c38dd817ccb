"""SHiRA adapters that peft itself trains, saves, loads and merges, against imported masks."""

from __future__ import annotations

import warnings

import maskdb
import numpy as np
import pytest
import torch
from readme import documented
from safetensors.numpy import load_file
from toys import bits, values

peft = pytest.importorskip("peft")
transformers = pytest.importorskip("transformers")
RANK = 3
TARGETS = ["q_proj", "v_proj", "up_proj", "down_proj"]


def base_of(samples):
    return transformers.AutoModelForCausalLM.from_pretrained(samples.base, dtype=torch.float32)


def train(model, steps=3):
    """Trains what requires gradients; with Adam every weight that has one moves by the rate."""
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-2)
    generator = torch.Generator().manual_seed(1)
    words = model.get_input_embeddings().num_embeddings
    for _ in range(steps):
        batch = torch.randint(0, words, (8, 12), generator=generator)
        model(input_ids=batch, labels=batch).loss.backward()
        optimizer.step()
        optimizer.zero_grad()


def changed(before, after):
    """Where merged weights differ in a bit from the base's."""
    assert set(before) == set(after)
    return {name: bits(before[name]) != bits(after[name]) for name in before}


@pytest.fixture(scope="module")
def adapted(samples, tmp_path_factory):
    """A trained adapter with peft's own random mask, saved; and the model with it merged in."""
    folder = tmp_path_factory.mktemp("shira")
    base = base_of(samples)
    before = values(base)
    config = peft.ShiraConfig(r=RANK, target_modules=TARGETS, random_seed=7)
    model = peft.get_peft_model(base, config)
    train(model)
    model.save_pretrained(folder / "adapter")
    merged = model.merge_and_unload()
    merged.save_pretrained(folder / "merged")
    return folder, changed(before, values(merged))


@pytest.fixture
def imported(maskdb, samples, adapted):
    """The catalog with the adapter's positions as a mask."""
    (report,) = maskdb.json(
        "import", adapted[0] / "adapter" / "adapter_model.safetensors",
        "--base", samples.base, "--name", "shira",
    )["imported"]  # fmt: skip
    assert report["format"] == "shira"
    return report


def exported(cli, mask, file):
    cli.does("export", mask, "--format", "safetensors", "-o", file)
    return load_file(file)


def test_an_imported_adapter_is_the_mask_of_what_peft_trained(maskdb, imported, adapted, tmp_path):
    found = exported(maskdb, "shira", tmp_path / "mask.safetensors")
    expected = adapted[1]
    assert set(found) == set(expected)
    for name, where in expected.items():
        assert np.array_equal(found[name], where), name
        is_target = name.endswith("weight") and name.split(".")[-2] in TARGETS
        assert where.sum() == (RANK * sum(where.shape) if is_target else 0)
    assert imported["count"] == sum(int(where.sum()) for where in expected.values())


def test_it_is_the_mask_of_the_merged_checkpoint(maskdb, imported, samples, adapted):
    options = ["--definition", "bitwise", "--compare-dtype", "fp32", "--name", "merged"]
    maskdb.does("add", adapted[0] / "merged", "--base", samples.base, *options)
    found = {mask["run"]: (mask["count"], mask["digest"]) for mask in maskdb.masks()}
    assert found["merged"] == found["shira"] == (imported["count"], imported["digest"])


class TestTheReadme:
    """A mask of maskdb, trained as a SHiRA adapter by the code that the README shows."""

    @pytest.fixture
    def workplace(self, catalog, tmp_path, monkeypatch):
        file = tmp_path / "mask.safetensors"
        catalog.does("export", "dpo-add-s0@paper", "--format", "safetensors", "-o", file)
        monkeypatch.chdir(tmp_path)
        return tmp_path

    def follow(self, samples):
        """What the README's code makes of the samples' base."""
        names = {"model": base_of(samples)}
        before = values(names["model"])
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*mask_type.*")
            exec(compile(documented("PEFT's SHiRA"), "README.md", "exec"), names)
        return names, before

    def test_peft_trains_positions_of_the_mask_and_no_others(self, workplace, samples):
        names, before = self.follow(samples)
        train(names["model"])
        moved = changed(before, values(names["model"].merge_and_unload()))
        mask = load_file("mask.safetensors")
        rank = names["config"].r
        assert sum(where.any() for where in moved.values()) == 8
        for name, where in moved.items():
            assert not (where & ~mask[name]).any(), name
            assert where.sum() in (0, rank * sum(where.shape))

    def test_the_adapter_is_saved_loaded_and_imported(self, workplace, samples, maskdb):
        names, before = self.follow(samples)
        train(names["model"])
        names["model"].save_pretrained("adapter")
        again = peft.PeftModel.from_pretrained(base_of(samples), "adapter")
        batch = torch.arange(8).reshape(1, 8)
        with torch.no_grad():
            assert torch.equal(again(batch).logits, names["model"](batch).logits)
        moved = changed(before, values(names["model"].merge_and_unload()))
        file = workplace / "adapter" / "adapter_model.safetensors"
        maskdb.does("import", file, "--base", samples.base, "--name", "shira")
        found = exported(maskdb, "shira", workplace / "shira.safetensors")
        assert all(np.array_equal(found[name], where) for name, where in moved.items())

    def test_a_mask_with_too_few_positions_is_said(self, workplace, samples, catalog):
        catalog.does(
            "export", "'dpo-add-s0@paper' - 'dpo-add-s0@paper'", "--format", "safetensors",
            "-o", "mask.safetensors", "--force",
        )  # fmt: skip
        with pytest.raises(ValueError, match=r"q_proj\.weight has 0 trainable weights, r = 2"):
            self.follow(samples)


def test_an_adapter_is_not_loaded_as_a_mask_but_named(adapted):
    file = adapted[0] / "adapter" / "adapter_model.safetensors"
    with pytest.raises(maskdb.MaskFileError, match="is no mask"):
        maskdb.load(file, "trainable")
