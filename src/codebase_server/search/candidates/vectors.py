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

SIGNS_PAY = 20_000
"""Rows. Below this a plain scan of the bytes is as fast as two passes."""

_RESCORED = 10_000
"""Rows that pass from signs to bytes: of 80,000 rows of 256 dimensions they hold 99 of the true first 50
even of questions of one word, whose vector is that of no whole chunk (3,000 hold 95)."""

_AT_ONCE = 1_024
"""Rows widened to floats at a time: they stay in the processor's cache until they are multiplied."""


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
    """Fold a model's small blocks into one without the dead, when there are ``at_least`` of them.

    Blocks of over 20,000 rows are left alone. ``stored`` tells of versions which are stored.
    """
    query = (
        "SELECT block_id, version_ids, vectors, dimensions FROM vector_block"
        " WHERE model = ? AND length(version_ids) < 80000"
    )
    count = connection.execute(f"SELECT count(*) FROM ({query})", (model,)).fetchone()[0]  # noqa: S608 - own text
    if count < at_least:
        return
    ids, rows, blocks = [], [], []
    for block_id, id_blob, data, dimensions in connection.execute(query, (model,)):
        own = np.frombuffer(id_blob, np.int32)
        keep = stored(own)
        ids.append(own[keep])
        rows.append(np.frombuffer(data, np.int8).reshape(len(own), dimensions)[keep])
        blocks.append((block_id,))
    connection.executemany("DELETE FROM vector_block WHERE block_id = ?", blocks)
    if sum(map(len, ids)):
        write_vectors(connection, model, np.concatenate(ids), np.concatenate(rows))


class Vectors(Protocol):
    """The vectors of a root's live chunks, wherever they are kept; chunks are indices into ``live``."""

    def nearest(
        self, query: NDArray[np.float32], limit: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The nearest chunks and their cosines, nearest first, ties in the order of ``live``."""

    def cosines(self, query: NDArray[np.float32], at: NDArray[np.int32]) -> NDArray[np.float32]:
        """The cosine of each of the given chunks, NaN where a chunk has no vector."""


class VectorsInMemory:
    """A matrix of bytes and, where it pays, one of their signs, scanned by numpy."""

    def __init__(self, at: NDArray[np.int32], rows: NDArray[np.int8], live_count: int) -> None:
        self._at = at
        self._rows = rows
        self._inverse_norms = _inverse_norms(rows)
        # a row a word of signs: each is combined with one word of the question's, end to end
        self._signs = np.ascontiguousarray(_signs(rows).T) if len(at) > SIGNS_PAY else None
        self._row_of = np.full(live_count, -1, dtype=np.int32)
        self._row_of[at] = np.arange(len(at), dtype=np.int32)

    def nearest(
        self, query: NDArray[np.float32], limit: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        rows = None if allowed is None else np.flatnonzero(allowed[self._at])
        count = len(self._at) if rows is None else len(rows)
        if self._signs is not None and count > SIGNS_PAY:
            rows = _nearest_by_sign(self._signs, query, rows, max(_RESCORED, 4 * limit))
        found = self._similarities(query, rows)
        if len(found) > limit:
            top = np.argpartition(-found, limit - 1)[:limit]
            rows, found = (top if rows is None else rows[top]), found[top]
        at = self._at if rows is None else self._at[rows]
        order = np.lexsort((at, -found))
        return at[order], found[order]

    def cosines(self, query: NDArray[np.float32], at: NDArray[np.int32]) -> NDArray[np.float32]:
        rows = self._row_of[at]
        found = np.full(len(at), np.nan, dtype=np.float32)
        found[rows >= 0] = self._similarities(query, rows[rows >= 0])
        return found

    def _similarities(
        self, query: NDArray[np.float32], rows: NDArray[np.integer] | None
    ) -> NDArray[np.float32]:
        """The cosines of some rows (None: of all)."""
        unit = (query / (float(np.linalg.norm(query)) or 1.0)).astype(np.float32)
        count = len(self._rows) if rows is None else len(rows)
        found = np.empty(count, dtype=np.float32)
        # The whole matrix in floats would be four times the index.
        wide = np.empty((min(count, _AT_ONCE), self._rows.shape[1]), dtype=np.float32)
        for start in range(0, count, _AT_ONCE):
            end = min(start + _AT_ONCE, count)
            part = wide[: end - start]
            part[...] = self._rows[start:end] if rows is None else self._rows[rows[start:end]]
            np.dot(part, unit, out=found[start:end])
        found *= self._inverse_norms if rows is None else self._inverse_norms[rows]
        return found


def _nearest_by_sign(
    signs: NDArray[np.uint64], query: NDArray[np.float32], rows: NDArray[np.intp] | None, keep: int
) -> NDArray[np.intp]:
    """The ``keep`` rows (of some; None: of all) whose signs differ from the question's in the fewest
    places, and all others that differ in as few.
    """
    stored = signs if rows is None else signs[:, rows]
    distance = np.zeros(stored.shape[1], dtype=np.uint16)
    for words, asked in zip(stored, _signs(query[None, :])[0], strict=True):
        distance += np.bitwise_count(words ^ asked)
    farthest = np.partition(distance, keep - 1)[keep - 1] if keep < len(distance) else distance.max()
    near = np.flatnonzero(distance <= farthest)
    return near if rows is None else rows[near]


def vectors_in_memory(
    connection: sqlite3.Connection, model: str, live: NDArray[np.int32]
) -> VectorsInMemory | None:
    """Gather the vectors of the live versions, or None when the model has made none of them."""
    ats: list[NDArray[np.int32]] = []
    rows: list[NDArray[np.int8]] = []
    for _, ids, block in blocks(connection, model):
        at = np.minimum(np.searchsorted(live, ids), max(len(live) - 1, 0))
        keep = live[at] == ids if len(live) else np.zeros(len(ids), dtype=bool)
        if keep.any():
            ats.append(at[keep].astype(np.int32))
            rows.append(block[keep] if not keep.all() else block)
    if not ats:
        return None
    at, matrix = np.concatenate(ats), np.concatenate(rows)
    # A model switched forth and back may have made a version's vector twice: the later one counts.
    _, last = np.unique(at[::-1], return_index=True)
    if len(last) < len(at):
        kept = len(at) - 1 - last
        at, matrix = at[kept], matrix[kept]
    return VectorsInMemory(at, matrix, len(live))


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


def _inverse_norms(matrix: NDArray[np.int8]) -> NDArray[np.float32]:
    squares = np.empty(len(matrix), dtype=np.float32)
    for i in range(0, len(matrix), 8192):
        part = matrix[i : i + 8192].astype(np.float32)
        squares[i : i + 8192] = np.einsum("ij,ij->i", part, part)
    return (1 / np.sqrt(np.maximum(squares, 1.0))).astype(np.float32)


def _signs(matrix: NDArray[np.int8] | NDArray[np.float32]) -> NDArray[np.uint64]:
    packed = np.packbits(matrix > 0, axis=1)
    spare = -packed.shape[1] % 8
    padded = np.pad(packed, ((0, 0), (0, spare))) if spare else packed
    return np.ascontiguousarray(padded).view(np.uint64)
