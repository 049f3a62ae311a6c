"""Connections that read one SQLite file: kept open for the next reader as long as the file is the same."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from codebase_server.store.errors import StorageLostError

BUSY_SECONDS = 30.0
"""Waits of SQLite itself: only for WAL recovery and the closing of a last connection, milliseconds each."""

_POOLED = 8
_WARM = 2
"""So many readers hold many pages of the file; those that only a crowd needs hold few."""

_CACHE_KIB = 16 * 1024
_WARM_CACHE_KIB = 3 * 1024
"""Of each of the `_WARM` readers: the system keeps the pages too, and a copy of one takes microseconds."""
_CROWD_CACHE_KIB = 1024


class _Reader(sqlite3.Connection):
    """A pooled connection."""

    warm = False


class _Immutable(sqlite3.Connection):
    """Reads a file that nobody can write, and would not see it if somebody could again: used once."""


class Readers:
    """The pooled connections of one file, and those in use. Thread-safe; they never wait for a writer.

    ``examine`` is called with each new one and raises where it cannot be read.
    """

    def __init__(self, file: Path, examine: Callable[[sqlite3.Connection], None]) -> None:
        self._file = file
        self._examine = examine
        self._idle: list[tuple[tuple[int, int], sqlite3.Connection]] = []
        self._guard = threading.Lock()
        self._closed = False
        self._warm = 0

    def __len__(self) -> int:
        return len(self._idle)

    def __contains__(self, connection: object) -> bool:
        return any(one is connection for _, one in self._idle)

    def take(self) -> sqlite3.Connection:
        """A connection to the file that now has the name; `give_back` or `discard` it."""
        # A database that was deleted or set aside by another process lives on in open connections:
        # only those of the file that now has the name are used.
        identity = _identity(self._file)
        with self._guard:
            self._closed = False
            stale = [pair for pair in self._idle if pair[0] != identity]
            self._idle = [pair for pair in self._idle if pair[0] == identity]
            found = self._idle.pop()[1] if self._idle else None
        for _, connection in stale:
            self.discard(connection)
        if found is not None:
            return found
        if identity is None:
            raise StorageLostError(self._file, "there is no such file")
        connection = self._connect_for_reading()
        try:
            self._examine(connection)
            connection.execute("PRAGMA query_only = ON")
        except BaseException:
            connection.close()
            raise
        if isinstance(connection, _Reader):
            with self._guard:
                connection.warm = self._warm < _WARM
                self._warm += connection.warm
            kib = _WARM_CACHE_KIB if connection.warm else _CROWD_CACHE_KIB
            connection.execute(f"PRAGMA cache_size = -{kib}")
        return connection

    def give_back(self, connection: sqlite3.Connection) -> None:
        """End the read transaction and keep the connection for the next reader."""
        try:
            connection.execute("ROLLBACK")
            identity = _identity(self._file)
        except (sqlite3.Error, OSError):
            self.discard(connection)
            return
        with self._guard:
            if (
                not self._closed
                and identity is not None
                and isinstance(connection, _Reader)
                and len(self._idle) < _POOLED
            ):
                # the last one is taken first: a warm one, while there is one
                self._idle.insert(len(self._idle) if connection.warm else 0, (identity, connection))
                return
        self.discard(connection)

    def close(self) -> None:
        """Close the connections that are kept; those in use are closed when given back."""
        with self._guard:
            self._closed = True
            idle, self._idle = self._idle, []
        for _, connection in idle:
            self.discard(connection)

    def reopen(self) -> None:
        """Keep connections again that are given back."""
        self._closed = False

    def discard(self, connection: sqlite3.Connection) -> None:
        """Close a connection that was taken."""
        if isinstance(connection, _Reader) and connection.warm:
            with self._guard:
                self._warm -= 1
                connection.warm = False
        connection.close()

    def _connect_for_reading(self) -> sqlite3.Connection:
        if os.access(self._file, os.W_OK) and os.access(self._file.parent, os.W_OK):
            return connect(self._file, "rw", _Reader)
        try:
            connection = connect(self._file, "ro", _Reader)
            connection.execute("SELECT 1 FROM meta").fetchone()
            return connection
        except sqlite3.OperationalError:
            # A read-only folder without the log's shared memory: readable all the same while there is no log.
            log = Path(f"{self._file}-wal")
            if log.exists() and log.stat().st_size > 0:
                raise
            return connect(self._file, "ro&immutable=1", _Immutable)


def connect(
    file: Path, mode: str, factory: type[sqlite3.Connection] = sqlite3.Connection
) -> sqlite3.Connection:
    """Open the file in autocommit mode; ``mode`` is that of an SQLite URI, more of its parameters behind."""
    connection = sqlite3.connect(
        f"file:{quote(file.as_posix())}?mode={mode}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
        factory=factory,
    )
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino
