"""Libraries that only some of the package needs."""

from __future__ import annotations

import importlib
from typing import Any

from maskdb.errors import MaskdbError


def needed(module: str) -> Any:
    """A library, or a sentence that says how to get it."""
    try:
        return importlib.import_module(module)
    except ImportError:
        raise MaskdbError(
            f"this needs {module}, which is not installed: pip install {module}"
        ) from None
