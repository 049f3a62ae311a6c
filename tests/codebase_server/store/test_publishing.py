"""What a batch makes visible: all of it or nothing, in one generation."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.codebase_server.store.conftest import STAT, Shelf, prepared

from codebase_server.index import textindex
from codebase_server.search.candidates.vectors import missing_vectors
from codebase_server.store import IndexedFile, Placement, StoredDefinition, StoredVersion, Tombstone, rows
from codebase_server.store.batch import Adopted, FileStat, SkippedFile
from codebase_server.store.generations import DoubledIdError
from codebase_server.store.live import MOST_FOLLOWED
from codebase_server.store.packing import hash_of
from codebase_server.store.publish import Publisher

BEES = 'def bees(hive):\n    """Count them."""\n    return len(hive)\n'
SAWS = "class Saw:\n    teeth = 9\n\n    def sharpen(self, file):\n        return file.along(self.teeth)\n"
GARDEN = prepared("src/garden.py", BEES)
SAW = prepared("src/saw.py", SAWS)
EDITED = prepared("src/garden.py", BEES.replace("len(hive)", "sum(hive)"))


def test_a_first_batch_is_the_first_generation(shelf: Shelf) -> None:
    root = shelf.publish(
        (GARDEN, ["c_bees"]), (SAW, ["c_saw", "c_sharpen"]), pending=3, state="building",
        summary='{"skipped": {"binary": 2}}',
    )  # fmt: skip
    assert (root.n, root.state, root.files, root.chunks, root.pending_files) == (1, "building", 2, 3, 3)
    assert root.summary == {"skipped": {"binary": 2}}
    assert root.generation == f"{root.epoch}.1"
    assert shelf.publisher().root == root
    assert shelf.publisher().live.tolist() == [1, 2, 3]
    with shelf.snapshot() as snapshot:
        assert (snapshot.generation, snapshot.files_count, snapshot.chunks_count) == (root.generation, 2, 3)


def test_a_chunk_is_read_as_it_was_written(shelf: Shelf) -> None:
    shelf.publish((GARDEN, ["c_bees"]), (SAW, ["c_saw", "c_sharpen"]))
    chunk = GARDEN.chunks[0]
    with shelf.snapshot() as snapshot:
        assert snapshot.chunks_in("src/garden.py") == [
            Placement(
                version_id=1, chunk_id="c_bees", path="src/garden.py", start_line=1, end_line=3,
                symbol="bees", symbol_kind="function", ordinal=0, part=0, signature=chunk.signature,
                doc="Count them.", language="python", kind="code",
                content_hash=hash_of(BEES.rstrip()).hex(), normal_hash=chunk.normal_hash,
            )
        ]  # fmt: skip
        assert snapshot.contents([1]) == {1: BEES.rstrip()}
        assert snapshot.versions(["c_bees", "c_unknown"]) == {
            "c_bees": [
                StoredVersion(
                    1, "c_bees", "src/garden.py", "bees", "function", 0, 0, "python", "code",
                    hash_of(BEES.rstrip()).hex(), chunk.normal_hash, snapshot.root_id, 1,
                )
            ]
        }  # fmt: skip


def test_a_file_and_its_definitions_are_read_as_they_were_written(shelf: Shelf) -> None:
    imported = prepared("lib/a.py", "import os\nfrom pathlib import Path\n\n\ndef f(x):\n    return x\n")
    shelf.publish((imported, ["c_imports", "c_f"]))
    with shelf.snapshot() as snapshot:
        (file,) = snapshot.files()
        assert file == IndexedFile(
            1, "lib/a.py", "python", "code", 6, imported.size, False, imported.imports, 2,
            imported.content_hash.hex(),
        )  # fmt: skip
        assert file.imports
        assert list(snapshot.definitions("f")) == [
            StoredDefinition("lib/a.py", "python", "f", "f", "function", 5, 6, "def f(x)", "")
        ]
    stored = shelf.connection.execute(
        "SELECT size, mtime_ns, ctime_ns, inode, root_file.file_id FROM root_file"
    )
    assert stored.fetchall() == [(STAT.size, STAT.mtime_ns, STAT.ctime_ns, STAT.inode, 1)]


def test_an_edit_is_a_new_version_of_the_same_id_and_the_old_one_can_still_be_read(shelf: Shelf) -> None:
    first = shelf.publish((GARDEN, ["c_bees"]), commit="aaa")
    second = shelf.publish((EDITED, ["c_bees"]), commit="bbb")
    assert (second.n, second.epoch, second.chunks) == (2, first.epoch, 1)
    assert shelf.publisher().live.tolist() == [2]
    with shelf.snapshot() as snapshot:
        assert [version.n for version in snapshot.versions(["c_bees"])["c_bees"]] == [1, 2]
        assert "len(hive)" in snapshot.contents([1])[1]
        assert snapshot.is_live(np.array([1, 2, 3], np.int32)).tolist() == [False, True, False]
        history = snapshot.history("c_bees")
        assert [(one.event, one.commit, one.generation) for one in history] == [
            ("born", "aaa", first.generation), ("changed", "bbb", second.generation),
        ]  # fmt: skip
        assert [one.version.version_id for one in history if one.version] == [1, 2]
        assert all(abs(one.at - time.time()) < 3_600 for one in history)
        assert snapshot.tombstones(["c_bees"]) == {}
        assert snapshot.history("c_unknown") == []


def test_a_generation_tells_what_it_added_and_took_away_and_of_which_files(shelf: Shelf) -> None:
    shelf.publish((GARDEN, ["c_bees"]), (SAW, ["c_saw", "c_sharpen"]))
    shelf.publish((EDITED, ["c_bees"]), removed=["src/saw.py"], commit="bbb")
    added, removed, paths, commit = shelf.connection.execute(
        "SELECT added, removed, paths, commit_id FROM generation WHERE n = 2"
    ).fetchone()
    assert np.frombuffer(added, np.int32).tolist() == [4]
    assert np.frombuffer(removed, np.int32).tolist() == [1, 2, 3]
    assert (json.loads(paths), commit) == (["src/garden.py", "src/saw.py"], "bbb")


def test_of_very_many_files_a_generation_does_not_tell_which(shelf: Shelf) -> None:
    empty = [(prepared(f"{at}.py", ""), ()) for at in range(MOST_FOLLOWED + 1)]
    shelf.publish(*empty[:-1])
    shelf.publish(*empty)
    told = [paths for (paths,) in shelf.connection.execute("SELECT paths FROM generation ORDER BY n")]
    assert len(json.loads(told[0])) == MOST_FOLLOWED
    assert told[1] is None


def test_a_shift_of_lines_is_no_new_version(shelf: Shelf) -> None:
    shelf.publish((prepared("a.py", "import os\n\n\n" + BEES), ["c_top", "c_bees"]))
    shelf.publish((prepared("a.py", "import os\nimport re\n\n\n" + BEES), ["c_top", "c_bees"]))
    with shelf.snapshot() as snapshot:
        top, bees = snapshot.chunks_in("a.py")
        assert (top.version_id, bees.version_id) == (3, 2)
        assert (bees.start_line, bees.end_line) == (5, 7)
        assert [one.event for one in snapshot.history("c_bees")] == ["born"]
        assert [one.event for one in snapshot.history("c_top")] == ["born", "changed"]


@pytest.mark.parametrize(
    "other",
    [
        {"symbol": "wasps"}, {"symbol_kind": "method"}, {"part": 2}, {"signature": "def bees()"},
        {"doc": "Other."}, {"derived": "more"}, {"content_hash": b"x" * 16},
    ],
)  # fmt: skip
def test_whatever_is_told_of_a_chunk_makes_a_version(shelf: Shelf, other: dict[str, Any]) -> None:
    shelf.publish((GARDEN, ["c_bees"]))
    chunk = GARDEN.chunks[0]._replace(**other)
    shelf.publish((replace(GARDEN, chunks=(chunk,)), ["c_bees"]))
    assert shelf.publisher().live.tolist() == [2]
    again = chunk._replace(ordinal=5, normal_hash=9, size=9)
    shelf.publish((replace(GARDEN, chunks=(again,)), ["c_bees"]))
    assert shelf.publisher().live.tolist() == [2], "which of its kind it is says nothing of it"


@pytest.mark.parametrize("other", [{"language": "ruby"}, {"kind": "tests"}, {"path": "src/other.py"}])
def test_whatever_is_told_of_its_file_makes_a_version_too(shelf: Shelf, other: dict[str, str]) -> None:
    shelf.publish((GARDEN, ["c_bees"]))
    removed = ["src/garden.py"] if "path" in other else []
    shelf.publish((replace(GARDEN, **other), ["c_bees"]), removed=removed)  # type: ignore[arg-type]
    assert shelf.publisher().live.tolist() == [2]


def test_a_file_that_was_stored_before_is_not_stored_again(shelf: Shelf) -> None:
    shelf.publish((GARDEN, ["c_bees"]))
    shelf.publish((EDITED, ["c_bees"]))
    shelf.publish((GARDEN, ["c_bees"]))
    assert (shelf.count("file"), shelf.count("version"), shelf.count("content")) == (2, 2, 2)
    assert shelf.publisher().live.tolist() == [1]
    shelf.publish((replace(GARDEN, format=GARDEN.format + 1), ["c_bees"]))
    shelf.publish((replace(GARDEN, content_hash=b"y" * 16), ["c_bees"]))
    assert shelf.count("file") == 4, "other rules or other bytes are another file"


def test_the_same_code_is_stored_once_however_often_it_stands(shelf: Shelf) -> None:
    shelf.publish((GARDEN, ["c_one"]), (prepared("copy.py", BEES), ["c_two"]))
    assert (shelf.count("content"), shelf.count("version")) == (1, 2)
    with shelf.snapshot() as snapshot:
        assert [
            one.path for one in snapshot.chunks_with_content(hash_of(BEES.rstrip()).hex())
        ] == ["copy.py", "src/garden.py"]  # fmt: skip


def test_what_dies_leaves_a_tombstone_and_what_returns_takes_it_away(shelf: Shelf) -> None:
    shelf.publish((GARDEN, ["c_bees"]), (SAW, ["c_saw", "c_sharpen"]), commit="aaa")
    died = shelf.publish(
        removed=["src/garden.py"], commit="bbb", successors={"c_bees": [("c_saw", 0.5), ("c_sharpen", 0.25)]}
    )
    with shelf.snapshot() as snapshot:
        (version,) = snapshot.versions(["c_bees"])["c_bees"]
        (stone,) = snapshot.tombstones(["c_bees", "c_saw", "c_unknown"]).values()
        assert stone == Tombstone(
            "c_bees", version, 1, 3, died.generation, stone.died_at, "bbb",
            (("c_saw", 0.5), ("c_sharpen", 0.25)),
        )  # fmt: skip
        assert abs(stone.died_at - time.time()) < 3_600
        assert snapshot.live_chunks(["c_bees"]) == {}
        last = snapshot.history("c_bees")[-1]
        assert (last.event, last.version, last.commit) == ("died", None, "bbb")
    shelf.publish((GARDEN, ["c_bees"]))
    shelf.publish((EDITED, ["c_bees"]))
    with shelf.snapshot() as snapshot:
        assert snapshot.tombstones(["c_bees"]) == {}
        assert [one.event for one in snapshot.history("c_bees")] == ["born", "died", "returned", "changed"]


def test_an_id_that_moves_within_a_batch_neither_dies_nor_is_doubled(shelf: Shelf) -> None:
    shelf.publish((GARDEN, ["c_bees"]))
    shelf.publish((prepared("src/yard.py", BEES), ["c_bees"]), removed=["src/garden.py"])
    with shelf.snapshot() as snapshot:
        assert snapshot.live_chunks(["c_bees"])["c_bees"].path == "src/yard.py"
        assert [one.event for one in snapshot.history("c_bees")] == ["born", "changed"]
        assert shelf.count("tombstone") == 0


def test_an_id_in_two_places_is_refused_and_nothing_is_written(shelf: Shelf) -> None:
    before = shelf.publish((GARDEN, ["c_bees"]))
    other = prepared("src/other.py", BEES.replace("bees", "wasps"))
    with pytest.raises(DoubledIdError, match=r"^Chunk id c_bees \(and 0 more\) is live elsewhere already\.$"):
        shelf.publish((other, ["c_bees"]))
    twice = prepared("src/twice.py", BEES + "\n\n" + BEES.replace("bees", "wasps"))
    with pytest.raises(DoubledIdError, match=r"^A batch of 2 new versions names a chunk id twice\.$"):
        shelf.publish((twice, ["c_new", "c_new"]))
    assert shelf.publisher().root == before
    assert (shelf.count("version"), shelf.count("file"), shelf.count("generation")) == (1, 1, 1)
    after = shelf.publish((other, ["c_wasps"]))
    assert (after.n, after.chunks) == (2, 2)


def test_several_doubled_ids_are_counted(shelf: Shelf) -> None:
    shelf.publish((SAW, ["c_saw", "c_sharpen"]))
    with pytest.raises(DoubledIdError, match=r"^Chunk id c_saw \(and 1 more\)"):
        shelf.publish((prepared("src/copy.py", SAWS), ["c_saw", "c_sharpen"]))


def test_what_readers_cannot_see_is_no_generation(shelf: Shelf) -> None:
    first = shelf.publish((GARDEN, ["c_bees"]), summary='{"a": 1}', pending=4)
    stat = FileStat(size=11, mtime_ns=21, ctime_ns=31, inode=41)
    same = shelf.publish(restat=[("src/garden.py", stat)], state="", pending=0)
    assert (same.generation, same.state, same.summary) == (first.generation, "ready", {"a": 1})
    assert (same.files, same.chunks, same.pending_files) == (1, 1, 0)
    row = shelf.connection.execute("SELECT size, mtime_ns, ctime_ns, inode FROM root_file").fetchone()
    assert row == (11, 21, 31, 41)
    assert shelf.count("generation") == 1
    assert shelf.publish(state="partial", summary='{"b": 2}').summary == {"b": 2}


def test_a_skipped_file_is_noted_with_its_reason_until_it_is_indexed_gone_or_looked_at_again(
    shelf: Shelf,
) -> None:
    notes = [
        SkippedFile("src/garden.py", "binary", "a NUL byte", FileStat(1, 2, 3, 4)),
        SkippedFile("b.py", "too large", "9 MB"), SkippedFile("c.py", "binary", ""),
    ]  # fmt: skip
    shelf.publish((SAW, ["c_saw", "c_sharpen"]), skipped=notes)
    stored = shelf.connection.execute(
        "SELECT path, reason, detail, size, mtime_ns, ctime_ns, inode FROM root_skip ORDER BY path"
    ).fetchall()
    assert stored == [
        ("b.py", "too large", "9 MB", -1, 0, 0, 0), ("c.py", "binary", "", -1, 0, 0, 0),
        ("src/garden.py", "binary", "a NUL byte", 1, 2, 3, 4),
    ]  # fmt: skip
    with shelf.snapshot() as snapshot:
        assert (snapshot.skipped("b.py"), snapshot.skipped("src/saw.py")) == ("too large", "")
    shelf.publish((GARDEN, ["c_bees"]), unskipped=["b.py"])
    with shelf.snapshot() as snapshot:
        assert [snapshot.skipped(path) for path in ("src/garden.py", "b.py", "c.py")] == ["", "", "binary"]
    shelf.publish(skipped=[replace(notes[2], reason="minified")])
    with shelf.snapshot() as snapshot:
        assert snapshot.skipped("c.py") == "minified"


def test_another_root_adopts_a_stored_file_with_its_ids(shelf: Shelf) -> None:
    shelf.publish((GARDEN, ["c_bees"]))
    stat = FileStat(5, 6, 7, 8)
    note = SkippedFile("src/garden.py", "unreadable", "")
    shelf.publish(root="/two", skipped=[note])
    two = shelf.publish(root="/two", adopted=[Adopted("src/garden.py", 1, stat)], commit="ccc")
    assert (two.n, two.files, two.chunks) == (1, 1, 1)
    assert shelf.count("version") == 1
    with shelf.snapshot("/two") as snapshot:
        assert [one.chunk_id for one in snapshot.chunks_in("src/garden.py")] == ["c_bees"]
        assert snapshot.skipped("src/garden.py") == ""
    shelf.publish(root="/two", removed=["src/garden.py"])
    with shelf.snapshot() as snapshot:
        assert list(snapshot.live_chunks(["c_bees"])) == ["c_bees"], "one root's death is no other's"
        assert snapshot.tombstones(["c_bees"]) == {}
    with shelf.snapshot("/two") as snapshot:
        assert list(snapshot.tombstones(["c_bees"])) == ["c_bees"]
        assert [one.event for one in snapshot.history("c_bees")] == ["born", "died"]


def test_roots_are_told_by_path_each_with_an_epoch_of_its_own(shelf: Shelf) -> None:
    two, one = shelf.publish(root="/two", state="ready"), shelf.publish((GARDEN, ["c_bees"]))
    assert rows.root_states(shelf.connection) == [one, two]
    assert len({one.epoch, two.epoch}) == 2
    assert rows.root_state(shelf.connection, "/three") is None
    fresh = shelf.publisher("/three").root
    assert (fresh.n, fresh.state, fresh.files, fresh.chunks, fresh.pending_files) == (0, "building", 0, 0, 0)
    assert fresh.summary == {}


def test_vectors_are_written_for_what_is_new_and_only_with_a_model(shelf: Shelf) -> None:
    both = prepared("a.py", BEES + "\n\n" + BEES.replace("bees", "wasps"), "static")
    model = "static-of-this-test"
    shelf.publish((both, ["c_bees", "c_wasps"]), model=model)
    assert missing_vectors(shelf.connection, model, shelf.publisher().live).tolist() == []
    edited = prepared("a.py", BEES + "\n\n" + BEES.replace("bees", "wasps").replace("len", "sum"), "static")
    empty = prepared("empty.py", "", "static")
    shelf.publish((edited, ["c_bees", "c_wasps"]), (empty, ()), model=model)
    assert shelf.publisher().live.tolist() == [1, 3], "the second of the two was edited"
    assert missing_vectors(shelf.connection, model, shelf.publisher().live).tolist() == []
    shelf.publish((GARDEN, ["c_more"]))
    shelf.publish((prepared("b.py", SAWS, "static"), ["c_saw", "c_sharpen"]))
    assert missing_vectors(shelf.connection, model, shelf.publisher().live).tolist() == [4, 5, 6]


def test_a_writer_that_comes_later_goes_on_where_the_root_is(shelf: Shelf) -> None:
    before = shelf.publish((GARDEN, ["c_bees"]))
    later = Publisher(shelf.connection, shelf.database.file, "/one", textindex.write_index)
    assert (later.root, later.live.tolist()) == (before, [1])
