"""Reading a file beside which nothing can be written: its disk has no room, or is mounted read-only.

SQLite opens a file with a write-ahead log only beside a ``-shm`` file of 32 KB, the index that readers and
writers of the log share. A running server has made it; one that is started on such a disk cannot make it,
and so could not even read.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from bridge.agreed import system
from workflow_server.store.schema import Schema

_PATIENCE_SECONDS: Final = 1.0


def filled(copy: sqlite3.Connection, path: Path, schema: Schema) -> None:
    """Put what ``path`` holds into ``copy``, an empty database in memory, at the newest schema."""
    copy.row_factory = sqlite3.Row
    if system.read_only(path):
        _from_a_read_only_disk(copy, path)
    else:
        _from_a_full_disk(copy, path)
    schema.bring_up_to_date(copy, path)
    copy.execute("PRAGMA temp_store = MEMORY")
    copy.execute("PRAGMA query_only = ON")


def _from_a_full_disk(copy: sqlite3.Connection, path: Path) -> None:
    """In exclusive mode the index of the log is kept in memory (https://sqlite.org/wal.html#noshm), for which
    the file is locked while it is copied. Whoever else has it open has also made the ``-shm`` file, so that
    nobody needs this.
    """
    with closing(sqlite3.connect(path, isolation_level=None, timeout=_PATIENCE_SECONDS)) as alone:
        alone.execute("PRAGMA locking_mode = EXCLUSIVE")
        alone.backup(copy)


def _from_a_read_only_disk(copy: sqlite3.Connection, path: Path) -> None:
    """No lock can be had there. A log that was left behind is read with a copy of the file; where somebody
    else has the disk for writing, the file is open there and its ``-shm`` can be read.
    """
    if path.with_name(f"{path.name}-shm").exists():
        try:
            _backed_up(copy, path, "mode=ro")
        except sqlite3.OperationalError:  # left behind too, and without use
            pass
        else:
            return
    with _with_its_log(path) as whole:
        _backed_up(copy, whole, "mode=ro&immutable=1" if whole == path else "mode=rw")


def _backed_up(copy: sqlite3.Connection, path: Path, how: str) -> None:
    address = f"{path.absolute().as_uri()}?{how}"
    with closing(sqlite3.connect(address, uri=True, timeout=_PATIENCE_SECONDS)) as opened:
        opened.backup(copy)


@contextmanager
def _with_its_log(path: Path) -> Iterator[Path]:
    """The file; where it has a log with something in it, a copy of both in a folder that can be written."""
    log = path.with_name(f"{path.name}-wal")
    if not log.exists() or not log.stat().st_size:
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        for one in (path, log):
            shutil.copyfile(one, Path(folder, one.name))
        yield Path(folder, path.name)
