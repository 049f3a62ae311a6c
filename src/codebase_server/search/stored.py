"""A store's snapshot as the corpus that searching reads."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Sequence
from sys import intern
from typing import TYPE_CHECKING

import numpy as np

from codebase_server.search.corpus import Defined, FileRow, RootTable, VersionFacts
from codebase_server.store.live import MOST_FOLLOWED, contained, placements_of
from codebase_server.store.rows import is_crowded

if TYPE_CHECKING:
    from codebase_server.store import Snapshot

_PLACEMENT = 12
"""Bytes of one chunk in a file's list of them: three numbers of 32 bits."""

_NAMED = "name IN (SELECT value FROM json_each(?)) OR name > ? AND name < ?"


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
    def database(self) -> str:
        """The epoch of the oldest root: random, and made with the database."""
        row = self.connection.execute("SELECT epoch FROM root ORDER BY root_id LIMIT 1").fetchone()
        return row[0] if row else ""

    @property
    def connection(self) -> sqlite3.Connection:
        return self._snapshot.connection

    def table(self) -> RootTable:
        """All live chunks, from the files' own lists of them."""
        query = (
            "SELECT root_file.path, language, kind, placements, tests FROM root_file "
            "JOIN file USING (file_id) WHERE root_id = ? ORDER BY root_file.path"
        )
        # Row by row: to let go of a million rows is one step, in which no other thread runs.
        paths, languages, kinds = [], [], []
        placed, sizes, tests = bytearray(), array("i"), bytearray()
        for path, language, kind, blob, own_tests in self.connection.execute(
            query, (self._snapshot.root_id,)
        ):
            paths.append(path)
            languages.append(intern(language))
            kinds.append(intern(kind))
            placed += blob
            sizes.append(len(blob) // _PLACEMENT)
            tests += own_tests or b""
        table = np.frombuffer(placed, np.int32).reshape(-1, 3)
        order = np.argsort(table[:, 0], kind="stable")
        live = np.ascontiguousarray(table[order, 0])
        return RootTable(
            live=live,
            file_of=np.repeat(np.arange(len(paths), dtype=np.int32), np.frombuffer(sizes, np.intc))[order],
            starts=np.ascontiguousarray(table[order, 1]),
            ends=np.ascontiguousarray(table[order, 2]),
            paths=paths,
            languages=languages,
            kinds=kinds,
            tests=contained(np.sort(np.frombuffer(tests, np.int32)), live),
        )

    def touched_since(self, generation: str) -> list[str] | None:
        """The files that batches after an earlier generation of the same epoch touched."""
        epoch, _, n = self.generation.rpartition(".")
        before, _, since = generation.rpartition(".")
        if before != epoch or int(since) > int(n):
            return None
        rows = self.connection.execute(
            "SELECT paths FROM generation WHERE root_id = ? AND n > ? AND n <= ?",
            (self._snapshot.root_id, int(since), int(n)),
        ).fetchall()
        if len(rows) != int(n) - int(since) or any(row[0] is None for row in rows):
            return None  # dropped by gc, or not noted
        touched = sorted({path for row in rows for path in json.loads(row[0])})
        return touched if len(touched) <= MOST_FOLLOWED else None

    def files(self, paths: Sequence[str]) -> list[FileRow]:
        """Those of the paths that are files of the root now."""
        query = (
            "SELECT root_file.path, language, kind, placements, tests FROM root_file "
            "JOIN file USING (file_id) WHERE root_id = ? "
            "AND root_file.path IN (SELECT value FROM json_each(?)) ORDER BY root_file.path"
        )
        rows = self.connection.execute(query, (self._snapshot.root_id, json.dumps(list(paths))))
        return [
            FileRow(path, language, kind, placements_of(blob), np.frombuffer(tests or b"", np.int32))
            for path, language, kind, blob, tests in rows
        ]

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

    def defined(
        self, names: Sequence[str], inside: Sequence[str], limit: int, *, begun: bool = False
    ) -> list[Defined]:
        """Definitions of one of some names, or of the first for some arguments, by path and line."""
        query = (
            "SELECT root_file.path, name, qualified, parent, symbol_kind, start_line, end_line "
            "FROM definition CROSS JOIN root_file ON root_file.file_id = definition.file_id AND root_id = ? "
            "WHERE (name IN (SELECT value FROM json_each(?)) OR name > ? AND name < ?) "
            "AND NOT EXISTS (SELECT 1 FROM json_each(?) WHERE NOT instr(lower(qualified), value)) "
        )
        # what begins with the first sorts before the second
        special = (names[0], f"{names[0]}\U0010ffff") if begun else (f"{names[0]}<", f"{names[0]}=")
        around = json.dumps([name.lower() for name in inside])
        named = (json.dumps(list(names)), *special)
        values = (self._snapshot.root_id, *named, around, limit)
        if is_crowded(self.connection, _NAMED, named):
            rows = self.connection.execute(f"{query} LIMIT ?", values)
            return sorted((Defined(*row) for row in rows), key=lambda one: (one.path, one.start_line))
        query += "ORDER BY root_file.path, start_line, position LIMIT ?"
        return [Defined(*row) for row in self.connection.execute(query, values)]
