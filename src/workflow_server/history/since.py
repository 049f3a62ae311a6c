"""From where on a history is read: a number that an earlier answer gave, or a moment as people name one."""

from __future__ import annotations

from typing import Any

from workflow_server.items.checks import invalid, shown
from workflow_server.store import clock

_MOMENTS = "today, yesterday, 2h, 3d, 1w, a day (2026-01-31) or a time (2026-01-31T09:00Z)"


def cursor_or_moment(since: Any, now: str) -> tuple[int, str | None]:
    """The number behind which events are read, and the time from which on; ``None``: any time.

    Raises ``invalid_arguments`` that names the forms.
    """
    if since is None:
        return 0, None
    if isinstance(since, int) and not isinstance(since, bool) and since >= 0:
        return since, None
    if isinstance(since, str):
        return 0, moment("since", since, now, ", or `next_cursor` of an answer")
    raise _unknown("since", since, ", or `next_cursor` of an answer")


def moment(field: str, value: str, now: str, others: str = "") -> str:
    """The stamp of a moment that a person or an agent named; ``others`` ends the forms that a refusal names.

    Raises ``invalid_arguments``.
    """
    try:
        return clock.past(value, now)
    except (ValueError, OverflowError):
        raise _unknown(field, value, others) from None


def _unknown(field: str, value: Any, others: str) -> Exception:
    return invalid(field, f"is {shown(value)}, which names no moment.", f"Give {_MOMENTS}{others}.")
