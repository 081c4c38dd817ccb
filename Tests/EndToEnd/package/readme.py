"""The code that the package's README shows."""

from __future__ import annotations

from command import REPOSITORY


def documented(section: str) -> str:
    """The Python of a section of the package's README."""
    text = (REPOSITORY / "Tools" / "python" / "README.md").read_text()
    return text.split(f"## {section}\n")[1].split("```python\n")[1].split("```")[0]
