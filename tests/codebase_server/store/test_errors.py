"""What goes wrong below the index, in words: which file, what happened, and what to do about it."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import pytest

from codebase_server.store import (
    IndexCorruptError,
    IndexTooNewError,
    StorageDeniedError,
    StorageFullError,
    StorageLostError,
    WriterBusyError,
)
from codebase_server.store.errors import StoreError, translated, translating


def sqlite_error(name: str, text: str = "it went wrong") -> sqlite3.Error:
    """An error as SQLite raises it."""
    kind = sqlite3.DatabaseError if "CORRUPT" in name or "NOTADB" in name else sqlite3.OperationalError
    error = kind(text)
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (sqlite_error("SQLITE_CORRUPT"), "index_corrupt"),
        (sqlite_error("SQLITE_NOTADB"), "index_corrupt"),
        (sqlite_error("", "database disk image is malformed"), "index_corrupt"),
        (sqlite_error("SQLITE_ERROR", "no such table: meta"), "index_corrupt"),
        (sqlite_error("SQLITE_FULL"), "storage_full"),
        (sqlite_error("SQLITE_IOERR_WRITE"), "storage_full"),
        (sqlite_error("SQLITE_IOERR_READ"), "storage_lost"),
        (sqlite_error("SQLITE_READONLY"), "storage_denied"),
        (sqlite_error("SQLITE_PERM"), "storage_denied"),
        (sqlite_error("SQLITE_CANTOPEN"), "storage_denied"),
        (sqlite_error("SQLITE_BUSY_SNAPSHOT"), "busy"),
        (sqlite_error("SQLITE_LOCKED"), "busy"),
        (OSError(errno.ENOSPC, "No space left on device"), "storage_full"),
        (OSError(errno.EDQUOT, "Quota exceeded"), "storage_full"),
        (OSError(errno.EFBIG, "File too large"), "storage_full"),
        (OSError(errno.EACCES, "Permission denied"), "storage_denied"),
        (OSError(errno.EROFS, "Read-only file system"), "storage_denied"),
        (OSError(errno.EIO, "Input/output error"), "storage_lost"),
    ],
)
def test_each_failure_of_the_storage_has_its_code_and_names_the_file(
    tmp_path: Path, error: Exception, code: str
) -> None:
    file = tmp_path / "index.sqlite3"
    file.touch()
    typed = translated(error, file)
    assert typed is not None
    assert typed.code == code
    assert typed.details == {"file": str(file)} or code == "busy"
    assert typed.hint
    with pytest.raises(StoreError), translating(file):
        raise error


@pytest.mark.parametrize("name", ["SQLITE_READONLY_DBMOVED", "SQLITE_CANTOPEN"])
def test_a_file_that_is_gone_is_lost_not_forbidden(tmp_path: Path, name: str) -> None:
    typed = translated(sqlite_error(name), tmp_path / "gone" / "index.sqlite3")
    assert typed is not None
    assert typed.code == "storage_lost"
    assert "run `codebase-server index`" in typed.hint


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_a_folder_that_may_not_be_looked_into_is_forbidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may look anywhere, so the refusal is the system's in name only."""

    def refuse(_: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    typed = translated(sqlite_error("SQLITE_CANTOPEN"), tmp_path / "index.sqlite3")
    assert typed is not None
    assert typed.code == "storage_denied"


@pytest.mark.parametrize("error", [sqlite_error("SQLITE_MISUSE"), sqlite3.ProgrammingError("closed")])
def test_a_mistake_of_our_own_is_not_dressed_up(tmp_path: Path, error: sqlite3.Error) -> None:
    assert translated(error, tmp_path) is None
    with pytest.raises(type(error)), translating(tmp_path):
        raise error
    assert translated(ValueError("not storage"), tmp_path) is None


FILE = Path("/data/index.sqlite3")


@pytest.mark.parametrize(
    ("error", "code", "message", "hint"),
    [
        (
            IndexCorruptError(FILE, "bad page"),
            "index_corrupt",
            "What was read of the index file /data/index.sqlite3 is damaged (bad page).",
            "The next indexing run checks the whole file. A sound one is kept: the disk failed a read. "
            "A damaged one is set aside under another name and a new one built; chunk ids are derived again, "
            "and references are found again through their snapshots.",
        ),
        (
            IndexTooNewError(FILE, 7, 2),
            "index_too_new",
            "The index file /data/index.sqlite3 has schema 7; this version knows schemas up to 2.",
            "Upgrade codebase-server, or point --data-dir to another folder.",
        ),
        (
            StorageFullError(FILE, "no room"),
            "storage_full",
            "The index file /data/index.sqlite3 could not grow: no room.",
            "Free some disk space (`codebase-server gc` drops old code), or move the data folder with "
            "--data-dir; what was indexed before still answers.",
        ),
        (
            StorageDeniedError(FILE, "not yours"),
            "storage_denied",
            "No permission for the index file /data/index.sqlite3: not yours.",
            "Give this user read and write permission on the data folder, or choose another with --data-dir.",
        ),
        (
            StorageLostError(FILE, "gone"),
            "storage_lost",
            "The index file /data/index.sqlite3 cannot be opened: gone.",
            "If the data folder was removed, run `codebase-server index`: it builds the index anew.",
        ),
        (
            WriterBusyError(FILE, 12),
            "busy",
            "The index of this repository is being written by process 12.",
            "Its results are served as they are published; try again when it is done.",
        ),
        (
            WriterBusyError(FILE, None),
            "busy",
            "The index of this repository is being written by another process.",
            "Its results are served as they are published; try again when it is done.",
        ),
    ],
)
def test_each_cause_is_told_in_its_own_words_with_what_to_do(
    error: StoreError, code: str, message: str, hint: str
) -> None:
    assert (error.code, error.message, error.hint) == (code, message, hint)
    assert error.details == {"file": str(FILE)}


def test_a_read_only_file_system_is_told_from_missing_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mounting one takes root; what is asked of the system here is its answer alone."""
    monkeypatch.setattr("bridge.agreed.system.read_only", lambda folder: folder == FILE)
    error = StorageDeniedError(FILE, "EROFS")
    assert error.message == "The index file /data/index.sqlite3 is on a read-only file system: EROFS."
    assert error.hint == (
        "Mount that file system for writing, or choose another folder with --data-dir; what was "
        "indexed before still answers."
    )
    assert (error.code, error.details) == ("storage_denied", {"file": str(FILE)})


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("SQLITE_CORRUPT_VTAB", "x", IndexCorruptError), ("SQLITE_AUTH", "x", StorageDeniedError),
        ("SQLITE_READONLY_ROLLBACK", "x", StorageDeniedError), ("SQLITE_IOERR_FSYNC", "x", StorageLostError),
        ("SQLITE_BUSY", "x", WriterBusyError), ("SQLITE_LOCKED_SHAREDCACHE", "x", WriterBusyError),
        ("SQLITE_FULL", "x", StorageFullError), ("", "no such table: root", IndexCorruptError),
    ],
)  # fmt: skip
def test_the_reason_is_what_sqlite_said(tmp_path: Path, name: str, text: str, kind: type[StoreError]) -> None:
    file = tmp_path / "index.sqlite3"
    file.touch()
    typed = translated(sqlite_error(name, text), file)
    assert type(typed) is kind
    assert text in typed.message or kind is WriterBusyError
    assert str(file) == typed.details["file"]


def test_a_missing_table_that_is_a_mistake_of_another_kind_is_none_of_the_storage(tmp_path: Path) -> None:
    assert translated(sqlite3.ProgrammingError("no such table: root"), tmp_path) is None


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EIO])
def test_the_reason_is_what_the_system_said(tmp_path: Path, code: int) -> None:
    error = OSError(code, "in its own words")
    typed = translated(error, tmp_path)
    assert typed is not None
    assert "in its own words" in typed.message
    with pytest.raises(StoreError) as told, translating(tmp_path):
        raise error
    assert told.value.__cause__ is error


def test_a_folder_that_is_gone_may_be_looked_into(tmp_path: Path) -> None:
    """Its absence is no refusal: the index was removed."""
    typed = translated(sqlite_error("SQLITE_CANTOPEN"), tmp_path / "gone" / "further" / "index.sqlite3")
    assert type(typed) is StorageLostError
    assert type(translated(sqlite_error("SQLITE_CANTOPEN"), tmp_path / "index.sqlite3")) is StorageLostError
