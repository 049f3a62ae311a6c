"""Reading a file whose disk has no room, not even for the index that readers and writers of a log share.

SQLite opens a file with a write-ahead log only beside a ``-shm`` file of 32 KB. A running server has made
it; one that is started on a full disk cannot make it, and so could not even read.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from workflow_server.store.schema import Schema

_PATIENCE_SECONDS: Final = 1.0


def filled(copy: sqlite3.Connection, path: Path, schema: Schema) -> None:
    """Put what ``path`` holds into ``copy``, an empty database in memory, at the newest schema.

    In exclusive mode the index of the log is kept in memory (https://sqlite.org/wal.html#noshm), for which
    the file is locked while it is copied. Whoever else has it open has also made the ``-shm`` file, so that
    nobody needs this.
    """
    copy.row_factory = sqlite3.Row
    with closing(sqlite3.connect(path, isolation_level=None, timeout=_PATIENCE_SECONDS)) as alone:
        alone.execute("PRAGMA locking_mode = EXCLUSIVE")
        alone.backup(copy)
    schema.bring_up_to_date(copy, path)
    copy.execute("PRAGMA temp_store = MEMORY")
    copy.execute("PRAGMA query_only = ON")
