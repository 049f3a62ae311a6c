"""What every importer makes of a foreign tracker: one record an item, and a list of what did not fit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.agreed.errors import TandemError


class UnreadableFile(TandemError):  # noqa: N818 - named as the condition it tells
    """The file is not of the format it was given as; the message names the file, the place and the format."""

    def __init__(self, message: str, hint: str = "", code: str = "unreadable_file") -> None:
        super().__init__(
            code, f"{message}.", hint or "Name its format; `workflow-server import --help` lists them."
        )


@dataclass(frozen=True)
class ForeignItem:
    """One item of another tracker, in this one's words.

    `key` is its id there and unique within the file; `parent`, `blocked_by` and the targets of `links` are
    such keys. `evidence` says by what each criterion holds, `metadata` is an item's own where it was written
    here. `rest` keeps every field that has no place here, under its own name; it is stored with the
    item, so that nothing is lost silently. `place` says where in the file it stands, `row 3`; `status_word`
    what its status is called there.
    """

    key: str
    title: str
    description: str = ""
    item_type: str = "task"
    status: str = "planned"
    status_word: str = ""
    status_reason: str | None = None
    priority: int = 2
    parent: str | None = None
    blocked_by: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    labels: tuple[str, ...] = ()
    assignee: str | None = None
    criteria: tuple[tuple[str, bool], ...] = ()
    evidence: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    due: str | None = None
    defer_until: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    rest: Mapping[str, Any] = field(default_factory=dict)
    place: str = ""


@dataclass(frozen=True)
class ForeignFile:
    """All that was read: the items in an order of the file, and what was left out, each with its reason.

    `columns` are the names that fields have in the file, where those are others.
    """

    source: str
    items: tuple[ForeignItem, ...]
    left_out: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)


STATUS_WORDS: Mapping[str, str] = {
    "planned": "planned",
    "open": "planned",
    "todo": "planned",
    "to do": "planned",
    "backlog": "planned",
    "new": "planned",
    "pending": "planned",
    "draft": "planned",
    "deferred": "blocked",
    "someday": "blocked",
    "reopened": "planned",
    "active": "active",
    "in progress": "active",
    "doing": "active",
    "started": "active",
    "review": "active",
    "in review": "active",
    "hooked": "active",
    "blocked": "blocked",
    "pinned": "blocked",
    "on hold": "blocked",
    "waiting": "blocked",
    "done": "completed",
    "completed": "completed",
    "complete": "completed",
    "closed": "completed",
    "resolved": "completed",
    "fixed": "completed",
    "merged": "completed",
    "cancelled": "cancelled",
    "canceled": "cancelled",
    "won't do": "cancelled",
    "wontfix": "cancelled",
    "not planned": "cancelled",
    "duplicate": "cancelled",
    "rejected": "cancelled",
}
"""The words that trackers use for a status, lower case, with spaces for `_` and `-`."""

PRIORITY_WORDS: Mapping[str, int] = {
    "critical": 0,
    "urgent": 0,
    "highest": 0,
    "blocker": 0,
    "high": 1,
    "medium": 2,
    "normal": 2,
    "low": 3,
    "lowest": 4,
    "trivial": 4,
}


NOT_PLAIN = frozenset({
    "deferred", "someday", "pinned", "on hold", "waiting", "draft", "review", "in review", "hooked",
    "duplicate", "wontfix", "won't do", "not planned", "rejected",
})  # fmt: skip
"""Of these words those that say more than the status here: what became of them is told."""


def status_of(word: str | None, default: str = "planned", *, dated: bool = False) -> tuple[str, bool]:
    """The status a foreign word means, and whether the word is known. What is put off is nothing to start: it
    is blocked, or with ``dated``, where the file says until when, planned for that day.
    """
    if not word:
        return default, True
    known = STATUS_WORDS.get(_plain(word))
    if dated and known == "blocked" and _plain(word) == "deferred":
        known = "planned"
    return (known or default), known is not None


def says_more(item: ForeignItem) -> bool:
    """Whether the item's status is called something there that no status here says."""
    return _plain(item.status_word) in NOT_PLAIN and not (item.status == "planned" and item.defer_until)


def _plain(word: str) -> str:
    return word.strip().lower().replace("_", " ").replace("-", " ")


def priority_of(word: str | int | None) -> int:
    """0 to 4 from a word, `P1`, or a number; 2 when nothing is said or understood."""
    if isinstance(word, bool) or word is None:
        return 2
    if isinstance(word, int):
        return min(max(word, 0), 4)
    plain = word.strip().lower()
    if plain in PRIORITY_WORDS:
        return PRIORITY_WORDS[plain]
    digits = plain.removeprefix("p")
    return min(max(int(digits), 0), 4) if digits.isdecimal() else 2


def joined(*parts: tuple[str, str | None]) -> str:
    """A Markdown description from a main text and headed sections; empty ones leave no heading."""
    told = []
    for heading, text in parts:
        if text and text.strip():
            told.append(f"## {heading}\n\n{text.strip()}" if heading else text.strip())
    return "\n\n".join(told)
