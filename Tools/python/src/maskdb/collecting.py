"""Sums over the processes that share sharded parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
import torch.distributed
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.tensor import DTensor

from maskdb.frozen import MaskedParameter
from maskdb.sharding import counts, local


def together(parameters: Sequence[MaskedParameter], values: Mapping[str, int]) -> dict[str, int]:
    """A value of every parameter, summed over the processes that hold parts of it.

    Every process of a parameter's mesh has to call this. A part that several hold counts once.
    Values are taken modulo 2^64, as signed integers.
    """
    found = {p.name: values[p.name] for p in parameters}
    meshes: dict[DeviceMesh, list[MaskedParameter]] = {}
    for parameter in parameters:
        if isinstance(parameter.parameter, DTensor):
            meshes.setdefault(parameter.parameter.device_mesh, []).append(parameter)
    for mesh, group in meshes.items():
        device = local(group[0].parameter).device
        mine = [values[p.name] if counts(p.parameter) else 0 for p in group]
        sums = torch.tensor(mine, dtype=torch.int64, device=device)
        for dimension in range(mesh.ndim):
            torch.distributed.all_reduce(sums, group=mesh.get_group(dimension))
        found |= {p.name: int(value) for p, value in zip(group, sums.tolist(), strict=True)}
    return found
