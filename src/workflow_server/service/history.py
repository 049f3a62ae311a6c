"""Reading what happened, in one item or in the project."""

from __future__ import annotations

import sqlite3

from workflow_server.history import events
from workflow_server.history.since import cursor_or_moment
from workflow_server.items.checks import invalid, shown
from workflow_server.items.written import existing
from workflow_server.records import Call, Event, HistoryAnswer, NewestHistoryAnswer
from workflow_server.service.base import ServiceBase


class History(ServiceBase):
    """The history, forwards and backwards, and where it ends."""

    async def history(
        self,
        call: Call,
        *,
        id: str | None = None,  # noqa: A002
        since: int | str | None = None,
        actor: str | None = None,
        limit: int = 100,
    ) -> HistoryAnswer:
        """Events of an item or, without ``id``, of the project, oldest first: the newest ``limit``, or with
        ``since``, a cursor or a moment (see `clock.past`), the first after it. ``actor``: only what they did.
        """
        if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= 1_000:
            raise invalid("limit", f"is {shown(limit)}.", "It must be a whole number from 1 to 1000.")
        after, at = cursor_or_moment(since, self._now())
        chosen = events.Chosen(actor or None, at)
        project, store = await self._open(call)

        def work(connection: sqlite3.Connection) -> tuple[list[Event], int, int]:
            if id is not None:
                existing(connection, [id], deleted=True)
            total = events.count(connection, id, chosen)
            if since is None:
                newest = events.newest_of_project(connection, before=None, limit=limit, chosen=chosen)[0]
                found = newest if id is None else events.latest_of_item(connection, id, limit, chosen)
            elif id is None:
                return *events.of_project(connection, since=after, limit=limit, chosen=chosen), total
            else:
                found = events.of_item(connection, id, since=after, limit=limit, chosen=chosen)
            return found, found[-1]["seq"] if found else after, total

        found, cursor, total = await store.read(work)
        return {
            "project": project.name,
            "warnings": [*project.told],
            "events": found,
            "next_cursor": cursor,
            "total_count": total,
        }

    async def newest_history(
        self, call: Call, *, before: int = 0, actor: str | None = None, limit: int = 100
    ) -> NewestHistoryAnswer:
        """The newest events of the project, or those before ``before``; for reading backwards."""
        chosen = events.Chosen(actor or None)
        project, store = await self._open(call)

        def work(connection: sqlite3.Connection) -> tuple[list[Event], int]:
            return events.newest_of_project(connection, before=before or None, limit=limit, chosen=chosen)

        found, older = await store.read(work)
        return {"project": project.name, "warnings": [*project.told], "events": found, "older": older}

    async def head(self, call: Call) -> int:
        """``seq`` of the newest event of the project, 0 when empty; a cheap poll for live views."""
        _, store = await self._open(call)
        return await store.read(events.head)
