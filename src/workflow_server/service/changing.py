"""Updating, deleting and restoring items, and taking changes back."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, cast

from bridge.agreed.wording import counted
from workflow_server.history.undo import Move, Undone, last_event, move_of, undo, undo_last
from workflow_server.items import deleting, updating
from workflow_server.items.checks import boolean, invalid, optional, shown, text
from workflow_server.items.evidence import given_evidence, with_evidence
from workflow_server.items.fields import MAX_REASON, UPDATE_CHECKS, checked
from workflow_server.items.model import Item
from workflow_server.items.whole import whole
from workflow_server.records import (
    Call,
    DeleteAnswer,
    ItemChanges,
    Status,
    UndoAnswer,
    UpdateAnswer,
    UpdatedItem,
    WorkItem,
)
from workflow_server.service.base import MAX_IDS_WRITTEN, checked_ids, writable
from workflow_server.service.moving import Moving

_TOKEN = optional(text(200, empty=False))
_REASON = optional(text(MAX_REASON, empty=False))


class Changing(Moving):
    """``update_work_item``, ``delete_work_item`` and ``undo``."""

    async def update_work_items(
        self,
        call: Call,
        ids: Sequence[str],
        changes: ItemChanges,
        *,
        expected_version: int | None = None,
        claim_token: str | None = None,
        override_reason: str | None = None,
        to_project: str | None = None,
    ) -> UpdateAnswer:
        """Change 1 to 100 items in one transaction, or none. ``to_project`` moves them with their
        descendants.

        Raises ``version_conflict``, ``claimed``, ``claim_lost``, ``not_done``
        and everything a create raises.
        """
        wanted = checked_ids(ids, MAX_IDS_WRITTEN)
        fields = checked(changes, UPDATE_CHECKS)
        guards = updating.Guards(
            _version(expected_version, wanted),
            _TOKEN("claim_token", claim_token),
            _REASON("override_reason", override_reason),
        )
        if not fields and to_project is None:
            raise invalid(
                "changes", "holds nothing to change.", f"Fields: {', '.join(sorted(UPDATE_CHECKS))}."
            )
        project, store = await self._open(call)
        away = None
        if to_project is not None:
            away = await self._destination(call, wanted, to_project, guards.claim_token)
        warnings = await self._link_changes(project.of(call), fields)
        now = self._now()

        def work(connection: sqlite3.Connection) -> tuple[updating.Written, list[WorkItem]]:
            writable(connection)
            written = updating.update(connection, wanted, fields, call.actor, now, guards)
            return written, whole(connection, written.items, now)

        written, answers = await store.write(work)
        self._linking.show_known(written.items, answers)
        answer = _updated(project.name, written, answers, warnings)
        _tell_resolved(answer, fields)
        if away is not None:
            return await self._move(call, wanted, away, guards.claim_token, answer)
        return answer

    async def _link_changes(self, call: Call, fields: dict[str, Any]) -> list[str]:
        names = [name for name in ("entity_references", "add_entity_references") if fields.get(name)]
        criteria = [
            name for name in ("acceptance_criteria", "criteria") if given_evidence(fields.get(name, ()))
        ]
        if not names and not criteria:
            return []
        given = [fields[name] for name in names] + [given_evidence(fields[name]) for name in criteria]
        records, warnings = await self._linking.link(call, given)
        for name, linked in zip([*names, *criteria], records, strict=True):
            fields[name] = linked if name in names else with_evidence(fields[name], linked)
        return warnings

    async def delete_work_item(
        self,
        call: Call,
        id: str,  # noqa: A002
        *,
        restore: bool = False,
        claim_token: str | None = None,
    ) -> DeleteAnswer:
        """Delete softly with descendants, or restore what that delete took."""
        (wanted,) = checked_ids([id], 1)
        token = _TOKEN("claim_token", claim_token)
        project, store = await self._open(call)
        now = self._now()

        def work(connection: sqlite3.Connection) -> deleting.Removal:
            writable(connection)
            if restore:
                return deleting.restore(connection, wanted, call.actor, now)
            return deleting.delete(connection, wanted, token, call.actor, now)

        removal = await store.write(work)
        return {
            "project": project.name,
            "warnings": removal.warnings,
            "deleted": [] if restore else removal.ids,
            "restored": removal.ids if restore else [],
            "touches": removal.touches,
            "event": removal.event,
        }

    async def undo(
        self,
        call: Call,
        *,
        id: str | None = None,  # noqa: A002
        event: str | None = None,
        force: bool = False,
    ) -> UndoAnswer:
        """Take back an event, or the last change of an item and nothing else of that event. An undo is an
        event too, and can be taken back. With ``force`` also items that were worked on since are deleted
        where the event made them.
        """
        boolean("force", force)
        if (id is None) == (event is None):
            raise invalid("id", "or `event` is wanted, and only one of them.", "Give the item or the event.")
        project, store = await self._open(call)
        now = self._now()

        def look(connection: sqlite3.Connection) -> tuple[str, Move | None]:
            wanted = event if event is not None else last_event(connection, str(id))
            return wanted, move_of(connection, wanted, id)

        target, move = await store.read(look)
        if move is not None:
            return await self._take_back(call, project.name, target, move)

        def work(connection: sqlite3.Connection) -> tuple[updating.Written, list[WorkItem], Undone]:
            writable(connection)
            if event is not None:
                done = undo(connection, event, call.actor, now, force=force)
            else:
                done = undo_last(connection, str(id), call.actor, now, force=force)
            ready = updating.startable(connection, done.now_ready, now)
            changed = {one: _standing(fields, done.items[one]) for one, fields in done.changed.items()}
            written = updating.Written(done.event, done.items, changed, ready, done.warnings)
            return written, whole(connection, done.items, now), done

        written, answers, done = await store.write(work)
        told = _updated(project.name, written, answers, [])
        return {
            "project": project.name,
            "warnings": told["warnings"],
            "undone": done.undone,
            "event": done.event,
            "told": done.told,
            "items": told["items"],
        }

    async def _take_back(self, call: Call, here: str, event: str, move: Move) -> UndoAnswer:
        """Move items back to where they came from. That, too, is a move that can be taken back."""
        start = Call(call.actor, move.away or here, call.folders, call.roots)
        moved = await self.update_work_items(start, move.ids, {}, to_project=move.home or here)
        return {
            "project": moved["project"],
            "warnings": moved["warnings"],
            "undone": event,
            "event": str(moved["event"]),
            "told": f"took back the move: {counted(len(moved['items']), 'item')} in {moved['project']} again",
            "items": moved["items"],
        }


def _tell_resolved(answer: UpdateAnswer, fields: dict[str, Any]) -> None:
    """Beside each changed item what the references that the call gave are now: right or wrong lines are
    seen at once.
    """
    given = {
        record["ref"]
        for name in ("entity_references", "add_entity_references")
        for record in fields.get(name, ())
    }
    for item in answer["items"]:
        told = [detail for detail in item["item"]["reference_details"] if detail["ref"] in given]
        if told and "entity_references" in item["changed"]:
            item["references"] = told


def _version(expected: object, ids: Sequence[str]) -> int | None:
    if expected is None:
        return None
    if isinstance(expected, bool) or not isinstance(expected, int) or expected < 1:
        raise invalid(
            "expected_version", f"is {shown(expected)}.", "It is the `version` that you read, 1 or more."
        )
    if len(ids) > 1:
        raise invalid(
            "expected_version", f"guards one item, but {len(ids)} ids are given.", "Update them one by one."
        )
    return expected


def _updated(
    project: str, written: updating.Written, answers: Sequence[WorkItem], warnings: list[str]
) -> UpdateAnswer:
    items: list[UpdatedItem] = []
    for place, answer in enumerate(answers):
        item: Item = written.items[answer["id"]]
        changed = written.changed[item.id]
        own = written.warnings.get(item.id, [])
        if not changed:
            own = [*own, f"Nothing changed: {item.id} already was so."]
        answer["warnings"] = [*answer["warnings"], *own]
        answer["project"] = project
        items.append(
            {
                "id": item.id,
                "version": item.version,
                "status": cast("Status", item.status),
                "changed": changed,
                "now_ready": written.now_ready if place == 0 else [],
                "warnings": own,
                "item": answer,
            }
        )
    together = [*warnings, *(one for item in items for one in item["warnings"])]
    return {
        "project": project,
        "warnings": list(dict.fromkeys(together)),
        "items": items,
        "event": written.event,
    }


def _standing(changed: list[str], item: Item) -> list[str]:
    """The fields that an undo changed, with `restored` or `deleted` for those by which an item is gone."""
    kept = [name for name in changed if name not in ("deleted_at", "deleted_by")]
    if len(kept) == len(changed):
        return changed
    return ["restored" if item.deleted_at is None else "deleted", *kept]
