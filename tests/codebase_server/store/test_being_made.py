"""A reader that comes while the file is being made finds nothing yet; it does not find damage."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from codebase_server.index import RootIndex
from codebase_server.store import Database, Registry, StorageLostError


def half_made(folder: Path) -> None:
    """The file as it is between its creation and its tables: a header, no schema."""
    folder.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(folder / "index.sqlite3")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("VACUUM")
    connection.close()


def test_a_file_without_tables_yet_is_no_damage(tmp_path: Path) -> None:
    database = Database(tmp_path)
    half_made(tmp_path)
    assert database.exists()
    with pytest.raises(StorageLostError, match="being made") as told:
        database.begin_reading()
    assert told.value.details == {"file": str(database.file)}


def test_a_root_whose_index_is_being_made_reads_as_building(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    registry = Registry(tmp_path / "data")
    index = RootIndex(root, registry)
    half_made(index.database.folder)
    with index.snapshot() as snapshot:
        assert (snapshot.state, snapshot.chunks_count) == ("building", 0)
    index.run_pass()
    with index.snapshot() as snapshot:
        assert snapshot.state == "ready"
    index.close()


def test_a_file_gets_its_name_when_it_has_its_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(tmp_path)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("codebase_server.store.database.migrate", killed)
        with pytest.raises(KeyboardInterrupt):
            database.prepare()
    assert not database.file.exists(), "it has no tables yet"
    database.prepare()
    with database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM version").fetchone() == (0,)
    database.close()
    assert {each.name for each in tmp_path.iterdir()} <= {"index.sqlite3", "schema.lock"}, (
        "nothing else is left"
    )


def test_the_log_of_a_file_that_was_deleted_is_not_read_into_a_new_one(tmp_path: Path) -> None:
    database = Database(tmp_path)
    database.prepare()
    writer = database.writer()
    writer.execute("INSERT INTO meta VALUES ('of', 'the deleted one')")
    log = tmp_path / "index.sqlite3-wal"
    kept = log.read_bytes()
    assert kept, "not folded into the file yet"
    writer.close()
    database.file.unlink()
    log.write_bytes(kept)
    database.prepare()
    with database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM meta").fetchone() == (0,)
    database.close()
