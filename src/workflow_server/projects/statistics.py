"""Counts and times of a project."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import Any

from workflow_server.find.filters import READY
from workflow_server.items.due import OVERDUE, bounds
from workflow_server.items.model import STATUSES
from workflow_server.items.rows import as_json
from workflow_server.records import Figures
from workflow_server.store.clock import parse, stamp

WEEKS = 12
"""How many weeks back throughput is told."""

DURATIONS = (
    ("under 1 h", 1),
    ("1 to 8 h", 8),
    ("8 h to 1 day", 24),
    ("1 to 3 days", 72),
    ("3 to 7 days", 168),
    ("1 to 4 weeks", 672),
)
"""Hours from the start of work to its completion, as they are told in a plot."""

AGES = (("under 1 day", 1), ("1 to 7 days", 7), ("7 to 30 days", 30), ("30 to 90 days", 90))


def statistics(connection: sqlite3.Connection, now: str) -> Figures:
    """All figures as of ``now``, over items that are not deleted."""
    counts = dict.fromkeys(STATUSES, 0)
    by_type: dict[str, dict[str, int]] = {}
    for kind, status, number in connection.execute(
        "SELECT item_type, status, count(*) FROM item WHERE deleted_at IS NULL GROUP BY item_type, status"
    ):
        counts[status] += number
        by_type.setdefault(kind, {})[status] = number
    since = stamp(parse(now) - timedelta(weeks=WEEKS))
    cycles = _cycle_hours(connection)
    return {
        "counts": counts,
        "by_type": by_type,
        "ready": _one(connection, f"SELECT count(*) FROM item WHERE {READY}", now, now),
        "blocked": _one(connection, "SELECT count(*) FROM item WHERE waiting = 1"),
        "claimed": _one(
            connection,
            """SELECT count(*) FROM item WHERE claim_key IS NOT NULL AND deleted_at IS NULL
               AND (lease_until IS NULL OR lease_until > ?)""",
            now,
        ),
        "completed_per_week": _weekly(connection, "completed_at", since),
        "created_per_week": _weekly(connection, "created_at", since),
        "cycle_hours": _spread(cycles),
        "lead_hours": _spread(_lead_hours(connection)),
        "cycle_spread": _buckets(cycles),
        "flow": _flow(connection, now),
        "open_by_age": _ages(connection, now),
        "blocked_chains": _chains(connection),
        "overdue": _one(
            connection,
            f"SELECT count(*) FROM item WHERE {OVERDUE} AND closed = 0 AND deleted_at IS NULL",
            *bounds(now),
        ),
    }


def _one(connection: sqlite3.Connection, sql: str, *parameters: str) -> int:
    return int(connection.execute(sql, parameters).fetchone()[0])


def _weekly(connection: sqlite3.Connection, column: str, since: str) -> dict[str, int]:
    """Counts by the Monday that begins the week."""
    return dict(
        connection.execute(
            f"""SELECT date({column}, 'weekday 0', '-6 days') AS monday, count(*) FROM item
                WHERE {column} >= ? AND deleted_at IS NULL GROUP BY monday ORDER BY monday""",
            (since,),
        ).fetchall()
    )


def _cycle_hours(connection: sqlite3.Connection) -> list[float]:
    """From the first time an item became active to its completion, for items that were active."""
    rows = connection.execute(
        """SELECT (julianday(item.completed_at) - julianday(min(event.at))) * 24
           FROM item JOIN change ON change.item_id = item.id JOIN event ON event.seq = change.seq
           WHERE item.completed_at IS NOT NULL AND item.deleted_at IS NULL
             AND json_extract(change.after, '$.status') = 'active'
           GROUP BY item.id"""
    )
    return [hours for (hours,) in rows]


def _lead_hours(connection: sqlite3.Connection) -> list[float]:
    """From creation to completion."""
    rows = connection.execute(
        """SELECT (julianday(completed_at) - julianday(created_at)) * 24 FROM item
           WHERE completed_at IS NOT NULL AND deleted_at IS NULL"""
    )
    return [hours for (hours,) in rows]


def _spread(hours: list[float]) -> dict[str, float | None]:
    if not hours:
        return {"median": None, "p90": None, "items": 0}
    from statistics import median  # only here: its import is felt at every start of a command

    ordered = sorted(hours)
    return {
        "median": round(median(ordered), 2),
        "p90": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.9))], 2),
        "items": len(ordered),
    }


def _buckets(hours: list[float]) -> dict[str, int]:
    """How many took how long."""
    counts = {name: 0 for name, _ in DURATIONS} | {"over 4 weeks": 0}
    for each in hours:
        counts[next((name for name, most in DURATIONS if each < most), "over 4 weeks")] += 1
    return counts


def _flow(connection: sqlite3.Connection, now: str) -> dict[str, dict[str, int]]:
    """How many items stood in each status at the end of each of the last weeks, by the day that followed.

    Played back from the history, so that it also knows what was reopened. An item that came from elsewhere
    with a later history stands, before its first event, nowhere.
    """
    rows = connection.execute(
        """SELECT change.item_id, event.at, json_extract(change.after, '$.status')
           FROM change JOIN event ON event.seq = change.seq JOIN item ON item.id = change.item_id
           WHERE item.deleted_at IS NULL AND json_extract(change.after, '$.status') IS NOT NULL
           ORDER BY change.seq"""
    ).fetchall()
    today = parse(now).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday())
    ends = [stamp(monday - timedelta(weeks=back)) for back in range(WEEKS - 1, -1, -1)] + [now]
    flow: dict[str, dict[str, int]] = {}
    standing: dict[str, str] = {}
    counts = dict.fromkeys(STATUSES, 0)
    at = 0
    for end in ends:
        while at < len(rows) and rows[at][1] <= end:
            item, _, status = rows[at]
            if item in standing:
                counts[standing[item]] -= 1
            standing[item] = status
            counts[status] += 1
            at += 1
        flow[end[:10]] = dict(counts)
    return flow


def _ages(connection: sqlite3.Connection, now: str) -> dict[str, int]:
    ages = {name: 0 for name, _ in AGES} | {"over 90 days": 0}
    newer = "9999"
    for name, days in AGES:
        older = stamp(parse(now) - timedelta(days=days))
        ages[name] = _open_between(connection, older, newer)
        newer = older
    ages["over 90 days"] = _open_between(connection, "", newer)
    return ages


def _open_between(connection: sqlite3.Connection, older: str, newer: str) -> int:
    return _one(
        connection,
        "SELECT count(*) FROM item WHERE created_at > ? AND created_at <= ? AND closed = 0 AND "
        "deleted_at IS NULL",
        older,
        newer,
    )


def _chains(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """The items that open work waits for most, with the longest line of items waiting one behind the
    other.
    """
    tops = connection.execute(
        """SELECT id, title, status, frees FROM item
           WHERE frees > 0 AND closed = 0 AND deleted_at IS NULL AND waits = 0
           ORDER BY frees DESC, priority, id LIMIT 10"""
    ).fetchall()
    return [
        {
            "id": row["id"],
            "title": row["title"],
            "status": row["status"],
            "directly": row["frees"],
            "levels": _levels(connection, row["id"]),
        }
        for row in tops
    ]


def _levels(connection: sqlite3.Connection, blocker: str) -> int:
    """How many steps of waiting lie behind a blocker, looked at up to 100,000 items."""
    seen, level, levels = {blocker}, [blocker], 0
    while level and len(seen) < 100_000:
        rows = connection.execute(
            """SELECT DISTINCT item.id FROM json_each(?) AS wanted
               CROSS JOIN dependency ON dependency.blocker_id = wanted.value
               CROSS JOIN item ON item.id = dependency.item_id
               WHERE item.closed = 0 AND +item.deleted_at IS NULL""",
            (as_json(level),),
        )
        level = [one for (one,) in rows if one not in seen]
        seen.update(level)
        levels += bool(level)
    return levels
