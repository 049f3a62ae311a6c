"""What an index remembers of ids, before and after."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from codebase_server.index.audit import audit
from codebase_server.store import Database


@dataclass(frozen=True, slots=True)
class Ids:
    """``live``: the id of each live chunk by file, symbol and code; ``known``: every id that ever was."""

    live: dict[tuple[str, str, bytes], str]
    known: frozenset[str]

    @classmethod
    def of(cls, connection: sqlite3.Connection) -> Ids:
        """Read them."""
        placed = b"".join(
            blob
            for (blob,) in connection.execute("SELECT placements FROM root_file JOIN file USING (file_id)")
        )
        living = set(np.frombuffer(placed, np.int32).reshape(-1, 3)[:, 0].tolist())
        rows = connection.execute(
            "SELECT version_id, version.chunk_id, path, symbol, content_hash FROM version "
            "JOIN content USING (content_id)"
        ).fetchall()
        return cls(
            {(path, symbol, code): chunk for version, chunk, path, symbol, code in rows if version in living},
            frozenset(row[1] for row in rows),
        )

    def compared(self, later: Ids) -> tuple[list[str], list[str]]:
        """Places that have the same code as before under another id, and ids that are not known any more."""
        lost = [
            f"{path} {symbol}"
            for (path, symbol, code), chunk in self.live.items()
            if later.live.get((path, symbol, code), chunk) != chunk
        ]
        return lost, sorted(self.known - later.known)


def ids_in(data: Path) -> sqlite3.Connection:
    """The only index of a data folder, for reading."""
    (file,) = data.rglob("index.sqlite3")
    return sqlite3.connect(f"file:{file}?mode=ro", uri=True)


def is_sound(connection: sqlite3.Connection) -> list[str]:
    """What does not hold together in it, or is not as on disk."""
    file = Path(connection.execute("PRAGMA database_list").fetchone()[2])
    database = Database(file.parent)
    try:
        return list(audit(database, against_disk=True))
    finally:
        database.close()
