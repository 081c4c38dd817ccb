"""One parameter and the values that it has to keep."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.distributed.tensor import DTensor

from maskdb.errors import MaskMismatchError
from maskdb.packing import DenseBits, PackedBits
from maskdb.sharding import local

INTEGERS = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}


def as_integers(tensor: Tensor) -> Tensor:
    """The same memory as integers, for which equal means equal bits."""
    if tensor.dtype.is_complex:
        raise MaskMismatchError("complex parameters have no mask")
    return tensor.view(INTEGERS[tensor.element_size()])


class MaskedParameter:
    """A parameter with its mask, and a copy of the values of its frozen weights.

    Attributes:
        names: the model's names for it, without wrappers; several where it is tied.
        parameter: the parameter.
        frozen: the frozen weights that this process holds.
        trainable: the trainable ones.
    """

    def __init__(
        self,
        names: tuple[str, ...],
        parameter: nn.Parameter,
        trainable: Tensor,
        *,
        keep: bool,
        packed: bool,
        device: torch.device | None,
    ) -> None:
        """Remember a parameter.

        Args:
            names: the model's names for it.
            parameter: the parameter.
            trainable: bools of the shape of this process's part, on its device.
            keep: whether the frozen values are copied.
            packed: whether the mask is held at one bit a weight.
            device: where the copies are held; None for the parameter's own.
        """
        self.names = names
        self.parameter = parameter
        self.trainable = int(trainable.count_nonzero())
        self.frozen = trainable.numel() - self.trainable
        self._bits = PackedBits(trainable) if packed else DenseBits(trainable)
        self._kept: Tensor | None = None
        if keep and self.frozen:
            values = as_integers(local(parameter))[~trainable]
            self._kept = values if device is None else values.to(device)
        self._dtype = parameter.dtype

    @property
    def name(self) -> str:
        """Its first name."""
        return self.names[0]

    @property
    def mask(self) -> Tensor:
        """True where this process's part is trainable."""
        return self._bits.dense()

    @property
    def bytes(self) -> int:
        """The memory that the mask and the kept values take."""
        bits = self.trainable + self.frozen
        mask = -(-bits // 8) if isinstance(self._bits, PackedBits) else bits
        return mask + (0 if self._kept is None else self._kept.nbytes)

    def masked(self, gradient: Tensor) -> Tensor:
        """A gradient that is 0 where the weight is frozen, also where it was NaN."""
        self._check_dense(gradient)
        return torch.where(self.mask, gradient, gradient.new_zeros(()))

    def mask_accumulated(self) -> None:
        """Put 0 into the parameter's gradient where the weight is frozen."""
        gradient = self.parameter.grad
        if gradient is None:
            return
        self._check_dense(gradient)
        part = gradient.to_local() if isinstance(gradient, DTensor) else gradient
        if part.shape != local(self.parameter).shape:
            raise MaskMismatchError("a gradient is sharded unlike its parameter", [self.name])
        with torch.no_grad():
            part.masked_fill_(~self.mask, 0)

    def restore(self) -> None:
        """Write the kept values back, bit by bit."""
        if self._kept is None:
            return
        values = self._current()
        values.masked_scatter_(~self.mask, self._kept.to(values.device))

    def changed(self, reference: Tensor | None = None) -> int:
        """The frozen weights that differ in a bit from the kept values, or from a reference.

        Args:
            reference: values of this process's part, in the parameter's dtype.
        """
        if not self.frozen:
            return 0
        now = self.frozen_bits()
        before = self._kept if reference is None else as_integers(reference)[~self.mask]
        if before is None:
            raise MaskMismatchError("nothing was kept to compare with: pass base", [self.name])
        return int(now.ne(before.to(now.device)).count_nonzero())

    def frozen_bits(self) -> Tensor:
        """The frozen weights' values now, in the order of positions, as integers."""
        return self._current()[~self.mask]

    def _check_dense(self, gradient: Tensor) -> None:
        if gradient.layout != torch.strided:
            raise MaskMismatchError("use sparse=False in the module of", [self.name])

    def _current(self) -> Tensor:
        if self.parameter.dtype != self._dtype:
            raise MaskMismatchError(
                f"was {self._dtype} when masked training began and is {self.parameter.dtype}: "
                "close() before the model is cast",
                [self.name],
            )
        return as_integers(local(self.parameter))
