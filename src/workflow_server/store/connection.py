"""A database file and its connections: one that writes, one that reads."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import aiosqlite

from bridge.agreed import places
from bridge.agreed.errors import TandemError
from bridge.agreed.sqlite import is_unread
from bridge.hosting import waits
from workflow_server.store.checkpoint import Checkpointer, leave_to_checkpointer
from workflow_server.store.errors import (
    BUSY_SECONDS,
    DamagedError,
    disk_failed,
    has_no_place_for_a_log,
    is_busy,
    no_folder,
    translated,
)
from workflow_server.store.schema import Schema
from workflow_server.store.standin import filled
from workflow_server.store.transaction import Marks, read_transaction, write_transaction

Result = TypeVar("Result")


class Store:
    """One open database file.

    Writes of this process run one after the other in the writer's thread, each
    in ``BEGIN IMMEDIATE``; other processes are waited for. Reads have a
    connection of their own, see the last commit, and wait for no writer.

    Opened on a disk that is full or mounted read-only it has no writer yet: reads are answered from a copy
    in memory, and each call tries first whether it can be written by now.
    """

    def __init__(self, path: Path, schema: Schema, writer: aiosqlite.Connection | None):
        self.path = path
        self._schema = schema
        self._writer = writer
        self._reader: aiosqlite.Connection | None = None
        self._opening = asyncio.Lock()
        self._checkpointer = Checkpointer(path)
        self.patience = BUSY_SECONDS
        self.waiting = 0
        """Writes of this process that are under way or wait for their turn."""
        self.suspect = False
        """Whether a call has met damage: the file is to be examined when it is opened again."""

    @classmethod
    async def open(cls, path: Path, schema: Schema, *, create: bool = False, examine: bool = False) -> Store:
        """Open ``path``, bringing it to the newest schema first; ``examine`` reads all of it to check it.

        Raises `DamagedError` for a file that is no database, ``TandemError``
        ``store_newer`` for one written by a newer release, and
        ``FileNotFoundError`` when it is not there and ``create`` is false.
        """
        if not create and not await asyncio.to_thread(path.exists):
            raise FileNotFoundError(path)
        await asyncio.to_thread(_for_this_user, path)
        try:
            writer = await _connect(
                path, lambda connection: _prepare(connection, path, schema, examine=examine)
            )
        except TandemError as error:
            if examine or not has_no_place_for_a_log(error, path):
                raise
            writer = None
        store = cls(path, schema, writer)
        if writer is None:
            await store._stand_in()
        return store

    @classmethod
    async def in_memory(cls, schema: Schema) -> Store:
        """An empty file that is on no disk and ends with `close`; both its connections are one."""
        path = Path(":memory:")
        writer = await _connect(path, lambda connection: _prepare(connection, path, schema))
        store = cls(path, schema, writer)
        store._reader = writer
        return store

    async def write(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Run ``work`` in one durable transaction; an exception in it leaves the file as it was."""
        marks = Marks(time.perf_counter())
        transaction = partial(write_transaction, patience=self.patience, marks=marks)
        self.waiting += 1
        try:
            result: Result = await self._run(await self._writing(), transaction, work)
        finally:
            self.waiting -= 1
            self._note(marks)
        self._checkpointer.after_commit()
        return result

    async def read(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Run ``work`` on one unchanging snapshot of the file."""
        reader = self._reader if self._writer is not None else await self._read_without_a_writer()
        if reader is None:
            async with self._opening:
                if self._reader is None:
                    self._reader = await _connect(self.path, _prepare_reader)
                reader = self._reader
        marks = Marks(time.perf_counter())
        try:
            return await self._run(reader, partial(read_transaction, marks=marks), work)
        finally:
            self._note(marks)

    def _note(self, marks: Marks) -> None:
        for cause, seconds in marks.waits():
            waits.note(f"{cause} of {self.path.name}", seconds)

    async def outside_transaction(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Run ``work`` on the writer's connection without a transaction, as online backup and VACUUM need."""
        return await self._run(await self._writing(), lambda connection, inner: inner(connection), work)

    async def _writing(self) -> aiosqlite.Connection:
        """The writer, opened now where the disk was full. Raises ``disk_full`` while it still is."""
        if self._writer is None:
            async with self._opening:
                if self._writer is None:
                    self._writer = await _connect(
                        self.path, lambda connection: _prepare(connection, self.path, self._schema)
                    )
                    copy, self._reader = self._reader, None
                    if copy is not None:
                        await copy.close()
        return self._writer

    async def _read_without_a_writer(self) -> aiosqlite.Connection | None:
        """The copy that stands in for the file; None when it can be written by now."""
        try:
            await self._writing()
        except TandemError as error:
            if not has_no_place_for_a_log(error, self.path):
                raise
            return self._reader
        return None

    async def _stand_in(self) -> None:
        """Read from a copy in memory. Nobody changes the file meanwhile: they would need the same room."""
        self._reader = await _connect(
            Path(":memory:"), lambda connection: filled(connection, self.path, self._schema)
        )

    async def _run(
        self,
        connection: aiosqlite.Connection,
        transaction: Callable[[sqlite3.Connection, Callable[[sqlite3.Connection], Result]], Result],
        work: Callable[[sqlite3.Connection], Result],
    ) -> Result:
        try:
            # One hop to the thread for the whole transaction: aiosqlite's public
            # methods would take one for each statement.
            result: Result = await _hop(connection, transaction, work)
        except sqlite3.DatabaseError as error:
            told = translated(error, self.path)
            self.suspect = self.suspect or isinstance(told, DamagedError)
            raise told from error
        return result

    async def close(self) -> None:
        """Close both connections; the last one out folds the write-ahead log into the file."""
        await asyncio.to_thread(self._checkpointer.finish)
        reader, self._reader = self._reader, None
        if reader is not None and reader is not self._writer:
            await reader.close()
        if self._writer is not None:
            await self._writer.close()


def _for_this_user(path: Path) -> None:
    """Make the folder, take the file from others. Raises ``store_not_writable`` where there can be none."""
    try:
        places.own_folder(path.parent)
        places.own_file(path)
    except OSError as error:
        raise no_folder(path.parent, error) from error


async def _connect(path: Path, prepare: Callable[[sqlite3.Connection], None]) -> aiosqlite.Connection:
    connection = aiosqlite.connect(path, isolation_level=None, timeout=BUSY_SECONDS, cached_statements=512)
    # A server that must end with its host cannot be kept alive by a database thread.
    connection._thread.daemon = True
    try:
        await connection
    except sqlite3.DatabaseError as error:  # a disk may fail before the first question
        raise translated(error, path) from error
    try:
        await _hop(connection, prepare)
    except sqlite3.DatabaseError as error:
        await connection.close()
        raise translated(error, path) from error
    except BaseException:
        await connection.close()
        raise
    return connection


async def _hop(connection: aiosqlite.Connection, work: Callable[..., Result], *arguments: object) -> Result:
    """Run ``work(connection, *arguments)`` in the connection's thread."""
    run: Callable[..., Awaitable[Result]] = connection._execute
    return await run(work, connection._conn, *arguments)


def _prepare(connection: sqlite3.Connection, path: Path, schema: Schema, *, examine: bool = False) -> None:
    connection.row_factory = sqlite3.Row
    if examine and (verdict := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
        told = str(verdict).splitlines()[-1]
        # SQLite's check tells of a page that the disk did not give in the same way as of a spoilt one
        raise disk_failed(path, told) if is_unread(told) else DamagedError(path, told)
    schema.examined(connection, path)  # before the log: even that would change a file of another program
    _use_write_ahead_log(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA cache_size = -48000")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA secure_delete = OFF")
    schema.bring_up_to_date(connection, path)
    leave_to_checkpointer(connection)
    connection.execute("PRAGMA busy_timeout = 0")  # from here on `_begin` waits


def _prepare_reader(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA cache_size = -32000")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA query_only = ON")


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Switch to WAL. SQLite does not wait for its lock here, so several processes opening a new file
    must retry.
    """
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def set_aside(path: Path) -> Path:
    """Rename a damaged or replaced database, with its log, to a name nothing opens, and say which."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    kept = path.with_name(f"{path.stem}.set-aside-{stamp}{path.suffix}")
    counter = 1
    while kept.exists():
        counter += 1
        kept = path.with_name(f"{path.stem}.set-aside-{stamp}-{counter}{path.suffix}")
    for ending in ("", "-wal", "-shm"):
        part = path.with_name(path.name + ending)
        if part.exists():
            part.rename(kept.with_name(kept.name + ending))
    return kept
