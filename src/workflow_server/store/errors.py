"""What can go wrong below a project's file, as errors that say what happened to the call and what to do."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from bridge.agreed import system
from bridge.agreed.errors import TandemError

BUSY_SECONDS = 30.0
"""How long a write waits for other processes' writes before it gives up with ``store_busy``."""


class DamagedError(TandemError):
    """The file is not a sound database: ``project_damaged``, with its path and SQLite's own words."""

    def __init__(self, path: Path, reason: str):
        super().__init__(
            "project_damaged",
            f"{path} is damaged ({reason}); nothing was stored.",
            "Call again: the file is then examined and, if it is unsound, set aside. "
            "`workflow-server restore` puts a backup in its place.",
            details={"file": str(path)},
        )
        self.path = path
        self.reason = reason


def has_no_place_for_a_log(error: TandemError, path: Path) -> bool:
    """Whether ``path`` can still be read: its disk is full or mounted read-only."""
    return error.code == "disk_full" or (error.code == "store_not_writable" and system.read_only(path))


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another connection has the lock that was wanted."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def translated(error: sqlite3.DatabaseError, path: Path) -> Exception:
    """SQLite's error as one that says what happened to the call and what to do."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return DamagedError(path, str(error))
    if is_busy(error):
        return TandemError(
            "store_busy",
            f"Another process has been writing to {path.name} for more than {BUSY_SECONDS:.0f} "
            "seconds; nothing was stored.",
            "Try again; if it keeps happening, look for a stuck workflow-server process.",
        )
    if code == sqlite3.SQLITE_FULL or getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_IOERR_SHMSIZE:
        return TandemError(
            "disk_full",
            f"The disk that holds {path} is full; nothing was stored.",
            "Free some space and try again.",
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        if system.read_only(path):
            return TandemError(
                "store_not_writable",
                f"{path} is on a read-only file system ({error}); nothing was stored.",
                "Mount that file system for writing, or choose another folder with --data-dir.",
            )
        return TandemError(
            "store_not_writable",
            f"{path} cannot be opened for writing ({error}); nothing was stored.",
            "Check the permissions of the folder, or choose another with --data-dir.",
        )
    if code == sqlite3.SQLITE_IOERR:
        return disk_failed(path, str(error))
    return error


def no_folder(folder: Path, error: OSError) -> TandemError:
    """``store_not_writable``: the folder of a file cannot be made, or is none."""
    if error.errno == errno.ENOSPC:
        return TandemError(
            "disk_full",
            f"The disk that holds {folder} is full; nothing was stored.",
            "Free some space and try again.",
        )
    return TandemError(
        "store_not_writable",
        f"{folder} cannot be made or used as the folder of the data ({error.strerror}); nothing was stored.",
        "Check what stands at that path and its permissions, or choose another with --data-dir.",
    )


def disk_failed(path: Path, words: str) -> TandemError:
    """``storage_failed``, with SQLite's own words."""
    # Not "nothing was stored": a commit whose sync failed may yet be found in the log.
    return TandemError(
        "storage_failed",
        f"The disk that holds {path} failed a read or write ({words}); "
        "whether the change was stored is not certain.",
        "Read the item before you repeat the change; if this goes on, check the disk (the system's log "
        "names it).",
    )
