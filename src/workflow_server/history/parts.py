"""Which parts of an event an undo is about: those of all its items, or that of one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from bridge.agreed.errors import TandemError
from workflow_server.history.events import Change
from workflow_server.items.rows import as_json
from workflow_server.items.written import descendants
from workflow_server.types.retracting import TYPE_MARK


def changes_of(connection: sqlite3.Connection, seq: int) -> list[Change]:
    """What an event did, one change an item."""
    rows = connection.execute("SELECT * FROM change WHERE seq = ?", (seq,))
    return [
        Change(
            row["item_id"],
            row["version"],
            json.loads(row["before"]) if row["before"] else None,
            json.loads(row["after"]) if row["after"] else None,
        )
        for row in rows
    ]


def taken_back(connection: sqlite3.Connection, event_id: str, ids: Sequence[str]) -> dict[str, str]:
    """Of the items ``ids`` of an event, those whose part is taken back at present, each with the undo that
    did it. An undo that was taken back itself counts for nothing.
    """
    undoing = connection.execute(
        """WITH RECURSIVE undoing(id, seq, undoes) AS (
               SELECT id, seq, undoes FROM event WHERE undoes = ?
               UNION ALL
               SELECT event.id, event.seq, event.undoes FROM event JOIN undoing ON event.undoes = undoing.id
           ) SELECT * FROM undoing ORDER BY seq DESC""",
        (event_id,),
    ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for row in undoing:  # the newest first: whether it stands is known before what it takes back
        touched = [one.item_id for one in changes_of(connection, row["seq"])] or list(ids)
        again = found.get(row["id"], {})
        mine = found.setdefault(row["undoes"], {})
        mine.update({one: row["id"] for one in touched if one not in again and one not in mine})
    return found.get(event_id, {})


def standing(connection: sqlite3.Connection, target: sqlite3.Row, only: str | None) -> list[Change]:
    """The changes of an event that an undo takes back: those that none has yet, of all its items or of
    ``only`` one, with what lies below it where the event deleted or restored them together.

    Raises ``already_undone`` when nothing is left of them, and ``undo_conflict`` for one item of a change
    of a type.
    """
    changes = changes_of(connection, target["seq"])
    if only is not None:
        _refuse_type(target, changes, only)
        below = set(descendants(connection, [only]))
        whole = {change.item_id for change in changes if change.item_id == only and _gone_or_back(change)}
        changes = [
            change
            for change in changes
            if change.item_id == only or (whole and change.item_id in below and _gone_or_back(change))
        ]
    done = taken_back(connection, target["id"], [change.item_id for change in changes])
    left = [change for change in changes if change.item_id not in done]
    if not left and changes:
        raise _already(connection, target, done[changes[0].item_id], only)
    return left


def _gone_or_back(change: Change) -> bool:
    return change.before is not None and "deleted_at" in (change.after or {})


def _refuse_type(target: sqlite3.Row, changes: Sequence[Change], only: str) -> None:
    types = [one.item_id.removeprefix(TYPE_MARK) for one in changes if one.item_id.startswith(TYPE_MARK)]
    if types:
        raise TandemError(
            "undo_conflict",
            f"The last change of {only} came with that of its type '{types[0]}' ({target['id']}), which it "
            "would not fit without it.",
            f"undo(event={target['id']}) takes back the type's change with what it did to all items.",
            details={"id": only, "event": target["id"]},
        )


def _already(
    connection: sqlite3.Connection, target: sqlite3.Row, undoing: str, only: str | None
) -> TandemError:
    later = connection.execute("SELECT actor, at FROM event WHERE id = ?", (undoing,)).fetchone()
    part = f"What {target['id']} did to {only}" if only else target["id"]
    return TandemError(
        "already_undone",
        f"{part} was already taken back by {later['actor']} at {later['at']} ({undoing}).",
        f"To bring it back, undo event {undoing}.",
        details={"event": target["id"], "undone_by": undoing},
    )


def others_alive(connection: sqlite3.Connection, ids: Sequence[str]) -> list[str]:
    """Those of ``ids`` that are not deleted."""
    rows = connection.execute(
        "SELECT id FROM item WHERE deleted_at IS NULL AND id IN (SELECT value FROM json_each(?))",
        (as_json(list(ids)),),
    )
    return [row[0] for row in rows]
