"""Reading what `readiness.judge` needs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping

from workflow_server.dependencies.readiness import Surroundings, Verdict, judge
from workflow_server.items.model import Item
from workflow_server.items.rows import as_json, load

_OPEN = "+item.deleted_at IS NULL AND +item.status IN ('planned', 'active', 'blocked')"
"""True of open items. The signs keep SQLite from starting at the status index, which holds half the file;
for the same reason the joins below are ``CROSS JOIN``, whose order it keeps."""


def open_blockers(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, list[str]]:
    """For each waiting item the ids of its open blockers."""
    found: dict[str, list[str]] = {}
    rows = connection.execute(
        f"""SELECT dependency.item_id, dependency.blocker_id FROM json_each(?) AS wanted
            CROSS JOIN dependency ON dependency.item_id = wanted.value
            CROSS JOIN item ON item.id = dependency.blocker_id
            WHERE {_OPEN}
            ORDER BY item.priority, item.n""",
        (as_json(list(ids)),),
    )
    for waiting, blocker in rows:
        found.setdefault(waiting, []).append(blocker)
    return found


def open_children(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, list[str]]:
    """For each parent the ids of its open children."""
    found: dict[str, list[str]] = {}
    rows = connection.execute(
        f"""SELECT item.parent_id, item.id FROM json_each(?) AS wanted
            CROSS JOIN item ON item.parent_id = wanted.value
            WHERE {_OPEN} ORDER BY item.n""",
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
