"""A file whose disk has no room, not even for the index of its log: read, and written once there is."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bridge.agreed.errors import TandemError
from workflow_server.store.connection import Store
from workflow_server.store.schema import PROJECT_FILE, Schema
from workflow_server.store.standin import filled

if sys.platform == "win32":
    pytest.skip("limits of a process are POSIX's", allow_module_level=True)

import resource


@contextmanager
def no_room() -> Iterator[None]:
    """No file of this process may grow above 64 bytes: not even SQLite's ``-shm`` of 32 KB can be made."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


def notes(db: sqlite3.Connection) -> list[str]:
    return [row["text"] for row in db.execute("SELECT text FROM noted ORDER BY rowid")]


async def made(path: Path) -> None:
    store = await Store.open(path, PROJECT_FILE, create=True)
    await store.write(lambda db: db.execute("CREATE TABLE noted (text)"))
    await store.write(lambda db: db.execute("INSERT INTO noted VALUES ('before')"))
    await store.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A project's file with one note in it."""
    path = tmp_path / "data" / "p.sqlite3"
    asyncio.run(made(path))
    return path


async def test_it_is_read_from_a_copy_and_not_written_to(path: Path) -> None:
    with no_room():
        store = await Store.open(path, PROJECT_FILE)
        assert await store.read(notes) == ["before"]
        with pytest.raises(TandemError) as refused:
            await store.write(lambda db: db.execute("INSERT INTO noted VALUES ('lost')"))
        assert refused.value.code == "disk_full"
        assert refused.value.message == f"The disk that holds {path} is full; nothing was stored."
        assert await store.read(notes) == ["before"], "and goes on being read"
        await store.close()


async def test_it_is_examined_as_ever_and_then_the_full_disk_is_what_is_told(path: Path) -> None:
    with no_room(), pytest.raises(TandemError) as refused:
        await Store.open(path, PROJECT_FILE, examine=True)
    assert refused.value.code == "disk_full"


@pytest.mark.parametrize("first", ["read", "write"])
async def test_once_there_is_room_the_file_itself_is_read_and_written(path: Path, first: str) -> None:
    with no_room():
        store = await Store.open(path, PROJECT_FILE)
        assert await store.read(notes) == ["before"]
    if first == "read":
        assert await store.read(notes) == ["before"]
    await store.write(lambda db: db.execute("INSERT INTO noted VALUES ('after')"))
    with closing(sqlite3.connect(path)) as other:
        other.execute("INSERT INTO noted VALUES ('by another')")
        other.commit()
    assert await store.read(notes) == ["before", "after", "by another"], "no longer the copy"
    await store.close()


def copy_of(path: Path, schema: Schema) -> sqlite3.Connection:
    copy = sqlite3.connect(":memory:", isolation_level=None)
    filled(copy, path, schema)
    return copy


def test_the_copy_holds_all_that_the_file_does_and_refuses_to_be_changed(path: Path) -> None:
    with closing(copy_of(path, PROJECT_FILE)) as copy:
        assert notes(copy) == ["before"]
        assert copy.execute("PRAGMA user_version").fetchone()[0] == len(PROJECT_FILE.steps)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            copy.execute("INSERT INTO noted VALUES ('lost')")


def test_the_copy_of_an_older_file_is_of_the_newest_schema_and_the_file_stays_as_it_is(
    path: Path,
) -> None:
    before = path.read_bytes()
    newer = Schema(
        "project file", PROJECT_FILE.application_id, (*PROJECT_FILE.steps, ("CREATE TABLE added (text)",))
    )
    with closing(copy_of(path, newer)) as copy:
        assert copy.execute("SELECT count(*) FROM added").fetchone()[0] == 0
        assert notes(copy) == ["before"]
    assert path.read_bytes() == before


def test_a_file_of_a_newer_release_or_another_program_is_refused_by_its_name(
    path: Path, tmp_path: Path
) -> None:
    older = Schema("project file", PROJECT_FILE.application_id, PROJECT_FILE.steps[:1])
    with pytest.raises(TandemError, match="written by a newer workflow-server") as refused:
        copy_of(path, older)
    assert str(path) in refused.value.message
    foreign = tmp_path / "foreign.sqlite3"
    with closing(sqlite3.connect(foreign)) as other:
        other.execute("CREATE TABLE theirs (text)")
    with pytest.raises(TandemError, match="not a project file") as refused:
        copy_of(foreign, PROJECT_FILE)
    assert str(foreign) in refused.value.message
