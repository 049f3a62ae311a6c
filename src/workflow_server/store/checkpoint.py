"""Folding the write-ahead log into the file, beside the writes instead of inside one of them.

SQLite's own way lets the commit that crosses a thousand pages copy them all, with two more syncs: in a large
file, whose pages are spread, every sixtieth create then takes as long as twenty.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Final

logger = logging.getLogger(__name__)

LOG_BYTES: Final = 4 * 1024 * 1024
"""Size of the log from which it is folded: SQLite's own thousand pages."""

BACKSTOP_PAGES: Final = 16_384
"""Pages in the log at which a commit does fold it: 64 MB, reached only when writes never pause."""


def leave_to_checkpointer(connection: sqlite3.Connection) -> None:
    """Set a writing connection so that its commits do not fold the log themselves."""
    connection.execute(f"PRAGMA wal_autocheckpoint = {BACKSTOP_PAGES:d}")
    # a log that was folded shrinks, so that its size tells how much there is to fold
    connection.execute(f"PRAGMA journal_size_limit = {LOG_BYTES // 2:d}")


class Checkpointer:
    """Folds the log of one file in a thread of its own, one at a time, whenever it has grown."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = path.with_name(path.name + "-wal")
        self._running: threading.Thread | None = None

    def after_commit(self) -> None:
        """Begin to fold when there is enough; costs a look at the log's size."""
        if self._running is not None and self._running.is_alive():
            return
        try:
            size = self._log.stat().st_size
        except OSError:
            return
        if size >= LOG_BYTES:
            # a daemon: a server that must end with its host waits for nobody, and the log is safe as it is
            self._running = threading.Thread(target=self._fold, name="checkpoint", daemon=True)
            self._running.start()

    def finish(self) -> None:
        """Wait for a folding under way."""
        if self._running is not None:
            self._running.join()

    def _fold(self) -> None:
        try:
            with closing(sqlite3.connect(self._path, isolation_level=None, timeout=0)) as connection:
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        except sqlite3.Error as error:
            # whatever is wrong with the file, the next read or write meets it and says it to somebody
            logger.info("the log of %s was not folded: %s", self._path.name, error)
