"""Readers are used again; of many that were needed at once, two hold many pages of the file."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from codebase_server.index import RootIndex
from codebase_server.store import Database, Registry


@pytest.fixture
def database(tmp_path: Path) -> Database:
    root = tmp_path / "root"
    root.mkdir()
    (root / "one.py").write_text("def one():\n    return 1\n")
    index = RootIndex(root, Registry(tmp_path / "data"))
    index.run_pass()
    index.close()
    return Database(index.database.folder)


def test_the_warm_ones_are_used_first_and_none_is_opened_while_one_is_idle(database: Database) -> None:
    first = [database.begin_reading() for _ in range(6)]
    for connection in first:
        database.end_reading(connection)
    again = [database.begin_reading() for _ in range(6)]
    assert {id(one) for one in again} == {id(one) for one in first}
    assert {id(one) for one in again[:2]} == {id(one) for one in first[:2]}, "those that hold many pages"
    sizes = [connection.execute("PRAGMA cache_size").fetchone()[0] for connection in again]
    assert sizes == [-3 * 1024] * 2 + [-1024] * 4
    for connection in again:
        database.end_reading(connection)
    database.close()
    fresh = database.begin_reading()
    assert fresh.execute("PRAGMA cache_size").fetchone()[0] == -3 * 1024, "the warm ones are gone"
    database.end_reading(fresh)
    database.close()
    with pytest.raises(sqlite3.ProgrammingError):
        first[5].execute("SELECT 1")


def test_no_more_than_eight_wait_for_the_next_reader(database: Database) -> None:
    many = [database.begin_reading() for _ in range(12)]
    for connection in many:
        database.end_reading(connection)
    assert len(database._readers) == 8
    for connection in many[8:]:
        with pytest.raises(sqlite3.ProgrammingError):
            connection.execute("SELECT 1")
    database.close()
