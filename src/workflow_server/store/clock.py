"""Times as this server writes them: RFC 3339, UTC, milliseconds, ``Z``; they sort as text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, with its zone."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """``2026-01-31T09:00:00.000Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse(text: str) -> datetime:
    """The moment a stamp, an RFC 3339 time or a day (its first instant, UTC) stands for. Raises
    ``ValueError``.
    """
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def later(now: str, minutes: float) -> str:
    """The stamp ``minutes`` after ``now``."""
    return stamp(parse(now) + timedelta(minutes=minutes))
