"""Reusing what the repository already holds: the same bytes at the same path, parsed before."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codebase_server.files import FileEntry
from codebase_server.store.live import contained, placements_of


@dataclass(frozen=True, slots=True)
class Adoptable:
    """A stored file that a path could take as it is, with the ids it brings."""

    entry: FileEntry
    file_id: int
    ids: tuple[str, ...]


def has_files(connection: sqlite3.Connection) -> bool:
    """Whether the repository holds any parsed file, so that hashing first can pay."""
    return connection.execute("SELECT 1 FROM file LIMIT 1").fetchone() is not None


def find_adoptable(
    connection: sqlite3.Connection,
    live: NDArray[np.int32],
    hashed: Iterable[tuple[FileEntry, bytes]],
    leaving: Mapping[str, object],
    format_: int,
) -> list[Adoptable]:
    """Files that can be taken over with their ids.

    An id can be taken unless it lives in a file of the root that stays as it is
    (``leaving`` are the paths that change or go), or another file took it first.
    """
    found: list[tuple[FileEntry, int, list[int]]] = []
    for entry, content_hash in hashed:
        row = connection.execute(
            "SELECT file_id, placements FROM file WHERE path = ? AND content_hash = ? AND format >= ? "
            "ORDER BY format DESC, file_id DESC LIMIT 1",
            (entry.path, content_hash, format_),
        ).fetchone()
        if row:
            found.append((entry, row[0], placements_of(row[1])[:, 0].tolist()))
    owners = _owners(connection, [version for _, _, versions in found for version in versions])
    fixed = _fixed_ids(connection, live, set(owners.values()), leaving)
    taken: set[str] = set()
    adoptable = []
    for entry, file_id, versions in found:
        ids = tuple(owners[version] for version in versions)
        if not fixed.isdisjoint(ids) or not taken.isdisjoint(ids):
            continue
        taken.update(ids)
        adoptable.append(Adoptable(entry, file_id, ids))
    return adoptable


def _owners(connection: sqlite3.Connection, version_ids: Sequence[int]) -> dict[int, str]:
    query = "SELECT version_id, chunk_id FROM version WHERE version_id IN (SELECT value FROM json_each(?))"
    return dict(connection.execute(query, (json.dumps(list(version_ids)),)))


def _fixed_ids(
    connection: sqlite3.Connection, live: NDArray[np.int32], ids: set[str], leaving: Mapping[str, object]
) -> set[str]:
    """Those of the ids that live in files which stay."""
    rows = connection.execute(
        "SELECT version_id, chunk_id, path FROM version WHERE chunk_id IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(ids)),),
    ).fetchall()
    alive = contained(live, np.array([row[0] for row in rows], dtype=np.int32))
    return {
        chunk_id
        for (_, chunk_id, path), is_alive in zip(rows, alive.tolist(), strict=True)
        if is_alive and path not in leaving
    }
