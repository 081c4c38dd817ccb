"""Masks of models that keep the weights of all experts in one tensor."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from maskdb.errors import MaskMismatchError
from maskdb.mask import Bits, Mask, Shape, Source

EXPERT = re.compile(r"(?P<front>.*\.experts)\.(?P<number>\d+)\.(?P<part>[a-z_0-9]+)\.weight")
FUSED = {"gate_up_proj": ("gate_proj", "up_proj"), "down_proj": ("down_proj",)}
# As Mixtral, MiniMax and PhiMoE call them.
OTHER_NAMES = {"w1": "gate_proj", "w3": "up_proj", "w2": "down_proj"}
Group = Mapping[tuple[int, str], str]
Scalar = TypeVar("Scalar", bound=np.generic)


def fused_experts(mask: Mask) -> Mask:
    """A mask whose experts stand one by one, for a model that keeps them in one tensor.

    `X.experts.E.gate_proj.weight` and `X.experts.E.up_proj.weight`, for E = 0, 1, ..., become
    `X.experts.gate_up_proj` of the shape [experts, 2 x intermediate, hidden], gate first;
    `X.experts.E.down_proj.weight` becomes `X.experts.down_proj`. Experts of `w1`, `w3` and `w2`
    have gate, up and down under these names. This is how transformers 5 keeps Qwen MoE, DeepSeek,
    OLMoE, Mixtral and their like once they are loaded; Mixtral's have another X then, so that
    `MaskedTraining` wants `rename=lambda name: name.replace("block_sparse_moe", "mlp")`. Where a
    model interleaves gate and up, or transposes them, as GPT-OSS does, do not use this. Nothing is
    read here.

    Raises:
        MaskMismatchError: where no experts stand one by one, or some are missing.
    """
    groups = expert_groups(mask)
    if not groups:
        raise MaskMismatchError("no experts stand one by one in the mask")
    fused = {name: experts_in_order(name, group) for name, group in groups.items()}
    return Mask(FusedSource(mask.source, fused), mask.polarity, mask.metadata, mask.origin)


class FusedSource:
    """A source in which some tensors are others one after another."""

    def __init__(self, source: Source, fused: Mapping[str, Sequence[str]]) -> None:
        """The tensors of `source`, those of `fused` in the place of their parts."""
        self._source = source
        self._fused = fused
        gone = {part for parts in fused.values() for part in parts}
        shapes = {name: shape for name, shape in source.shapes.items() if name not in gone}
        self.shapes: Mapping[str, Shape] = shapes | {
            name: fused_shape(name, [source.shapes[part] for part in parts])
            for name, parts in fused.items()
        }

    def read(self, name: str, start: int, stop: int) -> Bits:
        """The bits of a range, of every part that it touches."""
        parts = self._fused.get(name)
        if parts is None:
            return self._source.read(name, start, stop)
        size = math.prod(self._source.shapes[parts[0]])
        return joined(self._source.read, parts, size, start, stop)

    def close(self) -> None:
        """Close what it is made of."""
        self._source.close()


def expert_groups(names: Iterable[str]) -> dict[str, Group]:
    """The experts among names, by the name of the tensor that they are in where they are fused.

    Raises:
        MaskMismatchError: where one of them has two names.
    """
    whole = {part: name for name, parts in FUSED.items() for part in parts}
    groups: dict[str, dict[tuple[int, str], str]] = {}
    for name in names:
        found = EXPERT.fullmatch(name)
        part = OTHER_NAMES.get(found["part"], found["part"]) if found else ""
        if found and part in whole:
            group = groups.setdefault(f"{found['front']}.{whole[part]}", {})
            other = group.setdefault((int(found["number"]), part), name)
            if other != name:
                raise MaskMismatchError("two tensors are one part of an expert", [other, name])
    return dict(groups)


def experts_in_order(name: str, group: Group) -> list[str]:
    """The tensors that are one after another in the fused tensor `name`.

    Raises:
        MaskMismatchError: where some are missing.
    """
    kinds = FUSED[name.rpartition(".")[2]]
    experts = 1 + max(number for number, _ in group)
    wanted = [(number, kind) for number in range(experts) for kind in kinds]
    missing = [f"expert {n}'s {kind}" for n, kind in wanted if (n, kind) not in group]
    if missing:
        raise MaskMismatchError(f"{name} lacks", missing)
    return [group[key] for key in wanted]


def fused_shape(name: str, shapes: Sequence[Shape]) -> Shape:
    """The shape of a fused tensor.

    Raises:
        MaskMismatchError: where its parts differ in theirs, or are no matrices.
    """
    if len(set(shapes)) != 1 or len(shapes[0]) != 2:
        raise MaskMismatchError(f"the experts of {name} are not matrices of one shape")
    rows, columns = shapes[0]
    together = len(FUSED[name.rpartition(".")[2]])
    return len(shapes) // together, together * rows, columns


def joined(
    read: Callable[[str, int, int], NDArray[Scalar]],
    parts: Sequence[str],
    size: int,
    start: int,
    stop: int,
) -> NDArray[Scalar]:
    """A range of tensors that stand one after another, of every one that it touches.

    Args:
        read: a range of one of them.
        parts: their names.
        size: the positions of each.
        start: the first position.
        stop: the position after the last.
    """
    touched = range(start // size, -(-stop // size)) if size else ()
    pieces = [read(parts[i], max(start - i * size, 0), min(stop - i * size, size)) for i in touched]
    if len(pieces) < 2:
        return pieces[0] if pieces else read(parts[0], 0, 0)
    return np.concatenate(pieces)
