"""Which work a change of code is about: by the lines it touches, and by the trailers of its commits.

What follows from it is proposed, never done.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from workflow_server.references.commits import Touched, touched, trailers

Json = dict[str, Any]
Find: TypeAlias = Callable[[str], Awaitable[Sequence[Any]]]
"""Open items about a reference, as rows with ``id``, ``title`` and ``status``."""
Get: TypeAlias = Callable[[str], Awaitable[Any | None]]
"""One item by its id, or None when there is none."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit: its full hash and its message."""

    hash: str
    message: str


@dataclass(slots=True)
class _Met:
    """An item and how the change met it."""

    id: str
    title: str
    status: str
    touches: list[str] = field(default_factory=list)
    commits: list[str] = field(default_factory=list)


async def items_met(diff: str, commits: Sequence[Commit], find: Find, get: Get) -> Json:
    """The items that a diff and its commits are about, with proposals.

    ``{"items": [{id, title, status, touches[], commits[], proposals[]}], "unknown": [ids]}``;
    proposals are arguments of ``update_work_item``.
    """
    met: dict[str, _Met] = {}
    unknown: list[str] = []

    def note(row: Any) -> _Met:
        return met.setdefault(row["id"], _Met(row["id"], row["title"], row["status"]))

    for place in touched(diff):
        for row in await find(_reference(place)):
            note(row).touches.append(_reference(place))
    for commit in commits:
        for identifier in trailers(commit.message):
            row = await get(identifier)
            if row is None:
                unknown.append(identifier)
            else:
                note(row).commits.append(commit.hash)
    return {
        "items": [_told(one) for one in met.values()],
        "unknown": list(dict.fromkeys(unknown)),
        "warnings": [
            f"Commits name {one}, which is no item of this project." for one in dict.fromkeys(unknown)
        ],
    }


def _reference(place: Touched) -> str:
    if not place.start_line:
        return place.path
    return f"{place.path}:{place.start_line}-{place.end_line}"


def _told(one: _Met) -> Json:
    proposals: list[Json] = []
    if one.commits:
        links = [{"ref": commit, "role": "introduced-by"} for commit in one.commits]
        proposals.append({"ids": [one.id], "add_entity_references": links})
        if one.status == "planned":
            proposals.append({"ids": [one.id], "status": "active"})
        elif one.status == "active":
            proposals.append({"ids": [one.id], "status": "completed"})
    return {
        "id": one.id,
        "title": one.title,
        "status": one.status,
        "touches": one.touches,
        "commits": one.commits,
        "proposals": proposals,
    }
