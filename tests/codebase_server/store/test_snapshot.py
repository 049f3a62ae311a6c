"""What a reader can ask of a root, and that the answer is of one moment."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.codebase_server.store.conftest import Shelf, prepared

from codebase_server.search.stored import StoredCorpus
from codebase_server.store import IndexCorruptError, Snapshot, rows
from codebase_server.store.packing import hash_of

ONE = "def one(a):\n    return a\n"
TWO = "def two(b):\n    return b + b\n"
POND = (
    "class Pond:\n    def fill(self, hose):\n        hose.run(self.volume)\n\n"
    "    def Drain(self):\n        self.plug.pull()\n"
)
"""A class: its head, and two methods."""


@pytest.fixture
def snapshot(shelf: Shelf) -> Iterator[Snapshot]:
    """Files a.py, b/pond.py, b.py (a copy of one) and bb/c.py, which has died; then a second root."""
    shelf.publish(
        (prepared("a.py", f"{ONE}\n\n{TWO}"), ["c_one", "c_two"]),
        (prepared("b/pond.py", POND), ["c_pond", "c_fill", "c_drain"]),
        (prepared("b.py", ONE), ["c_copy"]),
        (prepared("bb/c.py", TWO.replace("two", "three")), ["c_three"]),
    )
    shelf.publish(removed=["bb/c.py"])
    shelf.publish((prepared("a.py", ONE.replace("one", "other")), ["c_other"]), root="/two")
    with shelf.snapshot() as found:
        yield found


def ids(placements: object) -> list[str]:
    return [one.chunk_id for one in placements]  # type: ignore[attr-defined]


def test_what_goes_wrong_while_it_is_read_is_told_once_it_is_given_back(shelf: Shelf) -> None:
    """So that damage that a reader meets is remembered by whoever handed the snapshot out."""
    shelf.publish((prepared("a.py", ONE), ["c_one"]))
    happened: list[object] = []
    read = shelf.snapshot()
    state = rows.root_state(read.connection, "/one")
    assert state is not None
    told = Snapshot(
        read.connection,
        "r_shelf",
        state,
        read.live,
        happened.append,
        happened.append,
    )
    broken = sqlite3.DatabaseError("database disk image is malformed")
    with pytest.raises(sqlite3.DatabaseError), told:
        raise broken
    assert happened == [read.connection, broken]
    with told:
        pass
    assert len(happened) == 2, "it is given back once, and nothing went wrong"
    read.close()


def test_placements_come_in_the_order_asked_and_the_dead_are_left_out(snapshot: Snapshot) -> None:
    assert snapshot.live.tolist() == [1, 2, 3, 4, 5, 6]
    assert ids(snapshot.placements([6, 7, 2, 99, 1, 8])) == ["c_copy", "c_two", "c_one"]
    assert snapshot.is_live(np.array([0, 6, 7, 8], np.int32)).tolist() == [False, True, False, False]
    assert set(snapshot.live_chunks(["c_one", "c_three", "c_other", "c_none"])) == {"c_one"}


def test_chunks_of_a_file_come_by_line(snapshot: Snapshot) -> None:
    assert ids(snapshot.chunks_in("b/pond.py")) == ["c_pond", "c_fill", "c_drain"]
    assert snapshot.chunks_in("bb/c.py") == snapshot.chunks_in("none.py") == []


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (1, 1, ["c_pond"]), (2, 2, ["c_fill"]), (1, 2, ["c_pond", "c_fill"]), (3, 4, ["c_fill"]),
        (2, 5, ["c_fill", "c_drain"]), (6, 6, ["c_drain"]), (1, 99, ["c_pond", "c_fill", "c_drain"]),
        (7, 9, []),
    ],
)  # fmt: skip
def test_lines_are_owned_by_one_chunk_each(
    snapshot: Snapshot, first: int, last: int, found: list[str]
) -> None:
    assert ids(snapshot.chunks_at("b/pond.py", first, last)) == found


def test_a_symbol_is_found_in_a_file_or_anywhere_by_path_and_line(snapshot: Snapshot) -> None:
    assert ids(snapshot.find_chunks("one")) == ["c_one", "c_copy"]
    assert ids(snapshot.find_chunks("one", "b.py")) == ["c_copy"]
    assert ids(snapshot.find_chunks("Pond.fill")) == ["c_fill"]
    for nothing in ("fill", "ONE", "three", "other", "Pond.one"):
        assert snapshot.find_chunks(nothing) == []
    assert snapshot.find_chunks("three", "bb/c.py") == snapshot.find_chunks("one", "b/pond.py") == []


def test_code_is_found_by_its_hash_living_or_dead(snapshot: Snapshot) -> None:
    one, three = (hash_of(text.rstrip()).hex() for text in (ONE, TWO.replace("two", "three")))
    assert ids(snapshot.chunks_with_content(hash_of(ONE.rstrip()).hex())) == ["c_copy"], "a.py has gaps too"
    assert snapshot.content_with_hash(three) == TWO.replace("two", "three").rstrip()
    assert snapshot.chunks_with_content(three) == []
    for unknown in ("0" * 32, "no hash", ""):
        assert snapshot.chunks_with_content(unknown) == []
        assert snapshot.content_with_hash(unknown) is None
    many = [f"{number:032x}" for number in range(1_200)]
    found = snapshot.contents_with_hashes([*many, one, "no hash", three])
    assert found == {one: ONE.rstrip(), three: TWO.replace("two", "three").rstrip()}
    assert set(snapshot.contents([6, 7, 99])) == {6, 7}


def test_versions_are_found_by_what_they_were_newest_first(snapshot: Snapshot) -> None:
    def versions(**asked: object) -> list[int]:
        return [one.version_id for one in snapshot.versions_with(**asked)]  # type: ignore[arg-type]

    pond = snapshot.versions(["c_fill"])["c_fill"][0]
    assert versions(symbol="one") == [6, 1]
    assert versions(symbol="one", path="a.py") == [1]
    assert versions(path="bb/c.py") == [7]
    assert versions(path="a.py") == [8, 2, 1], "of every root"
    assert versions(normal_hash=pond.normal_hash) == [4]
    assert versions(normal_hash=pond.normal_hash, symbol="one") == []
    assert versions(symbol="") == versions() == []


def test_no_more_than_two_hundred_versions_are_told(shelf: Shelf) -> None:
    shelf.publish(*((prepared(f"{at:03}.py", ONE), [f"c_{at}"]) for at in range(203)))
    with shelf.snapshot() as snapshot:
        found = [one.version_id for one in snapshot.versions_with(symbol="one")]
    assert found == list(range(203, 3, -1))


def test_files_are_told_by_path_all_one_or_below_a_folder(snapshot: Snapshot) -> None:
    def paths(under: str) -> list[str]:
        return [file.path for file in snapshot.files(under)]

    assert paths("") == ["a.py", "b.py", "b/pond.py"]
    assert paths("b") == ["b/pond.py"]
    assert paths("b.py") == ["b.py"]
    assert paths("b/") == paths("bb") == paths("none") == []
    (copy,) = snapshot.files("b.py")
    assert copy.chunk_count == 1
    assert snapshot.files("b/pond.py")[0].chunk_count == 3
    assert [file.path for file in snapshot.files_with_content(copy.content_hash)] == ["b.py"]
    assert snapshot.files_with_content("0" * 32) == []


def test_a_file_with_errors_is_told_as_such(shelf: Shelf) -> None:
    shelf.publish(
        (prepared("bad.py", "def (:\n  pass pass\n"), ["c_bad"]), (prepared("ok.py", ONE), ["c_ok"])
    )
    with shelf.snapshot() as snapshot:
        assert [(file.path, file.had_errors) for file in snapshot.files()] == [
            ("bad.py", True),
            ("ok.py", False),
        ]


def test_paths_are_found_by_how_they_end(snapshot: Snapshot) -> None:
    assert snapshot.paths_ending("pond.py") == snapshot.paths_ending("b/pond.py") == ["b/pond.py"]
    assert snapshot.paths_ending("b.py") == ["b.py"]
    assert snapshot.paths_ending("ond.py") == snapshot.paths_ending("c.py") == []


def test_only_so_many_paths_are_told(shelf: Shelf) -> None:
    shelf.publish(*((prepared(f"{at:02}/x.py", ""), ()) for at in range(25)))
    with shelf.snapshot() as snapshot:
        assert snapshot.paths_ending("x.py") == [f"{at:02}/x.py" for at in range(20)]
        assert snapshot.paths_ending("x.py", 2) == ["00/x.py", "01/x.py"]


def test_definitions_are_found_by_name_in_any_case_whole_or_by_the_beginning(snapshot: Snapshot) -> None:
    def found(name: str = "", **asked: object) -> list[str]:
        return [f"{one.path}:{one.qualified}" for one in snapshot.definitions(name, **asked)]  # type: ignore[arg-type]

    assert found("one") == found("ONE") == ["a.py:one", "b.py:one"]
    assert found("drain") == found("DR", prefix=True) == ["b/pond.py:Pond.Drain"]
    assert found("o") == found("three") == found("other") == []
    assert found("o", prefix=True) == ["a.py:one", "b.py:one"]
    assert found("one", path="b.py") == ["b.py:one"]
    assert found(path="b") == ["b/pond.py:Pond", "b/pond.py:Pond.fill", "b/pond.py:Pond.Drain"]
    assert found(path="a.py") == ["a.py:one", "a.py:two"]
    assert found("one", limit=1) == ["a.py:one"]
    assert found(path="b", limit=2) == ["b/pond.py:Pond", "b/pond.py:Pond.fill"]
    (fill,) = snapshot.definitions("fill")
    assert (fill.parent, fill.symbol_kind, fill.start_line, fill.end_line) == ("Pond", "method", 2, 3)


def test_of_more_definitions_than_are_sorted_the_first_stored_are_taken_and_put_in_order(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("c.py", "a.py", "b.py", "d.py"):
        shelf.publish((prepared(name, f"def f():\n    return {name!r}\n"), [f"c_{name}"]))
    for most, told in ((4, ["a.py", "b.py"]), (3, ["a.py", "c.py"])):
        monkeypatch.setattr(rows, "MOST_SORTED", most)
        with shelf.snapshot() as snapshot:
            corpus = StoredCorpus(snapshot)
            for prefix in (False, True):
                found = snapshot.definitions("f", prefix=prefix, limit=2)
                assert [one.path for one in found] == told
            assert [one.path for one in corpus.defined(["f"], [], 2)] == told
            assert [one.path for one in corpus.defined(["f"], [], 2, begun=True)] == told
            assert [one.path for one in snapshot.definitions("f", path="d.py")] == ["d.py"]


def test_all_definitions_are_told_by_path_and_line(snapshot: Snapshot) -> None:
    assert snapshot.definition_names() == [
        ("a.py", "one", "one", "", "function"), ("a.py", "two", "two", "", "function"),
        ("b.py", "one", "one", "", "function"), ("b/pond.py", "Pond", "Pond", "", "class"),
        ("b/pond.py", "fill", "Pond.fill", "Pond", "method"),
        ("b/pond.py", "Drain", "Pond.Drain", "Pond", "method"),
    ]  # fmt: skip


def test_a_snapshot_stays_at_its_moment_whatever_is_published(shelf: Shelf) -> None:
    shelf.publish((prepared("a.py", ONE), ["c_one"]), state="building", pending=2)
    with shelf.snapshot() as before:
        shelf.publish((prepared("a.py", TWO), ["c_two"]), state="ready")
        assert (before.state, before.pending_files, before.files_count, before.chunks_count) == (
            "building", 2, 1, 1,
        )  # fmt: skip
        assert ids(before.chunks_in("a.py")) == ["c_one"]
        assert before.versions(["c_two"]) == {}
        with shelf.snapshot() as after:
            assert ids(after.chunks_in("a.py")) == ["c_two"]
            assert before.generation != after.generation
            assert (after.root, after.repository) == ("/one", "r_shelf")


def test_closing_twice_is_no_error_and_gives_the_connection_back_once(shelf: Shelf) -> None:
    shelf.publish()
    snapshot = shelf.snapshot()
    given: list[object] = []
    release = snapshot._release
    assert release is not None
    snapshot._release = given.append
    snapshot.close()
    snapshot.close()
    assert given == [snapshot.connection]
    release(snapshot.connection)


def test_what_ended_a_reading_is_told_in_better_words_where_there_are_some(shelf: Shelf) -> None:
    shelf.publish()
    told: list[BaseException] = []

    def failed(error: BaseException) -> None:
        told.append(error)
        raise IndexCorruptError(Path("index.sqlite3"), "a page")

    snapshot = shelf.snapshot()
    snapshot._failed = failed
    with pytest.raises(IndexCorruptError), snapshot:
        raise ValueError("undecodable")
    assert [str(error) for error in told] == ["undecodable"]
    assert snapshot._release is None, "it is closed all the same"
