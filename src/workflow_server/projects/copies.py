"""Backups: whole, consistent copies made while others write."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from bridge.agreed import places
from bridge.agreed.errors import TandemError
from workflow_server.store import PROJECT_FILE


def unused(folder: Path, slug: str, now: str) -> Path:
    """A name for a new backup, with the time in it, that no file has."""
    stamp = "".join(letter for letter in now if letter.isalnum())
    names = (f"{slug}-{stamp}{mark}.sqlite3" for mark in ("", *(f"-{count}" for count in range(2, 1000))))
    return next(place for name in names if not (place := folder / name).exists())


def make_room(place: Path, *, named: bool = False) -> None:
    """Make the folder of a backup; refuse to write over a file, and to make a folder for a place that was
    ``named``: a slip in a path would leave folders where nobody looks for them.
    """
    if named and not (folder := place.absolute().parent).is_dir():
        raise TandemError(
            "file_not_found",
            f"There is no folder {folder} to put the backup into; nothing was made.",
            "Make it first, or name another place.",
        )
    if os.path.lexists(place):  # a link as well, wherever it leads
        raise TandemError("file_exists", f"{place} exists already.", "Name another file.")
    places.own_folder(place.parent)


def copy_online(connection: sqlite3.Connection, place: Path) -> None:
    """Copy the database behind ``connection`` into ``place``, as of one moment, and check the copy."""
    places.own_file(place)
    copy = sqlite3.connect(place)
    try:
        connection.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, no log beside it
        verdict = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    finally:
        copy.close()
    if verdict != "ok":
        raise TandemError("backup_failed", f"The copy in {place} fails its check: {verdict}.", "Run doctor.")


def check_backup(source: Path) -> None:
    """Raise unless ``source`` is a sound backup of a project that this release can read: ``store_newer``
    for one of a later release.
    """
    if not source.is_file():
        raise TandemError(
            "backup_not_found", f"There is no backup at {source}.", "Give the path of a .sqlite3 file."
        )
    backup = _opened(source)
    try:
        mark = backup.execute("PRAGMA application_id").fetchone()[0]
        verdict = backup.execute("PRAGMA quick_check(1)").fetchone()[0]
        if mark == PROJECT_FILE.application_id:
            PROJECT_FILE.examined(backup, source)
    except sqlite3.DatabaseError as error:
        mark, verdict = 0, str(error)
    finally:
        backup.close()
    if mark != PROJECT_FILE.application_id or verdict != "ok":
        raise TandemError(
            "not_a_backup",
            f"{source} is no sound backup of a project (application id {mark}, check: {verdict}).",
            "Choose another backup; nothing was changed.",
        )


def restore_into(connection: sqlite3.Connection, source: Path, name: str) -> None:
    """Replace the database behind ``connection`` by the backup in ``source``, in one step that readers
    see whole.

    The copy goes through SQLite, not over the file, so that other processes
    that have it open go on with the restored content. The project keeps its
    present ``name``.
    """
    backup = _opened(source)
    try:
        backup.backup(connection)
    finally:
        backup.close()
    PROJECT_FILE.bring_up_to_date(connection, source)
    connection.execute("INSERT OR REPLACE INTO about (key, value) VALUES ('name', ?)", (name,))


def _opened(source: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)
