"""Migrations: forward, each in one transaction, safe to interrupt and to race."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from workflow_server.store.project_schema import STEPS
from workflow_server.store.schema import PROJECT_FILE, Schema


def open_file(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def put_one(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO b VALUES (1)")


def test_a_step_that_fails_leaves_the_file_as_it_was_and_a_rerun_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "p.sqlite3"
    first = Schema("thing", 7, (("CREATE TABLE a (x)",),))
    failing = Schema("thing", 7, (*first.steps, ("CREATE TABLE b (y)", "INSERT INTO nowhere VALUES (1)")))
    mended = Schema("thing", 7, (*first.steps, ("CREATE TABLE b (y)", put_one)))
    connection = open_file(path)
    first.bring_up_to_date(connection, path)
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        failing.bring_up_to_date(connection, path)
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (1,)
    mended.bring_up_to_date(connection, path)
    mended.bring_up_to_date(connection, path)
    assert connection.execute("SELECT y FROM b").fetchall() == [(1,)]
    connection.close()


@pytest.mark.parametrize("version", range(1, len(STEPS) + 1))
def test_every_released_schema_reaches_the_newest(tmp_path: Path, version: int) -> None:
    path = tmp_path / "p.sqlite3"
    connection = open_file(path)
    Schema(PROJECT_FILE.name, PROJECT_FILE.application_id, STEPS[:version]).bring_up_to_date(connection, path)
    PROJECT_FILE.bring_up_to_date(connection, path)
    fresh = open_file(tmp_path / "fresh.sqlite3")
    PROJECT_FILE.bring_up_to_date(fresh, tmp_path / "fresh.sqlite3")
    schema = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"
    assert connection.execute(schema).fetchall() == fresh.execute(schema).fetchall()
    connection.close()
    fresh.close()


class Overtaken(sqlite3.Connection):
    """A connection beside which another process makes the file between two looks at it."""

    overtake: Path | None = None

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        cursor = super().execute(sql, parameters)
        if self.overtake and "application_id" in sql:
            path, self.overtake = self.overtake, None
            other = sqlite3.connect(path, isolation_level=None)
            PROJECT_FILE.bring_up_to_date(other, path)
            other.close()
        return cursor


def test_a_file_that_another_process_makes_meanwhile_is_not_taken_for_a_foreign_one(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite3"
    connection = sqlite3.connect(path, isolation_level=None, factory=Overtaken)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.overtake = path
    PROJECT_FILE.bring_up_to_date(connection, path)
    assert connection.overtake is None
    assert connection.execute("PRAGMA user_version").fetchone()[0] == len(STEPS)
