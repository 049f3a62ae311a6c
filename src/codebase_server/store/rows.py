"""The queries behind `Snapshot`: rows to records."""

from __future__ import annotations

import json
import sqlite3
import struct
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from codebase_server.store.records import (
    HistoryEntry,
    IndexedFile,
    Placement,
    RootState,
    StoredDefinition,
    StoredVersion,
    Tombstone,
)

MOST_SORTED = 20_000
"""Definitions of one name that are put in order: it takes some 20 ms."""

_VERSION = (
    "version.version_id, chunk_id, version.path, symbol, symbol_kind, ordinal, part, "
    "version.language, version.kind, hex(content_hash), normal_hash, version.root_id, version.n"
)


def root_state(connection: sqlite3.Connection, path: str) -> RootState | None:
    """The row of the root with this real path."""
    row = connection.execute(
        "SELECT root_id, path, epoch, n, state, files, chunks, pending_files, summary "
        "FROM root WHERE path = ?",
        (path,),
    ).fetchone()
    if row is None:
        return None
    root_id, root, epoch, n, state, files_, chunks, pending, summary = row
    return RootState(root_id, root, epoch, n, state, files_, chunks, pending, json.loads(summary))


def root_states(connection: sqlite3.Connection) -> list[RootState]:
    """All roots that this index holds, by path."""
    paths = [path for (path,) in connection.execute("SELECT path FROM root ORDER BY path")]
    return [state for path in paths if (state := root_state(connection, path))]


def version_ids_of(connection: sqlite3.Connection, chunk_ids: Iterable[str]) -> list[int]:
    """Every version id ever given to the chunk ids."""
    query = "SELECT version_id FROM version WHERE chunk_id IN (SELECT value FROM json_each(?))"
    return [row[0] for row in connection.execute(query, (json.dumps(list(chunk_ids)),))]


def placements(
    connection: sqlite3.Connection, root_id: int, version_ids: Iterable[int]
) -> Iterator[Placement]:
    """Placements of the given versions in a root, in no order; dead versions are left out."""
    query = (
        "SELECT version_id, chunk_id, version.path, symbol, symbol_kind, ordinal, part, signature, doc, "
        "version.language, version.kind, hex(content.content_hash), normal_hash, placements "
        "FROM version JOIN content USING (content_id) "
        "JOIN root_file ON root_file.root_id = ? AND root_file.path = version.path "
        "JOIN file ON file.file_id = root_file.file_id "
        "WHERE version_id IN (SELECT value FROM json_each(?))"
    )
    for row in connection.execute(query, (root_id, json.dumps(list(version_ids)))):
        version_id = row[0]
        where = _lines_of(row[13], version_id)
        if where is not None:
            yield Placement(
                version_id=version_id,
                chunk_id=row[1],
                path=row[2],
                start_line=where[0],
                end_line=where[1],
                symbol=row[3],
                symbol_kind=row[4],
                ordinal=row[5],
                part=row[6],
                signature=row[7],
                doc=row[8],
                language=row[9],
                kind=row[10],
                content_hash=row[11].lower(),
                normal_hash=row[12],
            )


def _lines_of(placements: bytes, version_id: int) -> tuple[int, int] | None:
    """The lines of a version in a file; None where it is not. Looked for in the bytes: of most files one
    chunk of many is asked for."""
    number = version_id.to_bytes(4, sys.byteorder, signed=True)
    at = placements.find(number)
    while at >= 0 and at % 12:  # within another row's numbers
        at = placements.find(number, at + 1)
    if at < 0:
        return None
    start, end = struct.unpack_from("=ii", placements, at + 4)
    return start, end


def _stored_version(row: tuple[object, ...]) -> StoredVersion:
    fields = list(row)
    fields[9] = str(fields[9]).lower()
    return StoredVersion(*fields)  # type: ignore[arg-type]  # columns of _VERSION, in the record's order


def versions(connection: sqlite3.Connection, chunk_ids: Iterable[str]) -> dict[str, list[StoredVersion]]:
    """Every version of the given chunk ids, oldest first."""
    query = (
        f"SELECT {_VERSION} FROM version JOIN content USING (content_id) "
        "WHERE chunk_id IN (SELECT value FROM json_each(?)) ORDER BY version_id"
    )
    found: dict[str, list[StoredVersion]] = {}
    for row in connection.execute(query, (json.dumps(list(chunk_ids)),)):
        found.setdefault(row[1], []).append(_stored_version(row))
    return found


def versions_with(
    connection: sqlite3.Connection, normal_hash: int | None, symbol: str | None, path: str
) -> list[StoredVersion]:
    """Versions by normalised content, or by path and symbol; newest first, at most 200."""
    conditions, values = [], []
    for column, value in (("path", path or None), ("symbol", symbol), ("normal_hash", normal_hash)):
        if value is not None:
            conditions.append(f"version.{column} = ?")
            values.append(value)
    if not conditions:
        return []
    query = (
        f"SELECT {_VERSION} FROM version JOIN content USING (content_id) "
        f"WHERE {' AND '.join(conditions)} ORDER BY version_id DESC LIMIT 200"
    )
    return [_stored_version(row) for row in connection.execute(query, values)]


def tombstones(
    connection: sqlite3.Connection, root_id: int, chunk_ids: Iterable[str]
) -> dict[str, Tombstone]:
    """Tombstones of the given ids in a root."""
    query = (
        f"SELECT {_VERSION}, start_line, end_line, tombstone.n, died_at, commit_id, successors, epoch "
        "FROM tombstone JOIN version USING (version_id, chunk_id) JOIN content USING (content_id) "
        "JOIN root ON root.root_id = tombstone.root_id "
        "WHERE tombstone.root_id = ? AND tombstone.chunk_id IN (SELECT value FROM json_each(?))"
    )
    found = {}
    for row in connection.execute(query, (root_id, json.dumps(list(chunk_ids)))):
        version = _stored_version(row[:13])
        found[version.chunk_id] = Tombstone(
            chunk_id=version.chunk_id,
            version=version,
            start_line=row[13],
            end_line=row[14],
            generation=f"{row[19]}.{row[15]}",
            died_at=row[16],
            commit=row[17],
            successors=tuple((chunk_id, score) for chunk_id, score in json.loads(row[18])),
        )
    return found


def history(connection: sqlite3.Connection, root_id: int, chunk_id: str) -> list[HistoryEntry]:
    """Birth in this root (or where it was first seen), then every recorded change."""
    known = versions(connection, [chunk_id]).get(chunk_id, [])
    if not known:
        return []
    by_id = {version.version_id: version for version in known}
    changes = connection.execute(
        "SELECT n, version_id FROM change WHERE root_id = ? AND chunk_id = ? ORDER BY n", (root_id, chunk_id)
    ).fetchall()
    first = known[0]
    steps: list[tuple[int, int, int | None, str]] = [(first.root_id, first.n, first.version_id, "born")]
    dead = False
    for n, version_id in changes:
        if (first.root_id, first.n) == (root_id, n):
            continue
        event = "died" if version_id is None else "returned" if dead else "changed"
        dead = version_id is None
        steps.append((root_id, n, version_id, event))
    entries = []
    for where, n, version_id, event in steps:
        row = connection.execute(
            "SELECT epoch, published_at, commit_id FROM root LEFT JOIN generation "
            "ON generation.root_id = root.root_id AND generation.n = ? WHERE root.root_id = ?",
            (n, where),
        ).fetchone()
        epoch, at, commit = row if row else ("", None, None)
        version = by_id.get(version_id) if version_id is not None else None
        entries.append(HistoryEntry(f"{epoch}.{n}", at or 0, commit or "", event, version))
    return entries


def files(
    connection: sqlite3.Connection, root_id: int, under: str, content_hash: str = ""
) -> list[IndexedFile]:
    """Indexed files of a root, by path: below a folder, or with some content."""
    condition, values = _below("root_file.path", under)
    if content_hash:
        condition += " AND hex(content_hash) = ?"
        values.append(content_hash.upper())
    query = (
        "SELECT file_id, root_file.path, language, kind, line_count, file.size, had_errors, imports, "
        "length(placements) / 12, hex(content_hash) FROM root_file JOIN file USING (file_id) "
        f"WHERE root_id = ?{condition} ORDER BY root_file.path"
    )
    return [_indexed_file(row) for row in connection.execute(query, (root_id, *values))]


def _indexed_file(row: tuple[Any, ...]) -> IndexedFile:
    file_id, path, language, kind, lines, size, had_errors, imports, chunks, content_hash = row
    names = tuple(json.loads(imports))
    return IndexedFile(
        file_id, path, language, kind, lines, size, bool(had_errors), names, chunks, content_hash.lower()
    )


def definitions(
    connection: sqlite3.Connection, root_id: int, name: str, prefix: bool, path: str, limit: int
) -> list[StoredDefinition]:
    """Definitions of a root by name and place."""
    condition, values = _below("root_file.path", path)
    # The order of the joins is told: without statistics SQLite goes through all files of the root instead.
    by_name = "definition CROSS JOIN root_file ON root_file.file_id = definition.file_id AND root_id = ?"
    by_place = "root_file CROSS JOIN definition ON definition.file_id = root_file.file_id AND root_id = ?"
    if name and prefix:
        # The column folds ASCII case, so a range finds a prefix in either case.
        condition += " AND name >= ? AND name < ?"
        values += [name, name + "\U0010ffff"]
    elif name:
        condition += " AND name = ?"
        values.append(name)
    query = (
        "SELECT root_file.path, language, name, qualified, symbol_kind, start_line, end_line, "
        f"signature, parent FROM {by_name if name else by_place} "
        "CROSS JOIN file ON file.file_id = definition.file_id "
        f"WHERE 1{condition}"
    )
    if name and not path and is_crowded(connection, condition.removeprefix(" AND "), values):
        rows = connection.execute(f"{query} LIMIT ?", (root_id, *values, limit))
        return sorted((StoredDefinition(*row) for row in rows), key=lambda one: (one.path, one.start_line))
    query += " ORDER BY root_file.path, start_line, position LIMIT ?"
    return [StoredDefinition(*row) for row in connection.execute(query, (root_id, *values, limit))]


def names_beginning(connection: sqlite3.Connection, root_id: int, beginning: str, limit: int) -> list[str]:
    """The distinct names of a root's definitions that begin so, in either case, by name."""
    query = (
        "SELECT DISTINCT name COLLATE BINARY FROM definition "
        "CROSS JOIN root_file ON root_file.file_id = definition.file_id AND root_id = ? "
        "WHERE name >= ? AND name < ? ORDER BY name, name COLLATE BINARY LIMIT ?"
    )
    rows = connection.execute(query, (root_id, beginning, beginning + "\U0010ffff", limit))
    return [name for (name,) in rows]


def is_crowded(connection: sqlite3.Connection, condition: str, values: Sequence[object]) -> bool:
    """Whether so many definitions meet a condition that to sort them all would take longer than anybody
    waits: then the ones stored first are taken, as a first pass stores them by path."""
    query = f"SELECT count(*) FROM (SELECT 1 FROM definition WHERE {condition} LIMIT ?)"
    return bool(connection.execute(query, (*values, MOST_SORTED + 1)).fetchone()[0] > MOST_SORTED)


def definition_names(connection: sqlite3.Connection, root_id: int) -> list[tuple[str, str, str, str, str]]:
    """Path, name, qualified name, parent and kind of every definition of a root, by path and line."""
    query = (
        "SELECT root_file.path, name, qualified, parent, symbol_kind FROM root_file "
        "CROSS JOIN definition USING (file_id) WHERE root_id = ? ORDER BY root_file.path, position"
    )
    return connection.execute(query, (root_id,)).fetchall()


def _below(column: str, under: str) -> tuple[str, list[object]]:
    if not under:
        return "", []
    return f" AND ({column} = ? OR ({column} > ? AND {column} < ?))", [under, under + "/", under + "0"]
