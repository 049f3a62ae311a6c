"""Reading what `readiness.judge` needs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping

from workflow_server.dependencies.readiness import Surroundings, Verdict, judge
from workflow_server.items.model import Item
from workflow_server.items.rows import as_json, load

_OPEN = "deleted_at IS NULL AND status IN ('planned', 'active', 'blocked')"


def open_blockers(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, list[str]]:
    """For each waiting item the ids of its open blockers."""
    found: dict[str, list[str]] = {}
    rows = connection.execute(
        f"""SELECT dependency.item_id, dependency.blocker_id FROM dependency
            JOIN item ON item.id = dependency.blocker_id
            WHERE dependency.item_id IN (SELECT value FROM json_each(?)) AND {_OPEN}
            ORDER BY item.priority, item.created_at, item.id""",
        (as_json(list(ids)),),
    )
    for waiting, blocker in rows:
        found.setdefault(waiting, []).append(blocker)
    return found


def open_children(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, list[str]]:
    """For each parent the ids of its open children."""
    found: dict[str, list[str]] = {}
    rows = connection.execute(
        f"""SELECT parent_id, id FROM item
            WHERE parent_id IN (SELECT value FROM json_each(?)) AND {_OPEN} ORDER BY n""",
        (as_json(list(ids)),),
    )
    for parent, child in rows:
        found.setdefault(parent, []).append(child)
    return found


def verdicts(connection: sqlite3.Connection, items: Mapping[str, Item], now: str) -> dict[str, Verdict]:
    """Readiness of all ``items``, in a handful of queries whatever their number."""
    lineage = {ancestor for item in items.values() for ancestor in item.ancestors} - items.keys()
    known = {**items, **load(connection, lineage)}
    blockers = open_blockers(connection, known)
    children = open_children(connection, items)
    neighbours = {
        other for group in (*blockers.values(), *children.values()) for other in group
    } - known.keys()
    known.update(load(connection, neighbours))
    return {
        item.id: judge(
            item,
            Surroundings(
                ancestors=[known[ancestor] for ancestor in item.ancestors],
                open_blockers={
                    waiting: [known[blocker] for blocker in blockers.get(waiting, ())]
                    for waiting in (item.id, *item.ancestors)
                },
                open_children=[known[child] for child in children.get(item.id, ())],
            ),
            now,
        )
        for item in items.values()
    }
