"""Taking things out of an index for good. The caller holds the writer's lock and a transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from codebase_server.store.live import placements_of, read_live
from codebase_server.store.packing import unpack


def delete_root(connection: sqlite3.Connection, path: str) -> bool:
    """Delete all that is known of a root; what other roots share stays. Whether there was such a root."""
    return connection.execute("DELETE FROM root WHERE path = ?", (path,)).rowcount > 0


def expire_tombstones(connection: sqlite3.Connection, before: int) -> int:
    """Delete tombstones of chunks that died before a time (seconds since 1970); how many."""
    return connection.execute("DELETE FROM tombstone WHERE died_at < ?", (before,)).rowcount


def unused_versions(connection: sqlite3.Connection, before: int) -> NDArray[np.int32]:
    """Versions that may be forgotten: not live anywhere, no tombstone's, and nothing happened to their
    chunk since ``before`` (seconds since 1970)."""
    live = [read_live(connection, root_id) for (root_id,) in connection.execute("SELECT root_id FROM root")]
    kept = connection.execute(
        "SELECT version_id FROM tombstone UNION "
        "SELECT version_id FROM version JOIN generation USING (root_id, n) WHERE published_at >= ? UNION "
        "SELECT version_id FROM version WHERE chunk_id IN "
        "(SELECT chunk_id FROM change JOIN generation USING (root_id, n) WHERE published_at >= ?)",
        (before, before),
    ).fetchall()
    rows = connection.execute("SELECT version_id FROM version ORDER BY version_id").fetchall()
    every = np.array(rows, dtype=np.int32).reshape(-1)
    needed = np.concatenate([np.array(kept, dtype=np.int32).reshape(-1), *live])
    return np.setdiff1d(every, needed).astype(np.int32)


def delete_versions(connection: sqlite3.Connection, version_ids: NDArray[np.int32]) -> None:
    """Delete versions, the stored files that held them, and code that nothing else has.

    No root may place any of them. Postings and vectors are the text index's to clean.
    """
    if not len(version_ids):
        return
    files = [
        (file_id,)
        for file_id, blob in connection.execute("SELECT file_id, placements FROM file")
        if np.isin(placements_of(blob)[:, 0], version_ids).any()
    ]
    connection.executemany("DELETE FROM file WHERE file_id = ?", files)
    chosen = json.dumps(version_ids.tolist())
    for statement in (
        "DELETE FROM tombstone WHERE version_id IN (SELECT value FROM json_each(?))",
        "DELETE FROM change WHERE version_id IN (SELECT value FROM json_each(?))",
        "DELETE FROM version WHERE version_id IN (SELECT value FROM json_each(?))",
    ):
        connection.execute(statement, (chosen,))
    # The rows that tell of a death have no version.
    connection.execute("DELETE FROM change WHERE chunk_id NOT IN (SELECT chunk_id FROM version)")
    connection.execute("DELETE FROM content WHERE content_id NOT IN (SELECT content_id FROM version)")


def expire_generations(connection: sqlite3.Connection, before: int, keep: int = 200) -> None:
    """Delete the records of old batches; the last ``keep`` of each root stay, for readers to step along."""
    connection.execute(
        "DELETE FROM generation WHERE published_at < ? "
        "AND n < (SELECT root.n - ? FROM root WHERE root.root_id = generation.root_id)",
        (before, keep),
    )


def versions_holding(connection: sqlite3.Connection, what: str) -> NDArray[np.int32]:
    """Versions of a chunk id, or whose code or names contain a text, sorted."""
    found = {
        version_id
        for (version_id,) in connection.execute("SELECT version_id FROM version WHERE chunk_id = ?", (what,))
    }
    contents = [
        content_id
        for content_id, data in connection.execute("SELECT content_id, data FROM content")
        if what in unpack(data)
    ]
    found.update(
        version_id
        for (version_id,) in connection.execute(
            "SELECT version_id FROM version WHERE content_id IN (SELECT value FROM json_each(?)) "
            "OR instr(path, ?) OR instr(symbol, ?) OR instr(signature, ?) OR instr(doc, ?) "
            "OR instr(derived, ?)",
            (json.dumps(contents), *[what] * 5),
        )
    )
    return np.array(sorted(found), dtype=np.int32)


def files_placing(
    connection: sqlite3.Connection, root_id: int, version_ids: NDArray[np.int32]
) -> Iterable[str]:
    """Paths of a root's files that hold any of the versions."""
    for path, blob in connection.execute(
        "SELECT root_file.path, placements FROM root_file JOIN file USING (file_id) WHERE root_id = ?",
        (root_id,),
    ).fetchall():
        if np.isin(placements_of(blob)[:, 0], version_ids).any():
            yield path
