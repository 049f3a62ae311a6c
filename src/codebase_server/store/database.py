"""One repository's SQLite file: making it, reading and writing it, setting a damaged one aside."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bridge.agreed import places
from bridge.agreed.sqlite import is_unread
from bridge.agreed.states import BEING_MADE
from codebase_server.store.errors import (
    IndexCorruptError,
    IndexTooNewError,
    StorageLostError,
    translated,
    translating,
)
from codebase_server.store.lock import SystemLock
from codebase_server.store.readers import BUSY_SECONDS, Readers, connect
from codebase_server.store.schema import NEWEST, migrate, version_of

WAL_PAGES = 4_000
"""Pages (16 MB) after which the log is folded into the file. The writer also folds it after every batch."""


class Database:
    """The file ``index.sqlite3`` in a repository's folder.

    Readers are pooled connections in a read transaction each; they never wait.
    All writing goes through `writer`, whose caller holds the writer's lock.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "index.sqlite3"
        self._suspicion = folder / "index.suspect"
        self._readers = Readers(self.file, self._check_schema)

    def exists(self) -> bool:
        """Whether a database has been made here. Raises `StorageDeniedError` when that cannot be seen."""
        with translating(self.file):
            try:
                return self.file.stat().st_size > 0
            except (FileNotFoundError, NotADirectoryError):
                return False

    def prepare(self) -> None:
        """Make the database, or bring an older one to the newest schema.

        Several processes may call this at once; each returns with a usable file.
        A damaged file raises `IndexCorruptError` and stays where it is.
        """
        with translating(self.file):
            places.own_folder(self.folder)
            with SystemLock(self.folder / "schema.lock").held(wait_seconds=BUSY_SECONDS):
                if not self.file.exists():
                    self._make()
                    return
                places.own_file(self.file)
                connection = connect(self.file, "rwc")
                try:
                    if version_of(connection) == 0:
                        # Both are kept by the file, and neither can be set once it has tables.
                        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
                        connection.execute("PRAGMA journal_mode = WAL")
                    migrate(connection, self.file)
                finally:
                    connection.close()

    def _make(self) -> None:
        """Make the file with all its tables under another name first, and have the disk wait for it once.

        In its place each step would be waited for, ten times until the tables are there: a third of what a
        small root takes. Nobody sees it before it is whole, and what a killed process leaves is made anew.
        """
        made = self.file.with_name(self.file.name + ".new")
        # A log beside no file is that of one which was deleted: SQLite would read it into the new one.
        for suffix in ("-journal", "-wal", "-shm"):
            Path(f"{made}{suffix}").unlink(missing_ok=True)
            Path(f"{self.file}{suffix}").unlink(missing_ok=True)
        made.unlink(missing_ok=True)
        places.own_file(made)
        connection = connect(made, "rw")
        try:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("PRAGMA journal_mode = MEMORY")
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            migrate(connection, self.file)
            connection.execute("PRAGMA journal_mode = WAL")
        finally:
            connection.close()
        with made.open("rb+") as written:
            os.fsync(written.fileno())
        made.replace(self.file)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection in a read transaction: everything read through it is of one moment.

        What SQLite finds wrong within is raised as a `StoreError`.
        """
        connection = self.begin_reading()
        try:
            yield connection
        except sqlite3.Error as error:
            typed = translated(error, self.file)
            if typed is None:
                raise
            raise typed from error
        finally:
            self.end_reading(connection)

    def begin_reading(self) -> sqlite3.Connection:
        """Like `reading`; the caller gives the connection back with `end_reading`."""
        with translating(self.file):
            connection = self._readers.take()
            try:
                connection.execute("BEGIN")
                connection.execute("SELECT 1 FROM meta").fetchone()  # the snapshot begins with the first read
            except BaseException:
                self._readers.discard(connection)
                raise
            return connection

    def end_reading(self, connection: sqlite3.Connection) -> None:
        """End the read transaction and keep the connection for the next reader."""
        self._readers.give_back(connection)

    def writer(self) -> sqlite3.Connection:
        """A connection in autocommit mode for the holder of the writer's lock, who closes it."""
        with translating(self.file):
            connection = connect(self.file, "rw")
            try:
                self._check_schema(connection)
                connection.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
                connection.execute("PRAGMA foreign_keys = ON")
            except BaseException:
                connection.close()
                raise
            return connection

    def set_aside(self) -> Path:
        """Rename a damaged database, its log with it; the new name. The caller holds the writer's lock."""
        self.close()
        with translating(self.file):
            stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
            target = self.file.with_name(f"index.damaged-{stamp}.sqlite3")
            number = 1
            while target.exists():
                number += 1
                target = self.file.with_name(f"index.damaged-{stamp}-{number}.sqlite3")
            self.file.replace(target)
            for suffix in ("-wal", "-shm"):
                beside = Path(f"{self.file}{suffix}")
                if beside.exists():
                    beside.replace(f"{target}{suffix}")
        self._readers.reopen()
        return target

    def suspect(self) -> None:
        """Remember that something in the file could not be read: the next pass of any process checks it."""
        with suppress(OSError):
            self._suspicion.touch()

    def is_suspect(self) -> bool:
        """Whether somebody met damage since the file was last checked."""
        return self._suspicion.exists()

    def clear_suspicion(self) -> None:
        """The file was checked, or is a new one."""
        with suppress(OSError):
            self._suspicion.unlink(missing_ok=True)

    def damage(self, connection: sqlite3.Connection) -> str:
        """What SQLite finds wrong with the file; empty when it is sound. Reads all of it.

        Raises `StorageLostError` for a page that could not be read, which the check tells like a spoilt one.
        """
        return self._verdict(connection, "quick_check")

    def _verdict(self, connection: sqlite3.Connection, check: str) -> str:
        found = connection.execute(f"PRAGMA {check}(1)").fetchone()
        told = "" if found is None or found[0] == "ok" else str(found[0])[:300]
        if is_unread(told):
            raise StorageLostError(self.file, told)
        return told

    def is_sound(self) -> bool:
        """Whether all of the file can be read and is an index of the newest schema.

        Reads every page and every entry of its indexes through a connection of its own, which
        has none of them in memory yet. Raises the store's other errors, among them what `damage` raises.
        """
        try:
            with translating(self.file):
                connection = connect(self.file, "rw")
                try:
                    told = self._verdict(connection, "integrity_check")
                    connection.execute("SELECT 1 FROM meta").fetchone()
                    return not told and version_of(connection) == NEWEST
                finally:
                    connection.close()
        except IndexCorruptError:
            return False

    def close(self) -> None:
        """Close the pooled connections. Connections in use are closed when given back."""
        self._readers.close()

    def _check_schema(self, connection: sqlite3.Connection) -> None:
        found = version_of(connection)
        if found > NEWEST:
            raise IndexTooNewError(self.file, found, NEWEST)
        if found == 0 and not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            # Another thread or process has just created the file and not yet its tables.
            raise StorageLostError(self.file, f"it is {BEING_MADE} at this moment")
        if found < NEWEST:
            # Readers do as if there were none: the pass that they start brings it up to date.
            raise StorageLostError(self.file, f"its schema {found} is to be brought to {NEWEST}")


@contextmanager
def transaction(connection: sqlite3.Connection, *, begun: bool = False) -> Iterator[None]:
    """Write within, all of it or nothing: committed at the end, rolled back on any exception.

    With ``begun`` the caller has begun it, and written already.
    """
    if not begun:
        connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite itself rolls back where the disk is full
            connection.execute("ROLLBACK")
        raise


def fold_log(connection: sqlite3.Connection) -> None:
    """Fold the write-ahead log into the file as far as readers allow, without waiting for them."""
    busy = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError:
        pass  # a reader is at work; the next pass folds it
    finally:
        connection.execute(f"PRAGMA busy_timeout = {int(busy)}")
