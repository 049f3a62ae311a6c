"""The troubleshooting page, which every installation carries: beside this module, or in its sources."""

from __future__ import annotations

from pathlib import Path

_NAME = "troubleshooting.md"


def troubleshooting() -> str:
    """The page as Markdown; its sections are what `section_of` names. Raises `FileNotFoundError`."""
    here = Path(__file__).resolve()
    carried = here.with_name(_NAME)
    return (carried if carried.exists() else here.parents[3] / "docs" / _NAME).read_text("utf-8")
