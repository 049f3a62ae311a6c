"""Dates as trackers' tables write them, as the service takes them.

Only what can be read in one way is read: a month as a word, or a year first. `01/02/2025` is the first of
February here and the second of January there.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from bridge.agreed.errors import TandemError
from workflow_server.items.checks import moment

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME: Final = r"(?:,?\s+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2})?\s*(?P<half>[AaPp][Mm])?)?"
_FORMS: Final = tuple(
    re.compile(form + _TIME)
    for form in (
        r"(?P<day>\d{1,2})[/ .-](?P<month>[A-Za-z]{3,9})\.?[/ .,-]+(?P<year>\d{4}|\d{2})",
        r"(?P<month>[A-Za-z]{3,9})\.?\s+(?P<day>\d{1,2}),?\s+(?P<year>\d{4})",
        r"(?P<year>\d{4})[/.](?P<month>\d{1,2})[/.](?P<day>\d{1,2})",
    )
)
"""`31/Jan/25 12:00 AM` (Jira), `31 January 2025`, `Jan 31, 2025`, `2025/01/31`."""


def read_date(text: str) -> str | None:
    """A day, or a time in UTC; None for what is no date, or could be two. Midnight is the day as such: it is
    what trackers write for a day without a time.
    """
    try:
        return str(moment("date", text))
    except TandemError:
        pass
    for form in _FORMS:
        if found := form.fullmatch(text.strip()):
            return _stamp(found)
    return None


def _stamp(found: re.Match[str]) -> str | None:
    name = found["month"]
    month = int(name) if name.isdecimal() else _month(name)
    year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
    hour, minute = int(found["hour"] or 0), int(found["minute"] or 0)
    if found["half"]:
        hour = hour % 12 + (12 if found["half"].lower() == "pm" else 0)
    try:
        when = datetime(year, month, int(found["day"]), hour, minute, tzinfo=UTC)
    except ValueError:
        return None
    return str(moment("date", f"{when:%Y-%m-%d}" if not hour + minute else when.isoformat()))


def _month(name: str) -> int:
    """1 to 12, or 0 for a word that is no month's."""
    short = name[:3].lower()
    return _MONTHS.index(short) + 1 if short in _MONTHS else 0
