"""What goes wrong below the index, in words: which file, what happened, and what to do about it."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import pytest

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
