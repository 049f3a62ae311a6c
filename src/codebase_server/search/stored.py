"""A store's snapshot as the corpus that searching reads."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from codebase_server.search.corpus import RootTable, VersionFacts

if TYPE_CHECKING:
    from codebase_server.store import Snapshot


class StoredCorpus:
    """One generation of one root, through a `Snapshot` that stays open as long as this is used."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    @property
    def generation(self) -> str:
        return self._snapshot.generation

    @property
    def root(self) -> str:
        return self._snapshot.root

    @property
    def connection(self) -> sqlite3.Connection:
        return self._snapshot.connection

    def table(self) -> RootTable:
        """All live chunks, from the files' own lists of them."""
        query = (
            "SELECT root_file.path, language, kind, placements FROM root_file JOIN file USING (file_id) "
            "WHERE root_id = ? ORDER BY root_file.path"
        )
        rows = self.connection.execute(query, (self._snapshot.root_id,)).fetchall()
        placed = np.frombuffer(b"".join(row[3] for row in rows), np.int32).reshape(-1, 3)
        sizes = [len(row[3]) // 12 for row in rows]
        order = np.argsort(placed[:, 0], kind="stable")
        return RootTable(
            live=np.ascontiguousarray(placed[order, 0]),
            file_of=np.repeat(np.arange(len(rows), dtype=np.int32), sizes)[order],
            starts=np.ascontiguousarray(placed[order, 1]),
            ends=np.ascontiguousarray(placed[order, 2]),
            paths=[row[0] for row in rows],
            languages=[row[1] for row in rows],
            kinds=[row[2] for row in rows],
        )

    def facts(self, versions: Sequence[int]) -> dict[int, VersionFacts]:
        """The facts of some versions, dead ones included."""
        query = (
            "SELECT version_id, chunk_id, symbol, symbol_kind, doc <> '' FROM version "
            "WHERE version_id IN (SELECT value FROM json_each(?))"
        )
        return {
            row[0]: VersionFacts(row[1], row[2], row[3], bool(row[4]))
            for row in self.connection.execute(query, (json.dumps(list(versions)),))
        }

    def contents(self, versions: Sequence[int]) -> dict[int, str]:
        """The code of some versions."""
        return self._snapshot.contents(versions)
