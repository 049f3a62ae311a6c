"""The tables of a repository's index, and how older files become newer ones.

Schema 1: the tables. Schema 2 (0.1.0): a generation names the files that it touched. Schema 3 (0.1.0): a
file names its tests.

A migration is a list of statements run in one transaction together with the
new ``user_version``. Released migrations are never edited: a new schema is a
new entry at the end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from codebase_server.store.errors import IndexTooNewError

_FIRST: tuple[str, ...] = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    # Code, once whatever the number of places that have it. The first byte of data says how it is packed.
    """CREATE TABLE content (
        content_id INTEGER PRIMARY KEY,
        content_hash BLOB NOT NULL UNIQUE,  -- BLAKE2b-128 of the UTF-8 text
        data BLOB NOT NULL
    )""",
    # What a chunk id once was: immutable, and its number is never reused.
    """CREATE TABLE version (
        version_id INTEGER PRIMARY KEY AUTOINCREMENT,
        chunk_id TEXT NOT NULL,
        path TEXT NOT NULL,
        symbol TEXT NOT NULL,
        symbol_kind TEXT NOT NULL,
        ordinal INTEGER NOT NULL,
        part INTEGER NOT NULL,
        signature TEXT NOT NULL,
        doc TEXT NOT NULL,
        derived TEXT NOT NULL,
        content_id INTEGER NOT NULL REFERENCES content (content_id),
        normal_hash INTEGER NOT NULL,       -- of the code without white space, comments and formatting
        size INTEGER NOT NULL,              -- characters of the code
        language TEXT NOT NULL,
        kind TEXT NOT NULL,
        root_id INTEGER NOT NULL,           -- where and when it was first seen
        n INTEGER NOT NULL
    )""",
    "CREATE INDEX version_by_chunk ON version (chunk_id)",
    "CREATE INDEX version_by_place ON version (path, symbol)",
    "CREATE INDEX version_by_normal ON version (normal_hash)",
    "CREATE INDEX version_by_content ON version (content_id)",
    # A parsed file: shared by every root that has these bytes at this path with these ids.
    """CREATE TABLE file (
        file_id INTEGER PRIMARY KEY AUTOINCREMENT,
        path TEXT NOT NULL,
        content_hash BLOB NOT NULL,         -- BLAKE2b-128 of the bytes on disk
        format INTEGER NOT NULL,            -- of splitting and terms; an older one is parsed anew
        language TEXT NOT NULL,
        kind TEXT NOT NULL,
        line_count INTEGER NOT NULL,
        size INTEGER NOT NULL,
        had_errors INTEGER NOT NULL,
        imports TEXT NOT NULL,              -- JSON list
        placements BLOB NOT NULL            -- int32 rows (version_id, start_line, end_line), by line
    )""",
    "CREATE INDEX file_by_content ON file (path, content_hash)",
    """CREATE TABLE definition (
        file_id INTEGER NOT NULL REFERENCES file (file_id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        name TEXT NOT NULL COLLATE NOCASE,
        qualified TEXT NOT NULL,
        symbol_kind TEXT NOT NULL,
        start_line INTEGER NOT NULL,
        end_line INTEGER NOT NULL,
        signature TEXT NOT NULL,
        parent TEXT NOT NULL,
        PRIMARY KEY (file_id, position)
    ) WITHOUT ROWID""",
    "CREATE INDEX definition_by_name ON definition (name)",
    # One checkout of the repository.
    """CREATE TABLE root (
        root_id INTEGER PRIMARY KEY AUTOINCREMENT,
        path TEXT NOT NULL UNIQUE,
        epoch TEXT NOT NULL,
        n INTEGER NOT NULL,
        state TEXT NOT NULL,
        files INTEGER NOT NULL,
        chunks INTEGER NOT NULL,
        pending_files INTEGER NOT NULL,
        summary TEXT NOT NULL               -- JSON: of the last whole pass
    )""",
    """CREATE TABLE root_file (
        root_id INTEGER NOT NULL REFERENCES root (root_id) ON DELETE CASCADE,
        path TEXT NOT NULL,
        file_id INTEGER NOT NULL REFERENCES file (file_id),
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        ctime_ns INTEGER NOT NULL,
        inode INTEGER NOT NULL,
        PRIMARY KEY (root_id, path)
    ) WITHOUT ROWID""",
    "CREATE INDEX root_file_by_file ON root_file (file_id)",
    """CREATE TABLE root_skip (
        root_id INTEGER NOT NULL REFERENCES root (root_id) ON DELETE CASCADE,
        path TEXT NOT NULL,
        reason TEXT NOT NULL,
        detail TEXT NOT NULL,
        size INTEGER NOT NULL,              -- stat of a file that was read and then skipped, else -1
        mtime_ns INTEGER NOT NULL,
        ctime_ns INTEGER NOT NULL,
        inode INTEGER NOT NULL,
        PRIMARY KEY (root_id, path)
    ) WITHOUT ROWID""",
    # One row a published batch: what a reader that knows the one before has to change.
    """CREATE TABLE generation (
        root_id INTEGER NOT NULL REFERENCES root (root_id) ON DELETE CASCADE,
        n INTEGER NOT NULL,
        published_at INTEGER NOT NULL,      -- seconds since 1970
        commit_id TEXT NOT NULL,
        added BLOB NOT NULL,                -- int32 version ids, ascending
        removed BLOB NOT NULL,
        PRIMARY KEY (root_id, n)
    ) WITHOUT ROWID""",
    # What happened to a chunk after its birth; version_id is NULL where it died.
    """CREATE TABLE change (
        root_id INTEGER NOT NULL REFERENCES root (root_id) ON DELETE CASCADE,
        chunk_id TEXT NOT NULL,
        n INTEGER NOT NULL,
        version_id INTEGER,
        PRIMARY KEY (root_id, chunk_id, n)
    ) WITHOUT ROWID""",
    """CREATE TABLE tombstone (
        root_id INTEGER NOT NULL REFERENCES root (root_id) ON DELETE CASCADE,
        chunk_id TEXT NOT NULL,
        version_id INTEGER NOT NULL,
        start_line INTEGER NOT NULL,
        end_line INTEGER NOT NULL,
        n INTEGER NOT NULL,
        died_at INTEGER NOT NULL,
        commit_id TEXT NOT NULL,
        successors TEXT NOT NULL,           -- JSON list of [chunk id, score], best first
        PRIMARY KEY (root_id, chunk_id)
    ) WITHOUT ROWID""",
    "CREATE INDEX tombstone_by_age ON tombstone (died_at)",
    # The text index and the vectors; search/candidates reads and writes them.
    """CREATE TABLE segment (
        segment_id INTEGER PRIMARY KEY AUTOINCREMENT,
        terms_version INTEGER NOT NULL,
        documents INTEGER NOT NULL,
        version_ids BLOB NOT NULL,
        lengths BLOB NOT NULL,
        first_terms BLOB NOT NULL
    )""",
    """CREATE TABLE posting (
        segment_id INTEGER NOT NULL REFERENCES segment (segment_id) ON DELETE CASCADE,
        term INTEGER NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (segment_id, term)
    ) WITHOUT ROWID""",
    """CREATE TABLE vector_block (
        block_id INTEGER PRIMARY KEY AUTOINCREMENT,
        model TEXT NOT NULL,
        dimensions INTEGER NOT NULL,
        version_ids BLOB NOT NULL,
        vectors BLOB NOT NULL
    )""",
    "CREATE INDEX vector_block_by_model ON vector_block (model)",
)

_SECOND: tuple[str, ...] = (
    # JSON list of paths; NULL where they are too many to be worth following, or were never noted.
    "ALTER TABLE generation ADD COLUMN paths TEXT",
)

_THIRD: tuple[str, ...] = (
    # int32 version ids of the tests that stand in a file of code; NULL where there are none.
    "ALTER TABLE file ADD COLUMN tests BLOB",
)

MIGRATIONS: tuple[Sequence[str], ...] = (_FIRST, _SECOND, _THIRD)
"""``MIGRATIONS[k]`` takes a file of schema k to schema k + 1."""

NEWEST = len(MIGRATIONS)
"""The schema that this version of the program reads and writes."""


def version_of(connection: sqlite3.Connection) -> int:
    """The schema of an open database; 0 for a new, empty one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection, file: Path) -> int:
    """Bring a database to `NEWEST`, in one transaction; the schema it had before.

    The connection must be in autocommit mode and hold no transaction.
    Raises `IndexTooNewError` and changes nothing when the file is newer than this program.
    """
    found = version_of(connection)
    if found > NEWEST:
        raise IndexTooNewError(file, found, NEWEST)
    if found == NEWEST:
        return found
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = version_of(connection)  # another process may have been first
        if found < NEWEST:
            for step in MIGRATIONS[found:]:
                for statement in step:
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {NEWEST}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return found
