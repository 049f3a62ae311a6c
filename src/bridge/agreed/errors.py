"""The typed error of both servers.

Services raise it with values in it; doors translate it: MCP into a result with
``isError``, HTTP into a status with `TandemError.body`, the command line into a
line on stderr and an exit code.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, Final


class TandemError(Exception):
    """A failure that was foreseen, told to whoever called.

    ``code`` is a stable word for programs (``chunk_not_found``), ``message`` says
    what happened and with which value, ``hint`` what to do next and which choices
    are valid. ``details`` goes into JSON answers beside them and must be
    JSON-ready.
    """

    code: str
    message: str
    hint: str
    details: dict[str, Any]

    def __init__(self, code: str, message: str, hint: str = "", *, details: Mapping[str, Any] | None = None):
        message = _readable(message)
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = _readable(hint)
        self.details = dict(details or {})

    @property
    def text(self) -> str:
        """Message and hint as one paragraph, for a reader."""
        stop = "." if self.hint and self.message[-1:].isalnum() else ""
        return f"{self.message}{stop} {self.hint}".strip()

    @property
    def section(self) -> str:
        """Where the documentation tells of this code: its section of the troubleshooting page."""
        return section_of(self.code)

    @property
    def body(self) -> dict[str, Any]:
        """The JSON body of an HTTP error answer: ``{"error", "message", "hint", "see", ...details}``."""
        told = {"error": self.code, "message": self.message, "hint": self.hint, "see": self.section}
        return {**told, **self.details}

    def __str__(self) -> str:
        return self.text


_LONGEST: Final = 2_000
"""Characters of a message that anybody reads; a value in it may have any length."""


def _readable(text: str) -> str:
    """`text`, the middle left out of one that is too long: what is said stands at both ends."""
    if len(text) <= _LONGEST:
        return text
    half = _LONGEST // 2
    return f"{text[:half]}… ({len(text) - 2 * half:,} characters) …{text[-half:]}"


def section_of(key: str) -> str:
    """Where the documentation tells of an error code, or of another section of the troubleshooting page."""
    return f"docs/troubleshooting.md#{key}"


def how_to_read(program: str, key: str) -> str:
    """The command that shows this section where there is no checkout of the documentation."""
    return f"{program} doctor --explain {key}"


_SAME = {
    "done": "completed",
    "finished": "completed",
    "closed": "completed",
    "resolved": "completed",
    "todo": "planned",
    "to_do": "planned",
    "open": "planned",
    "new": "planned",
    "backlog": "planned",
    "doing": "active",
    "started": "active",
    "in_progress": "active",
    "wip": "active",
    "waiting": "blocked",
    "on_hold": "blocked",
    "wontfix": "cancelled",
    "dropped": "cancelled",
    "delete": "archive",
    "remove": "archive",
    "stats": "statistics",
    "use": "select",
    "switch": "select",
}
"""Words of other trackers that look like none of ours and mean one of them."""


def did_you_mean(given: str, valid: Iterable[str]) -> str:
    """`` Did you mean `x`?`` with a leading space when one valid word is close to ``given``, else nothing."""
    folded = {word.casefold(): word for word in valid}
    if (same := _SAME.get(given.casefold().replace("-", "_"))) in folded:
        return f" Did you mean `{folded[same]}`?"
    close = difflib.get_close_matches(given.casefold(), folded, n=1, cutoff=0.6)
    return f" Did you mean `{folded[close[0]]}`?" if close else ""
