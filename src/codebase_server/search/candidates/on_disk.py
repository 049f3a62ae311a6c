"""Vectors scanned by sqlite-vec in a file of their own, for when they would not fit into memory.

The file is derived: it holds copies of the blocks in the repository's database,
knows which, and is made anew when they are not the blocks of that database
any more. It is a separate file because the truth must be opened through
one SQLite library only, and the one that Python brings often cannot load
extensions.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from contextlib import suppress
from hashlib import blake2b
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.candidates.vectors import blocks

log = logging.getLogger(__name__)

_MOST_NEAREST = 4096
"""sqlite-vec refuses a larger k."""

_OVERSAMPLED = 4
"""So many times the rows asked for are fetched by bytes and rescored: the question is bytes too at first."""


def loadable_library() -> Any | None:
    """A module like `sqlite3` whose connections can load sqlite-vec, or None after saying why in the log."""
    reasons = []
    for name in ("sqlite3", "pysqlite3"):
        try:
            library = import_module(name)
            connection = library.connect(":memory:")
            try:
                _load(connection)
            finally:
                connection.close()
        except (ImportError, AttributeError, sqlite3.Error, OSError) as error:
            reasons.append(f"{name}: {error}")
        except Exception as error:
            reasons.append(f"{name}: {error}")
        else:
            return library
    log.warning(
        "sqlite-vec cannot be loaded, vectors are scanned in memory instead (%s).", "; ".join(reasons)
    )
    return None


def _load(connection: Any) -> None:
    sqlite_vec = import_module("sqlite_vec")
    connection.enable_load_extension(True)
    try:
        sqlite_vec.load(connection)
    finally:
        connection.enable_load_extension(False)


class VectorFile:
    """The derived file of one model of one repository. Thread-safe; any number of processes may share it."""

    def __init__(self, library: Any, file: Path, model: str) -> None:
        self._library = library
        self._file = file
        self._model = model
        self._guard = threading.Lock()
        self._connection: Any = None

    def close(self) -> None:
        """Let go of the file."""
        with self._guard:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def follow(self, source: sqlite3.Connection) -> int:
        """Copy what the database has and the file has not; the number of dimensions, 0 without vectors."""
        theirs = _fingerprints(source, self._model)
        if not theirs:
            return 0
        with self._guard:
            ours = self._opened()
            if not _continues(ours, theirs):
                ours = self._anew()
            return self._copy(ours, source)

    def nearest(self, question: bytes, k: int, among: list[int] | None) -> list[int]:
        """The version ids nearest to an int8 question, of all or ``among`` some."""
        narrowed = "" if among is None else " AND version_id IN (SELECT value FROM json_each(?))"
        query = f"SELECT version_id FROM vector WHERE row MATCH vec_int8(?) AND k = ?{narrowed}"  # noqa: S608
        values: list[object] = [question, min(k, _MOST_NEAREST)]
        if among is not None:
            values.append(json.dumps(among))
        with self._guard:
            return [row[0] for row in self._opened().execute(query, values)]

    def rows(self, versions: list[int]) -> dict[int, bytes]:
        """The stored rows of some versions."""
        query = "SELECT version_id, row FROM vector WHERE version_id IN (SELECT value FROM json_each(?))"
        with self._guard:
            return dict(self._opened().execute(query, (json.dumps(versions),)).fetchall())

    def _opened(self) -> Any:
        if self._connection is None:
            connection = self._library.connect(
                str(self._file), timeout=30, isolation_level=None, check_same_thread=False
            )
            _load(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = OFF")  # derived: made anew when it does not match
            connection.execute(
                "CREATE TABLE IF NOT EXISTS block "
                "(block_id INTEGER PRIMARY KEY, fingerprint BLOB NOT NULL, dimensions INTEGER NOT NULL)"
            )
            self._connection = connection
        return self._connection

    def _anew(self) -> Any:
        connection = self._opened()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM block")
        connection.execute("DROP TABLE IF EXISTS vector")
        connection.execute("COMMIT")
        return connection

    def _copy(self, ours: Any, source: sqlite3.Connection) -> int:
        ours.execute("BEGIN IMMEDIATE")
        try:
            last, dimensions = ours.execute(
                "SELECT ifnull(max(block_id), 0), ifnull(max(dimensions), 0) FROM block"
            ).fetchone()
            for block_id, ids, rows in blocks(source, self._model, last):
                dimensions = rows.shape[1]
                ours.execute(
                    "CREATE VIRTUAL TABLE IF NOT EXISTS vector USING "
                    f"vec0(version_id INTEGER PRIMARY KEY, row int8[{dimensions}] distance_metric=cosine)"
                )
                versions = ids.tolist()
                ours.executemany("DELETE FROM vector WHERE version_id = ?", [(v,) for v in versions])
                ours.executemany(
                    "INSERT INTO vector (version_id, row) VALUES (?, vec_int8(?))",
                    [(v, row.tobytes()) for v, row in zip(versions, rows, strict=True)],
                )
                ours.execute(
                    "INSERT INTO block VALUES (?, ?, ?)", (block_id, _fingerprint(ids.tobytes()), dimensions)
                )
            ours.execute("COMMIT")
        except BaseException:
            with suppress(Exception):
                ours.execute("ROLLBACK")
            raise
        return int(dimensions)


class VectorsOnDisk:
    """The `Vectors` of a root, asked of a `VectorFile`."""

    def __init__(self, file: VectorFile, live: NDArray[np.int32], dimensions: int) -> None:
        self._file = file
        self._live = live
        self._dimensions = dimensions

    def nearest(
        self, query: NDArray[np.float32], limit: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        possible = len(self._live) if allowed is None else int(allowed.sum())
        narrow = None
        if allowed is not None and possible <= _MOST_NEAREST:
            narrow = self._live[allowed].tolist()
        question = _as_bytes(query)
        k = _OVERSAMPLED * limit
        while True:
            found = np.array(self._file.nearest(question, k, narrow), dtype=np.int32)
            at = np.minimum(np.searchsorted(self._live, found), max(len(self._live) - 1, 0)).astype(np.int32)
            keep = self._live[at] == found if len(self._live) else np.zeros(len(found), dtype=bool)
            if allowed is not None:
                keep &= allowed[at]
            if keep.sum() >= min(_OVERSAMPLED * limit, possible) or len(found) < k or k >= _MOST_NEAREST:
                break
            k = min(4 * k, _MOST_NEAREST)
        at = at[keep]
        cosines = self.cosines(query, at)
        order = np.lexsort((at, -cosines))[:limit]
        return at[order], cosines[order]

    def cosines(self, query: NDArray[np.float32], at: NDArray[np.integer]) -> NDArray[np.float32]:
        there, wide = self._stored(at)
        found = np.full(len(at), np.nan, dtype=np.float32)
        lengths = np.maximum(np.linalg.norm(wide, axis=1) * (float(np.linalg.norm(query)) or 1.0), 1e-9)
        found[there] = (wide @ query) / lengths
        return found

    def units(self, at: NDArray[np.integer]) -> NDArray[np.float32]:
        there, wide = self._stored(at)
        found = np.zeros((len(at), self._dimensions), dtype=np.float32)
        found[there] = wide / np.maximum(np.linalg.norm(wide, axis=1), 1e-9)[:, None]
        return found

    def _stored(self, at: NDArray[np.integer]) -> tuple[list[int], NDArray[np.float32]]:
        """The places in ``at`` of the chunks that have a vector, and these vectors."""
        versions = self._live[at].tolist()
        rows = self._file.rows(versions)
        there = [i for i, version in enumerate(versions) if version in rows]
        stored = b"".join([rows[versions[i]] for i in there])
        return there, np.frombuffer(stored, np.int8).reshape(-1, self._dimensions).astype(np.float32)


def _as_bytes(query: NDArray[np.float32]) -> bytes:
    top = float(np.abs(query).max()) or 1.0
    return np.round(query * (127 / top)).astype(np.int8).tobytes()


def _fingerprint(version_ids: bytes) -> bytes:
    return blake2b(version_ids, digest_size=8).digest()


def _fingerprints(source: sqlite3.Connection, model: str) -> dict[int, bytes]:
    rows = source.execute("SELECT block_id, version_ids FROM vector_block WHERE model = ?", (model,))
    return {block_id: _fingerprint(version_ids) for block_id, version_ids in rows}


def _continues(ours: Any, theirs: dict[int, bytes]) -> bool:
    """Whether the file was made of this database: every block up to its last is one it copied.

    Blocks that the database has since folded into later ones may be missing there.
    """
    known = dict(ours.execute("SELECT block_id, fingerprint FROM block").fetchall())
    if not known:
        return True
    last = max(known)
    if last > max(theirs):
        return False
    return all(known.get(block_id) == mark for block_id, mark in theirs.items() if block_id <= last)
