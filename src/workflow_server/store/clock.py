"""Times as this server writes them: RFC 3339, UTC, milliseconds, ``Z``; they sort as text."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

Clock = Callable[[], datetime]

_AGO: Final = re.compile(r"(\d{1,5})\s*(m|min|h|d|w)(?:\s+ago)?", re.IGNORECASE)
_MINUTES: Final = {"m": 1, "min": 1, "h": 60, "d": 24 * 60, "w": 7 * 24 * 60}
_DAYS: Final = {"today": 0, "yesterday": 1}


def system_clock() -> datetime:
    """The time of this machine, with its zone."""
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


def past(text: str, now: str) -> str:
    """The stamp of a moment as people name one: `today` and `yesterday` (its first instant where this machine
    is), `90m`, `2h`, `3d`, `1w` before ``now``, or what `parse` takes. Raises ``ValueError``.
    """
    word = text.strip().casefold()
    moment = parse(now)
    if word in _DAYS:
        day = moment.astimezone().date() - timedelta(days=_DAYS[word])
        return stamp(datetime(day.year, day.month, day.day).astimezone())
    if ago := _AGO.fullmatch(word):
        return stamp(moment - timedelta(minutes=int(ago[1]) * _MINUTES[ago[2]]))
    return stamp(parse(text.strip().upper()))
