"""What a root once defined under a name: stored files outlive the code in them until it is collected."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from codebase_server.store.live import placements_of
from codebase_server.store.records import StoredDefinition

MOST_READ = 50
"""Stored files looked at for one name, the latest first: one that was saved a thousand times has as many."""


@dataclass(frozen=True, slots=True)
class PastDefinition:
    """A definition of a file as it was, and the chunk that held its first line.

    ``symbol`` is what that chunk was named: another one where it held more than the definition.
    """

    definition: StoredDefinition
    chunk_id: str
    symbol: str


def past_definitions(connection: sqlite3.Connection, root_id: int, name: str) -> list[PastDefinition]:
    """What stored files that the root does not have as they are define under a last name, the latest first.

    Other roots of the repository may have them: what became of a chunk here, its tombstone or change says.
    """
    rows = connection.execute(
        "SELECT placements, path, language, name, qualified, symbol_kind, start_line, end_line, signature, "
        "parent FROM definition CROSS JOIN file USING (file_id) WHERE name = ? AND NOT EXISTS "
        "(SELECT 1 FROM root_file WHERE root_file.file_id = file.file_id AND root_id = ?) "
        "ORDER BY file_id DESC LIMIT ?",
        (name, root_id, MOST_READ),
    ).fetchall()
    found = []
    for placements, *columns in rows:
        one = StoredDefinition(*columns)
        placed = placements_of(placements)
        holding = placed[(placed[:, 1] <= one.start_line) & (placed[:, 2] >= one.start_line)]
        for version_id in holding[:1, 0].tolist():
            query = "SELECT chunk_id, symbol FROM version WHERE version_id = ?"
            found += [PastDefinition(one, *row) for row in connection.execute(query, (version_id,))]
    return found


def was_changed(connection: sqlite3.Connection, root_id: int, chunk_id: str) -> bool:
    """Whether a chunk became another version in this root, and not only in another one."""
    query = "SELECT 1 FROM change WHERE root_id = ? AND chunk_id = ? LIMIT 1"
    return connection.execute(query, (root_id, chunk_id)).fetchone() is not None
