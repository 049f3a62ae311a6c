"""One repository's file: who reads it, who writes it, and what is done with a damaged one."""

from __future__ import annotations

import re
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from codebase_server.store import Database, IndexCorruptError, StorageLostError
from codebase_server.store.database import WAL_PAGES, fold_log, transaction


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = Database(tmp_path / "index")
    made.prepare()
    return made


def pragma(connection: sqlite3.Connection, name: str) -> object:
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


def test_a_database_is_there_once_it_was_made(tmp_path: Path) -> None:
    database = Database(tmp_path / "deep" / "index")
    assert not database.exists()
    database.folder.mkdir(parents=True)
    database.file.touch()
    assert not database.exists(), "an empty file is none"
    database.prepare()
    assert database.exists()
    assert not Database(database.file / "below a file").exists()


def test_the_file_gives_room_back_and_readers_never_wait_for_its_writer(database: Database) -> None:
    with closing(database.writer()) as connection:
        assert pragma(connection, "journal_mode") == "wal"
        assert pragma(connection, "auto_vacuum") == 2, "incremental"
        assert pragma(connection, "synchronous") == 1, "normal"
        assert pragma(connection, "wal_autocheckpoint") == WAL_PAGES
        assert pragma(connection, "foreign_keys") == 1
        assert pragma(connection, "busy_timeout") == 30_000
        assert pragma(connection, "cache_size") == -16 * 1024
        assert connection.isolation_level is None


def test_a_reader_sees_one_moment_and_cannot_write(database: Database) -> None:
    with closing(database.writer()) as writer, database.reading() as reader:
        writer.execute("INSERT INTO meta VALUES ('a', '1')")
        assert reader.execute("SELECT count(*) FROM meta WHERE name = 'a'").fetchone() == (0,)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader.execute("INSERT INTO meta VALUES ('b', '1')")
        with database.reading() as later:
            assert later.execute("SELECT value FROM meta WHERE name = 'a'").fetchone() == ("1",)
    database.close()


def test_connections_are_used_again_up_to_eight(database: Database) -> None:
    first = database.begin_reading()
    database.end_reading(first)
    assert database.begin_reading() is first
    others = [database.begin_reading() for _ in range(9)]
    for connection in (first, *others):
        database.end_reading(connection)
    again = [database.begin_reading() for _ in range(10)]
    assert len({id(one) for one in again} & {id(one) for one in (first, *others)}) == 8
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        others[-1].execute("SELECT 1")
    for connection in again:
        database.end_reading(connection)
    database.close()


def test_a_reader_given_back_after_closing_is_closed(database: Database) -> None:
    connection = database.begin_reading()
    database.close()
    database.end_reading(connection)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")
    with database.reading() as open_again:
        assert open_again.execute("SELECT 1").fetchone() == (1,)
    database.close()


def test_a_connection_of_a_file_that_was_replaced_is_not_used_again(
    database: Database, tmp_path: Path
) -> None:
    old = database.begin_reading()
    database.end_reading(old)
    other = Database(tmp_path / "other")
    other.prepare()
    with closing(other.writer()) as connection:
        connection.execute("INSERT INTO meta VALUES ('which', 'the new one')")
        fold_log(connection)
    for suffix in ("-wal", "-shm"):
        Path(f"{database.file}{suffix}").unlink(missing_ok=True)
    other.file.replace(database.file)
    with database.reading() as connection:
        assert connection is not old
        assert connection.execute("SELECT value FROM meta WHERE name = 'which'").fetchone() == (
            "the new one",
        )
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        old.execute("SELECT 1")
    database.close()


def test_a_reader_of_a_file_that_is_gone_is_closed_when_given_back(database: Database) -> None:
    connection = database.begin_reading()
    for file in database.folder.iterdir():
        file.unlink()
    database.end_reading(connection)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")
    with pytest.raises(StorageLostError, match="there is no such file"):
        database.begin_reading()


def test_what_sqlite_finds_wrong_while_reading_is_told_as_damage_of_this_file(database: Database) -> None:
    with (
        pytest.raises(IndexCorruptError, match=re.escape(str(database.file))) as told,
        database.reading() as reader,
    ):
        reader.execute("SELECT 1 FROM no_such_table")
    assert "no such table" in str(told.value)
    with pytest.raises(sqlite3.OperationalError, match="syntax"), database.reading() as reader:
        reader.execute("NO SQL")
    assert reader in database._readers, "the connection is given back"
    database.close()


def test_an_older_schema_is_for_the_next_pass_not_for_readers(database: Database) -> None:
    with closing(sqlite3.connect(database.file)) as connection:
        connection.execute("PRAGMA user_version = 1")
    for use in (database.begin_reading, database.writer):
        with pytest.raises(StorageLostError, match="its schema 1 is to be brought to 3") as told:
            use()
        assert told.value.details == {"file": str(database.file)}


def test_a_damaged_file_is_set_aside_with_its_log_and_a_second_one_beside_it(database: Database) -> None:
    names = []
    for content in (b"first", b"second", b"third"):
        database.file.write_bytes(content)
        Path(f"{database.file}-wal").write_bytes(content + b" log")
        aside = database.set_aside()
        names.append(aside.name)
        assert aside.read_bytes() == content
        assert Path(f"{aside}-wal").read_bytes() == content + b" log"
        assert not database.file.exists()
        assert not Path(f"{database.file}-wal").exists()
    assert len(set(names)) == 3
    assert all(re.fullmatch(r"index\.damaged-\d{8}-\d{6}(-[2-9])?\.sqlite3", name) for name in names)
    database.prepare()
    with database.reading() as connection:
        connection.execute("SELECT 1")
    assert len(database._readers) == 1, "it is open for readers again"
    database.close()


def test_the_second_of_one_second_is_numbered_two(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("codebase_server.store.database.time.strftime", lambda *_: "20260101-000000")
    names = []
    for _ in range(3):
        database.file.write_bytes(b"x")
        names.append(database.set_aside().name)
    assert names == [f"index.damaged-20260101-000000{number}.sqlite3" for number in ("", "-2", "-3")]


def test_the_folders_of_a_new_database_are_made_as_deep_as_they_are_asked_for(tmp_path: Path) -> None:
    database = Database(tmp_path / "none" / "of" / "these")
    database.prepare()
    assert database.file.is_file()
    database.close()


def test_setting_aside_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageLostError):
        Database(tmp_path).set_aside()


def test_a_suspicion_is_remembered_by_the_file_system_for_any_process(database: Database) -> None:
    assert not database.is_suspect()
    database.suspect()
    database.suspect()
    assert Database(database.folder).is_suspect()
    database.clear_suspicion()
    database.clear_suspicion()
    assert not Database(database.folder).is_suspect()
    for file in database.folder.iterdir():
        file.unlink()
    database.folder.rmdir()
    database.suspect()
    assert not database.is_suspect(), "of what is gone nobody suspects anything"


def test_a_sound_file_has_no_damage(database: Database) -> None:
    with closing(database.writer()) as connection:
        assert database.damage(connection) == ""
    assert database.is_sound()


def rows_of(database: Database) -> None:
    with closing(database.writer()) as connection:
        connection.executemany(
            "INSERT INTO content (content_hash, data) VALUES (?, ?)",
            [(number.to_bytes(16, "big"), bytes(500)) for number in range(400)],
        )
        fold_log(connection)


def test_a_damaged_page_is_found_and_told_in_few_words(database: Database) -> None:
    rows_of(database)
    data = bytearray(database.file.read_bytes())
    data[-8 * 4096 : -4 * 4096] = b"\xff" * (4 * 4096)
    database.file.write_bytes(data)
    with closing(sqlite3.connect(database.file)) as connection:
        said = database.damage(connection)
    assert said
    assert len(said) <= 300
    assert not database.is_sound()


@pytest.mark.parametrize(
    ("told", "unread"),
    [
        ("Tree 5 page 9: unable to get the page. error code=266", True),
        ("Freelist: failed to get page 12", True),
        ("Tree 5 page 9: unable to get the page. error code=11", False),
        ("Tree 5 page 9: btreeInitPage() returns error code 11", False),
    ],
)
def test_a_page_that_the_disk_does_not_give_is_no_damage(database: Database, told: str, unread: bool) -> None:
    class Failing(sqlite3.Connection):
        """Checks as SQLite does when a read fails: in words that it keeps for the purpose."""

        def execute(self, sql: str, *parameters: object) -> sqlite3.Cursor:
            if "_check(" in sql:
                return super().execute("SELECT ?", (told,))
            return super().execute(sql, *parameters)  # type: ignore[arg-type]  # as given

    with closing(sqlite3.connect(database.file, factory=Failing)) as connection:
        if unread:
            with pytest.raises(StorageLostError, match="page") as lost:
                database.damage(connection)
            assert lost.value.details == {"file": str(database.file)}
        else:
            assert database.damage(connection) == told


def test_what_is_no_database_of_ours_is_not_sound(database: Database) -> None:
    with closing(sqlite3.connect(database.file)) as connection:
        connection.execute("PRAGMA user_version = 1")
    assert not database.is_sound(), "an older schema"
    with closing(sqlite3.connect(database.file)) as connection:
        connection.execute("PRAGMA user_version = 2")
        connection.execute("DROP TABLE meta")
        connection.commit()
    assert not database.is_sound(), "a table is missing"
    database.file.write_bytes(b"no database " * 500)
    assert not database.is_sound()
    database.file.unlink()
    with pytest.raises(StorageLostError):
        database.is_sound()


def test_the_log_is_folded_without_waiting_for_readers(database: Database) -> None:
    log = Path(f"{database.file}-wal")
    with closing(database.writer()) as connection:
        connection.execute("INSERT INTO meta VALUES ('a', '1')")
        assert log.stat().st_size > 0
        with database.reading():
            connection.execute("INSERT INTO meta VALUES ('b', '1')")
            fold_log(connection)
            assert log.stat().st_size > 0, "somebody reads what is in it"
            assert pragma(connection, "busy_timeout") == 30_000
        fold_log(connection)
        assert log.stat().st_size == 0
        assert pragma(connection, "busy_timeout") == 30_000
    database.close()


def test_of_two_writers_the_second_waits_for_the_first(database: Database) -> None:
    order: list[str] = []
    begun = threading.Event()

    def second() -> None:
        with closing(database.writer()) as connection:
            begun.set()
            with transaction(connection):
                order.append("second")

    thread = threading.Thread(target=second)
    with closing(database.writer()) as connection, transaction(connection):
        thread.start()
        assert begun.wait(60)
        order.append("first")
    thread.join(60)
    assert order == ["first", "second"]


def test_a_name_with_signs_of_an_address_in_it_is_a_name(tmp_path: Path) -> None:
    database = Database(tmp_path / "50% of a?b#c")
    database.prepare()
    with database.reading() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert database.file.exists()
    assert [one.name for one in tmp_path.iterdir()] == ["50% of a?b#c"]
    database.close()
