"""What is stored while a batch still grows: nobody sees it before the batch, nor a part without the rest."""

from __future__ import annotations

import pytest
from tests.codebase_server.store.conftest import STAT, Shelf, prepared

from codebase_server.store.batch import Batch, Parsed
from codebase_server.store.generations import DoubledIdError

GARDEN = prepared("src/garden.py", 'def bees(hive):\n    """Count them."""\n    return len(hive)\n')
SAW = prepared(
    "src/saw.py", "class Saw:\n    teeth = 9\n\n    def sharpen(self, file):\n        return file\n"
)
MILL = prepared("src/mill.py", "def grind(corn):\n    return corn.flour()\n")

FILES = (
    Parsed(GARDEN, ["c_bees"], STAT),
    Parsed(SAW, ["c_saw", "c_sharpen"], STAT),
    Parsed(MILL, ["c_grind"], STAT),
)


def test_what_is_stored_ahead_is_seen_when_its_batch_is_published_and_not_before(shelf: Shelf) -> None:
    shelf.publish((GARDEN, ["c_bees"]), state="building")
    batch = Batch(parsed=list(FILES[1:2]))
    shelf.publisher().store_ahead(batch)
    with shelf.snapshot() as snapshot:
        assert (snapshot.files_count, snapshot.chunks_count) == (1, 1)
    batch.parsed.append(FILES[2])
    shelf.publisher().store_ahead(batch)
    root = shelf.publisher().publish(batch, pending_files=0, state="ready")
    assert (root.n, root.files, root.chunks) == (2, 3, 4)
    with shelf.snapshot() as snapshot:
        assert [c.chunk_id for c in snapshot.chunks_in("src/saw.py")] == ["c_saw", "c_sharpen"]
        assert [c.chunk_id for c in snapshot.chunks_in("src/mill.py")] == ["c_grind"]


def test_stored_ahead_or_at_once_it_is_the_same_index(shelf: Shelf) -> None:
    at_once = Batch(parsed=list(FILES))
    shelf.publisher("/one").publish(at_once, pending_files=0, state="ready")
    grown = Batch()
    for file in FILES:
        grown.parsed.append(Parsed(file.file, [f"{chunk_id}_two" for chunk_id in file.ids], STAT))
        shelf.publisher("/two").store_ahead(grown)
    shelf.publisher("/two").publish(grown, pending_files=0, state="ready")
    with shelf.snapshot("/one") as one, shelf.snapshot("/two") as two:
        for file in FILES:
            path = file.file.path
            assert [f"{c.chunk_id}_two" for c in one.chunks_in(path)] == [
                c.chunk_id for c in two.chunks_in(path)
            ]
    assert len(shelf.publisher("/one").live) == len(shelf.publisher("/two").live) == 4


def test_a_file_that_is_stored_ahead_in_the_place_of_another_ends_its_chunks(shelf: Shelf) -> None:
    shelf.publish((GARDEN, ["c_bees"]))
    edited = prepared("src/garden.py", "def wasps(nest):\n    return 0\n")
    batch = Batch(parsed=[Parsed(edited, ["c_wasps"], STAT)])
    shelf.publisher().store_ahead(batch)
    shelf.publisher().publish(batch, pending_files=0)
    with shelf.snapshot() as snapshot:
        assert [c.chunk_id for c in snapshot.chunks_in("src/garden.py")] == ["c_wasps"]
        assert set(snapshot.tombstones(["c_bees"])) == {"c_bees"}


def test_a_writer_that_ends_before_its_batch_leaves_nothing(shelf: Shelf) -> None:
    shelf.publish((GARDEN, ["c_bees"]), state="building")
    shelf.publisher().store_ahead(Batch(parsed=list(FILES[1:])))
    shelf.connection.close()
    with shelf.snapshot() as snapshot:
        assert (snapshot.files_count, snapshot.chunks_count) == (1, 1)
        assert not snapshot.versions(["c_saw", "c_grind"])


def test_a_batch_that_is_refused_takes_what_was_stored_ahead_along(shelf: Shelf) -> None:
    shelf.publish((GARDEN, ["c_bees"]))
    batch = Batch(parsed=[Parsed(MILL, ["c_bees"], STAT)])
    shelf.publisher().store_ahead(batch)
    with pytest.raises(DoubledIdError):
        shelf.publisher().publish(batch, pending_files=0)
    with shelf.snapshot() as snapshot:
        assert snapshot.files_count == 1
    again = Batch(parsed=[Parsed(MILL, ["c_grind"], STAT)])
    shelf.publisher().store_ahead(again)
    assert shelf.publisher().publish(again, pending_files=0).chunks == 2


def test_what_fails_while_it_is_stored_ahead_leaves_the_writer_free(shelf: Shelf) -> None:
    shelf.publish((GARDEN, ["c_bees"]))
    publisher = shelf.publisher()
    without_its_id = Batch(parsed=[Parsed(MILL, [], STAT)])
    with pytest.raises(ValueError, match="zip"):
        publisher.store_ahead(without_its_id)
    assert not shelf.connection.in_transaction
    whole = Batch(parsed=[Parsed(MILL, ["c_grind"], STAT)])
    publisher.store_ahead(whole)
    assert publisher.publish(whole, pending_files=0).chunks == 2


def test_a_batch_lets_go_of_what_is_stored_of_its_files(shelf: Shelf) -> None:
    publisher, batch = shelf.publisher(), Batch(parsed=list(FILES))
    publisher.store_ahead(batch)
    assert [one.file.path for one in batch.parsed] == [one.file.path for one in FILES]
    assert not any(one.ids or one.file.chunks or one.file.definitions for one in batch.parsed)
    publisher.publish(batch, pending_files=0)
    assert publisher.root.chunks == sum(len(one.file.chunks) for one in FILES)
