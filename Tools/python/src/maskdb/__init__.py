"""maskdb from Python: exported masks, masked training, and catalogs.

`load` and `open_catalog` need numpy alone; `MaskedTraining` needs torch and `MaskCallback` needs
transformers, which are imported when they are asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from maskdb.catalog import Catalog, open_catalog
from maskdb.errors import (
    CatalogError,
    FrozenWeightsMovedError,
    MaskdbError,
    MaskFileError,
    MaskMismatchError,
)
from maskdb.experts import fused_experts
from maskdb.extras import needed
from maskdb.loading import load
from maskdb.mask import Mask, Polarity, TensorMask, from_arrays

if TYPE_CHECKING:
    from maskdb.callback import MaskCallback
    from maskdb.training import MaskedTraining

__version__ = "0.1.0"
__all__ = [
    "Catalog",
    "CatalogError",
    "FrozenWeightsMovedError",
    "Mask",
    "MaskCallback",
    "MaskFileError",
    "MaskMismatchError",
    "MaskdbError",
    "MaskedTraining",
    "Polarity",
    "TensorMask",
    "from_arrays",
    "fused_experts",
    "load",
    "open_catalog",
]
_LAZY = {"MaskedTraining": ("training", "torch"), "MaskCallback": ("callback", "transformers")}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, library = _LAZY[name]
    needed(library)
    return getattr(importlib.import_module(f"{__name__}.{module}"), name)
