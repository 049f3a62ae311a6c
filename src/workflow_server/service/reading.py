"""Getting and listing items, and saying why one is not ready."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from workflow_server.dependencies.surroundings import verdicts
from workflow_server.find.filters import QUERY_CHECKS
from workflow_server.find.listing import page
from workflow_server.history.events import told_readers
from workflow_server.items.checks import invalid, list_of, one_of
from workflow_server.items.fields import checked
from workflow_server.items.model import Item
from workflow_server.items.progress import progress
from workflow_server.items.rows import load
from workflow_server.items.unknown import not_found
from workflow_server.items.whole import whole
from workflow_server.items.written import existing, moved_to
from workflow_server.records import (
    Call,
    Include,
    ItemQuery,
    ItemsAnswer,
    ListAnswer,
    Missing,
    WhyAnswer,
    WorkItem,
)
from workflow_server.service.base import MAX_IDS_READ, ServiceBase, checked_ids

INCLUDES = ("children", "history", "notes", "code")
_INCLUDES = list_of(one_of(INCLUDES))


class Reading(ServiceBase):
    """``get_work_item``, ``list_work_items`` and ``why_blocked``."""

    async def get_work_items(
        self, call: Call, ids: Sequence[str], *, include: Sequence[Include] = ()
    ) -> ItemsAnswer:
        """Items, whole, in the order asked; references checked. Fails only when none of the ids is known."""
        wanted = checked_ids(ids, MAX_IDS_READ)
        parts: tuple[Include, ...] = _INCLUDES("include", include)
        project, store = await self._open(call)
        now = self._now()

        def work(connection: sqlite3.Connection) -> tuple[dict[str, Item], list[WorkItem]]:
            found = load(connection, wanted)
            if not found:
                raise not_found(connection, wanted[0], told=project.told)
            items = {identifier: found[identifier] for identifier in wanted if identifier in found}
            answers = whole(connection, items, now, parts)
            below = progress(connection, items)
            over = told_readers(connection, items, call.actor)
            for answer in answers:
                item = items[answer["id"]]
                if item.id in below:
                    answer["progress"] = below[item.id]
                answer["warnings"] += over.get(item.id, [])
                if item.deleted_at is not None:
                    answer["warnings"].append(_gone(connection, item))
            return items, answers

        items, answers = await store.read(work)
        missing: list[Missing] = [
            {"id": one, "reason": f"not in project {project.name}"} for one in wanted if one not in items
        ]
        for answer in answers:
            answer["project"] = project.name
        warnings = [
            *project.told,
            *await self._show(project.of(call), store, items, answers, code="code" in parts),
        ]
        for answer in answers:
            answer["warnings"] = [*warnings, *answer["warnings"]]
        warnings += [one for answer in answers for one in answer["warnings"]]
        warnings += [f"{one['id']} is {one['reason']}." for one in missing]
        return {
            "project": project.name,
            "warnings": list(dict.fromkeys(warnings)),
            "items": answers,
            "missing": missing,
        }

    async def list_work_items(self, call: Call, query: ItemQuery) -> ListAnswer:
        """A page of brief rows. References are counted, not checked."""
        filters = checked(query, QUERY_CHECKS)
        if "text" in filters and "similar_to" in filters:
            raise invalid("similar_to", "cannot be combined with `text`.", "Use one of them.")
        project, store = await self._open(call)
        now = self._now()
        found = await store.read(lambda connection: page(connection, filters, now))
        return {
            "project": project.name,
            "warnings": [*project.told, *found.warnings],
            "items": found.items,
            "total_count": found.total,
            "next_cursor": found.cursor,
        }

    async def why_blocked(self, call: Call, id: str) -> WhyAnswer:  # noqa: A002
        """Whether the item is ready and, when not, every reason."""
        wanted = checked_ids([id], 1)
        project, store = await self._open(call)
        now = self._now()
        verdict = await store.read(
            lambda connection: verdicts(connection, existing(connection, wanted, deleted=True), now)[id]
        )
        return {
            "project": project.name,
            "warnings": [],
            "id": id,
            "ready": verdict.ready,
            "reasons": list(verdict.reasons),
            "blockers": list(verdict.blockers),
        }


def _gone(connection: sqlite3.Connection, item: Item) -> str:
    if (project := moved_to(connection, item)) is not None:
        return (
            f"{item.id} was moved to project '{project}' at {item.deleted_at}: read it and work on it there "
            f"(project '{project}'); undo takes the move back."
        )
    return f"{item.id} was deleted at {item.deleted_at}; delete_work_item(restore=true) brings it back."
