"""Which of the ready items a claim is offered first, and what it is told of the one it gets.

What another has been asked to do, or is doing without a claim, is ready for everybody all the same: it comes
last, and with a word.
"""

from __future__ import annotations

import sqlite3

from workflow_server.find.pages import ORDERS
from workflow_server.items.model import Item
from workflow_server.records import Actor
from workflow_server.store.clock import later
from workflow_server.types.filters import Condition

RECENT_MINUTES = 60
"""For so long work that somebody began without a claim is offered to others last."""

_NOBODY_ELSES = "(item.assignee IS NULL OR item.assignee = ? COLLATE NOCASE)"
_BEGUN = """SELECT event.actor, event.at FROM change CROSS JOIN event ON event.seq = change.seq
    WHERE change.item_id = item.id AND event.at > ? AND event.actor <> ?
      AND event.action NOT IN ('claim', 'renew', 'release') AND change.after ->> '$.status' = 'active'"""
_NOT_BEGUN = f"(item.status <> 'active' OR NOT EXISTS ({_BEGUN}))"


def in_order(
    connection: sqlite3.Connection, wanted: Condition, actor: Actor, now: str, *, is_all: bool, to: str | None
) -> list[str]:
    """The first of the ready items that ``wanted`` chooses, or all of them: the best, but those behind that
    are assigned to somebody else, unless the call asks for those of an assignee, ``to``, and those that
    somebody else set to active a short time ago.
    """
    sql, parameters = wanted
    mine, names = (_NOBODY_ELSES, [actor.name]) if to is None else ("1", [])
    first = f"{sql} AND {mine} AND {_NOT_BEGUN}"
    values = [*parameters, *names, later(now, -RECENT_MINUTES), actor.name]
    most = -1 if is_all else 1
    ids = _ids(connection, first, values, most)
    return list(dict.fromkeys([*ids, *_ids(connection, sql, parameters, most)])) if is_all or not ids else ids


def _ids(connection: sqlite3.Connection, sql: str, parameters: list[object], most: int) -> list[str]:
    order = ORDERS["priority"].sql
    rows = connection.execute(
        f"SELECT id FROM item WHERE {sql} ORDER BY {order} LIMIT ?", [*parameters, most]
    )
    return [row[0] for row in rows.fetchall()]


def told(connection: sqlite3.Connection, item: Item, actor: Actor, now: str) -> list[str]:
    """Warnings about somebody else who may mean to do the item, or is doing it."""
    found = []
    if item.assignee is not None and item.assignee.casefold() != actor.name.casefold():
        found.append(f"assigned: {item.id} is assigned to {item.assignee}. Agree with them, or release it.")
    if item.status == "active" and item.claim is None:
        row = connection.execute(
            f"{_BEGUN.replace('item.id', '?')} ORDER BY event.seq DESC LIMIT 1",
            (item.id, later(now, -RECENT_MINUTES), actor.name),
        ).fetchone()
        if row is not None:
            found.append(
                f"begun: {row['actor']} set {item.id} to active at {row['at']} without claiming it. "
                "Agree with them."
            )
    return found
