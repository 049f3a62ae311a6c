"""A root at one moment: everything read through a snapshot is of the same generation."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from codebase_server.store import rows
from codebase_server.store.live import contained, placements_of
from codebase_server.store.packing import unpack
from codebase_server.store.records import (
    HistoryEntry,
    IndexedFile,
    Placement,
    RootState,
    StoredDefinition,
    StoredVersion,
    Tombstone,
)

_MOST_VALUES = 500
"""Values bound in one statement: older builds of SQLite take 999."""


_MOST_YOUNGER: Final = 5_000
"""Versions, the latest, among which copies of dead code are looked for: it is deleted soon after."""


class Snapshot:
    """One read transaction on one root. Use it as a context manager, in one thread at a time, and briefly.

    ``live`` are the version ids of the root's chunks, sorted int32. ``connection``
    is for the text index and the vectors, which read their own tables in the
    same transaction; everything else has a method here. ``failed`` is told what
    ended a ``with``, and may raise it in better words.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        repository: str,
        root: RootState,
        live: NDArray[np.int32],
        release: Callable[[sqlite3.Connection], None],
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        self.connection = connection
        self.repository = repository
        self.root = root.path
        self.root_id = root.root_id
        self.generation = root.generation
        self.state = root.state
        self.files_count = root.files
        self.chunks_count = root.chunks
        self.pending_files = root.pending_files
        self.summary = root.summary
        self.live = live
        self._release: Callable[[sqlite3.Connection], None] | None = release
        self._failed = failed

    def close(self) -> None:
        """End the read transaction. Further use is an error; closing twice is not."""
        release, self._release = self._release, None
        if release is not None:
            release(self.connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if error is not None and self._failed is not None:
            self._failed(error)

    # -- chunks ----------------------------------------------------------------

    def is_live(self, version_ids: NDArray[np.int32]) -> NDArray[np.bool_]:
        """For each version id whether the root has it now."""
        return contained(self.live, version_ids)

    def placements(self, version_ids: Iterable[int]) -> list[Placement]:
        """Where the given versions stand, in the order given; those that are not live are left out."""
        wanted = [int(version_id) for version_id in version_ids]
        found = {
            placement.version_id: placement
            for placement in rows.placements(self.connection, self.root_id, wanted)
        }
        return [found[version_id] for version_id in wanted if version_id in found]

    def standing(self, version_ids: Iterable[int]) -> dict[int, tuple[str, str, str, str]]:
        """Path, symbol, language and kind of versions, living or dead: what needs no look at their files."""
        query = (
            "SELECT version_id, path, symbol, language, kind FROM version "
            "WHERE version_id IN (SELECT value FROM json_each(?))"
        )
        wanted = json.dumps([int(version_id) for version_id in version_ids])
        return {version_id: told for version_id, *told in self.connection.execute(query, (wanted,))}

    def live_chunks(self, chunk_ids: Iterable[str]) -> dict[str, Placement]:
        """The live chunks with the given ids."""
        known = rows.version_ids_of(self.connection, chunk_ids)
        ids = np.array(sorted(known), dtype=np.int32)
        return {
            placement.chunk_id: placement for placement in self.placements(ids[self.is_live(ids)].tolist())
        }

    def chunks_in(self, path: str) -> list[Placement]:
        """All chunks of one file, by line; empty when the file is not indexed (or is empty)."""
        return self.placements(self._placed_in(path)[:, 0].tolist())

    def chunks_at(self, path: str, start_line: int, end_line: int) -> list[Placement]:
        """The chunks of a file that own one of the lines, by line."""
        placed = self._placed_in(path)
        touched = placed[(placed[:, 1] <= end_line) & (placed[:, 2] >= start_line)]
        return self.placements(touched[:, 0].tolist())

    def _placed_in(self, path: str) -> NDArray[np.int32]:
        """Version id, first and last line of each chunk of a file."""
        row = self.connection.execute(
            "SELECT placements FROM root_file JOIN file USING (file_id) "
            "WHERE root_id = ? AND root_file.path = ?",
            (self.root_id, path),
        ).fetchone()
        return placements_of(row[0] if row else b"")

    def find_chunks(self, symbol: str, path: str = "") -> list[Placement]:
        """Live chunks with exactly this qualified symbol, in one file or anywhere; by path and line."""
        if path:
            query = "SELECT version_id FROM version WHERE path = ? AND symbol = ?"
            found = self.connection.execute(query, (path, symbol)).fetchall()
        else:
            # version_by_place begins with the path, so the definitions know faster which files to look at.
            query = (
                "SELECT DISTINCT version_id FROM version WHERE symbol = ? AND path IN "
                "(SELECT file.path FROM definition JOIN file USING (file_id) WHERE name = ?)"
            )
            found = self.connection.execute(query, (symbol, _last_segment(symbol))).fetchall()
        ids = np.array(sorted(row[0] for row in found), dtype=np.int32)
        placed = self.placements(ids[self.is_live(ids)].tolist())
        return sorted(placed, key=lambda placement: (placement.path, placement.start_line))

    def contents(self, version_ids: Iterable[int]) -> dict[int, str]:
        """The code of versions, living or dead."""
        query = (
            "SELECT version_id, data FROM version JOIN content USING (content_id) "
            "WHERE version_id IN (SELECT value FROM json_each(?))"
        )
        wanted = json.dumps([int(version_id) for version_id in version_ids])
        return {version_id: unpack(data) for version_id, data in self.connection.execute(query, (wanted,))}

    def chunks_with_content(self, content_hash: str) -> list[Placement]:
        """Live chunks whose code has this hex hash, by path and line."""
        try:
            key = bytes.fromhex(content_hash)
        except ValueError:
            return []
        query = "SELECT version_id FROM version JOIN content USING (content_id) WHERE content_hash = ?"
        ids = np.array(sorted(row[0] for row in self.connection.execute(query, (key,))), dtype=np.int32)
        placed = self.placements(ids[self.is_live(ids)].tolist())
        return sorted(placed, key=lambda placement: (placement.path, placement.start_line))

    def content_with_hash(self, content_hash: str) -> str | None:
        """Any code ever stored in this repository, by the hex hash of its text."""
        return self.contents_with_hashes([content_hash]).get(content_hash)

    def contents_with_hashes(self, hashes: Iterable[str]) -> dict[str, str]:
        """The same for many; hashes of code that was never stored, or that are none, are left out."""
        keys: dict[bytes, str] = {}
        for content_hash in hashes:
            with contextlib.suppress(ValueError):
                keys[bytes.fromhex(content_hash)] = content_hash
        found: dict[str, str] = {}
        wanted = list(keys)
        for start in range(0, len(wanted), _MOST_VALUES):
            some = wanted[start : start + _MOST_VALUES]
            marks = ",".join("?" * len(some))
            query = f"SELECT content_hash, data FROM content WHERE content_hash IN ({marks})"
            found.update((keys[key], unpack(data)) for key, data in self.connection.execute(query, some))
        return found

    # -- the past --------------------------------------------------------------

    def versions(self, chunk_ids: Iterable[str]) -> dict[str, list[StoredVersion]]:
        """Every version ever stored of the given ids, oldest first; unknown ids are left out."""
        return rows.versions(self.connection, chunk_ids)

    def versions_with(
        self, *, normal_hash: int | None = None, symbol: str | None = None, path: str = ""
    ) -> list[StoredVersion]:
        """Versions, living or dead, by normalised content or by qualified symbol (and path)."""
        return rows.versions_with(self.connection, normal_hash, symbol, path)

    def younger_like(self, version: StoredVersion, size: int, spread: int, limit: int) -> list[Placement]:
        """Live chunks first seen after a version, in its language and about as long; the youngest first.

        ``size`` and ``spread`` in characters. Of all versions the last few thousand are looked at.
        """
        found = self.connection.execute(
            "SELECT version_id FROM version "
            "WHERE version_id > max(?, (SELECT max(version_id) FROM version) - ?) "
            "AND language = ? AND part = ? AND chunk_id <> ? AND size BETWEEN ? AND ? "
            "ORDER BY version_id DESC",
            (
                version.version_id,
                _MOST_YOUNGER,
                version.language,
                version.part,
                version.chunk_id,
                size - spread,
                size + spread,
            ),
        ).fetchall()
        ids = np.array([row[0] for row in found], dtype=np.int32)
        return self.placements(ids[self.is_live(ids)][:limit].tolist()) if len(ids) else []

    def tombstones(self, chunk_ids: Iterable[str]) -> dict[str, Tombstone]:
        """What is known of the given ids that died in this root."""
        return rows.tombstones(self.connection, self.root_id, chunk_ids)

    def history(self, chunk_id: str) -> list[HistoryEntry]:
        """The generations of this root in which a chunk was born, changed, died or returned; oldest first."""
        return rows.history(self.connection, self.root_id, chunk_id)

    # -- files -----------------------------------------------------------------

    def files(self, under: str = "") -> list[IndexedFile]:
        """The indexed files, by path: all, one, or those below a folder (``under`` without a final ``/``)."""
        return rows.files(self.connection, self.root_id, under)

    def files_with_content(self, content_hash: str) -> list[IndexedFile]:
        """The indexed files whose bytes have this hex hash, by path."""
        return rows.files(self.connection, self.root_id, "", content_hash)

    def paths_ending(self, ending: str, limit: int = 20) -> list[str]:
        """Paths of indexed files that are ``ending`` or end in it after a ``/``, by path."""
        found = self.connection.execute(
            "SELECT path FROM root_file WHERE root_id = ? AND (path = ? OR substr(path, ?) = ?) "
            "ORDER BY path LIMIT ?",
            (self.root_id, ending, -len(ending) - 1, "/" + ending, limit),
        )
        return [row[0] for row in found]

    def skipped(self, path: str) -> str:
        """Why a file is not indexed, or a folder that it lies in, as of the last pass; empty when it is or is
        unknown."""
        parts = path.split("/")
        folders = ["/".join(parts[:at]) + "/" for at in range(1, len(parts) + 1)]
        row = self.connection.execute(
            "SELECT reason FROM root_skip WHERE root_id = ? AND path IN (SELECT value FROM json_each(?)) "
            "ORDER BY length(path) DESC",
            (self.root_id, json.dumps([path, *folders])),
        ).fetchone()
        return str(row[0]) if row else ""

    def left_out(self, path: str) -> str:
        """Why a file that is there is not indexed, else empty: git lists deleted files that it tracks."""
        reason = self.skipped(path) if path else ""
        return "" if reason == "missing" else reason

    def skips(self, *reasons: str) -> list[tuple[str, str]]:
        """Path and reason of every file that the last pass saw and left out (for one of some), by path."""
        among = f"reason IN ({','.join('?' * len(reasons))})" if reasons else "1"
        rows = self.connection.execute(
            f"SELECT path, reason FROM root_skip WHERE root_id = ? AND {among} ORDER BY path",
            (self.root_id, *reasons),
        )
        return [(str(path), str(reason)) for path, reason in rows]

    def skip_counts(self) -> dict[str, int]:
        """How many files the last pass left out, by reason, the most first."""
        rows = self.connection.execute(
            "SELECT reason, count(*) FROM root_skip WHERE root_id = ? GROUP BY reason ORDER BY 2 DESC, 1",
            (self.root_id,),
        )
        return dict(rows.fetchall())

    def definitions(
        self, name: str = "", *, prefix: bool = False, path: str = "", limit: int = 1000
    ) -> list[StoredDefinition]:
        """Definitions by their last name (case-insensitive, whole or prefix) or of a file or folder.

        Give a ``name``, a ``path`` or both. ``path`` is a file, or a folder without a final ``/``.
        """
        return rows.definitions(self.connection, self.root_id, name, prefix, path, limit)

    def names_beginning(self, beginning: str, limit: int) -> list[str]:
        """Up to ``limit`` distinct last names of definitions that begin so, in either case, by name."""
        return rows.names_beginning(self.connection, self.root_id, beginning, limit)

    def definition_names(self) -> list[tuple[str, str, str, str, str]]:
        """Path, name, qualified name, parent and kind of every definition, by path and line: for counting."""
        return rows.definition_names(self.connection, self.root_id)


def _last_segment(symbol: str) -> str:
    return symbol.rsplit(".", 1)[-1]
