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
    with pytest.raises(StorageLostError, match="being made"):
        database.begin_reading()


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
