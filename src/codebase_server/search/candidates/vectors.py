"""Vectors: blocks of int8 rows in the repository's file, scanned exactly.

The truth is SQLite: a block is written in the transaction that publishes its
chunks, tagged with the model that made it. Readers gather the rows of their
root's live chunks once a generation into one matrix of signs (a bit a
dimension) and one of bytes; a question takes the nearest few hundred by signs
and rescores them by the bytes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

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

_SIGNS_PAY = 30_000
"""Rows. Below this a plain scan of the bytes is as fast as two passes."""

_RESCORED = 600


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
    return np.setdiff1d(versions, np.concatenate(have), assume_unique=False) if have else versions


def merge_vectors(
    connection: sqlite3.Connection, model: str, alive: NDArray[np.int32], at_least: int = 8
) -> None:
    """Fold a model's small blocks into one without the dead, when there are ``at_least`` of them.

    Blocks of over 20,000 rows are left alone.
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
        keep = np.isin(own, alive)
        ids.append(own[keep])
        rows.append(np.frombuffer(data, np.int8).reshape(len(own), dimensions)[keep])
        blocks.append((block_id,))
    connection.executemany("DELETE FROM vector_block WHERE block_id = ?", blocks)
    if sum(map(len, ids)):
        write_vectors(connection, model, np.concatenate(ids), np.concatenate(rows))


@dataclass(frozen=True, slots=True)
class VectorView:
    """The vectors of a root's live chunks.

    ``at``: index into ``live`` of each row. ``rows``: int8 (n, d).
    ``inverse_norms``: 1 / length of each row. ``signs``: packed sign bits, or
    None where a plain scan is as fast.
    """

    at: NDArray[np.int32]
    rows: NDArray[np.int8]
    inverse_norms: NDArray[np.float32]
    signs: NDArray[np.uint64] | None

    def similarities(self, query: NDArray[np.float32], at: NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosine of the query to the given rows (indices of rows, not of ``live``)."""
        length = float(np.linalg.norm(query)) or 1.0
        dots: NDArray[np.float32] = self.rows[at].astype(np.float32) @ (query / length).astype(np.float32)
        return dots * self.inverse_norms[at]

    def nearest(
        self, query: NDArray[np.float32], limit: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Indices into ``live`` of the nearest chunks and their cosines, nearest first."""
        rows = np.arange(len(self.at)) if allowed is None else np.flatnonzero(allowed[self.at])
        if self.signs is not None and len(rows) > _SIGNS_PAY:
            rows = rows[self._nearest_by_sign(query, rows, max(_RESCORED, 4 * limit))]
        cosines = _blockwise(self, query, rows)
        if len(rows) > limit:
            top = np.argpartition(-cosines, limit - 1)[:limit]
            rows, cosines = rows[top], cosines[top]
        order = np.lexsort((self.at[rows], -cosines))
        return self.at[rows[order]], cosines[order]

    def _nearest_by_sign(
        self, query: NDArray[np.float32], rows: NDArray[np.int64], keep: int
    ) -> NDArray[np.int64]:
        assert self.signs is not None
        asked = _signs(query[None, :])
        stored = self.signs if len(rows) == len(self.signs) else self.signs[rows]
        distance = np.bitwise_count(stored ^ asked).sum(axis=1, dtype=np.uint16)
        return np.argpartition(distance, min(keep, len(rows)) - 1)[:keep]


def vector_view(connection: sqlite3.Connection, model: str, live: NDArray[np.int32]) -> VectorView | None:
    """Gather the vectors of the live versions, or None when the model has made none of them."""
    ats: list[NDArray[np.int32]] = []
    rows: list[NDArray[np.int8]] = []
    for ids, block in _blocks(connection, model):
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
    return VectorView(at, matrix, _inverse_norms(matrix), _signs(matrix) if len(at) > _SIGNS_PAY else None)


def _blocks(
    connection: sqlite3.Connection, model: str
) -> Iterable[tuple[NDArray[np.int32], NDArray[np.int8]]]:
    query = "SELECT version_ids, vectors, dimensions FROM vector_block WHERE model = ? ORDER BY block_id"
    for id_blob, data, dimensions in connection.execute(query, (model,)):
        ids = np.frombuffer(id_blob, np.int32)
        yield ids, np.frombuffer(data, np.int8).reshape(len(ids), dimensions)


def _blockwise(view: VectorView, query: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
    # int8 rows are widened a slice at a time: the whole matrix in float32 would be four times the index.
    if len(rows) <= 4096:
        return view.similarities(query, rows)
    return np.concatenate([view.similarities(query, rows[i : i + 4096]) for i in range(0, len(rows), 4096)])


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
