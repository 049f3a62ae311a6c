"""Moving items to another project: two files, so two transactions, the receiving one first.

If the program dies between them, the items stand in both projects, and moving
them again finishes the move; they are never in neither.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bridge.agreed.errors import TandemError
from workflow_server.claims import decide
from workflow_server.dependencies import kept
from workflow_server.history.events import Change, append
from workflow_server.items.model import Item, snapshot
from workflow_server.items.rows import add_note, as_json, insert, load
from workflow_server.items.written import Pending, descendants, existing, store_changes
from workflow_server.records import Actor
from workflow_server.store.identifiers import new_event_id
from workflow_server.types import catalog
from workflow_server.types.catalog import TypeDefinition


@dataclass
class Parcel:
    """Items on their way, parents first, with their notes, their history and the types they need."""

    items: list[Item]
    notes: list[sqlite3.Row]
    events: list[sqlite3.Row]
    changes: list[sqlite3.Row]
    types: list[TypeDefinition]
    warnings: list[str] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        """Of the items."""
        return [item.id for item in self.items]


def pack(
    connection: sqlite3.Connection, ids: Sequence[str], token: str | None, actor: Actor, now: str
) -> Parcel:
    """Everything about ``ids`` and what lives below them, cut loose from what stays behind."""
    heads = existing(connection, ids)
    below = load(connection, descendants(connection, ids))
    going = {**heads, **{one.id: one for one in below.values() if one.deleted_at is None}}
    warnings: list[str] = []
    items = []
    for item in sorted(going.values(), key=lambda one: len(one.path)):
        decide.check_write(item, token, actor, now)
        items.append(_cut_loose(item, going, warnings))
    among = as_json(list(going))
    changes = connection.execute(
        "SELECT * FROM change WHERE item_id IN (SELECT value FROM json_each(?)) ORDER BY seq", (among,)
    ).fetchall()
    return Parcel(
        items,
        connection.execute(
            "SELECT * FROM note WHERE item_id IN (SELECT value FROM json_each(?)) AND withdrawn "
            "= 0 ORDER BY id",
            (among,),
        ).fetchall(),
        connection.execute(
            "SELECT * FROM event WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq",
            (as_json(sorted({row["seq"] for row in changes})),),
        ).fetchall(),
        changes,
        [catalog.required(connection, name) for name in sorted({item.item_type for item in items})],
        warnings,
    )


def _cut_loose(item: Item, going: dict[str, Item], warnings: list[str]) -> Item:
    """``item`` without parent, blockers and links that stay behind; a warning for each."""
    left = [f"its blocker {one}" for one in item.blocked_by if one not in going]
    left += [f"its {kind} link to {one}" for kind, one in item.links if one not in going]
    if item.parent_id is not None and item.parent_id not in going:
        left.append(f"its parent {item.parent_id}")
    if left:
        warnings.append(
            f"{item.id} left behind {', '.join(left)}: items of two projects cannot be connected."
        )
    parent = item.parent_id if item.parent_id in going else None
    return replace(
        item,
        parent_id=parent,
        blocked_by=tuple(one for one in item.blocked_by if one in going),
        links=tuple(link for link in item.links if link[1] in going),
        claim=None,
    )


def unpack(connection: sqlite3.Connection, parcel: Parcel, source: str, actor: Actor, now: str) -> None:
    """Put a parcel into this project, with its history. Items that an earlier try brought are left as
    they are.
    """
    there = load(connection, parcel.ids)
    for item in parcel.items:
        if item.id in there and there[item.id].created_at != item.created_at:
            raise TandemError(
                "id_taken",
                f"The receiving project has another item {item.id}.",
                "Leave this item where it is.",
            )
    _bring_types(connection, parcel.types)
    arriving = [
        item for item in parcel.items if item.id not in there or there[item.id].deleted_at is not None
    ]
    paths: dict[str, str] = {}
    changes: list[Change] = []
    for item in arriving:
        paths[item.id] = f"{paths.get(item.parent_id or '', '/')}{item.id}/"
        moved = replace(item, path=paths[item.id], version=item.version + 1, updated_at=now)
        if item.id in there:
            _return(connection, there[item.id], moved)
        else:
            insert(connection, [moved])
        changes.append(Change(item.id, moved.version, None, {**snapshot(moved), "moved_from": source}))
    kept.refresh(connection, [item.id for item in arriving])
    _bring_notes(connection, parcel, arriving, returning=set(there))
    _bring_history(connection, parcel, {item.id for item in arriving})
    if changes:
        append(connection, actor, now, "move", changes)


def _return(connection: sqlite3.Connection, grave: Item, moved: Item) -> None:
    """An item that once lived here comes back: its row is filled anew."""
    pending = Pending({grave.id: grave}, {grave.id: replace(moved, n=grave.n, path=grave.path)})
    store_changes(connection, pending, moved.updated_at)
    connection.execute(
        "UPDATE item SET version = ?, path = ? WHERE id = ?", (moved.version, moved.path, moved.id)
    )


def _bring_types(connection: sqlite3.Connection, types: Sequence[TypeDefinition]) -> None:
    for definition in types:
        here = catalog.find(connection, definition.name)
        if here is None:
            connection.execute(
                "INSERT INTO item_type (name, version, description, schema, at) VALUES (?, ?, ?, ?, '')",
                (definition.name, definition.version, definition.description, as_json(definition.schema)),
            )


def _bring_notes(
    connection: sqlite3.Connection, parcel: Parcel, arriving: Sequence[Item], returning: set[str]
) -> None:
    rows = load(connection, [item.id for item in arriving])
    for note in parcel.notes:
        if note["item_id"] not in rows:
            continue
        known = connection.execute(
            "SELECT 1 FROM note WHERE item_id = ? AND at = ? AND text = ?",
            (note["item_id"], note["at"], note["text"]),
        ).fetchone()
        if note["item_id"] not in returning or not known:
            add_note(connection, rows[note["item_id"]], note["text"], note["author"], note["at"])


def _bring_history(connection: sqlite3.Connection, parcel: Parcel, ids: set[str]) -> None:
    """Append the events of the arriving items as they were, under new numbers; known ones are not
    repeated.
    """
    columns = ("id", "at", "actor", "client", "door", "action", "undoes", "override_reason")
    for event in parcel.events:
        row = connection.execute("SELECT seq FROM event WHERE id = ?", (event["id"],)).fetchone()
        seq: Any = row[0] if row else None
        if seq is None:
            seq = connection.execute(
                f"INSERT INTO event ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
                [event[name] for name in columns],
            ).lastrowid
        connection.executemany(
            "INSERT OR IGNORE INTO change (item_id, seq, version, before, after) VALUES (?, ?, ?, ?, ?)",
            [
                (change["item_id"], seq, change["version"], change["before"], change["after"])
                for change in parcel.changes
                if change["seq"] == event["seq"] and change["item_id"] in ids
            ],
        )


def bury(connection: sqlite3.Connection, parcel: Parcel, target: str, actor: Actor, now: str) -> list[str]:
    """Mark the moved items as gone from this project; answer what their leaving made ready."""
    items = {one.id: one for one in load(connection, parcel.ids).values() if one.deleted_at is None}
    event = new_event_id()
    pending = Pending(
        items,
        {one.id: replace(one, deleted_at=now, deleted_by=event, claim=None) for one in items.values()},
        {one: {"moved_to": target} for one in items},
    )
    changes, ready = store_changes(connection, pending, now)
    if changes:
        append(connection, actor, now, "move", changes, event=event)
    return ready
