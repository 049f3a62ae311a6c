"""Forgetting roots, collecting what is no longer needed, purging code everywhere."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from codebase_server.index import textindex
from codebase_server.index.status import database_bytes
from codebase_server.store import Database, Registry, SystemLock, removal, rows, translating
from codebase_server.store.batch import Batch
from codebase_server.store.database import transaction
from codebase_server.store.publish import Publisher

WAIT_SECONDS = 60.0
"""How long upkeep waits for a writer to finish."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What was taken out of the indexes of a data folder."""

    repositories: int = 0
    roots: tuple[Path, ...] = ()
    tombstones: int = 0
    versions: int = 0
    freed_bytes: int = 0


def forget(registry: Registry, root: Path) -> Upkeep | None:
    """Forget a root: its rows, and the whole index when it was the repository's last. None when unknown."""
    known = registry.root_at(root)
    if known is None:
        return None
    database = Database(registry.folder_of(known.repository))
    before = database_bytes(database.file)
    others = [row for row in registry.roots() if row.repository == known.repository and row.path != root]
    if not database.exists():
        registry.forget(root)
        return Upkeep(repositories=1, roots=(root,))
    with _writing(database) as connection:
        removal.delete_root(connection, str(root))
        _drop_unused(connection, int(time.time()))
    registry.forget(root)
    if not others:
        _delete_index(database)
    return Upkeep(1, (root,), freed_bytes=max(0, before - database_bytes(database.file)))


def collect(registry: Registry, tombstone_days: int) -> Upkeep:
    """Drop expired tombstones, versions that nothing needs, and roots whose folder is gone."""
    before = int(time.time()) - tombstone_days * 86_400
    gone = tuple(root.path for root in registry.roots() if _is_gone(root.path))
    freed = 0
    for root in gone:
        forgotten = forget(registry, root)
        freed += forgotten.freed_bytes if forgotten else 0
    tombstones = versions = 0
    repositories = sorted({root.repository for root in registry.roots()})
    for repository in repositories:
        database = Database(registry.folder_of(repository))
        if not database.exists():
            continue
        size = database_bytes(database.file)
        with _writing(database) as connection:
            tombstones += removal.expire_tombstones(connection, before)
            versions += _drop_unused(connection, before)
            removal.expire_generations(connection, before)
        freed += max(0, size - database_bytes(database.file))
    return Upkeep(len(repositories), gone, tombstones, versions, freed)


def purge(registry: Registry, what: str) -> Upkeep:
    """Remove a chunk id, or all code containing a text, from every index: living, dead and remembered.

    The files concerned are taken out whole; the next pass reads them again, so
    remove the text from the files first. Raises `ValueError` for an empty text.
    """
    if not what.strip():
        raise ValueError("Nothing to purge: give a chunk id or a text.")
    touched = versions = freed = 0
    for repository in sorted({root.repository for root in registry.roots()}):
        database = Database(registry.folder_of(repository))
        if not database.exists():
            continue
        size = database_bytes(database.file)
        removed = _purge_one(database, what)
        touched += bool(removed)
        versions += removed
        freed += max(0, size - database_bytes(database.file))
    return Upkeep(repositories=touched, versions=versions, freed_bytes=freed)


def _purge_one(database: Database, what: str) -> int:
    with SystemLock(database.folder / "writer.lock").held(WAIT_SECONDS), translating(database.file):
        database.prepare()
        connection = database.writer()
        try:
            connection.execute("PRAGMA secure_delete = ON")
            found = removal.versions_holding(connection, what)
            if not len(found):
                return 0
            for state in rows.root_states(connection):
                paths = list(removal.files_placing(connection, state.root_id, found))
                if paths:
                    publisher = Publisher(connection, database.file, state.path, textindex.write_index)
                    # The root is not whole any more: the next look at it starts a pass.
                    publisher.publish(Batch(removed=paths), pending_files=len(paths))
            with transaction(connection):
                removal.delete_versions(connection, found)
                textindex.drop_dead(connection)
            _shrink(connection)
        finally:
            connection.close()
    return len(found)


def _drop_unused(connection: sqlite3.Connection, before: int) -> int:
    unused = removal.unused_versions(connection, before)
    if len(unused):
        removal.delete_versions(connection, unused)
        textindex.drop_dead(connection)
    return len(unused)


@contextmanager
def _writing(database: Database) -> Iterator[sqlite3.Connection]:
    """The writer's lock and one transaction; the file is shrunk afterwards."""
    with SystemLock(database.folder / "writer.lock").held(WAIT_SECONDS), translating(database.file):
        database.prepare()
        connection = database.writer()
        try:
            with transaction(connection):
                yield connection
            _shrink(connection)
        finally:
            connection.close()


def _shrink(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA incremental_vacuum").fetchall()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def _delete_index(database: Database) -> None:
    """Delete a repository's folder, but for databases that were set aside as damaged."""
    database.close()
    with SystemLock(database.folder / "writer.lock").held(WAIT_SECONDS), translating(database.file):
        for suffix in ("", "-wal", "-shm"):
            Path(f"{database.file}{suffix}").unlink(missing_ok=True)
    if not any(database.folder.glob("*.damaged-*")):
        shutil.rmtree(database.folder, ignore_errors=True)


def _is_gone(root: Path) -> bool:
    """Whether a root was deleted; one on a drive that is not mounted has lost its parent too, and is kept."""
    return not root.exists() and root.parent.exists()


__all__ = ["Upkeep", "collect", "forget", "purge"]
