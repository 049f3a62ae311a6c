"""Upkeep: what is forgotten is forgotten wholly, and what is not there to be kept is passed over."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from codebase_server.index import maintenance, textindex
from codebase_server.index.audit import audit
from codebase_server.store import Registry
from codebase_server.store.database import transaction

if TYPE_CHECKING:
    from tests.codebase_server.index.conftest import Project

ONE = "def one(lines):\n    return [line.strip() for line in lines]\n"
TWO = "def two(rows):\n    return sorted(rows, key=lambda row: row.amount)\n"


ORPHANS = "SELECT count(*) FROM change WHERE chunk_id NOT IN (SELECT chunk_id FROM version)"


def counts(project: Project) -> dict[str, int]:
    with project.index.database.reading() as connection:
        return {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for name in ("version", "content", "change", "tombstone", "generation")
        }


def test_of_code_that_died_long_ago_nothing_is_left(project: Project) -> None:
    project.write("a.py", ONE + "\n\n" + TWO)
    project.build()
    alive = counts(project)
    for _ in range(3):
        project.write("a.py", ONE)
        project.build()
        project.write("a.py", ONE + "\n\n" + TWO)
        project.build()
    project.write("a.py", ONE)
    project.build()
    assert counts(project)["change"] > 0
    done = maintenance.collect(Registry(project.data), tombstone_days=-1)
    assert done.tombstones == 1
    assert done.versions > 0
    left = counts(project)
    assert left["version"] < alive["version"]
    assert left["tombstone"] == 0
    with project.index.database.reading() as connection:
        assert connection.execute(ORPHANS).fetchone() == (0,), (
            "nobody can ask for what happened to it any more"
        )
    assert audit(project.index.database, against_disk=True) == []
    assert maintenance.collect(Registry(project.data), tombstone_days=-1).versions == 0


def test_a_root_whose_index_is_gone_is_forgotten_all_the_same(project: Project) -> None:
    project.write("a.py", ONE)
    project.build()
    registry = Registry(project.data)
    project.index.close()
    for file in project.index.database.folder.glob("index.sqlite3*"):
        file.unlink()
    assert maintenance.collect(registry, tombstone_days=1).versions == 0
    assert maintenance.purge(registry, "one").versions == 0
    done = maintenance.forget(registry, project.folder.resolve())
    assert done is not None
    assert registry.roots() == []
    assert maintenance.forget(registry, project.folder.resolve()) is None


def test_nothing_to_purge_is_refused(project: Project) -> None:
    with pytest.raises(ValueError, match="give a chunk id or a text"):
        maintenance.purge(Registry(project.data), "  ")


def test_what_was_set_aside_outlives_the_index(project: Project) -> None:
    project.write("a.py", ONE)
    project.build()
    kept = project.index.database.folder / "index.damaged-20310101-000000.sqlite3"
    kept.write_bytes(b"somebody may want to look at it")
    project.index.close()
    maintenance.forget(Registry(project.data), project.folder.resolve())
    assert kept.exists()
    assert not project.index.database.file.exists()


def test_a_transaction_is_all_or_nothing_and_survives_a_rollback_of_its_own() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE kept (n UNIQUE)")

    def fail(*statements: str) -> None:
        with transaction(connection):
            for statement in statements:
                connection.execute(statement)
            raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        fail("INSERT INTO kept VALUES (1)")
    with pytest.raises(ValueError, match="in the middle"):
        fail("INSERT INTO kept VALUES (1)", "ROLLBACK")
    with transaction(connection):
        connection.execute("INSERT INTO kept VALUES (2)")
    assert connection.execute("SELECT n FROM kept").fetchall() == [(2,)]
    connection.close()


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("UPDATE segment SET lengths = substr(lengths, 1, 10)", "documents"),
        ("UPDATE segment SET version_ids = x'', lengths = x''", "names documents that it does not have"),
        ("UPDATE posting SET data = x'00'", ""),
    ],
)
def test_a_text_index_that_does_not_fit_together_is_found_and_made_again(
    project: Project, damage: str, words: str
) -> None:
    project.write("a.py", ONE + "\n\n" + TWO)
    project.build()
    connection = project.index.database.writer()
    connection.execute(damage)
    found: Any = textindex.repair(connection, "none")
    assert words in found
    assert found
    assert textindex.repair(connection, "none") == ""
    connection.close()
    assert audit(project.index.database, against_disk=True) == []


def test_vectors_are_given_up_in_the_middle_when_asked_to(project: Project) -> None:
    from codebase_server.embed import load

    project.write("a.py", ONE + "\n\n" + TWO)
    project.build()
    embedder = load("static")
    assert embedder is not None
    connection = project.index.database.writer()
    live = textindex.all_versions(connection)
    told: list[tuple[int, int]] = []
    assert (
        textindex.encode_pending(connection, embedder, live, lambda: True, lambda *done: told.append(done))
        == 0
    )
    assert told == []
    made = textindex.encode_pending(
        connection, embedder, live, lambda: False, lambda *done: told.append(done)
    )
    assert made == len(live)
    assert told == [(made, made)]
    assert not len(np.asarray(textindex.pending_vectors(connection, embedder.model_id, live)))
    connection.close()
