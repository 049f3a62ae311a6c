"""Cross-checking an index: SQLite's own check, store against text index against vectors, and the disk."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from codebase_server import files
from codebase_server.store import Database, RootState, Snapshot, rows, translating
from codebase_server.store.live import LiveVersions, placements_of, read_live


def audit(database: Database, *, against_disk: bool = False) -> list[str]:
    """Everything found wrong with a repository's index, in words; empty when it is sound.

    :param against_disk: also compare every chunk of every root with the file it
        stands in, which only agrees while nothing was edited since the last pass.
    """
    problems: list[str] = []
    with database.reading() as connection, translating(database.file):
        problems += [
            f"SQLite: {row[0]}" for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"
        ]
        problems += [f"dangling row: {row}" for row in connection.execute("PRAGMA foreign_key_check")]
        stored = _ids(connection, "SELECT version_id FROM version")
        problems += _check_index(connection, stored)
        for state in rows.root_states(connection):
            problems += [f"{state.path}: {problem}" for problem in _check_root(connection, state, stored)]
            if against_disk:
                problems += [f"{state.path}: {problem}" for problem in _check_disk(connection, state)]
    return problems


def _check_root(connection: sqlite3.Connection, state: RootState, stored: NDArray[np.int32]) -> list[str]:
    live = read_live(connection, state.root_id)
    problems = []
    if len(np.unique(live)) != len(live):
        problems.append("a version is placed twice")
    if len(np.setdiff1d(live, stored)):
        problems.append(f"{len(np.setdiff1d(live, stored))} placed versions are not stored")
    if state.chunks != len(live):
        problems.append(f"{state.chunks} chunks noted, {len(live)} placed")
    file_count = connection.execute(
        "SELECT count(*) FROM root_file WHERE root_id = ?", (state.root_id,)
    ).fetchone()[0]
    if state.files != file_count:
        problems.append(f"{state.files} files noted, {file_count} listed")
    ids = dict(connection.execute("SELECT version_id, chunk_id FROM version").fetchall())
    names = [ids[version] for version in live.tolist() if version in ids]
    if len(set(names)) != len(names):
        problems.append(f"{len(names) - len(set(names))} chunk ids live twice")
    dead = {
        row[0]
        for row in connection.execute("SELECT chunk_id FROM tombstone WHERE root_id = ?", (state.root_id,))
    }
    if dead & set(names):
        problems.append(f"{len(dead & set(names))} live chunks have a tombstone")
    problems += _check_lines(connection, state)
    return problems


def _check_lines(connection: sqlite3.Connection, state: RootState) -> list[str]:
    """Every line of every file is owned by exactly one chunk."""
    problems = []
    for path, line_count, blob in connection.execute(
        "SELECT root_file.path, line_count, placements FROM root_file JOIN file USING (file_id) "
        "WHERE root_id = ?",
        (state.root_id,),
    ):
        next_line = 1
        for _, start, end in placements_of(blob).tolist():
            if start != next_line or end < start:
                problems.append(f"{path}: lines {next_line} to {start} are not owned once")
                break
            next_line = end + 1
        else:
            if next_line != line_count + 1:
                problems.append(f"{path}: {line_count} lines, chunks end at {next_line - 1}")
    return problems


def _check_index(connection: sqlite3.Connection, stored: NDArray[np.int32]) -> list[str]:
    """Text index: each version in exactly one segment. Vectors: none of versions that are not stored."""
    problems = []
    indexed = _blobs(connection, "SELECT version_ids FROM segment")
    if len(np.unique(indexed)) != len(indexed):
        problems.append("a version is in two segments of the text index")
    if len(np.setdiff1d(stored, indexed)):
        problems.append(f"{len(np.setdiff1d(stored, indexed))} versions are missing from the text index")
    if len(np.setdiff1d(indexed, stored)):
        problems.append("the text index has versions that are not stored")
    encoded = _blobs(connection, "SELECT version_ids FROM vector_block")
    if len(np.setdiff1d(encoded, stored)):
        problems.append("there are vectors of versions that are not stored")
    return problems


def _check_disk(connection: sqlite3.Connection, state: RootState) -> list[str]:
    """Every chunk is, letter for letter, the lines of its file; no file of the root is missing."""
    problems = []
    root = Path(state.path)
    snapshot = Snapshot(connection, "", state, LiveVersions().at(connection, state), lambda _: None)
    listed = {file.path for file in snapshot.files()}
    for path in sorted({entry.path for entry in files.scan(root).entries} | listed):
        source = files.read(root, path)
        if isinstance(source, files.Skip):
            if path in listed:
                problems.append(f"{path}: indexed, but {source.reason}")
            continue
        if path not in listed:
            problems.append(f"{path}: on disk, not indexed")
            continue
        placed = snapshot.chunks_in(path)
        contents = snapshot.contents(placement.version_id for placement in placed)
        text = "\n".join(contents[placement.version_id] for placement in placed)
        if text != source.text.removesuffix("\n"):
            problems.append(f"{path}: what is stored is not what is on disk")
    return problems


def _ids(connection: sqlite3.Connection, query: str) -> NDArray[np.int32]:
    return np.array(connection.execute(query).fetchall(), dtype=np.int32).reshape(-1)


def _blobs(connection: sqlite3.Connection, query: str) -> NDArray[np.int32]:
    return np.frombuffer(b"".join(row[0] for row in connection.execute(query)), dtype=np.int32)
