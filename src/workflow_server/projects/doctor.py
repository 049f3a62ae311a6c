"""Examining a project file: what SQLite can check, and what only we know."""

from __future__ import annotations

import sqlite3
from typing import TypedDict

from workflow_server.dependencies import kept


class Findings(TypedDict):
    """What was looked at, with the outcome of each, and the problems in sentences."""

    schema_version: int
    items: int
    events: int
    checks: dict[str, str]
    problems: list[str]


def examine(connection: sqlite3.Connection) -> Findings:
    """Check one snapshot of the file. Takes time in proportion to its size."""
    problems: list[str] = []
    checks: dict[str, str] = {}

    def note(name: str, found: list[str]) -> None:
        checks[name] = "ok" if not found else f"{len(found)} problems"
        problems.extend(f"{name}: {one}" for one in found[:20])

    integrity = [row[0] for row in connection.execute("PRAGMA integrity_check(20)")]
    note("integrity", [] if integrity == ["ok"] else integrity)
    note("foreign keys", [str(tuple(row)) for row in connection.execute("PRAGMA foreign_key_check")])
    note("kept columns", _kept(connection))
    note("full text", _full_text(connection))
    note("history", _history(connection))
    note("tree", _tree(connection))
    return {
        "schema_version": connection.execute("PRAGMA user_version").fetchone()[0],
        "items": connection.execute("SELECT count(*) FROM item WHERE deleted_at IS NULL").fetchone()[0],
        "events": connection.execute("SELECT count(*) FROM event").fetchone()[0],
        "checks": checks,
        "problems": problems,
    }


def _kept(connection: sqlite3.Connection) -> list[str]:
    right, stored = kept.recomputed(connection), kept.stored(connection)
    return [f"{one} holds {stored[one]}, right is {right[one]}" for one in right if right[one] != stored[one]]


def _full_text(connection: sqlite3.Connection) -> list[str]:
    missing = connection.execute(
        """SELECT id FROM item WHERE deleted_at IS NULL AND n NOT IN (SELECT rowid FROM item_text)
           UNION ALL SELECT 'row ' || rowid FROM item_text
           WHERE rowid NOT IN (SELECT n FROM item WHERE deleted_at IS NULL) LIMIT 20"""
    )
    return [f"{one} is not indexed as it should be" for (one,) in missing]


def _history(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        """SELECT item.id, item.version, max(change.version) AS last FROM item
           LEFT JOIN change ON change.item_id = item.id
           GROUP BY item.id HAVING last IS NULL OR last <> item.version LIMIT 20"""
    )
    return [f"{row['id']} is at version {row['version']}, its history ends at {row['last']}" for row in rows]


def _tree(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        """SELECT item.id FROM item LEFT JOIN item AS parent ON parent.id = item.parent_id
           WHERE item.path <> coalesce(parent.path, '/') || item.id || '/'
              OR (item.deleted_at IS NULL AND parent.deleted_at IS NOT NULL) LIMIT 20"""
    )
    return [f"{one} does not lie where its parent is" for (one,) in rows]
