"""Item types."""

from __future__ import annotations

import sqlite3

from workflow_server.items.checks import boolean, metadata, optional, text
from workflow_server.records import Call, ItemType, Json, TypeAnswer
from workflow_server.service.base import ServiceBase, writable
from workflow_server.types import defining


class Defining(ServiceBase):
    """``define_item_type`` and the list of types."""

    async def define_item_type(
        self,
        call: Call,
        name: str,
        *,
        schema: Json | None = None,
        description: str | None = None,
        allow_breaking: bool = False,
        defaults: Json | None = None,
    ) -> TypeAnswer:
        """Define a type or change it. Raises ``breaking_change`` with the items it would break."""
        wanted = defining.checked_name(name)
        told = optional(text(2_000))("description", description)
        boolean("allow_breaking", allow_breaking)
        filled = optional(metadata)("defaults", defaults)
        project, store = await self._open(call, make=True)
        now = self._now()

        def work(connection: sqlite3.Connection) -> tuple[defining.Defined, int]:
            writable(connection)
            done = defining.define(
                connection,
                wanted,
                schema,
                told,
                call.actor,
                now,
                allow_breaking=allow_breaking,
                defaults=filled,
            )
            items = connection.execute(
                "SELECT count(*) FROM item WHERE item_type = ? AND deleted_at IS NULL", (wanted,)
            ).fetchone()[0]
            return done, items

        done, items = await store.write(work)
        return {
            "project": project.name,
            "warnings": [*project.told, *done.warnings],
            "item_type": defining.shown_type(done.definition, items),
            "breaking": done.breaking,
            "migrated": done.migrated,
            "event": done.event,
        }

    async def item_types(self, call: Call) -> list[ItemType]:
        """All types of the project, built-in ones first."""
        _, store = await self._open(call)
        return await store.read(defining.listed)
