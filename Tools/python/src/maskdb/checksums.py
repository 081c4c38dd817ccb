"""A checksum of frozen weights that does not depend on how they are sharded."""

from __future__ import annotations

import torch
from torch import Tensor

from maskdb.errors import MaskMismatchError
from maskdb.frozen import MaskedParameter
from maskdb.sharding import piece_of

CHUNK = 1 << 22
# The constants of splitmix64, as signed integers.
MIX = (-0x40A7B892E31B1A47, -0x6B2FB644ECCEEE15)
GOLDEN = -0x61C8864680B583EB


def checksum(parameter: MaskedParameter) -> int:
    """The sum over frozen weights of h(h(position) + bits), modulo 2^64 and signed.

    The position is the row-major one in the whole parameter, the bits are the value's, and h is
    splitmix64's finalizer. Parts of a parameter add up to the checksum of the whole. It guards
    against accidents, not against an adversary.
    """
    if not parameter.frozen:
        return 0
    positions = _positions(parameter)
    values = parameter.frozen_bits()
    total = 0
    for start in range(0, len(values), CHUNK):
        bits = values[start : start + CHUNK].to(torch.int64)
        mixed = _mixed(_mixed(positions[start : start + CHUNK]) + bits)
        total += int(mixed.sum())
    return _signed(total)


def _positions(parameter: MaskedParameter) -> Tensor:
    """The frozen weights' positions in the whole parameter."""
    piece = piece_of(parameter.parameter)
    if piece is None:
        raise MaskMismatchError("has a placement that has no state yet", [parameter.name])
    mask = parameter.mask
    frozen = (~mask).nonzero()
    position = torch.zeros(len(frozen), dtype=torch.int64, device=mask.device)
    for dimension, size in enumerate(parameter.parameter.shape):
        position = position * size + frozen[:, dimension] + piece.slices[dimension].start
    return position


def _mixed(values: Tensor) -> Tensor:
    values = values + GOLDEN
    values = (values ^ _shifted(values, 30)) * MIX[0]
    values = (values ^ _shifted(values, 27)) * MIX[1]
    return values ^ _shifted(values, 31)


def _shifted(values: Tensor, places: int) -> Tensor:
    """A logical shift to the right, which torch has not for signed integers."""
    return (values >> places) & ((1 << (64 - places)) - 1)


def _signed(value: int) -> int:
    return (value + 2**63) % 2**64 - 2**63
