"""When an item is overdue: the one rule, as a function and as SQL.

A day that was given as one is over when the next begins (UTC); a time is over when it has come.
"""

from __future__ import annotations

from typing import Final

OVERDUE: Final = "item.due < CASE WHEN length(item.due) > 10 THEN ? ELSE ? END"
"""True of items whose time is over, closed ones too; parameters: `bounds`."""


def bounds(now: str) -> tuple[str, str]:
    """What a time, and what a day, must come before to be over at the stamp ``now``."""
    return now, now[:10]


def is_over(due: str | None, now: str) -> bool:
    """Whether a due time, or day, is over."""
    time, day = bounds(now)
    return due is not None and due < (time if len(due) > len(day) else day)
