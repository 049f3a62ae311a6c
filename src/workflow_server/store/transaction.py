"""One transaction on a connection, run in the connection's thread, and what it waited for."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable
from typing import TypeVar

from workflow_server.store.errors import is_busy

Result = TypeVar("Result")

_TURN_SECONDS = (0.0005, 0.003)
"""Bounds of the pause between two tries for the write lock. SQLite's own waiting grows to 100 ms a
pause, which leaves the lock idle for most of it when several processes write."""


class Marks:
    """How long each wait of one transaction took, read off in the database thread."""

    def __init__(self, begun: float) -> None:
        self._last = begun
        self._waits: list[tuple[str, float]] = []

    def reached(self, cause: str | None = None) -> None:
        """A point reached; what passed since the last one was spent on ``cause``, or on working."""
        now = time.perf_counter()
        if cause is not None:
            self._waits.append((cause, now - self._last))
        self._last = now

    def waits(self) -> list[tuple[str, float]]:
        """Causes and seconds so far."""
        return self._waits


def write_transaction(
    connection: sqlite3.Connection,
    work: Callable[[sqlite3.Connection], Result],
    patience: float,
    marks: Marks,
) -> Result:
    """What ``work`` gives within one transaction that writes, kept when it ends and undone when it raises.

    :param patience: seconds to wait for another process's write lock; then SQLite's "database is locked".
    :param marks: is told what the time was spent on.
    """
    marks.reached("the writes before it")
    try:
        _begin(connection, patience)
    finally:
        marks.reached("the write lock")
    try:
        result = work(connection)
        marks.reached()
        connection.execute("COMMIT")
        marks.reached("the commit")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result


def _begin(connection: sqlite3.Connection, patience: float) -> None:
    """Take the write lock, trying again at short, random intervals while another process has it."""
    deadline = time.monotonic() + patience
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > deadline:
                raise
        time.sleep(random.uniform(*_TURN_SECONDS))  # jitter, nothing secret  # noqa: S311  # nosec B311


def read_transaction(
    connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], Result], marks: Marks
) -> Result:
    """What ``work`` gives within one transaction that reads: all that it reads is of the same moment."""
    marks.reached("the reads before it")
    connection.execute("BEGIN")
    try:
        return work(connection)
    finally:
        if connection.in_transaction:
            connection.execute("COMMIT")
