"""What a request waited for: noted where it waits, told in the log line of a request that was slow."""

from __future__ import annotations

import contextvars
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Returned = TypeVar("Returned")

_LEAST_SECONDS = 0.05
"""Waits below this are not worth a word."""

current: contextvars.ContextVar[Counter[str] | None] = contextvars.ContextVar("waits", default=None)
"""Seconds by cause of the request at hand; None outside of one."""


def note(cause: str, seconds: float) -> None:
    """Add to what the request at hand has waited for `cause`, in seconds."""
    waits = current.get()
    if waits is not None:
        waits[cause] += seconds  # type: ignore[assignment]  # a Counter adds floats as well


@contextmanager
def during(cause: str) -> Iterator[None]:
    """Note how long the block takes as waited for `cause`, but for what is noted within it."""
    waits = current.get()
    if waits is None:
        yield
        return
    begun, before = time.perf_counter(), waits.total()
    try:
        yield
    finally:
        note(cause, max(0.0, time.perf_counter() - begun - (waits.total() - before)))


def until_begun(cause: str, call: Callable[[], Returned]) -> Callable[[], Returned]:
    """`call`, which notes what passes from now until it begins as waited for `cause`."""
    asked = time.perf_counter()

    def begun() -> Returned:
        note(cause, time.perf_counter() - asked)
        return call()

    return begun


def told(waits: Counter[str]) -> str:
    """``, of which 1.2 s for the write lock of p.sqlite3``; empty when nothing was waited for."""
    long = [(cause, seconds) for cause, seconds in waits.most_common() if seconds >= _LEAST_SECONDS]
    parts = [f"{seconds:.1f} s for {cause}" for cause, seconds in long]
    return f", of which {', '.join(parts)}" if parts else ""
