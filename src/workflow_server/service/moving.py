"""Moving items between projects."""

from __future__ import annotations

import sqlite3

from bridge.agreed.errors import TandemError
from workflow_server.items import moving
from workflow_server.items.rows import load
from workflow_server.items.whole import whole
from workflow_server.records import Call, UpdateAnswer
from workflow_server.service.base import ServiceBase, writable


class Moving(ServiceBase):
    """The ``to_project`` part of ``update_work_item``."""

    async def _move(
        self, call: Call, ids: list[str], to_project: str, token: str | None, answer: UpdateAnswer
    ) -> UpdateAnswer:
        """Move ``ids`` with their descendants after ``answer`` was made; the answer then speaks of the
        new place.
        """
        source, store = await self._open(call)
        row = await self._projects.required(to_project)
        if row.slug == source.slug:
            raise TandemError(
                "same_project",
                f"The items are in project '{row.name}' already.",
                "Name another in `to_project`.",
            )
        target = await self._projects.store(row.slug)
        now = self._now()
        parcel = await store.read(lambda connection: moving.pack(connection, ids, token, call.actor, now))
        await store.read(writable)

        def receive(connection: sqlite3.Connection) -> tuple[str | None, list[str]]:
            writable(connection)
            return moving.unpack(connection, parcel, source.name, call.actor, now)

        answer["event"], told = await target.write(receive)
        ready = await store.write(
            lambda connection: moving.bury(connection, parcel, row.name, call.actor, now)
        )
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
