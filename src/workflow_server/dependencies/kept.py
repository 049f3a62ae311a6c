"""The kept columns: how many open blockers, dependents and children an item has, whether it is held,
until when deferred.

They are recomputed for exactly the items a change can touch: the changed
ones, their blockers, dependents and parents for the counts, and from there
down the tree for what children inherit. `recomputed` says the same for the
whole file; the doctor and the property tests compare.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from workflow_server.items.model import Item
from workflow_server.items.rows import as_json

_OPEN = "deleted_at IS NULL AND status IN ('planned', 'active', 'blocked')"
_AMONG = "IN (SELECT value FROM json_each(?))"

_OTHER_OPEN = "+other.deleted_at IS NULL AND +other.status IN ('planned', 'active', 'blocked')"
"""Of the item beside, reached by its id: the signs keep SQLite from starting at the status index."""

_COUNTS = f"""
SELECT id, status, parent_id, defer_until, waits, frees, open_children, held, deferred_until,
    (SELECT count(*) FROM dependency CROSS JOIN item AS other ON other.id = dependency.blocker_id
     WHERE dependency.item_id = item.id AND {_OTHER_OPEN}) AS waits_now,
    (SELECT count(*) FROM dependency CROSS JOIN item AS other ON other.id = dependency.item_id
     WHERE dependency.blocker_id = item.id AND {_OTHER_OPEN}) AS frees_now,
    (SELECT count(*) FROM item AS other
     WHERE other.parent_id = item.id AND {_OTHER_OPEN}) AS children_now
FROM item WHERE id {_AMONG}
"""


def refresh(connection: sqlite3.Connection, changed: Iterable[str], beside: Iterable[str] = ()) -> list[str]:
    """Bring the kept columns up to date after ``changed`` items changed.

    ``beside`` names items that are no longer connected to them: former
    parents and former blockers. Answers the ids that became takeable.
    """
    touched = set(changed)
    reach = touched | set(beside) | _neighbours(connection, touched)
    rows = connection.execute(_COUNTS, (as_json(list(reach)),)).fetchall()
    updates = []
    heads = set(touched)
    for row in rows:
        now = (row["waits_now"], row["frees_now"], row["children_now"])
        if now != (row["waits"], row["frees"], row["open_children"]):
            updates.append((*now, row["id"]))
            if (row["waits"] > 0) != (row["waits_now"] > 0):
                heads.add(row["id"])
    before = {row["id"] for row in _takeable(connection, reach)}
    connection.executemany("UPDATE item SET waits = ?, frees = ?, open_children = ? WHERE id = ?", updates)
    released = _inherit(connection, heads)
    after = {row["id"] for row in _takeable(connection, reach | released)}
    return sorted(after - before - touched)


def of_new(connection: sqlite3.Connection, items: Sequence[Item]) -> list[Item]:
    """New items, parents before children, with the kept columns that are right once all are stored.

    A row put in place as it stays touches each of the indexes over these
    columns once; put there as if nothing concerned it and corrected, thrice.
    What the new items change for stored ones, `refresh` does: it is told those
    named here as ``beside``.
    """
    stored = _standing(connection, outside(items))
    new = {item.id: item for item in items}
    open_now = {one for one, row in stored.items() if row["open"]} | {item.id for item in items if item.open}
    frees = Counter(blocker for item in items if item.open for blocker in item.blocked_by)
    children = Counter(item.parent_id for item in items if item.open)
    for item in items:
        waits = len(open_now.intersection(item.blocked_by))
        parent: Any = None
        if item.parent_id in new:
            above = new[item.parent_id]
            parent = {"held": above.held, "deferred_until": above.deferred_until}
        elif item.parent_id is not None:
            parent = stored[item.parent_id]
        own = {"waits": waits, "status": item.status, "defer_until": item.defer_until}
        held, deferred = inherited(
            own, parent["held"] if parent else 0, parent["deferred_until"] if parent else None
        )
        new[item.id] = replace(
            item,
            waits=waits,
            frees=frees[item.id],
            open_children=children[item.id],
            held=bool(held),
            deferred_until=deferred,
        )
    return list(new.values())


def outside(items: Sequence[Item]) -> set[str]:
    """The stored items that new ones wait for or stand under."""
    named = {other for item in items for other in (item.parent_id, *item.blocked_by) if other}
    return named - {item.id for item in items}


def _standing(connection: sqlite3.Connection, ids: set[str]) -> dict[str, sqlite3.Row]:
    rows = connection.execute(
        f"SELECT id, held, deferred_until, ({_OPEN}) AS open FROM item WHERE id {_AMONG}",
        (as_json(list(ids)),),
    )
    return {row["id"]: row for row in rows}


def _neighbours(connection: sqlite3.Connection, ids: set[str]) -> set[str]:
    among = as_json(list(ids))
    rows = connection.execute(
        f"""SELECT blocker_id FROM dependency WHERE item_id {_AMONG}
            UNION SELECT item_id FROM dependency WHERE blocker_id {_AMONG}
            UNION SELECT parent_id FROM item WHERE id {_AMONG} AND parent_id IS NOT NULL""",
        (among, among, among),
    )
    return {other for (other,) in rows}


def _takeable(connection: sqlite3.Connection, ids: set[str]) -> list[sqlite3.Row]:
    return connection.execute(
        f"SELECT id FROM item WHERE id {_AMONG} AND takeable = 1", (as_json(list(ids)),)
    ).fetchall()


def _inherit(connection: sqlite3.Connection, heads: set[str]) -> set[str]:
    """Recompute ``held`` and ``deferred_until`` from ``heads`` downwards, as far as they change.
    Answers whom it let go.
    """
    released: set[str] = set()
    level = heads
    while level:
        rows = connection.execute(
            f"""SELECT item.id, item.waits, item.status, item.defer_until, item.held, item.deferred_until,
                       parent.held AS parent_held, parent.deferred_until AS parent_deferred
                FROM item LEFT JOIN item AS parent ON parent.id = item.parent_id WHERE item.id {_AMONG}""",
            (as_json(list(level)),),
        ).fetchall()
        updates = []
        for row in rows:
            held, deferred = inherited(row, row["parent_held"] or 0, row["parent_deferred"])
            if (held, deferred) != (row["held"], row["deferred_until"]):
                updates.append((held, deferred, row["id"]))
                if row["held"] and not held:
                    released.add(row["id"])
        connection.executemany("UPDATE item SET held = ?, deferred_until = ? WHERE id = ?", updates)
        moved = as_json([identifier for _, _, identifier in updates])
        level = {
            child
            for (child,) in connection.execute(f"SELECT id FROM item WHERE parent_id {_AMONG}", (moved,))
        }
    return released


def inherited(row: Any, parent_held: int, parent_deferred: str | None) -> tuple[int, str | None]:
    """Whether an item is held, and until when deferred, given its own columns and its parent's."""
    held = int(row["waits"] > 0 or row["status"] == "blocked" or bool(parent_held))
    return held, max(filter(None, (row["defer_until"], parent_deferred)), default=None)


def recomputed(connection: sqlite3.Connection) -> dict[str, tuple[int, int, int, int, str | None]]:
    """``waits, frees, open_children, held, deferred_until`` of every item, from the rows they follow from."""
    rows = {
        row["id"]: row
        for row in connection.execute(
            f"SELECT id, parent_id, status, defer_until, path, ({_OPEN}) AS open FROM item ORDER "
            "BY length(path)"
        )
    }
    waits = dict.fromkeys(rows, 0)
    frees = dict.fromkeys(rows, 0)
    children = dict.fromkeys(rows, 0)
    for item, blocker in connection.execute("SELECT item_id, blocker_id FROM dependency"):
        waits[item] += rows[blocker]["open"]
        frees[blocker] += rows[item]["open"]
    for row in rows.values():
        if row["parent_id"] is not None:
            children[row["parent_id"]] += row["open"]
    held: dict[str, int] = {}
    deferred: dict[str, str | None] = {}
    for identifier, row in rows.items():
        parent = row["parent_id"]
        own = {"waits": waits[identifier], "status": row["status"], "defer_until": row["defer_until"]}
        held[identifier], deferred[identifier] = inherited(
            own, held[parent] if parent else 0, deferred[parent] if parent else None
        )
    return {
        identifier: (
            waits[identifier],
            frees[identifier],
            children[identifier],
            held[identifier],
            deferred[identifier],
        )
        for identifier in rows
    }


def stored(connection: sqlite3.Connection) -> dict[str, tuple[int, int, int, int, str | None]]:
    """The kept columns as they stand, for comparison with `recomputed`."""
    return {
        row[0]: tuple(row)[1:]
        for row in connection.execute(
            "SELECT id, waits, frees, open_children, held, deferred_until FROM item"
        )
    }
