"""The data folder: which roots are known, under which repository, and where each index lies."""

from __future__ import annotations

import re
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

from bridge.agreed import places
from codebase_server.store.errors import IndexTooNewError, translating

_SCHEMA = 1

_TABLES = """
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE root (
        path TEXT PRIMARY KEY, repository TEXT NOT NULL, added_at INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE alias (identity TEXT PRIMARY KEY, repository TEXT NOT NULL) WITHOUT ROWID;
"""

_SETTLED_NS = 2_000_000_000
"""A file written just now may be written again without its time telling: file systems' clocks are coarse."""

Value = TypeVar("Value")

_SAFE = re.compile(r"[A-Za-z0-9._-]{1,100}")


@dataclass(frozen=True, slots=True)
class RegisteredRoot:
    """One checkout that has been indexed, or was asked to be. ``path`` is a real, absolute path."""

    path: Path
    repository: str


class Registry:
    """``registry.sqlite3`` of a data folder. Cheap to make; each call opens and closes the file, but what
    a server asks twice a second for as long as it lives is read again only when the file has changed.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.file = data_dir / places.REGISTRY
        self._read: dict[str, tuple[tuple[int, ...], object]] = {}

    @property
    def data_dir_id(self) -> str:
        """A random name of this data folder, made once: tells two folders apart whatever they are called."""
        return self._while_unchanged("data_dir_id", self._read_data_dir_id)

    def _read_data_dir_id(self) -> str:
        with self._open() as connection:
            row = connection.execute("SELECT value FROM meta WHERE name = 'data_dir_id'").fetchone()
            return str(row[0])

    def _while_unchanged(self, name: str, read: Callable[[], Value]) -> Value:
        try:
            seen = self.file.stat()
        except OSError:
            return read()
        stamp = (seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
        kept = self._read.get(name)
        if kept is not None and kept[0] == stamp:
            return cast("Value", kept[1])
        value = read()
        if time.time_ns() - seen.st_mtime_ns > _SETTLED_NS:
            self._read[name] = (stamp, value)
        return value

    def add_root(self, path: Path, identity: str) -> RegisteredRoot:
        """Register a root with the identity computed for it now; what is kept of it.

        The first identity of a root stays. When another is computed later (a
        shallow clone was deepened, a first commit was made), it becomes an
        alias, unless it already is a repository of its own: then the root keeps
        its old name and nothing is joined.
        """
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            row = connection.execute("SELECT repository FROM root WHERE path = ?", (str(path),)).fetchone()
            canonical = self._canonical(connection, identity)
            if row is None:
                repository = canonical
                connection.execute(
                    "INSERT INTO root (path, repository, added_at) VALUES (?, ?, ?)",
                    (str(path), repository, int(time.time())),
                )
            else:
                repository = str(row[0])
                in_use = connection.execute("SELECT 1 FROM root WHERE repository = ?", (identity,)).fetchone()
                if canonical != repository and not in_use:
                    connection.execute(
                        "INSERT OR IGNORE INTO alias (identity, repository) VALUES (?, ?)",
                        (identity, repository),
                    )
            connection.execute("COMMIT")
            return RegisteredRoot(path, repository)

    def roots(self) -> list[RegisteredRoot]:
        """All registered roots, by path."""
        return list(self._while_unchanged("roots", self._read_roots))

    def _read_roots(self) -> list[RegisteredRoot]:
        with self._open() as connection:
            rows = connection.execute("SELECT path, repository FROM root ORDER BY path").fetchall()
            return [RegisteredRoot(Path(path), repository) for path, repository in rows]

    def root_at(self, path: Path) -> RegisteredRoot | None:
        """The registered root with this real path."""
        with self._open() as connection:
            row = connection.execute("SELECT repository FROM root WHERE path = ?", (str(path),)).fetchone()
            return RegisteredRoot(path, str(row[0])) if row else None

    def canonical(self, identity: str) -> str:
        """The repository that an identity or an alias of it names; the text itself when unknown."""
        with self._open() as connection:
            return self._canonical(connection, identity)

    def forget(self, path: Path) -> RegisteredRoot | None:
        """Take a root out of the register; what it was. Its rows in the index are `forget_root`'s matter."""
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            row = connection.execute("SELECT repository FROM root WHERE path = ?", (str(path),)).fetchone()
            connection.execute("DELETE FROM root WHERE path = ?", (str(path),))
            connection.execute("COMMIT")
            return RegisteredRoot(path, str(row[0])) if row else None

    def folder_of(self, repository: str) -> Path:
        """Where the index of a repository lies. Raises `ValueError` for what is no identity."""
        if not _SAFE.fullmatch(repository) or repository.startswith("."):
            raise ValueError(f"{repository!r} is not a repository identity.")
        return self.data_dir / "repositories" / repository

    @staticmethod
    def _canonical(connection: sqlite3.Connection, identity: str) -> str:
        row = connection.execute("SELECT repository FROM alias WHERE identity = ?", (identity,)).fetchone()
        return str(row[0]) if row else identity

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with translating(self.file):
            places.own_folder(self.data_dir)
            places.own_file(self.file)
            connection = sqlite3.connect(self.file, timeout=30.0, isolation_level=None)
            try:
                self._prepare(connection)
                yield connection
            finally:
                connection.close()

    def _prepare(self, connection: sqlite3.Connection) -> None:
        found = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if found == _SCHEMA:
            return
        if found > _SCHEMA:
            raise IndexTooNewError(self.file, found, _SCHEMA)
        connection.execute("BEGIN IMMEDIATE")
        try:
            if int(connection.execute("PRAGMA user_version").fetchone()[0]) == 0:
                for statement in _TABLES.strip().split(";\n"):
                    if statement.strip():
                        connection.execute(statement)
                connection.execute("INSERT INTO meta VALUES ('data_dir_id', ?)", (secrets.token_hex(8),))
                connection.execute(f"PRAGMA user_version = {_SCHEMA}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
