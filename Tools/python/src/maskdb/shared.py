"""What stands for something open, of which there is one."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn, Self

from maskdb.errors import MaskdbError


class Shared:
    """Something open that is only read: a copy of it is itself, and nothing is pickled."""

    path: Path

    def __copy__(self) -> Self:
        """Itself."""
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Itself."""
        return self

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        """Refuse to be pickled.

        Raises:
            MaskdbError: which says what to pickle instead.
        """
        raise MaskdbError(
            f"{self.path} is open here and is not pickled: pass on the path, and open it there"
        )
