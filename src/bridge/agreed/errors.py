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


_SAME: Final = {
    word: tuple(meant.split())
    for words, meant in (
        ("done finished closed resolved", "completed"),
        ("todo to_do open new backlog", "planned"),
        ("doing started in_progress wip", "active"),
        ("waiting on_hold", "blocked"),
        ("wontfix dropped", "cancelled"),
        ("delete remove", "archive"),
        ("stats", "statistics"),
        ("use switch", "select"),
        ("mine held claims my_claims", "claimed"),
        ("tag tags label labels", "labels label"),
        ("add_tags", "add_labels"),
        ("remove_tags", "remove_labels"),
        ("lease lease_seconds lease_time ttl", "lease_minutes"),
        ("item_id work_item_id task_id item_ids work_item_ids work_item", "id ids"),
        ("claimed_by holder held_by claimed", "view"),
        ("depends_on dependencies depends blockers waits_for", "blocked_by"),
        ("query search q keyword keywords words", "text query name"),
        ("criteria acceptance", "acceptance_criteria"),
        ("references refs code code_references", "entity_references reference"),
        ("name summary subject", "title name"),
        ("body details", "description"),
        ("type kind", "item_type kind symbol_kind"),
        ("symbol symbol_name identifier function class", "name symbol"),
        ("file files file_path filepath filename glob", "path paths"),
        ("repo repository workspace", "root repository"),
        ("parent", "parent_id"),
        ("token", "claim_token"),
        ("reason", "override_reason status_reason"),
        ("comment notes", "note"),
        ("deadline due_date", "due"),
        ("order order_by sort_by", "sort"),
        ("max max_results page_size count top_k", "limit"),
        ("page offset", "cursor"),
        ("version", "expected_version"),
        ("owner", "assignee"),
    )
    for word in words.split()
}
"""Words of other trackers and tools that look like none of ours and mean one of them, the likeliest first."""


def did_you_mean(given: str, valid: Iterable[str]) -> str:
    """`` Did you mean `x`?`` with a leading space when one valid word is close to ``given``, else nothing."""
    folded = {word.casefold(): word for word in valid}
    plain = given.casefold().replace("-", "_").replace(" ", "_")
    for same in _SAME.get(plain, ()):
        if same in folded and same != plain:
            return f" Did you mean `{folded[same]}`?"
    close = difflib.get_close_matches(given.casefold(), folded, n=1, cutoff=0.6)
    return f" Did you mean `{folded[close[0]]}`?" if close else ""
