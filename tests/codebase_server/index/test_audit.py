"""The audit of an index finds each kind of damage, and says which; a sound one would never show that."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest

from codebase_server.index.audit import audit

if TYPE_CHECKING:
    from tests.codebase_server.index.conftest import Project

Damage = Callable[[sqlite3.Connection], object]


@pytest.fixture
def sound(project: Project) -> Project:
    project.write("a.py", "def first():\n    return 1\n\n\ndef second():\n    return 2\n")
    project.write("b.py", "def third():\n    return 3\n")
    project.build()
    assert audit(project.index.database, against_disk=True) == []
    return project


def blob(*numbers: int) -> bytes:
    return np.array(numbers, dtype=np.int32).tobytes()


def placements(connection: sqlite3.Connection, path: str) -> list[int]:
    data = connection.execute("SELECT placements FROM file WHERE path = ?", (path,)).fetchone()[0]
    return [int(number) for number in np.frombuffer(data, dtype=np.int32)]


def place(path: str, change: Callable[[list[int]], list[int]]) -> Damage:
    def damage(connection: sqlite3.Connection) -> None:
        rows = change(placements(connection, path))
        connection.execute("UPDATE file SET placements = ? WHERE path = ?", (blob(*rows), path))

    return damage


def statement(sql: str, *values: object) -> Damage:
    return lambda connection: connection.execute(sql, values)


def tombstone_of_a_living_chunk(connection: sqlite3.Connection) -> None:
    connection.execute(
        """INSERT INTO tombstone
           (root_id, chunk_id, version_id, start_line, end_line, n, died_at, commit_id, successors)
           SELECT root.root_id, chunk_id, version_id, 1, 2, 1, 0, '', '[]' FROM root, version LIMIT 1"""
    )


def twice_in_the_text_index(connection: sqlite3.Connection) -> None:
    connection.execute(
        """INSERT INTO segment (terms_version, documents, version_ids, lengths, first_terms)
           SELECT terms_version, documents, version_ids, lengths, first_terms FROM segment LIMIT 1"""
    )


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (place("b.py", lambda rows: [*rows, rows[0], rows[2] + 1, rows[2] + 1]), "a version is placed twice"),
        (place("b.py", lambda rows: [9999, *rows[1:]]), "1 placed versions are not stored"),
        (statement("UPDATE root SET chunks = 7"), "7 chunks noted, 3 placed"),
        (statement("UPDATE root SET files = 5"), "5 files noted, 2 listed"),
        (statement("UPDATE version SET chunk_id = 'c_same'"), "2 chunk ids live twice"),
        (tombstone_of_a_living_chunk, "1 live chunks have a tombstone"),
        (
            place("a.py", lambda rows: [rows[0], 1, 2, *rows[3:]]),
            "a.py: lines 3 to 5 are not owned once",
        ),
        (
            place("a.py", lambda rows: [*rows[:4], 9, *rows[5:]]),
            "a.py: lines 5 to 9 are not owned once",
        ),
        (statement("UPDATE file SET line_count = 8 WHERE path = 'b.py'"), "b.py: 8 lines, chunks end at 2"),
        (twice_in_the_text_index, "a version is in two segments of the text index"),
        (
            statement("UPDATE segment SET version_ids = ?", blob(1)),
            "2 versions are missing from the text index",
        ),
        (
            statement("UPDATE segment SET version_ids = ?", blob(1, 2, 3, 77)),
            "the text index has versions that are not stored",
        ),
        (
            statement(
                "INSERT INTO vector_block (model, dimensions, version_ids, vectors) VALUES ('m', 1, ?, ?)",
                blob(88),
                b"\1",
            ),
            "there are vectors of versions that are not stored",
        ),
    ],
)
def test_each_kind_of_damage_in_the_database_is_found(sound: Project, damage: Damage, told: str) -> None:
    with sqlite3.connect(sound.index.database.file) as connection:
        damage(connection)
    connection.close()
    found = audit(sound.index.database)
    assert any(problem == told or problem.endswith(f": {told}") for problem in found), found


def test_a_dangling_row_and_a_torn_page_are_found(sound: Project) -> None:
    with sqlite3.connect(sound.index.database.file) as connection:
        connection.execute("UPDATE root_file SET file_id = 4711 WHERE path = 'b.py'")
    connection.close()
    assert any(problem.startswith("dangling row: ") for problem in audit(sound.index.database))


def test_what_is_on_disk_is_held_against_what_is_stored(sound: Project) -> None:
    sound.write("c.py", "def fourth():\n    return 4\n")
    sound.write("a.py", "def first():\n    return 10\n\n\ndef second():\n    return 2\n")
    (sound.folder / "b.py").unlink()
    os.mkfifo(sound.folder / "b.py")
    told = [problem.split(": ", 1)[1] for problem in audit(sound.index.database, against_disk=True)]
    assert told == [
        "a.py: what is stored is not what is on disk",
        "b.py: indexed, but special",
        "c.py: on disk, not indexed",
    ]
