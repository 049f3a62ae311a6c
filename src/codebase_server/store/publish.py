"""The writer's side: one transaction per batch, visible as a whole or not at all."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from codebase_server.store import rows
from codebase_server.store.batch import Batch, FileStat, Parsed, SkippedFile
from codebase_server.store.database import transaction
from codebase_server.store.errors import translating
from codebase_server.store.generations import ids_of_added, record
from codebase_server.store.live import LiveVersions, placements_of, stepped, without
from codebase_server.store.records import RootState
from codebase_server.store.versions import NewVersions
from codebase_server.terms import TermTable

WriteIndex = Callable[
    [sqlite3.Connection, NDArray[np.int32], TermTable, str, NDArray[np.int8] | None],
    None,
]
"""Writes postings and vectors of new versions: (connection, version ids, terms, model, vectors)."""


@dataclass(slots=True)
class _Stored:
    """What of a batch is stored: its versions, how many files, and what stood in their paths before."""

    new: NewVersions
    files: int = 0
    before: list[NDArray[np.int32]] = field(default_factory=list)


class Publisher:
    """Publishes batches of one root. Its owner holds the writer's lock for as long as it lives.

    ``live`` is the sorted array of the root's versions after the last batch; a process
    that knows it of an earlier generation says so with ``remembered``.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        file: Path,
        root_path: str,
        write_index: WriteIndex,
        remembered: LiveVersions | None = None,
    ) -> None:
        self.connection = connection
        self._file = file
        self._write_index = write_index
        with translating(file):
            self.root = self._ensure_root(root_path)
            self.live: NDArray[np.int32] = (remembered or LiveVersions()).at(connection, self.root)
        self._ahead: _Stored | None = None

    def publish(self, batch: Batch, *, pending_files: int, state: str = "", summary: str = "") -> RootState:
        """Write a batch; the root's row as it is then.

        ``state`` and ``summary`` (JSON) replace the old ones unless empty. On any
        error the transaction is rolled back and the root is as it was.
        """
        ahead, self._ahead = self._ahead, None
        with translating(self._file):
            with transaction(self.connection, begun=ahead is not None):
                live = self._write(batch, pending_files, state, summary, ahead)
            self.live = live
            found = rows.root_state(self.connection, self.root.path)
            assert found is not None
            self.root = found
            return found

    def store_ahead(self, batch: Batch) -> None:
        """Store what was parsed of a batch that is still to grow, in the transaction that `publish` ends.

        For who waits for other files meanwhile. Nobody sees them before, and nothing else can be published:
        the caller does that with this batch, to which files were only added.
        """
        with translating(self._file):
            if self._ahead is None:
                self.connection.execute("BEGIN IMMEDIATE")
                self._ahead = self._nothing_stored()
            try:
                first = self._ahead.files
                self._store(batch.parsed[first:], self._ahead)
                batch.parsed[first:] = [one.once_stored() for one in batch.parsed[first:]]
            except BaseException:
                self._ahead = None
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    def _nothing_stored(self) -> _Stored:
        return _Stored(NewVersions(self.connection, self.root.root_id, self.root.n + 1))

    def _store(self, parsed: Sequence[Parsed], stored: _Stored) -> None:
        stored.before.append(self._placed([one.file.path for one in parsed]))
        for one in parsed:
            self._set_file(one.file.path, stored.new.add_file(one), one.stat)
        stored.files += len(parsed)

    def _ensure_root(self, path: str) -> RootState:
        found = rows.root_state(self.connection, path)
        if found is None:
            self.connection.execute(
                "INSERT INTO root (path, epoch, n, state, files, chunks, pending_files, summary) "
                "VALUES (?, ?, 0, 'building', 0, 0, 0, '{}')",
                (path, secrets.token_hex(4)),
            )
            found = rows.root_state(self.connection, path)
            assert found is not None
        return found

    def _write(
        self, batch: Batch, pending: int, state: str, summary: str, ahead: _Stored | None
    ) -> NDArray[np.int32]:
        self._write_skips(batch)
        self._restat(batch.restat)
        live = self.live
        if batch.changes_content():
            live = self._write_content(batch, ahead or self._nothing_stored())
        files = self.connection.execute(
            "SELECT count(*) FROM root_file WHERE root_id = ?", (self.root.root_id,)
        ).fetchone()[0]
        self.connection.execute(
            "UPDATE root SET n = n + ?, files = ?, chunks = ?, pending_files = ?, "
            "state = CASE WHEN ? = '' THEN state ELSE ? END, "
            "summary = CASE WHEN ? = '' THEN summary ELSE ? END WHERE root_id = ?",
            (
                int(batch.changes_content()),
                files,
                len(live),
                pending,
                state,
                state,
                summary,
                summary,
                self.root.root_id,
            ),
        )
        return live

    def _write_content(self, batch: Batch, stored: _Stored) -> NDArray[np.int32]:
        paths = [
            *(parsed.file.path for parsed in batch.parsed),
            *(adopted.path for adopted in batch.adopted),
            *batch.removed,
        ]
        others = [*(adopted.path for adopted in batch.adopted), *batch.removed]
        stored.before.append(self._placed(others))
        self._store(batch.parsed[stored.files :], stored)
        before = np.concatenate(stored.before)
        for adopted in batch.adopted:
            self._set_file(adopted.path, adopted.file_id, adopted.stat)
        self.connection.executemany(
            "DELETE FROM root_file WHERE root_id = ? AND path = ?",
            [(self.root.root_id, path) for path in batch.removed],
        )
        self._index(batch.parsed, stored.new, batch.vector_model)
        after = self._placed(paths)
        old_ids, new_ids = before[:, 0], after[:, 0]
        added = without(new_ids, old_ids)
        removed = without(old_ids, new_ids)
        live = stepped(self.live, removed, added)
        born = ids_of_added(self.connection, added, live, stored.new)
        record(
            self.connection, self.root.root_id, self.root.n + 1, batch, paths, before, added, removed, born
        )
        return live

    def _index(self, parsed: Iterable[Parsed], new: NewVersions, model: str) -> None:
        if not new.version_ids:
            return
        vectors = [
            item.file.vectors[new.fresh_rows[item.file.path]]
            for item in parsed
            if item.file.vectors is not None and new.fresh_rows[item.file.path]
        ]
        matrix = np.concatenate(vectors) if vectors and model else None
        ids = np.array(new.version_ids, dtype=np.int32)
        self._write_index(self.connection, ids, TermTable.joined(new.terms), model, matrix)

    def _placed(self, paths: Sequence[str]) -> NDArray[np.int32]:
        """Placement rows of the given paths as they are now in this root."""
        found = self.connection.execute(
            "SELECT placements FROM root_file JOIN file USING (file_id) WHERE root_id = ? "
            "AND root_file.path IN (SELECT value FROM json_each(?))",
            (self.root.root_id, json.dumps(paths)),
        )
        return placements_of(b"".join(blob for (blob,) in found))

    def _set_file(self, path: str, file_id: int, stat: FileStat) -> None:
        self.connection.execute(
            "INSERT OR REPLACE INTO root_file (root_id, path, file_id, size, mtime_ns, ctime_ns, inode) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (self.root.root_id, path, file_id, stat.size, stat.mtime_ns, stat.ctime_ns, stat.inode),
        )

    def _restat(self, restat: Iterable[tuple[str, FileStat]]) -> None:
        self.connection.executemany(
            "UPDATE root_file SET size = ?, mtime_ns = ?, ctime_ns = ?, inode = ? "
            "WHERE root_id = ? AND path = ?",
            [
                (stat.size, stat.mtime_ns, stat.ctime_ns, stat.inode, self.root.root_id, path)
                for path, stat in restat
            ],
        )

    def _write_skips(self, batch: Batch) -> None:
        gone = [
            *((self.root.root_id, parsed.file.path) for parsed in batch.parsed),
            *((self.root.root_id, adopted.path) for adopted in batch.adopted),
            *((self.root.root_id, path) for path in batch.unskipped),
        ]
        self.connection.executemany("DELETE FROM root_skip WHERE root_id = ? AND path = ?", gone)
        write_skips(self.connection, self.root.root_id, batch.skipped)


def write_skips(connection: sqlite3.Connection, root_id: int, skipped: Iterable[SkippedFile]) -> None:
    """Note files that are not indexed, replacing what was noted of them."""
    nothing = FileStat(-1, 0, 0, 0)
    connection.executemany(
        "INSERT OR REPLACE INTO root_skip (root_id, path, reason, detail, size, mtime_ns, ctime_ns, inode) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                root_id,
                skip.path,
                skip.reason,
                skip.detail,
                (skip.stat or nothing).size,
                (skip.stat or nothing).mtime_ns,
                (skip.stat or nothing).ctime_ns,
                (skip.stat or nothing).inode,
            )
            for skip in skipped
        ],
    )
