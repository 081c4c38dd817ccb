"""Masks of models that keep the weights of all experts in one tensor."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from maskdb.errors import MaskMismatchError
from maskdb.mask import Bits, Mask, Shape, Source

EXPERT = re.compile(r"(?P<front>.*\.experts)\.(?P<number>\d+)\.(?P<part>[a-z_]+)\.weight")
FUSED = {"gate_up_proj": ("gate_proj", "up_proj"), "down_proj": ("down_proj",)}


def fused_experts(mask: Mask) -> Mask:
    """A mask whose experts stand one by one, for a model that keeps them in one tensor.

    `X.experts.E.gate_proj.weight` and `X.experts.E.up_proj.weight`, for E = 0, 1, ..., become
    `X.experts.gate_up_proj` of the shape [experts, 2 x intermediate, hidden], gate first;
    `X.experts.E.down_proj.weight` becomes `X.experts.down_proj`. This is how transformers 5 keeps
    Qwen MoE, DeepSeek, OLMoE and their like once they are loaded. Where a model interleaves gate
    and up, or transposes them, as GPT-OSS does, do not use this. Nothing is read here.

    Raises:
        MaskMismatchError: where no experts stand one by one, or some are missing.
    """
    groups = _groups(mask)
    if not groups:
        raise MaskMismatchError("no experts stand one by one in the mask")
    fused = {name: _parts(name, group) for name, group in groups.items()}
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
            name: self._shape(name, parts) for name, parts in fused.items()
        }

    def read(self, name: str, start: int, stop: int) -> Bits:
        """The bits of a range, of every part that it touches."""
        parts = self._fused.get(name)
        if parts is None:
            return self._source.read(name, start, stop)
        rows, columns = self._source.shapes[parts[0]]
        size = rows * columns
        pieces = [
            self._source.read(parts[i], max(start - i * size, 0), min(stop - i * size, size))
            for i in range(start // size if size else 0, -(-stop // size) if size else 0)
        ]
        return np.concatenate(pieces) if pieces else np.zeros(0, np.bool_)

    def close(self) -> None:
        """Close what it is made of."""
        self._source.close()

    def _shape(self, name: str, parts: Sequence[str]) -> Shape:
        shapes = {self._source.shapes[part] for part in parts}
        if len(shapes) != 1 or len(next(iter(shapes))) != 2:
            raise MaskMismatchError(f"the experts of {name} differ in their shapes", parts)
        rows, columns = next(iter(shapes))
        together = len(FUSED[name.rpartition(".")[2]])
        return len(parts) // together, together * rows, columns


def _groups(mask: Mask) -> dict[str, dict[tuple[int, str], str]]:
    whole = {part: name for name, parts in FUSED.items() for part in parts}
    groups: dict[str, dict[tuple[int, str], str]] = {}
    for name in mask:
        found = EXPERT.fullmatch(name)
        if found and found["part"] in whole:
            fused = f"{found['front']}.{whole[found['part']]}"
            groups.setdefault(fused, {})[int(found["number"]), found["part"]] = name
    return groups


def _parts(name: str, group: Mapping[tuple[int, str], str]) -> list[str]:
    kinds = FUSED[name.rpartition(".")[2]]
    experts = 1 + max(number for number, _ in group)
    wanted = [(number, kind) for number in range(experts) for kind in kinds]
    missing = [f"expert {n}'s {kind}" for n, kind in wanted if (n, kind) not in group]
    if missing:
        raise MaskMismatchError(f"{name} lacks", missing)
    return [group[key] for key in wanted]
