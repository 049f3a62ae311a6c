"""What every importer makes of a foreign tracker: one record an item, and a list of what did not fit."""

import re
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


_SAME: Mapping[str, str] = {
    "planned": "planned; open; todo; to do; backlog; new; pending; reopened; not started; unstarted",
    "active": "active; in progress; doing; started; wip; work in progress; in development",
    "blocked": "blocked",
    "completed": "done; completed; complete; closed; resolved; fixed; merged; finished",
    "cancelled": "cancelled; canceled",
}
_MORE: Mapping[str, str] = {
    "planned": "draft; triage; ready; ready for development; selected for development; up next; next; "
    "queued; scheduled; inbox",
    "active": "review; in review; under review; code review; in code review; ready for review; hooked; "
    "testing; in testing; ready for testing; ready for test; qa; in qa; ready for qa; uat; in uat; "
    "verification; ready for release; ready to deploy",
    "blocked": "deferred; someday; pinned; on hold; waiting; waiting for customer; waiting for support; "
    "waiting on customer; waiting for info; needs info; paused; suspended; stalled; icebox; parked; later",
    "completed": "released; shipped; verified; deployed; delivered; live; in production",
    "cancelled": "won't do; won't fix; wontfix; wont do; not planned; duplicate; rejected; declined; "
    "invalid; not a bug; works as designed; by design; obsolete; abandoned; archived; superseded; dropped; "
    "cannot reproduce; can't reproduce",
}


def _plain(word: str) -> str:
    """Its letters, lower case, with spaces for what is no letter, without apostrophes and pictures."""
    without = re.sub(r"['\u2018\u2019]", "", word.lower())
    return " ".join(re.findall(r"[^\W_]+", without))


def _by_word(table: Mapping[str, str]) -> dict[str, str]:
    return {_plain(word): status for status, words in table.items() for word in words.split(";")}


SAME_WORDS: Mapping[str, str] = _by_word(_SAME)
"""The words of trackers that say what a status here says."""
STATUS_WORDS: Mapping[str, str] = {**SAME_WORDS, **_by_word(_MORE)}
"""These, and those that say more than the status which they become: that is told."""

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
    """Whether the item's status is called something there that no status here says, or that nobody knows."""
    word = _plain(item.status_word)
    is_put_off = item.status == "planned" and bool(item.defer_until)
    return bool(word) and word not in SAME_WORDS and not is_put_off


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
