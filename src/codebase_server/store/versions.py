"""Writing parsed files: each chunk becomes a version, an old one where nothing about it changed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

import numpy as np

from codebase_server.store.batch import Parsed, PreparedChunk, PreparedFile
from codebase_server.terms import TermTable

# The ordinal is not among them: a run of code that merely got another one before it is not a new version.
_COLUMNS = "chunk_id, path, symbol, symbol_kind, part, signature, doc, derived, content_id, language, kind"


class NewVersions:
    """Turns parsed files into rows, within the caller's transaction.

    ``version_ids`` are those of the versions that had to be made, ascending, with their
    ``chunk_ids``, ``terms`` their terms, a table a file; ``fresh_rows`` says, by path,
    which chunks of a file those were. ``are_all`` says that no other version is stored.
    """

    def __init__(self, connection: sqlite3.Connection, root_id: int, n: int) -> None:
        self._connection = connection
        self._root_id = root_id
        self._n = n
        row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'version'").fetchone()
        self._last = int(row[0]) if row else 0
        self.are_all = self._last == 0
        row = connection.execute("SELECT max(content_id) FROM content").fetchone()
        self._last_content = int(row[0] or 0)
        self._had_content = self._last_content > 0
        self._contents: dict[bytes, int] = {}
        """Ids of what was stored here, by hash; what was there before is looked up."""
        self.version_ids: list[int] = []
        self.chunk_ids: list[str] = []
        self.terms: list[TermTable] = []
        self.fresh_rows: dict[str, list[int]] = {}

    def add_file(self, parsed: Parsed) -> int:
        """Store one file; its file id (an old one if the very same file was stored before)."""
        file = parsed.file
        content_ids = self._content_ids(file.chunks)
        known = self._known(parsed.ids)
        placements = np.empty((len(file.chunks), 3), dtype=np.int32)
        tests: list[int] = []
        fresh: list[tuple[object, ...]] = []
        rows: list[int] = []
        for index, (chunk, chunk_id, content_id) in enumerate(
            zip(file.chunks, parsed.ids, content_ids, strict=True)
        ):
            row = _row(file, chunk, chunk_id, content_id)
            version_id = known.get(row)
            if version_id is None:
                self._last += 1
                version_id = self._last
                about = (chunk.ordinal, chunk.normal_hash, chunk.size, self._root_id, self._n)
                fresh.append((version_id, *row, *about))
                self.version_ids.append(version_id)
                self.chunk_ids.append(chunk_id)
                rows.append(index)
            placements[index] = version_id, chunk.start_line, chunk.end_line
            if _kind(file, chunk) != file.kind:
                tests.append(version_id)
        self._connection.executemany(
            f"INSERT INTO version (version_id, {_COLUMNS}, ordinal, normal_hash, size, root_id, n) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            fresh,
        )
        self.terms.append(file.terms.chosen(rows))
        self.fresh_rows[file.path] = rows
        return self._file_id(file, placements.tobytes(), np.array(tests, np.int32).tobytes())

    def _content_ids(self, chunks: Sequence[PreparedChunk]) -> list[int]:
        """Store code that is not stored yet; the ids of all of it."""
        fresh: list[tuple[int, bytes, bytes]] = []
        found: list[int] = []
        for chunk in chunks:
            content_id = self._contents.get(chunk.content_hash) or self._stored_content(chunk.content_hash)
            if not content_id:
                self._last_content += 1
                content_id = self._contents[chunk.content_hash] = self._last_content
                fresh.append((content_id, chunk.content_hash, chunk.data))
            found.append(content_id)
        self._connection.executemany(
            "INSERT INTO content (content_id, content_hash, data) VALUES (?, ?, ?)", fresh
        )
        return found

    def _stored_content(self, content_hash: bytes) -> int:
        """The id of code that was there before; 0 for none."""
        if not self._had_content:
            return 0
        query = "SELECT content_id FROM content WHERE content_hash = ?"
        row = self._connection.execute(query, (content_hash,)).fetchone()
        return int(row[0]) if row else 0

    def _known(self, chunk_ids: object) -> dict[tuple[object, ...], int]:
        """What stands in a version already, as its row; what is stored here has ids of its own."""
        if self.are_all:
            return {}
        query = (
            f"SELECT {_COLUMNS}, version_id FROM version "
            "WHERE chunk_id IN (SELECT value FROM json_each(?)) ORDER BY version_id"
        )
        found = self._connection.execute(query, (json.dumps(chunk_ids),))
        return {tuple(row[:-1]): row[-1] for row in found}

    def _file_id(self, file: PreparedFile, placements: bytes, tests: bytes) -> int:
        row = self._connection.execute(
            "SELECT file_id FROM file WHERE path = ? AND content_hash = ? AND format = ? AND placements = ?",
            (file.path, file.content_hash, file.format, placements),
        ).fetchone()
        if row:
            return int(row[0])
        cursor = self._connection.execute(
            "INSERT INTO file (path, content_hash, format, language, kind, line_count, size, had_errors, "
            "imports, placements, tests) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                file.path,
                file.content_hash,
                file.format,
                file.language,
                file.kind,
                file.line_count,
                file.size,
                int(file.had_errors),
                json.dumps(file.imports),
                placements,
                tests or None,
            ),
        )
        file_id = cursor.lastrowid
        assert file_id is not None
        self._connection.executemany(
            "INSERT INTO definition (file_id, position, name, qualified, symbol_kind, start_line, end_line, "
            "signature, parent) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    file_id,
                    position,
                    d.name,
                    d.qualified,
                    d.kind,
                    d.start_line,
                    d.end_line,
                    d.signature,
                    d.parent,
                )
                for position, d in enumerate(file.definitions)
            ],
        )
        return file_id


def _kind(file: PreparedFile, chunk: PreparedChunk) -> str:
    """What a chunk is for: what its file is, but for a test in a file of code."""
    return "tests" if chunk.is_test and file.kind == "code" else file.kind


def _row(file: PreparedFile, chunk: PreparedChunk, chunk_id: str, content_id: int) -> tuple[object, ...]:
    return (
        chunk_id,
        file.path,
        chunk.symbol,
        chunk.symbol_kind,
        chunk.part,
        chunk.signature,
        chunk.doc,
        chunk.derived,
        content_id,
        file.language,
        _kind(file, chunk),
    )
