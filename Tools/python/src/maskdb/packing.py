"""Masks of parameters as torch holds them, a byte or a bit a weight."""

from __future__ import annotations

import torch
from torch import Tensor

WEIGHTS = (1, 2, 4, 8, 16, 32, 64, 128)


class PackedBits:
    """Bools at one bit each.

    Reading them unpacks the whole tensor: 9 bytes a weight for as long as it takes.
    """

    def __init__(self, bits: Tensor) -> None:
        """Pack the bools of `bits`."""
        self._shape = bits.shape
        flat = bits.reshape(-1).to(torch.uint8)
        padded = torch.nn.functional.pad(flat, (0, -flat.numel() % 8)).reshape(-1, 8)
        weights = torch.tensor(WEIGHTS, dtype=torch.uint8, device=bits.device)
        self._bytes = (padded * weights).sum(1, dtype=torch.uint8)

    def dense(self) -> Tensor:
        """The bools again."""
        weights = torch.tensor(WEIGHTS, dtype=torch.uint8, device=self._bytes.device)
        flat = self._bytes.unsqueeze(1).bitwise_and(weights).ne(0).reshape(-1)
        return flat[: self._shape.numel()].reshape(self._shape)


class DenseBits:
    """Bools at one byte each."""

    def __init__(self, bits: Tensor) -> None:
        """Hold `bits`."""
        self._bits = bits

    def dense(self) -> Tensor:
        """The bools."""
        return self._bits
