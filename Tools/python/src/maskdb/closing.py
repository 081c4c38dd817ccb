"""What is closed at the end of a `with`."""

from __future__ import annotations

from typing import Self


class Closing:
    """Something that a `with` closes."""

    def close(self) -> None:
        """Let go of what is held; doing it twice does nothing."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
