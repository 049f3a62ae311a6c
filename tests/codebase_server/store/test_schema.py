"""Making and migrating databases."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from codebase_server.search.candidates import postings, vectors
from codebase_server.store import Database, IndexCorruptError, IndexTooNewError, StorageLostError, schema
from codebase_server.store.schema import NEWEST, migrate


def tables(connection: sqlite3.Connection) -> dict[str, list[tuple[str, str]]]:
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {
        name: [(row[1], row[2]) for row in connection.execute(f"PRAGMA table_info({name})")] for name in names
    }


def test_the_tables_of_the_text_index_are_those_its_writers_know(tmp_path: Path) -> None:
    ours, theirs = sqlite3.connect(":memory:", isolation_level=None), sqlite3.connect(":memory:")
    migrate(ours, tmp_path)
    for statement in (*postings.DDL, *vectors.DDL):
        theirs.execute(statement)
    expected = {name: columns for name, columns in tables(theirs).items() if name != "sqlite_sequence"}
    assert set(expected) == {"segment", "posting", "vector_block"}
    assert {name: tables(ours)[name] for name in expected} == expected
    ours.close()
    theirs.close()


def test_many_may_make_the_database_at_once(tmp_path: Path) -> None:
    problems: list[Exception] = []

    def prepare() -> None:
        try:
            Database(tmp_path / "r").prepare()
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=prepare) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    database = Database(tmp_path / "r")
    with database.reading() as connection:
        assert schema.version_of(connection) == NEWEST
    database.close()


def test_a_failing_migration_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    monkeypatch.setattr(schema, "MIGRATIONS", (["CREATE TABLE one (x)", "CREATE TABLE one (x)"],))
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, tmp_path)
    assert tables(connection) == {}
    assert schema.version_of(connection) == 0
    connection.close()


def test_a_newer_database_is_refused_by_name_and_left_alone(tmp_path: Path) -> None:
    database = Database(tmp_path / "r")
    database.prepare()
    with sqlite3.connect(database.file) as connection:
        connection.execute("PRAGMA user_version = 41")
    connection.close()
    before = database.file.read_bytes()
    for use in (database.prepare, database.begin_reading, database.writer):
        with pytest.raises(
            IndexTooNewError, match=rf"has schema 41; .* schemas up to {schema.NEWEST}\."
        ) as told:
            use()
        assert told.value.details == {"file": str(database.file)}
    assert database.file.read_bytes() == before


def test_a_missing_database_is_lost_not_made_by_reading(tmp_path: Path) -> None:
    with pytest.raises(StorageLostError) as told:
        Database(tmp_path / "r").begin_reading()
    assert told.value.details == {"file": str(Database(tmp_path / "r").file)}
    assert not (tmp_path / "r").exists()


def test_a_damaged_database_is_named_and_can_be_set_aside(tmp_path: Path) -> None:
    database = Database(tmp_path / "r")
    database.prepare()
    database.file.write_bytes(b"not a database at all, " * 100)
    with pytest.raises(IndexCorruptError, match=r"index\.sqlite3"):
        database.begin_reading()
    aside = database.set_aside()
    assert aside.read_bytes().startswith(b"not a database")
    database.prepare()
    with database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM root").fetchone() == (0,)
    database.close()
