"""Vectors: blocks of int8 rows in the repository's file, scanned exactly.

The truth is SQLite: a block is written in the transaction that publishes its
chunks, tagged with the model that made it. Readers gather the rows of their
root's live chunks once a generation into one matrix of signs (a bit a
dimension) and one of bytes; a question takes the nearest thousands by signs
and rescores them by the bytes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

_LARGE_BLOCK = 20_000
"""Rows from which a block is left alone; of the usual 256 dimensions, 5 MB."""

DDL = (
    """CREATE TABLE vector_block (
        block_id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never reused: readers cache by it
        model TEXT NOT NULL,
        dimensions INTEGER NOT NULL,
        version_ids BLOB NOT NULL,  -- int32, ascending
        vectors BLOB NOT NULL       -- int8, one row a version
    )""",
    "CREATE INDEX vector_block_by_model ON vector_block (model)",
)
"""Statements that make the tables, for the store's migrations."""


def write_vectors(
    connection: sqlite3.Connection, model: str, version_ids: NDArray[np.int32], vectors: NDArray[np.int8]
) -> int:
    """Write the vectors of some versions; the block's id. The caller holds the write transaction.

    ``vectors`` has one row a version. Raises `ValueError` when the shapes disagree.
    """
    if vectors.dtype != np.int8 or vectors.ndim != 2 or len(vectors) != len(version_ids):
        raise ValueError(
            f"Expected an int8 row for each of {len(version_ids)} versions, "
            f"got {vectors.dtype} of shape {vectors.shape}."
        )
    order = np.argsort(version_ids)
    cursor = connection.execute(
        "INSERT INTO vector_block (model, dimensions, version_ids, vectors) VALUES (?, ?, ?, ?)",
        (
            model,
            vectors.shape[1],
            version_ids[order].astype(np.int32).tobytes(),
            np.ascontiguousarray(vectors[order]).tobytes(),
        ),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def missing_vectors(
    connection: sqlite3.Connection, model: str, versions: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Those of ``versions`` (sorted) that have no vector of this model yet."""
    rows = connection.execute("SELECT version_ids FROM vector_block WHERE model = ?", (model,))
    have = [np.frombuffer(blob, np.int32) for (blob,) in rows]
    if not have or not len(versions):
        return versions
    # a table by id: sorting a hundred thousand ids for each edit would be most of what an edit costs
    known = np.zeros(int(versions[-1]) + 1, dtype=bool)
    for ids in have:
        known[ids[ids < len(known)]] = True
    return versions[~known[versions]]


def merge_vectors(
    connection: sqlite3.Connection,
    model: str,
    stored: Callable[[NDArray[np.int32]], NDArray[np.bool_]],
    at_least: int = 8,
) -> None:
    """Fold a model's small blocks into larger ones without the dead, when there are ``at_least`` of them.

    Blocks of over 20,000 rows are left alone, and none is made much larger: what is folded is in memory at
    once. ``stored`` tells of versions which are stored.
    """
    query = "SELECT block_id FROM vector_block WHERE model = ? AND length(version_ids) < ? ORDER BY block_id"
    small = connection.execute(query, (model, 4 * _LARGE_BLOCK)).fetchall()
    if len(small) < at_least:
        return
    query = "SELECT version_ids, vectors, dimensions FROM vector_block WHERE block_id = ?"
    ids, rows, folded = [], [], 0
    for (block_id,) in small:
        id_blob, data, dimensions = connection.execute(query, (block_id,)).fetchone()
        own = np.frombuffer(id_blob, np.int32)
        keep = stored(own)
        ids.append(own[keep])
        rows.append(np.frombuffer(data, np.int8).reshape(len(own), dimensions)[keep])
        connection.execute("DELETE FROM vector_block WHERE block_id = ?", (block_id,))
        folded += len(ids[-1])
        if folded >= _LARGE_BLOCK:
            write_vectors(connection, model, np.concatenate(ids), np.concatenate(rows))
            ids, rows, folded = [], [], 0
    if folded:
        write_vectors(connection, model, np.concatenate(ids), np.concatenate(rows))


class Vectors(Protocol):
    """The vectors of a root's live chunks, wherever they are kept; chunks are indices into ``live``."""

    def nearest(
        self, query: NDArray[np.float32], limit: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The nearest chunks and their cosines, nearest first, ties in the order of ``live``."""

    def cosines(self, query: NDArray[np.float32], at: NDArray[np.integer]) -> NDArray[np.float32]:
        """The cosine of each of the given chunks, NaN where a chunk has no vector."""

    def units(self, at: NDArray[np.integer]) -> NDArray[np.float32]:
        """The vectors of the given chunks, each of length 1; zeros where a chunk has none."""


def rows_of(
    connection: sqlite3.Connection, model: str, versions: NDArray[np.int32], until: int
) -> Iterator[tuple[int, NDArray[np.int32], NDArray[np.int8]]]:
    """The rows of a few versions out of the blocks up to ``until``, the latest first; reads no other row."""
    query = (
        "SELECT block_id, version_ids, dimensions FROM vector_block "
        "WHERE model = ? AND block_id <= ? ORDER BY block_id DESC"
    )
    for block_id, id_blob, dimensions in connection.execute(query, (model, until)).fetchall():
        ids = np.frombuffer(id_blob, np.int32)
        at = np.flatnonzero(np.isin(ids, versions))
        if not len(at):
            continue
        with connection.blobopen("vector_block", "vectors", block_id, readonly=True) as blob:
            rows = []
            for i in at.tolist():
                blob.seek(i * dimensions)
                rows.append(blob.read(dimensions))
        yield block_id, ids[at], np.frombuffer(b"".join(rows), np.int8).reshape(len(at), dimensions)


def newest_block(connection: sqlite3.Connection, model: str) -> int:
    """The id of a model's latest block; 0 when there is none."""
    row = connection.execute("SELECT max(block_id) FROM vector_block WHERE model = ?", (model,)).fetchone()
    return int(row[0] or 0)


def blocks(
    connection: sqlite3.Connection, model: str, after: int = 0
) -> Iterator[tuple[int, NDArray[np.int32], NDArray[np.int8]]]:
    """The blocks of a model with an id above ``after``: id, version ids, rows."""
    query = (
        "SELECT block_id, version_ids, vectors, dimensions FROM vector_block "
        "WHERE model = ? AND block_id > ? ORDER BY block_id"
    )
    for block_id, id_blob, data, dimensions in connection.execute(query, (model, after)):
        ids = np.frombuffer(id_blob, np.int32)
        yield block_id, ids, np.frombuffer(data, np.int8).reshape(len(ids), dimensions)
