"""Moving items between projects."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Never, TypeAlias

from bridge.agreed.errors import TandemError
from workflow_server.items import moving
from workflow_server.items.rows import load
from workflow_server.items.whole import whole
from workflow_server.projects import ProjectRow
from workflow_server.records import Actor, Call, UpdateAnswer
from workflow_server.service.base import ServiceBase, writable
from workflow_server.store import Store

_TRIES: Final = 5
"""Of moving items that others change in the same moment: each try takes some milliseconds."""


class _RehearsedError(Exception):
    """Ends a transaction that was only tried, so that it is rolled back."""


class Moving(ServiceBase):
    """The ``to_project`` part of ``update_work_item``."""

    async def _destination(self, call: Call, ids: Sequence[str], name: str, token: str | None) -> ProjectRow:
        """The project to move to, once it is sure that it takes items and that these may leave: asked before
        the rest of the call is done, so that a call does all or nothing.
        """
        source, store = await self._open(call)
        row = await self._projects.required(name)
        if row.slug == source.slug:
            raise TandemError(
                "same_project",
                f"The items are in project '{row.name}' already.",
                "Name another in `to_project`.",
            )
        now = self._now()
        await store.read(writable)
        target = await self._projects.store(row.slug)
        parcel = await store.read(lambda connection: moving.pack(connection, ids, token, call.actor, now))

        def try_on(connection: sqlite3.Connection) -> Never:
            writable(connection)
            moving.unpack(connection, parcel, source.name, call.actor, now)
            raise _RehearsedError

        with contextlib.suppress(_RehearsedError):
            await target.write(try_on)
        return row

    async def _move(
        self, call: Call, ids: list[str], row: ProjectRow, token: str | None, answer: UpdateAnswer
    ) -> UpdateAnswer:
        """Move ``ids`` with their descendants after ``answer`` was made; the answer then speaks of the
        new place.
        """
        source, store = await self._open(call)
        target = await self._projects.store(row.slug)
        road = _Road(call.actor, ids, token, source.name, store, row.name, target)
        parcel, answer["event"], told, ready = await _carry(road, self._now)
        now = self._now()
        answers = await target.read(lambda connection: whole(connection, load(connection, ids), now))
        moved = {one["id"]: one for one in answers}
        for item in answer["items"]:
            item["item"] = moved[item["id"]]
            item["version"] = item["item"]["version"]
            item["changed"] = [*item["changed"], "project"]
            item["warnings"] = [one for one in item["warnings"] if not one.startswith("Nothing changed")]
        answer["items"][0]["now_ready"] = [*answer["items"][0]["now_ready"], *ready]
        answer["warnings"] = [
            *(one for one in answer["warnings"] if not one.startswith("Nothing changed")),
            *parcel.warnings,
            *told,
            f"Moved from project {source.name} to {row.name}: {', '.join(parcel.ids[:20])}.",
        ]
        answer["project"] = row.name
        return answer


@dataclass(frozen=True, slots=True)
class _Road:
    """Who takes which items from where to where, by which claim's token."""

    actor: Actor
    ids: list[str]
    token: str | None
    home: str
    store: Store
    away: str
    target: Store


_Carried: TypeAlias = tuple[moving.Parcel, str | None, list[str], list[str]]
"""What went, the event at its new place, what to tell of ties there, and what became ready at the old one."""


async def _carry(road: _Road, clock: Callable[[], str]) -> _Carried:
    """Take the items there and away from here, two files and so two writes.

    What somebody changes here between them would be lost with what stays here: then the items are sent
    back, and taken anew as they are now.
    """
    for _ in range(_TRIES):
        carried = await _carry_once(road, clock())
        if carried is not None:
            return carried
    raise TandemError(
        "version_conflict",
        f"{', '.join(road.ids[:5])} was changed by others during each of {_TRIES} tries to move it.",
        "It is where it was. Try again in a moment.",
        details={"id": road.ids[0]},
    )


async def _carry_once(road: _Road, now: str) -> _Carried | None:
    parcel = await road.store.read(
        lambda connection: moving.pack(connection, road.ids, road.token, road.actor, now)
    )

    def receive(connection: sqlite3.Connection) -> tuple[str | None, list[str]]:
        writable(connection)
        return moving.unpack(connection, parcel, road.home, road.actor, now)

    def leave(connection: sqlite3.Connection) -> list[str] | None:
        if not moving.still_so(connection, parcel, road.ids):
            return None
        return moving.bury(connection, parcel, road.away, road.actor, now)

    event, told = await road.target.write(receive)
    ready = await road.store.write(leave)
    if ready is None:
        await road.target.write(
            lambda connection: moving.bury(connection, parcel, road.home, road.actor, now)
        )
        return None
    return parcel, event, told, ready
