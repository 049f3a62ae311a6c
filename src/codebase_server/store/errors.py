"""What can go wrong below a repository's index, one class a cause.

Each names the file, says what happened and what to do next; the database
library's own errors never leave this package.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bridge.agreed import system
from bridge.agreed.errors import TandemError


class StoreError(TandemError):
    """A failure of the storage below an index; ``details['file']`` names the file."""

    def __init__(self, code: str, file: Path | str, message: str, hint: str) -> None:
        super().__init__(code, message, hint, details={"file": str(file)})


class IndexCorruptError(StoreError):
    """The database file is damaged."""

    def __init__(self, file: Path | str, reason: str) -> None:
        super().__init__(
            "index_corrupt",
            file,
            f"What was read of the index file {file} is damaged ({reason}).",
            "The next indexing run checks the whole file. A sound one is kept: the disk failed a read. "
            "A damaged one is set aside under another name and a new one built; chunk ids are derived again, "
            "and references are found again through their snapshots.",
        )


class IndexTooNewError(StoreError):
    """The database was written by a newer version of this program."""

    def __init__(self, file: Path | str, found: int, known: int) -> None:
        super().__init__(
            "index_too_new",
            file,
            f"The index file {file} has schema {found}; this version knows schemas up to {known}.",
            "Upgrade codebase-server, or point --data-dir to another folder.",
        )


class StorageFullError(StoreError):
    """No room is left for what was to be written."""

    def __init__(self, file: Path | str, reason: str) -> None:
        super().__init__(
            "storage_full",
            file,
            f"The index file {file} could not grow: {reason}.",
            "Free some disk space (`codebase-server gc` drops old code), or move the data folder with "
            "--data-dir; what was indexed before still answers.",
        )


class StorageDeniedError(StoreError):
    """The data folder or a file in it may not be written, or read."""

    def __init__(self, file: Path | str, reason: str) -> None:
        if system.read_only(Path(file)):
            super().__init__(
                "storage_denied",
                file,
                f"The index file {file} is on a read-only file system: {reason}.",
                "Mount that file system for writing, or choose another folder with --data-dir; what was "
                "indexed before still answers.",
            )
            return
        super().__init__(
            "storage_denied",
            file,
            f"No permission for the index file {file}: {reason}.",
            "Give this user read and write permission on the data folder, or choose another with --data-dir.",
        )


class StorageLostError(StoreError):
    """The data folder or the database vanished while in use."""

    def __init__(self, file: Path | str, reason: str) -> None:
        super().__init__(
            "storage_lost",
            file,
            f"The index file {file} cannot be opened: {reason}.",
            "If the data folder was removed, run `codebase-server index`: it builds the index anew.",
        )


class WriterBusyError(StoreError):
    """Another process is writing this repository's index."""

    def __init__(self, file: Path | str, pid: int | None) -> None:
        who = f"process {pid}" if pid else "another process"
        super().__init__(
            "busy",
            file,
            f"The index of this repository is being written by {who}.",
            "Its results are served as they are published; try again when it is done.",
        )


_FULL_CODES = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_DENIED_CODES = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def translated(error: Exception, file: Path) -> StoreError | None:
    """The typed error for one of SQLite's or the system's; None when it is neither's fault."""
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(error, file)
    if isinstance(error, OSError):
        if error.errno in _FULL_CODES:
            return StorageFullError(file, str(error))
        if error.errno in _DENIED_CODES:
            return StorageDeniedError(file, str(error))
        return StorageLostError(file, str(error))
    return None


def _of_sqlite(error: sqlite3.Error, file: Path) -> StoreError | None:
    name = str(getattr(error, "sqlite_errorname", "") or "")
    reason = str(error)
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or "malformed" in reason:
        return IndexCorruptError(file, reason)
    if name.startswith("SQLITE_FULL"):
        return StorageFullError(file, reason)
    if name.startswith(("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH")):
        return StorageLostError(file, reason) if not file.exists() else StorageDeniedError(file, reason)
    if name.startswith("SQLITE_CANTOPEN"):
        denied = file.exists() or not _listable(file.parent)
        return StorageDeniedError(file, reason) if denied else StorageLostError(file, reason)
    if name.startswith("SQLITE_IOERR"):
        # A write that fails for want of room is reported as a plain I/O error on some systems.
        return (
            StorageFullError(file, reason) if name == "SQLITE_IOERR_WRITE" else StorageLostError(file, reason)
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return WriterBusyError(file, None)
    if isinstance(error, sqlite3.OperationalError) and "no such table" in reason:
        return IndexCorruptError(file, reason)
    return None


def _listable(folder: Path) -> bool:
    try:
        next(folder.iterdir(), None)
    except PermissionError:
        return False
    except OSError:
        return True
    return True


@contextmanager
def translating(file: Path) -> Iterator[None]:
    """Turn the database's and the system's errors within into `StoreError`."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        typed = translated(error, file)
        if typed is None:
            raise
        raise typed from error
