"""Taking back the definition of a type, as an undo does."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from bridge.agreed.errors import TandemError
from workflow_server.history.events import Change
from workflow_server.items.rows import as_json
from workflow_server.types.catalog import RETRACTED
from workflow_server.types.validation import problems

TYPE_MARK = "type:"
"""How the history tells a type from an item: it stands before the type's name."""


def retract(connection: sqlite3.Connection, change: Change, now: str) -> Change:
    """Make the definition before ``change`` the newest one; a type that was new is gone again.

    Raises ``undo_conflict`` when the type was changed since, or when items
    made meanwhile would be left without a type that fits them.
    """
    name = change.item_id.removeprefix(TYPE_MARK)
    version, schema, description = connection.execute(
        "SELECT version, schema, description FROM item_type WHERE name = ? ORDER BY version DESC LIMIT 1",
        (name,),
    ).fetchone()
    present = None if schema == RETRACTED else {"schema": json.loads(schema), "description": description}
    if present != change.after:
        raise TandemError(
            "undo_conflict",
            f"Type '{name}' was changed again since; it is at version {version}.",
            "Undo the later change first.",
        )
    before = change.before
    _refuse_misfits(connection, name, before)
    connection.execute(
        "INSERT INTO item_type (name, version, description, schema, at) VALUES (?, ?, ?, ?, ?)",
        (
            name,
            version + 1,
            before["description"] if before else "",
            as_json(before["schema"]) if before else RETRACTED,
            now,
        ),
    )
    return Change(change.item_id, version + 1, present, before)


def _refuse_misfits(connection: sqlite3.Connection, name: str, before: dict[str, Any] | None) -> None:
    rows = connection.execute(
        "SELECT id, metadata FROM item WHERE item_type = ? AND deleted_at IS NULL ORDER BY n", (name,)
    )
    misfits = [
        row["id"] for row in rows if before is None or problems(before["schema"], json.loads(row["metadata"]))
    ]
    if misfits:
        raise TandemError(
            "undo_conflict",
            f"{len(misfits)} items would not fit type '{name}' as it was: {', '.join(misfits[:10])}.",
            "Change or delete these first.",
            details={"items": misfits[:1000]},
        )
