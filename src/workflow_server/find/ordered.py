"""Pages of what filters let through, in the order of a sort."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workflow_server.find import pages
from workflow_server.items.rows import as_json
from workflow_server.items.whole import brief
from workflow_server.records import BriefItem
from workflow_server.types.filters import Condition

DEFAULT_LIMIT = 25
_CLOSED = "('completed', 'cancelled')"

_LIST_COLUMNS = (
    "item.id, item.n, item.title, item.item_type, item.status, item.priority, item.version, item.updated_at,"
    " item.parent_id, item.labels, item.assignee, item.due, item.waits, item.claim, item.acceptance_criteria,"
    " item.deleted_at"
)


@dataclass
class Page:
    """Brief rows with the number of all matches and the way on."""

    items: list[BriefItem]
    total: int
    cursor: str | None = None
    warnings: list[str] = field(default_factory=list)


def in_order(connection: sqlite3.Connection, query: Mapping[str, Any], where: Condition, now: str) -> Page:
    """The page in the query's sort, or in the one that is usual for its view."""
    view = query.get("view", "all")
    latest = view == "deleted" or "changed_since" in query or "changed_by" in query
    usual = "updated" if latest else "created"
    sort = query.get("sort") or (usual if view in ("all", "deleted") else "priority")
    order = pages.ORDERS["created" if sort == "relevance" else sort]
    sql, parameters = where
    total = connection.execute(f"SELECT count(*) FROM item WHERE {sql}", parameters).fetchone()[0]
    values = pages.decode(query, len(order.columns))
    if values is not None:
        behind, more = order.behind(values)
        sql, parameters = f"{sql} AND {behind}", [*parameters, *more]
    limit = query.get("limit", DEFAULT_LIMIT)
    rows = connection.execute(
        f"SELECT {_LIST_COLUMNS}, {order.keys} FROM item WHERE {sql} ORDER BY {order.sql} LIMIT ?",
        [*parameters, limit + 1],
    ).fetchall()
    cursor = None
    if len(rows) > limit:
        rows = rows[:limit]
        cursor = pages.encode(query, [rows[-1][f"key_{place}"] for place in range(len(order.columns))])
    return Page(brief(connection, rows, now), total, cursor)


def open_first(connection: sqlite3.Connection, query: Mapping[str, Any], where: Condition, now: str) -> Page:
    """What is open, then what is finished, newest first in each: after a day of work a page in the order of
    creation alone is mostly of what nobody asks for any more.
    """
    sql, parameters = where
    total = connection.execute(f"SELECT count(*) FROM item WHERE {sql}", parameters).fetchone()[0]
    tier, last = pages.decode(query, 2) or (0, None)
    limit = query.get("limit", DEFAULT_LIMIT)
    found: list[tuple[int, sqlite3.Row]] = []
    for number, standing in enumerate((f"status NOT IN {_CLOSED}", f"status IN {_CLOSED}")):
        if number < tier or len(found) > limit:
            continue
        behind, values = (" AND item.n < ?", [last]) if number == tier and last is not None else ("", [])
        rows = connection.execute(
            f"""SELECT {_LIST_COLUMNS} FROM item WHERE {sql} AND item.{standing}{behind}
                ORDER BY item.n DESC LIMIT ?""",
            [*parameters, *values, limit + 1 - len(found)],
        )
        found += [(number, row) for row in rows]
    cursor = None
    if len(found) > limit:
        found = found[:limit]
        cursor = pages.encode(query, [found[-1][0], found[-1][1]["n"]])
    return Page(brief(connection, [row for _, row in found], now), total, cursor)


def numbered(connection: sqlite3.Connection, numbers: list[int], now: str) -> list[BriefItem]:
    """Brief rows in the order of ``numbers``."""
    rows = {
        row["n"]: row
        for row in connection.execute(
            f"SELECT {_LIST_COLUMNS} FROM item WHERE n IN (SELECT value FROM json_each(?))",
            (as_json(numbers),),
        )
    }
    return brief(connection, [rows[n] for n in numbers], now)
