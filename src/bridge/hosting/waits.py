"""What a request waited for: noted where it waits, told in the log line of a request that was slow."""

from __future__ import annotations

import contextvars
from collections import Counter

_LEAST_SECONDS = 0.05
"""Waits below this are not worth a word."""

current: contextvars.ContextVar[Counter[str] | None] = contextvars.ContextVar("waits", default=None)
"""Seconds by cause of the request at hand; None outside of one."""


def note(cause: str, seconds: float) -> None:
    """Add to what the request at hand has waited for `cause`, in seconds."""
    waits = current.get()
    if waits is not None:
        waits[cause] += seconds  # type: ignore[assignment]  # a Counter adds floats as well


def told(waits: Counter[str]) -> str:
    """``, of which 1.2 s for the write lock of p.sqlite3``; empty when nothing was waited for."""
    long = [(cause, seconds) for cause, seconds in waits.most_common() if seconds >= _LEAST_SECONDS]
    parts = [f"{seconds:.1f} s for {cause}" for cause, seconds in long]
    return f", of which {', '.join(parts)}" if parts else ""
