"""Deleting softly with descendants, and restoring exactly what one delete took."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from bridge.agreed.errors import TandemError
from workflow_server.claims import decide
from workflow_server.history.events import append
from workflow_server.items.model import Item
from workflow_server.items.rows import as_json, load
from workflow_server.items.written import Pending, descendants, existing, refuse_moved, store_changes
from workflow_server.records import Actor
from workflow_server.store.identifiers import new_event_id


@dataclass
class Removal:
    """Ids deleted or restored, and in sentences what else it touches."""

    ids: list[str]
    event: str | None
    touches: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def delete(
    connection: sqlite3.Connection, item_id: str, token: str | None, actor: Actor, now: str
) -> Removal:
    """Mark an item and all living below it as deleted, in one event."""
    item = existing(connection, [item_id], deleted=True)[item_id]
    if item.deleted_at is not None:
        return Removal(
            [], None, warnings=[f"{item_id} '{item.title}' was already deleted at {item.deleted_at}."]
        )
    below = [
        one for one in load(connection, descendants(connection, [item_id])).values() if one.deleted_at is None
    ]
    doomed = {one.id: one for one in (item, *below)}
    marks: dict[str, dict[str, object]] = {}
    for one in doomed.values():
        decide.check_write(one, token, actor, now)
        if mark := decide.over(one, token, actor, now):
            marks[one.id] = mark
    touches = _touched(connection, doomed)
    event = new_event_id()
    pending = Pending(
        doomed,
        {one.id: replace(one, deleted_at=now, deleted_by=event) for one in doomed.values()},
        marks=marks,
    )
    changes, ready = store_changes(connection, pending, now)
    append(connection, actor, now, "delete", changes, event=event)
    if ready:
        touches.append(f"now ready: {', '.join(ready[:20])}")
    warnings = [decide.over_warning(doomed[one], now) for one in marks]
    return Removal(list(doomed), event, touches, warnings)


def _touched(connection: sqlite3.Connection, doomed: dict[str, Item]) -> list[str]:
    below = len(doomed) - 1
    told = [f"{below} item{'s' if below > 1 else ''} below it {'are' if below > 1 else 'is'} deleted with it"]
    return (told if below else []) + left_alone(connection, doomed)


def left_alone(connection: sqlite3.Connection, going: Mapping[str, Item]) -> list[str]:
    """In sentences, the items that wait for one of those ``going`` or have a link to it, and stay."""
    among = as_json(list(going))
    told: list[str] = []
    queries = (
        ("no longer waits for", "SELECT item_id, blocker_id FROM dependency WHERE blocker_id"),
        ("has a link to", "SELECT item_id, other_id FROM link WHERE other_id"),
    )
    for words, sql in queries:
        rows = connection.execute(f"{sql} IN (SELECT value FROM json_each(?))", (among,)).fetchall()
        outside = [(one, other) for one, other in rows if one not in going]
        alive = load(connection, {one for one, _ in outside})
        told += [
            f"{one} '{alive[one].title}' {words} {other}"
            for one, other in outside
            if alive[one].deleted_at is None
        ][:20]
    return told


def restore(connection: sqlite3.Connection, item_id: str, actor: Actor, now: str) -> Removal:
    """Bring back an item with everything the same delete took."""
    item = existing(connection, [item_id], deleted=True)[item_id]
    if item.deleted_at is None:
        return Removal([], None, warnings=[f"{item_id} '{item.title}' is not deleted."])
    refuse_moved(connection, item)
    together = [
        row[0]
        for row in connection.execute(
            "SELECT id FROM item WHERE deleted_by = ? ORDER BY n", (item.deleted_by,)
        )
    ]
    below = {item_id, *descendants(connection, [item_id])}
    buried = load(connection, [one for one in together if one in below] or [item_id])
    refuse_under_deleted(connection, buried.values())
    pending = Pending(
        buried, {one.id: replace(one, deleted_at=None, deleted_by=None) for one in buried.values()}
    )
    changes, _ = store_changes(connection, pending, now)
    event = append(connection, actor, now, "restore", changes)
    return Removal(list(buried), event)


def refuse_under_deleted(connection: sqlite3.Connection, items: Iterable[Item]) -> None:
    """Raise when one of ``items``, to be restored, has a parent that stays deleted."""
    restored = {item.id: item for item in items}
    parents = load(
        connection, {item.parent_id for item in restored.values() if item.parent_id} - restored.keys()
    )
    for item in restored.values():
        parent = parents.get(item.parent_id or "")
        if parent is not None and parent.deleted_at is not None:
            raise TandemError(
                "parent_deleted",
                f"{item.id} '{item.title}' lies under {parent.id} '{parent.title}', deleted at "
                f"{parent.deleted_at}.",
                f"Restore {parent.id} first; that brings back what was deleted with it.",
                details={"id": item.id, "parent_id": parent.id},
            )
