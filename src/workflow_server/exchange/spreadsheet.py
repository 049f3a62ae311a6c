"""Cells that a spreadsheet would run as formulas: an apostrophe in front keeps it from that."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def guarded(text: str) -> str:
    """The cell's text as it is written. One that looks guarded already gets a second apostrophe, or reading
    it back would take the first.
    """
    return f"'{text}" if text.lstrip("'").startswith(_FORMULA) else text


def unguarded(cell: str) -> str:
    """The text of a cell that `guarded` wrote, or of any other."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA) else cell
