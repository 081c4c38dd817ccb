"""The part of a mask for every parameter of a torch model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.distributed.fsdp import FullyShardedDataParallel

from maskdb.errors import MaskMismatchError
from maskdb.mask import Mask
from maskdb.names import ModelTensor, Rename, canonical, chosen, entries_of
from maskdb.sharding import bits_of, local

Unmasked = Literal["frozen", "trainable"]
Matched = tuple[tuple[str, ...], nn.Parameter, Tensor]
GUIDE = "Tools/python/README.md shows the way"


def matched(
    model: nn.Module,
    mask: Mask,
    *,
    unmasked: Unmasked | None,
    ignore: Sequence[str],
    rename: Rename | None,
) -> Iterator[Matched]:
    """Every parameter that a mask is about: its names, itself, and its bits in this process.

    Names are matched at once, bits are read one parameter at a time.

    Raises:
        MaskMismatchError: where names or shapes do not match, a parameter has no entry and
            `unmasked` does not say what becomes of it, or the model is wrapped in a way that
            hides its parameters.
    """
    if unmasked not in (None, "frozen", "trainable"):
        raise MaskMismatchError(f"unmasked is 'frozen' or 'trainable', not {unmasked!r}")
    parameters = named_parameters(model)
    check_visible(model, parameters)
    tensors = [ModelTensor(tuple(names), tuple(p.shape)) for p, names in parameters.items()]
    shapes = {name: mask[name].shape for name in chosen(mask, ignore)}
    found = entries_of(tensors, shapes, rename)
    pairs = dict(zip(parameters, found, strict=True))
    _check_all_have_entries(pairs, parameters, unmasked)
    return (
        (tuple(dict.fromkeys(map(canonical, parameters[p]))), p, _bits(mask, p, entries))
        for p, entries in pairs.items()
        if entries or (unmasked == "frozen" and p.requires_grad)
    )


def named_parameters(model: nn.Module) -> dict[nn.Parameter, list[str]]:
    """Every parameter of a model with all of its names."""
    found: dict[nn.Parameter, list[str]] = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        found.setdefault(parameter, []).append(name)
    return found


def check_visible(model: nn.Module, parameters: Mapping[nn.Parameter, list[str]]) -> None:
    """Refuse models whose parameters are not what they seem.

    Raises:
        MaskMismatchError: under FSDP1 and DeepSpeed ZeRO-3, on the meta device, and where two
            parameters share their memory without being tied.
    """
    if any(isinstance(module, FullyShardedDataParallel) for module in model.modules()):
        raise MaskMismatchError(f"FSDP1 flattens parameters: use fully_shard, or {GUIDE}")
    if any(hasattr(parameter, "ds_id") for parameter in parameters):
        raise MaskMismatchError(f"DeepSpeed ZeRO-3 keeps parameters in pieces: {GUIDE}")
    meta = [names[0] for parameter, names in parameters.items() if parameter.is_meta]
    if meta:
        raise MaskMismatchError("these parameters have no values yet", meta)
    places: dict[tuple[int, torch.device], str] = {}
    for parameter, names in parameters.items():
        part = local(parameter)
        if part.numel():
            other = places.setdefault((part.data_ptr(), part.device), names[0])
            if other != names[0]:
                raise MaskMismatchError(
                    "two parameters share their memory without being tied", [other, names[0]]
                )


def _check_all_have_entries(
    pairs: Mapping[nn.Parameter, tuple[str, ...]],
    parameters: Mapping[nn.Parameter, list[str]],
    unmasked: Unmasked | None,
) -> None:
    without = [
        canonical(parameters[parameter][0])
        for parameter, entries in pairs.items()
        if not entries and parameter.requires_grad
    ]
    if without and unmasked is None:
        raise MaskMismatchError(
            f"the mask has no tensor for {len(without)} of {len(pairs)} parameters of the model: "
            "say unmasked='frozen' or unmasked='trainable'",
            without,
        )


def _bits(mask: Mask, parameter: nn.Parameter, entries: Sequence[str]) -> Tensor:
    """This process's bits of a parameter; tied names have to agree."""
    if not entries:
        return torch.zeros_like(local(parameter), dtype=torch.bool)
    found = [bits_of(parameter, parameter.shape, mask[entry].__getitem__) for entry in entries]
    if any(not torch.equal(found[0], other) for other in found[1:]):
        raise MaskMismatchError("tied weights have different masks", entries)
    return found[0]
