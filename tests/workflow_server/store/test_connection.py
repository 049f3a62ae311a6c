"""One database file: durable transactions, snapshots that do not move, and what each failure is called."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import pytest

from bridge.agreed import system
from bridge.agreed.errors import TandemError
from bridge.hosting import waits
from workflow_server.store import errors
from workflow_server.store.checkpoint import BACKSTOP_PAGES, LOG_BYTES, Checkpointer
from workflow_server.store.connection import Store, set_aside
from workflow_server.store.errors import DamagedError
from workflow_server.store.identifiers import ITEM_ID, new_claim_token, new_event_id, new_item_ids
from workflow_server.store.schema import PROJECT_FILE


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(tmp_path / "data" / "p.sqlite3", PROJECT_FILE, create=True)
    await opened.write(lambda db: db.execute("CREATE TABLE noted (text)"))
    yield opened
    await opened.close()


def note(text: str) -> Callable[[sqlite3.Connection], object]:
    return lambda db: db.execute("INSERT INTO noted VALUES (?)", (text,))


def notes(db: sqlite3.Connection) -> list[str]:
    return [row["text"] for row in db.execute("SELECT text FROM noted ORDER BY rowid")]


async def test_a_write_is_there_for_every_later_read_and_for_other_programs(store: Store) -> None:
    await store.write(note("one"))
    assert await store.read(notes) == ["one"]
    with closing(sqlite3.connect(store.path)) as other:
        assert other.execute("SELECT text FROM noted").fetchall() == [("one",)]


async def test_an_exception_in_a_write_leaves_the_file_as_it_was(store: Store) -> None:
    def half(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO noted VALUES ('half')")
        raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        await store.write(half)
    assert await store.read(notes) == []
    await store.write(note("whole"))
    assert await store.read(notes) == ["whole"]


async def test_a_read_can_not_write_and_an_exception_in_it_ends_its_snapshot(store: Store) -> None:
    with pytest.raises(TandemError) as refused:
        await store.read(note("no"))
    assert refused.value.code == "store_not_writable"
    await store.write(note("after"))
    assert await store.read(notes) == ["after"], "the next read sees what came meanwhile"
    assert not store.suspect, "a refusal is no damage"


async def test_what_is_wrong_with_a_damaged_file_is_told_in_sqlite_s_own_last_words(tmp_path: Path) -> None:
    file = tmp_path / "p.sqlite3"
    store = await Store.open(file, PROJECT_FILE, create=True)
    await store.write(lambda db: db.execute("CREATE TABLE noted (text)"))
    for number in range(400):
        await store.write(note(f"{number} " * 100))
    await store.close()
    with file.open("r+b") as handle:
        handle.seek(-40 * 4096, 2)
        handle.write(b"\xa5" * 4096 * 20)
    with pytest.raises(DamagedError) as damaged:
        await Store.open(file, PROJECT_FILE, examine=True)
    with closing(sqlite3.connect(file)) as connection:
        told = connection.execute("PRAGMA quick_check(1)").fetchone()[0].splitlines()
    assert told[-1] in str(damaged.value)
    assert "***" not in str(damaged.value), "the heading says nothing"


def mount(*arguments: str, command: tuple[str, ...] = ("mount",)) -> int:
    return subprocess.run([*command, *arguments], check=False, capture_output=True).returncode


@pytest.mark.parametrize(
    ("made", "code", "words", "hint"),
    [
        (
            "CREATE TABLE t (a)",
            "store_foreign",
            "is a SQLite database, but not a project file of workflow-server (application id 0)",
            "Move it away, or choose another folder with --data-dir.",
        ),
        (
            f"PRAGMA application_id = {0x54574B31}; PRAGMA user_version = 99; CREATE TABLE t (a)",
            "store_newer",
            "its schema is version 99, this program knows up to",
            "Upgrade tandem-mcp; the file was left as it is.",
        ),
    ],
)
async def test_a_file_that_is_not_ours_or_newer_is_refused_in_these_words_and_left_as_it_is(
    tmp_path: Path, made: str, code: str, words: str, hint: str
) -> None:
    file = tmp_path / "p.sqlite3"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(made)
    before = file.read_bytes()
    with pytest.raises(TandemError) as refused:
        await Store.open(file, PROJECT_FILE, create=True)
    assert refused.value.code == code
    assert words in refused.value.message
    assert refused.value.hint == hint
    assert file.read_bytes() == before


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounting wants root")
async def test_a_file_system_that_became_read_only_is_called_so_and_nothing_is_lost(tmp_path: Path) -> None:
    folder = tmp_path / "mounted"
    folder.mkdir()
    if mount("-t", "tmpfs", "tmpfs", str(folder)):
        pytest.skip("mounting is not allowed here")
    try:
        store = await Store.open(folder / "p.sqlite3", PROJECT_FILE, create=True)
        await store.write(lambda db: db.execute("CREATE TABLE noted (text)"))
        await store.write(note("before"))
        await store.close()
        assert not mount("-o", "remount,ro", str(folder))
        store = await Store.open(folder / "p.sqlite3", PROJECT_FILE, create=True)
        assert await store.read(notes) == ["before"], "it is read all the same"
        with pytest.raises(TandemError) as refused:
            await store.write(note("lost"))
        assert refused.value.code == "store_not_writable"
        assert "is on a read-only file system" in refused.value.message
        assert "Mount" in refused.value.hint
        with pytest.raises(TandemError, match="Read-only"):
            await Store.open(folder / "new.sqlite3", PROJECT_FILE, create=True)
        assert not mount("-o", "remount,rw", str(folder))
        await store.write(note("after"))
        assert await store.read(notes) == ["before", "after"]
        await store.close()
    finally:
        assert not mount(str(folder), command=("umount", "-l"))


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounting wants root")
@pytest.mark.parametrize("left", ["open elsewhere", "with its log", "with its log and index"])
async def test_what_is_on_a_read_only_disk_is_read_with_its_log(tmp_path: Path, left: str) -> None:
    written, shown = tmp_path / "written", tmp_path / "shown"
    shown.mkdir()
    store = await Store.open(written / "p.sqlite3", PROJECT_FILE, create=True)
    await store.write(lambda db: db.execute("CREATE TABLE noted (text)"))
    await store.write(note("in the log"))
    if left != "open elsewhere":
        for ending in ("", "-wal", "-shm")[: 3 if "index" in left else 2]:
            (shown / f"p.sqlite3{ending}").write_bytes((written / f"p.sqlite3{ending}").read_bytes())
        assert (shown / "p.sqlite3-wal").stat().st_size
    if mount("--bind", str(written if left == "open elsewhere" else shown), str(shown)):
        pytest.skip("mounting is not allowed here")
    try:
        assert not mount("-o", "remount,ro,bind", str(shown))
        reading = await Store.open(shown / "p.sqlite3", PROJECT_FILE)
        assert await reading.read(notes) == ["in the log"]
        await reading.close()
    finally:
        assert not mount(str(shown), command=("umount", "-l"))
        await store.close()


async def test_how_a_file_is_written(store: Store) -> None:
    """An acknowledged write survives the loss of power; its log is folded beside the writes."""
    settings = {}
    for name in ("synchronous", "journal_mode", "foreign_keys", "wal_autocheckpoint", "busy_timeout"):
        settings[name] = await store.outside_transaction(
            lambda db, name=name: db.execute(f"PRAGMA {name}").fetchone()[0]  # type: ignore[misc]
        )
    assert settings == {
        "synchronous": 2,
        "journal_mode": "wal",
        "foreign_keys": 1,
        "wal_autocheckpoint": BACKSTOP_PAGES,
        "busy_timeout": 0,
    }


async def test_how_much_memory_a_file_may_take_and_that_a_reader_is_one(store: Store) -> None:
    def pragmas(*names: str) -> Callable[[sqlite3.Connection], dict[str, int]]:
        return lambda db: {name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in names}

    assert await store.outside_transaction(
        pragmas("cache_size", "temp_store", "secure_delete", "journal_size_limit", "query_only")
    ) == {
        "cache_size": -48_000,
        "temp_store": 2,
        "secure_delete": 0,
        "journal_size_limit": LOG_BYTES // 2,
        "query_only": 0,
    }
    assert await store.read(pragmas("cache_size", "temp_store", "query_only")) == {
        "cache_size": -32_000,
        "temp_store": 2,
        "query_only": 1,
    }


async def test_rows_have_names_for_readers_and_writers(store: Store) -> None:
    await store.write(note("one"))
    first = "SELECT text FROM noted"
    assert (await store.read(lambda db: db.execute(first).fetchone()["text"])) == "one"
    assert (await store.write(lambda db: db.execute(first).fetchone()["text"])) == "one"


async def test_no_thread_of_a_file_keeps_a_process_alive(store: Store) -> None:
    await store.read(notes)
    assert store._reader is not None
    assert store._writer is not None
    assert store._writer._thread.daemon
    assert store._reader._thread.daemon


async def test_how_long_a_write_waited_is_noted_by_cause(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[tuple[str, float]] = []
    monkeypatch.setattr(waits, "note", lambda what, seconds: noted.append((what, seconds)))
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(db: sqlite3.Connection) -> None:
        loop.call_soon_threadsafe(begun.set)
        time.sleep(0.3)

    first = asyncio.create_task(store.write(slow))
    await begun.wait()
    second = asyncio.create_task(store.write(note("second")))
    await asyncio.sleep(0)
    assert store.waiting == 2
    await asyncio.gather(first, second)
    assert store.waiting == 0
    causes = [
        "the writes before it of p.sqlite3", "the write lock of p.sqlite3", "the commit of p.sqlite3",
    ]  # fmt: skip
    assert [what for what, _ in noted] == causes * 2
    waited = [seconds for what, seconds in noted if what == causes[0]]
    assert min(seconds for _, seconds in noted) >= 0
    assert waited[1] >= 0.1, "the second stood behind the first"
    assert sum(seconds for _, seconds in noted[:3]) < 0.3 + waited[0], "working is not waiting"


async def test_a_write_that_failed_has_waited_too_and_counts_no_more(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[str] = []
    monkeypatch.setattr(waits, "note", lambda what, seconds: noted.append(what))

    def fail(db: sqlite3.Connection) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await store.write(fail)
    assert noted == ["the writes before it of p.sqlite3", "the write lock of p.sqlite3"]
    assert store.waiting == 0


async def test_what_a_read_waits_for_is_the_reads_before_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[tuple[str, float]] = []
    await store.read(notes)
    monkeypatch.setattr(waits, "note", lambda what, seconds: noted.append((what, seconds)))
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(db: sqlite3.Connection) -> None:
        loop.call_soon_threadsafe(begun.set)
        time.sleep(0.3)

    first = asyncio.create_task(store.read(slow))
    await begun.wait()
    await asyncio.gather(first, store.read(notes))
    assert [what for what, _ in noted] == ["the reads before it of p.sqlite3"] * 2
    assert noted[1][1] >= 0.1, "the second stood behind the first"


async def test_a_write_that_ended_its_own_transaction_is_not_rolled_back_twice(store: Store) -> None:
    def ended(db: sqlite3.Connection) -> None:
        db.execute("ROLLBACK")
        raise ValueError("after the end")

    with pytest.raises(ValueError, match="after the end"):
        await store.write(ended)
    with pytest.raises(ValueError, match="after the end"):
        await store.read(ended)
    await store.write(note("goes on"))
    assert await store.read(notes) == ["goes on"]


async def test_the_folder_of_a_new_file_is_made_however_deep(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b" / "p.sqlite3"
    with pytest.raises(FileNotFoundError, match=r"p\.sqlite3"):
        await Store.open(file, PROJECT_FILE)
    assert not file.parent.exists()
    await (await Store.open(file, PROJECT_FILE, create=True)).close()
    assert file.exists()


async def test_a_closed_file_may_be_closed_without_having_been_read(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "p.sqlite3", PROJECT_FILE, create=True)
    assert store._reader is None
    await store.close()
    again = await Store.open(tmp_path / "p.sqlite3", PROJECT_FILE)
    await again.read(lambda db: db.execute("SELECT 1"))
    reader = again._reader
    assert reader is not None
    await again.read(lambda db: db.execute("SELECT 1"))
    assert again._reader is reader, "one reader a file"
    await again.close()
    assert again._reader is None


async def test_a_file_that_is_not_there_is_made_only_when_told(tmp_path: Path) -> None:
    file = tmp_path / "none.sqlite3"
    with pytest.raises(FileNotFoundError):
        await Store.open(file, PROJECT_FILE)
    assert not file.exists()
    await (await Store.open(file, PROJECT_FILE, create=True)).close()
    await (await Store.open(file, PROJECT_FILE)).close()


async def test_a_file_that_sqlite_cannot_even_open_is_told_with_its_place(tmp_path: Path) -> None:
    there = tmp_path / "store.sqlite"
    there.mkdir()  # SQLite fails before it is asked anything, as on a disk that gives no byte
    with pytest.raises(TandemError) as refused:
        await Store.open(there, PROJECT_FILE)
    assert refused.value.code == "store_not_writable"
    assert str(there) in str(refused.value)


async def test_a_file_that_is_no_database_is_damaged_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "p.sqlite3"
    file.write_bytes(b"no database at all, " * 500)
    with pytest.raises(DamagedError) as refused:
        await Store.open(file, PROJECT_FILE)
    error = refused.value
    assert (error.code, error.path, error.details) == ("project_damaged", file, {"file": str(file)})
    assert error.message == f"{file} is damaged (file is not a database); nothing was stored."
    assert error.reason == "file is not a database"
    assert "`workflow-server restore` puts a backup in its place" in error.hint
    assert file.read_bytes().startswith(b"no database")


async def test_damage_inside_is_found_by_an_examination_and_met_by_a_read(store: Store) -> None:
    await store.write(
        lambda db: [db.execute("INSERT INTO noted VALUES (?)", ("x" * 900,)) for _ in range(200)]
    )
    path = store.path
    root = await store.read(
        lambda db: db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'noted'").fetchone()[0]
    )
    size = await store.read(lambda db: db.execute("PRAGMA page_size").fetchone()[0])
    await store.outside_transaction(lambda db: db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    with pytest.raises(DamagedError):
        await Store.open(path, PROJECT_FILE, examine=True)
    again = await Store.open(path, PROJECT_FILE)
    assert not again.suspect
    with pytest.raises(DamagedError):
        await again.read(notes)
    assert again.suspect, "so that it is examined before it is used again"
    await again.close()


async def test_a_write_waits_for_another_program_and_gives_up_in_words(store: Store) -> None:
    with closing(sqlite3.connect(store.path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        store.patience = 0.2
        started = time.monotonic()
        with pytest.raises(TandemError) as refused:
            await store.write(note("late"))
        assert time.monotonic() - started >= 0.2
        assert refused.value.code == "store_busy"
        assert refused.value.message == (
            "Another process has been writing to p.sqlite3 for more than 30 seconds; nothing was stored."
        )
        assert refused.value.hint.startswith("Try again; ")
        assert await store.read(notes) == [], "reads wait for nobody"
        store.patience = 30
        waiting = asyncio.create_task(store.write(note("in turn")))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        other.execute("ROLLBACK")
        await waiting
    assert await store.read(notes) == ["in turn"]


def failure(code: int, text: str = "it went wrong") -> sqlite3.DatabaseError:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "named"),
    [
        (sqlite3.SQLITE_CORRUPT, "project_damaged"),
        (sqlite3.SQLITE_CORRUPT | 1 << 8, "project_damaged"),
        (sqlite3.SQLITE_NOTADB, "project_damaged"),
        (sqlite3.SQLITE_BUSY, "store_busy"),
        (sqlite3.SQLITE_BUSY | 2 << 8, "store_busy"),
        (sqlite3.SQLITE_LOCKED, "store_busy"),
        (sqlite3.SQLITE_FULL, "disk_full"),
        (sqlite3.SQLITE_READONLY, "store_not_writable"),
        (sqlite3.SQLITE_CANTOPEN, "store_not_writable"),
        (sqlite3.SQLITE_PERM, "store_not_writable"),
    ],
)
async def test_each_failure_says_that_nothing_was_stored_and_what_to_do(
    store: Store, code: int, named: str
) -> None:
    def fail(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO noted VALUES ('half')")
        raise failure(code)

    with pytest.raises(TandemError) as refused:
        await store.write(fail)
    assert refused.value.code == named
    assert "nothing was stored." in refused.value.message
    assert refused.value.hint
    assert (str(store.path) in refused.value.message) or named == "store_busy"
    assert store.suspect == (named == "project_damaged")
    assert await store.read(notes) == []


@pytest.mark.parametrize(
    ("code", "read_only", "message", "hint"),
    [
        (
            sqlite3.SQLITE_FULL, False,
            "The disk that holds {path} is full; nothing was stored.",
            "Free some space and try again.",
        ),
        (
            sqlite3.SQLITE_READONLY, True,
            "{path} is on a read-only file system (words); nothing was stored.",
            "Mount that file system for writing, or choose another folder with --data-dir.",
        ),
        (
            sqlite3.SQLITE_CANTOPEN, False,
            "{path} cannot be opened for writing (words); nothing was stored.",
            "Check the permissions of the folder, or choose another with --data-dir.",
        ),
        (
            sqlite3.SQLITE_BUSY, False,
            "Another process has been writing to {name} for more than 30 seconds; nothing was stored.",
            "Try again; if it keeps happening, look for a stuck workflow-server process.",
        ),
        (
            sqlite3.SQLITE_IOERR, False,
            "The disk that holds {path} failed a read or write (words); whether the change was stored is not "
            "certain.",
            "Read the item before you repeat the change; if this goes on, check the disk (the system's log "
            "names it).",
        ),
        (
            sqlite3.SQLITE_CORRUPT, False,
            "{path} is damaged (words); nothing was stored.",
            "Call again: the file is then examined and, if it is unsound, set aside. "
            "`workflow-server restore` puts a backup in its place.",
        ),
    ],
)  # fmt: skip
def test_each_failure_is_told_in_its_own_words(
    monkeypatch: pytest.MonkeyPatch, code: int, read_only: bool, message: str, hint: str
) -> None:
    """What kind of file system it is, is asked of the system: its answer is given here."""
    path = Path("/data/p.sqlite3")
    monkeypatch.setattr(system, "read_only", lambda asked: read_only and asked == path)
    told = errors.translated(failure(code, "words"), path)
    assert isinstance(told, TandemError)
    assert told.message == message.format(path=path, name=path.name)
    assert told.hint == hint


def test_what_is_nobody_s_failure_stays_what_it_is() -> None:
    error = sqlite3.OperationalError("no such column")
    assert errors.translated(error, Path("p.sqlite3")) is error


async def test_a_disk_that_fails_is_told_without_a_promise(store: Store) -> None:
    """A commit whose sync failed may be found in the log later: what is certain is only what can be read."""

    def fail(db: sqlite3.Connection) -> None:
        raise failure(sqlite3.SQLITE_IOERR | 4 << 8, "disk I/O error")  # SQLITE_IOERR_FSYNC

    with pytest.raises(TandemError) as refused:
        await store.write(fail)
    assert refused.value.code == "storage_failed"
    assert str(store.path) in refused.value.message
    assert "not certain" in refused.value.message
    assert "Read the item" in refused.value.hint
    assert not store.suspect


FILLING = """
import asyncio, resource, signal, sys
from pathlib import Path
from workflow_server.records import Actor, Call
from workflow_server.service import WorkflowService

async def main():
    service = WorkflowService(Path(sys.argv[1]))
    call = Call(Actor("ann"), "demo")
    await service.create_project(call, "demo")
    kept = (await service.create_work_item(call, {"title": "Before"}))["item"]["id"]
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))  # no write goes through any more
    try:
        await service.create_work_item(call, {"title": "Lost"})
    except Exception as error:
        print(getattr(error, "code", "untranslated"), error, sep="|")
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    after = (await service.create_work_item(call, {"title": "After"}))["item"]["id"]
    listed = await service.list_work_items(call, {})
    print({item["id"] for item in listed["items"]} == {kept, after})

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX's")
def test_a_write_that_the_system_refuses_is_told_with_file_and_remedy_and_the_next_goes_through(
    tmp_path: Path,
) -> None:
    told = subprocess.run(
        [sys.executable, "-c", FILLING, str(tmp_path / "data")],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    error, right = told.stdout.splitlines()
    assert error.split("|")[0] in ("storage_failed", "disk_full"), error
    assert "demo.sqlite3" in error
    assert right == "True"


STARTED_FULL = """
import asyncio, resource, signal, sys
from pathlib import Path
from workflow_server.records import Actor, Call
from workflow_server.service import WorkflowService

FREE = resource.RLIM_INFINITY

async def main():
    call = Call(Actor("ann"), "demo")
    before = WorkflowService(Path(sys.argv[1]))
    await before.create_project(call, "demo")
    kept = (await before.create_work_item(call, {"title": "Before"}))["item"]["id"]
    await before.close()
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, FREE))  # room for no page, not even of a -shm file
    service = WorkflowService(Path(sys.argv[1]))
    print([item["id"] for item in (await service.list_work_items(call, {}))["items"]] == [kept])
    try:
        await service.create_work_item(call, {"title": "Lost"})
    except Exception as error:
        print(getattr(error, "code", "untranslated"), error, sep="|")
    print((await service.get_work_items(call, [kept]))["items"][0]["title"])
    resource.setrlimit(resource.RLIMIT_FSIZE, (FREE, FREE))
    after = (await service.create_work_item(call, {"title": "After"}))["item"]["id"]
    listed = await service.list_work_items(call, {})
    print({item["id"] for item in listed["items"]} == {kept, after})
    await service.close()

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX's")
def test_a_server_started_on_a_full_disk_reads_refuses_to_write_and_goes_on_when_there_is_room(
    tmp_path: Path,
) -> None:
    told = subprocess.run(
        [sys.executable, "-c", STARTED_FULL, str(tmp_path / "data")],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    listed, error, title, right = told.stdout.splitlines()
    assert listed == "True"
    assert error.startswith("disk_full|"), error
    assert "is full; nothing was stored" in error
    assert title == "Before"
    assert right == "True"


@pytest.mark.parametrize(
    ("number", "code", "words", "hint"),
    [
        (errno.ENOSPC, "disk_full", "is full; nothing was stored.", "Free some space and try again."),
        (
            errno.EACCES, "store_not_writable",
            "cannot be made or used as the folder of the data (Permission denied); nothing was stored.",
            "Check what stands at that path and its permissions, or choose another with --data-dir.",
        ),
    ],
)  # fmt: skip
async def test_a_folder_that_cannot_be_made_says_why_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str, words: str, hint: str
) -> None:
    def refuse(folder: Path, *_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), str(folder))

    monkeypatch.setattr(Path, "mkdir", refuse)
    folder = tmp_path / "no room" / "data"
    with pytest.raises(TandemError) as refused:
        await Store.open(folder / "p.sqlite3", PROJECT_FILE, create=True)
    assert refused.value.code == code
    assert str(folder) in refused.value.message
    assert refused.value.message.endswith(words)
    assert refused.value.hint == hint


async def test_a_new_file_that_another_process_has_just_begun_is_waited_for(tmp_path: Path) -> None:
    """SQLite itself does not wait where a file changes to a write-ahead log, and both processes want that."""
    path = tmp_path / "p.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        opening = asyncio.create_task(Store.open(path, PROJECT_FILE, create=True))
        await asyncio.sleep(0.3)
        assert not opening.done()
        other.execute("ROLLBACK")
        store = await opening
    assert await store.read(lambda db: db.execute("PRAGMA journal_mode").fetchone()[0]) == "wal"
    await store.close()


async def test_a_mistake_of_our_own_in_sql_is_not_dressed_up(store: Store) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table: nowhere"):
        await store.read(lambda db: db.execute("SELECT * FROM nowhere"))
    assert not store.suspect


async def test_the_log_is_folded_when_it_has_grown_and_at_the_end(store: Store) -> None:
    log = store.path.with_name(store.path.name + "-wal")

    def much(db: sqlite3.Connection) -> None:
        for _ in range(30):
            db.execute("INSERT INTO noted VALUES (?)", ("x" * 200_000,))

    await store.write(note("little"))
    assert store._checkpointer._running is None, "a small log is left alone"
    before = store.path.stat().st_size
    await store.write(much)
    assert log.stat().st_size >= LOG_BYTES
    await asyncio.to_thread(store._checkpointer.finish)
    assert store.path.stat().st_size > before + LOG_BYTES, "its pages are in the file"
    await store.close()
    assert not log.exists(), "the last one out takes the log along"


def test_folding_harms_nothing_whatever_the_file_is(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = Checkpointer(tmp_path / "none.sqlite3")
    folder.after_commit()
    folder.finish()
    assert folder._running is None, "without a log there is nothing to fold"
    (tmp_path / "bad.sqlite3").write_bytes(b"not a database " * 400)
    (tmp_path / "bad.sqlite3-wal").write_bytes(b"x" * LOG_BYTES)
    broken = Checkpointer(tmp_path / "bad.sqlite3")
    with caplog.at_level("INFO"):
        broken.after_commit()
        broken.finish()
    assert "the log of bad.sqlite3 was not folded: " in caplog.text


def test_what_is_set_aside_keeps_its_log_and_nobody_s_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = []
    for number in range(3):
        for ending in ("", "-wal", "-shm"):
            (tmp_path / f"p.sqlite3{ending}").write_text(f"{number}{ending}")
        kept.append(set_aside(tmp_path / "p.sqlite3"))
    assert len(set(kept)) == 3
    assert not list(tmp_path.glob("p.sqlite3*")), "nothing is left that would be opened"
    for number, file in enumerate(kept):
        assert file.name.startswith("p.set-aside-")
        assert file.suffix == ".sqlite3"
        for ending in ("", "-wal", "-shm"):
            assert file.with_name(file.name + ending).read_text() == f"{number}{ending}"
    (tmp_path / "q.sqlite3").write_text("alone")
    assert set_aside(tmp_path / "q.sqlite3").read_text() == "alone"


def test_what_is_set_aside_within_one_second_is_numbered_from_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Standing(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Standing:
            return cls(2026, 1, 1, tzinfo=tz)

    monkeypatch.setattr("workflow_server.store.connection.datetime", Standing)
    names = []
    for _ in range(3):
        (tmp_path / "p.sqlite3").touch()
        names.append(set_aside(tmp_path / "p.sqlite3").stem)
    assert names == [f"p.set-aside-20260101T000000{number}" for number in ("", "-2", "-3")]


async def test_ids_are_new_and_of_one_form(store: Store) -> None:
    ids = await store.read(lambda db: new_item_ids(db, 200))
    assert len(set(ids)) == 200
    assert all(ITEM_ID.fullmatch(one) for one in ids)
    assert len({character for one in ids for character in one[3:]}) == 32, "the whole alphabet is used"
    assert re.fullmatch("ev_[a-z2-7]{10}", new_event_id())
    assert new_event_id() != new_event_id()
    token = new_claim_token()
    assert token.startswith("ct_")
    assert len(token) == 27
    assert await store.read(lambda db: new_item_ids(db, 0)) == []


async def test_an_id_that_was_ever_used_is_not_given_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(db: sqlite3.Connection) -> list[str]:
        db.execute("CREATE TEMP TABLE item (id TEXT)")
        db.execute("INSERT INTO temp.item VALUES ('wi_aaaaaaa')")
        words = iter(["aaaaaaa", "bbbbbbb", "bbbbbbb", "ccccccc"])
        monkeypatch.setattr("workflow_server.store.identifiers._random", lambda length: next(words))
        return new_item_ids(db, 2)

    assert await store.outside_transaction(taken) == ["wi_bbbbbbb", "wi_ccccccc"]


def test_what_is_set_aside_tells_when_in_universal_time(tmp_path: Path) -> None:
    (tmp_path / "p.sqlite3").touch()
    before = datetime.now(UTC).replace(microsecond=0)
    kept = set_aside(tmp_path / "p.sqlite3")
    when = datetime.strptime(kept.name, "p.set-aside-%Y%m%dT%H%M%S.sqlite3").replace(tzinfo=UTC)
    assert before <= when <= datetime.now(UTC)


def test_a_busy_file_is_told_from_a_broken_one() -> None:
    assert errors.is_busy(failure(sqlite3.SQLITE_BUSY | 1 << 8))
    assert errors.is_busy(failure(sqlite3.SQLITE_LOCKED))
    assert not errors.is_busy(failure(sqlite3.SQLITE_IOERR))
    assert not errors.is_busy(sqlite3.OperationalError("without a code"))
