"""Forgetting for good: what may go, what goes with it, and what stays because something else needs it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.codebase_server.store.conftest import Shelf, prepared

from codebase_server.store import removal, rows
from codebase_server.store.batch import Adopted, FileStat

ONE = 'def one(lines):\n    """Strip them."""\n    return [line.strip() for line in lines]\n'
TWO = "def two(rows):\n    return sorted(rows)\n"


def some(*version_ids: int) -> NDArray[np.int32]:
    return np.array(version_ids, np.int32)


def at(shelf: Shelf, n: int, seconds: int, root: str = "/one") -> None:
    """A generation is of this time."""
    state = rows.root_state(shelf.connection, root)
    assert state is not None
    shelf.connection.execute(
        "UPDATE generation SET published_at = ? WHERE n = ? AND root_id = ?", (seconds, n, state.root_id)
    )


def test_a_root_goes_with_its_files_and_leaves_what_is_shared(shelf: Shelf) -> None:
    shelf.publish((prepared("a.py", ONE), ["c_one"]))
    shelf.publish(root="/two", adopted=[Adopted("a.py", 1, FileStat(1, 2, 3, 4))])
    assert removal.delete_root(shelf.connection, "/one")
    assert not removal.delete_root(shelf.connection, "/one")
    assert [state.path for state in rows.root_states(shelf.connection)] == ["/two"]
    assert (shelf.count("root_file"), shelf.count("file"), shelf.count("version")) == (1, 1, 1)
    assert shelf.count("generation") == 1


def test_tombstones_of_those_who_died_before_a_time_expire(shelf: Shelf) -> None:
    shelf.publish((prepared("a.py", f"{ONE}\n\n{TWO}"), ["c_one", "c_two"]))
    shelf.publish(removed=["a.py"])
    shelf.connection.execute("UPDATE tombstone SET died_at = 100 WHERE chunk_id = 'c_one'")
    shelf.connection.execute("UPDATE tombstone SET died_at = 200 WHERE chunk_id = 'c_two'")
    assert removal.expire_tombstones(shelf.connection, 100) == 0
    assert removal.expire_tombstones(shelf.connection, 200) == 1
    assert shelf.count("tombstone", "chunk_id = 'c_two'") == 1


def test_a_version_may_be_forgotten_when_it_lives_nowhere_and_nothing_remembers_it(shelf: Shelf) -> None:
    shelf.publish((prepared("a.py", ONE), ["c_one"]), (prepared("b.py", TWO), ["c_two"]))
    shelf.publish((prepared("a.py", ONE.replace("strip", "lower")), ["c_one"]))
    shelf.publish(removed=["b.py"])
    for n in (1, 2, 3):
        at(shelf, n, 100 * n)
    assert removal.unused_versions(shelf.connection, 301).tolist() == [1], "the rest lives or has a tombstone"
    assert removal.unused_versions(shelf.connection, 200).tolist() == [], "its chunk changed then"
    shelf.connection.execute("DELETE FROM tombstone")
    assert removal.unused_versions(shelf.connection, 301).tolist() == [1, 2]
    assert removal.unused_versions(shelf.connection, 300).tolist() == [1], "the other died then"
    shelf.connection.execute("DELETE FROM change")
    assert removal.unused_versions(shelf.connection, 101).tolist() == [1, 2]
    assert removal.unused_versions(shelf.connection, 100).tolist() == [], "both were born then"


def test_a_version_that_lives_in_another_root_is_used(shelf: Shelf) -> None:
    shelf.publish((prepared("a.py", ONE), ["c_one"]))
    shelf.publish(root="/two", adopted=[Adopted("a.py", 1, FileStat(1, 2, 3, 4))])
    shelf.publish(removed=["a.py"])
    for n in (1, 2):
        at(shelf, n, 100)
    at(shelf, 1, 100, "/two")
    shelf.connection.execute("DELETE FROM tombstone")
    assert removal.unused_versions(shelf.connection, 1_000).tolist() == []
    removal.delete_root(shelf.connection, "/two")
    assert removal.unused_versions(shelf.connection, 1_000).tolist() == [1]


def test_a_new_index_has_nothing_to_forget(shelf: Shelf) -> None:
    unused = removal.unused_versions(shelf.connection, 1_000)
    assert unused.tolist() == []
    assert unused.dtype == np.int32
    removal.delete_versions(shelf.connection, unused)


def test_with_a_version_goes_all_that_only_it_had(shelf: Shelf) -> None:
    shelf.publish(
        (prepared("a.py", ONE), ["c_one"]), (prepared("b.py", TWO), ["c_two"]),
        (prepared("copy.py", ONE), ["c_copy"]),
    )  # fmt: skip
    shelf.publish(removed=["a.py", "b.py"])
    removal.delete_versions(shelf.connection, some(1, 2))
    left = shelf.connection.execute("SELECT chunk_id FROM version").fetchall()
    assert left == [("c_copy",)]
    assert [path for (path,) in shelf.connection.execute("SELECT path FROM file")] == ["copy.py"]
    assert shelf.count("content") == 1, "the copy has the same code"
    assert shelf.count("tombstone") == shelf.count("change") == 0
    with shelf.snapshot() as snapshot:
        assert snapshot.history("c_one") == []
        assert [one.chunk_id for one in snapshot.chunks_in("copy.py")] == ["c_copy"]


def test_of_an_id_that_lives_only_the_old_version_goes(shelf: Shelf) -> None:
    shelf.publish((prepared("a.py", ONE), ["c_one"]))
    shelf.publish((prepared("a.py", ONE.replace("strip", "lower")), ["c_one"]))
    shelf.publish((prepared("a.py", ONE.replace("strip", "upper")), ["c_one"]))
    removal.delete_versions(shelf.connection, some(2))
    assert [v for (v,) in shelf.connection.execute("SELECT version_id FROM version")] == [1, 3]
    assert shelf.connection.execute("SELECT n, version_id FROM change").fetchall() == [(3, 3)]
    assert shelf.count("content") == 2
    assert shelf.count("file") == 2


@pytest.mark.parametrize(("before", "keep", "left"), [
    (400, 2, [2, 3, 4]), (400, 0, [4]), (300, 0, [3, 4]), (201, 0, [3, 4]), (200, 0, [2, 3, 4]),
    (400, 9, [1, 2, 3, 4]),
])  # fmt: skip
def test_old_generations_expire_but_for_the_last_ones(
    shelf: Shelf, before: int, keep: int, left: list[int]
) -> None:
    for n in range(1, 5):
        shelf.publish((prepared("a.py", ONE.replace("strip", f"strip{n}")), ["c_one"]))
        at(shelf, n, n * 100)
    removal.expire_generations(shelf.connection, before, keep)
    assert [n for (n,) in shelf.connection.execute("SELECT n FROM generation ORDER BY n")] == left


def test_two_hundred_generations_are_kept_for_readers_to_step_along(shelf: Shelf) -> None:
    shelf.publish((prepared("a.py", ONE), ["c_one"]))
    shelf.connection.execute("DELETE FROM generation")
    shelf.connection.execute("UPDATE root SET n = 205")
    shelf.connection.executemany(
        "INSERT INTO generation (root_id, n, published_at, commit_id, added, removed) "
        "VALUES (1, ?, 5, '', x'', x'')",
        [(n,) for n in range(1, 206)],
    )
    removal.expire_generations(shelf.connection, 10)
    assert shelf.connection.execute("SELECT min(n), count(*) FROM generation").fetchone() == (5, 201)


@pytest.mark.parametrize(
    ("what", "found"),
    [
        ("c_one", [1]), ("c_on", []), ("line.strip()", [1]), ("Strip them.", [1]), ("lib/b", [2]),
        ("two", [2]),
        ("(rows)", [2]), ("sorted", [2, 3]), ("hidden", [3]), ("nowhere", []), ("lib/", [2]),
    ],
)  # fmt: skip
def test_what_holds_a_text_is_found_in_code_and_names_living_or_dead(
    shelf: Shelf, what: str, found: list[int]
) -> None:
    gone = prepared("c.py", "def gone(x):\n    return sorted(x)\n")
    chunk = gone.chunks[0]._replace(derived="hidden")
    shelf.publish((prepared("a.py", ONE), ["c_one"]), (prepared("lib/b.py", TWO), ["c_2"]))
    shelf.publish((replace(gone, chunks=(chunk,)), ["c_3"]))
    shelf.publish(removed=["c.py"])
    assert removal.versions_holding(shelf.connection, what).tolist() == found


def test_the_files_of_a_root_that_hold_a_version_are_named(shelf: Shelf) -> None:
    shelf.publish((prepared("a.py", ONE), ["c_one"]), (prepared("b.py", TWO), ["c_two"]))
    shelf.publish((prepared("z.py", ONE), ["c_z"]), root="/two")
    one, two = (state.root_id for state in rows.root_states(shelf.connection))
    assert list(removal.files_placing(shelf.connection, one, some(2, 3))) == ["b.py"]
    assert list(removal.files_placing(shelf.connection, two, some(2, 3))) == ["z.py"]
    assert list(removal.files_placing(shelf.connection, one, some(9))) == []
    assert sorted(removal.files_placing(shelf.connection, one, some(1, 2))) == ["a.py", "b.py"]
