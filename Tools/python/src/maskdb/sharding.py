"""The part of a parameter that this process holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.distributed.tensor import DTensor, Placement, Replicate, Shard, distribute_tensor

from maskdb.errors import MaskMismatchError


@dataclass(frozen=True)
class Piece:
    """A block of a tensor.

    Attributes:
        slices: where it stands in the whole tensor, one slice a dimension.
    """

    slices: tuple[slice, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """The block's shape."""
        return tuple(part.stop - part.start for part in self.slices)


def local(tensor: Tensor) -> Tensor:
    """The memory of this process's part: a view, not a copy."""
    part = tensor.detach()
    return part.to_local() if isinstance(part, DTensor) else part


def is_sharded(tensor: Tensor) -> bool:
    """Whether a tensor is spread over processes, be it in copies."""
    return isinstance(tensor, DTensor)


def piece_of(tensor: Tensor) -> Piece | None:
    """The block of `tensor` that this process holds; None where its placement is an unusual one."""
    slices = [slice(0, size) for size in tensor.shape]
    if not isinstance(tensor, DTensor):
        return Piece(tuple(slices))
    if not _is_usual(tensor.placements):
        return None
    for dimension, placement in enumerate(tensor.placements):
        if isinstance(placement, Shard):
            size = tensor.device_mesh.size(dimension)
            rank = tensor.device_mesh.get_local_rank(dimension)
            slices[placement.dim] = _chunk(tensor.shape[placement.dim], size, rank)
    return Piece(tuple(slices))


def bits_of(
    tensor: Tensor, shape: Sequence[int], read: Callable[[tuple[slice, ...]], np.ndarray]
) -> Tensor:
    """This process's part of something of the whole parameter's shape, on its device.

    Only the rows of the part are read where the placement is a usual one (FSDP2, HSDP, plain
    tensor parallelism); else all are, and distributed as the parameter is.
    """
    piece = piece_of(tensor)
    device = local(tensor).device
    if piece is not None:
        part = _tensor(read(piece.slices)).to(device)
    else:
        assert isinstance(tensor, DTensor)
        whole = _tensor(read(tuple(slice(0, size) for size in shape)))
        spread = distribute_tensor(
            whole.to(device),
            tensor.device_mesh,
            tensor.placements,
            src_data_rank=None,
        )
        part = spread.to_local()
    if part.shape != local(tensor).shape:
        raise MaskMismatchError(
            f"a part of shape {list(local(tensor).shape)} was expected to be {list(part.shape)} "
            f"under the placements {getattr(tensor, 'placements', ())}"
        )
    return part


def _tensor(array: np.ndarray) -> Tensor:
    """An array as a tensor, which wants memory that may be written."""
    return torch.from_numpy(np.require(array, requirements=["C", "W"]))


def _is_usual(placements: Sequence[Placement]) -> bool:
    """Whether every dimension is cut at most once, into even chunks."""
    if not all(type(placement) in (Shard, Replicate) for placement in placements):
        return False
    cut = [placement.dim for placement in placements if isinstance(placement, Shard)]
    return len(cut) == len(set(cut))


def _chunk(length: int, parts: int, rank: int) -> slice:
    """The rank's part of a dimension, as `torch.chunk` cuts it."""
    size = -(-length // parts)
    start = min(length, rank * size)
    return slice(start, min(length, start + size))


def counts(tensor: Tensor) -> bool:
    """Whether this process is the first of those that hold copies of its part."""
    return not isinstance(tensor, DTensor) or all(
        isinstance(placement, Shard) or tensor.device_mesh.get_local_rank(dimension) == 0
        for dimension, placement in enumerate(tensor.placements)
    )
