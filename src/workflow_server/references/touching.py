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
    """A commit: its full hash, its message, and what it changed as a unified diff."""

    hash: str
    message: str
    diff: str = ""


@dataclass(slots=True)
class _Met:
    """An item and how the change met it."""

    id: str
    title: str
    status: str
    touches: list[str] = field(default_factory=list)
    commits: list[str] = field(default_factory=list)
    named_by: list[str] = field(default_factory=list)


async def items_met(diff: str, commits: Sequence[Commit], find: Find, get: Get) -> Json:
    """The items that a diff and its commits are about, with proposals.

    A commit is linked to an item that its trailer names or whose code it touches. A touch says that work has
    begun; only a trailer can say that it is done.

    ``{"items": [{id, title, status, touches[], commits[], named_by[], proposals[]}], "unknown": [ids]}``;
    ``named_by`` are those of the commits whose trailers name the item, proposals are arguments of
    ``update_work_item``.
    """
    met: dict[str, _Met] = {}
    unknown: list[str] = []

    def note(row: Any) -> _Met:
        return met.setdefault(row["id"], _Met(row["id"], row["title"], row["status"]))

    async def touches(changed: str) -> list[_Met]:
        met_here: dict[str, _Met] = {}
        for place in touched(changed):
            for row in await find(_reference(place)):
                one = met_here[row["id"]] = note(row)
                if _reference(place) not in one.touches:
                    one.touches.append(_reference(place))
        return list(met_here.values())

    await touches(diff)
    for commit in commits:
        for one in await touches(commit.diff):
            one.commits.append(commit.hash)
        for identifier in trailers(commit.message):
            row = await get(identifier)
            if row is None:
                unknown.append(identifier)
            else:
                one = note(row)
                one.named_by.append(commit.hash)
                if commit.hash not in one.commits:
                    one.commits.append(commit.hash)
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
    elif one.status == "active" and one.named_by:
        proposals.append({"ids": [one.id], "status": "completed"})
    return {
        "id": one.id,
        "title": one.title,
        "status": one.status,
        "touches": one.touches,
        "commits": one.commits,
        "named_by": one.named_by,
        "proposals": proposals,
    }
