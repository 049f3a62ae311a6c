"""Vectors: exact neighbours of the living, in memory and through sqlite-vec alike."""

import logging
import platform
import sqlite3
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from codebase_server.search.candidates import in_memory, on_disk, vectors
from codebase_server.search.candidates.on_disk import VectorFile, VectorsOnDisk, loadable_library

D = 64


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:")
    for statement in vectors.DDL:
        made.execute(statement)
    yield made
    made.close()


def carried(
    before: NDArray[np.int32], after: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """How the live versions of one generation lie in the next, as `views` tells it."""
    to = np.array([*(list(after).index(v) if v in after else -1 for v in before), -1], dtype=np.int32)
    return to, np.flatnonzero(~np.isin(after, before)).astype(np.int64)


@pytest.fixture(scope="module")
def library() -> Any:
    found = loadable_library()
    if found is None:
        assert (sys.platform, platform.machine()) != ("linux", "x86_64"), "the dev extra brings one"
        pytest.skip("no SQLite library here can load extensions")
    return found


def some_rows(count: int, seed: int = 0, width: int = D) -> NDArray[np.int8]:
    """Rows in clusters, as code has them: neighbours are nearer than chance."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(99).standard_normal((400, width))
    rows = centres[random.integers(0, 400, count)] + 0.7 * random.standard_normal((count, width))
    return np.clip(rows * 30, -127, 127).astype(np.int8)


def question(seed: int, width: int = D) -> NDArray[np.float32]:
    row: NDArray[np.float32] = some_rows(1, seed, width)[0].astype(np.float32) + np.float32(0.3)
    return row


def exact(rows: NDArray[np.int8], asked: NDArray[np.float32]) -> NDArray[np.float32]:
    wide = rows.astype(np.float32)
    lengths = np.linalg.norm(wide, axis=1) * np.linalg.norm(asked)
    cosines: NDArray[np.float32] = np.asarray((wide @ asked) / lengths, dtype=np.float32)
    return cosines


def test_the_nearest_are_those_of_a_full_scan(connection: sqlite3.Connection) -> None:
    rows = some_rows(2_000)
    vectors.write_vectors(connection, "m", np.arange(2_000, dtype=np.int32), rows)
    held = in_memory.vectors_in_memory(connection, "m", np.arange(2_000, dtype=np.int32))
    assert held is not None
    cosines = exact(rows, question(1))
    at, found = held.nearest(question(1), 50)
    assert at.tolist() == np.argsort(-cosines, kind="stable")[:50].tolist()
    np.testing.assert_allclose(found, np.sort(cosines)[::-1][:50], atol=1e-5)


def test_the_first_pass_by_sign_loses_less_than_one_neighbour_in_a_hundred(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = some_rows(20_000, width=256)
    vectors.write_vectors(connection, "m", np.arange(20_000, dtype=np.int32), rows)
    monkeypatch.setattr(in_memory, "SIGNS_PAY", 1_000)
    held = in_memory.vectors_in_memory(connection, "m", np.arange(20_000, dtype=np.int32))
    assert held is not None
    kept = 0
    for seed in range(20):
        best = set(np.argsort(-exact(rows, question(seed, 256)))[:50].tolist())
        kept += len(best & set(held.nearest(question(seed, 256), 50)[0].tolist()))
    assert kept >= 0.99 * 20 * 50


def test_only_living_and_allowed_chunks_are_neighbours(connection: sqlite3.Connection) -> None:
    vectors.write_vectors(connection, "m", np.arange(100, dtype=np.int32), some_rows(100))
    live = np.arange(0, 100, 2, dtype=np.int32)
    held = in_memory.vectors_in_memory(connection, "m", live)
    assert held is not None
    allowed = np.zeros(50, dtype=bool)
    allowed[:10] = True
    at, _ = held.nearest(question(3), 30, allowed)
    assert sorted(at.tolist()) == list(range(10))


def test_a_model_never_sees_the_vectors_of_another(connection: sqlite3.Connection) -> None:
    vectors.write_vectors(connection, "one", np.array([1], dtype=np.int32), some_rows(1))
    assert in_memory.vectors_in_memory(connection, "two", np.array([1], dtype=np.int32)) is None
    assert vectors.missing_vectors(connection, "two", np.array([1, 2], dtype=np.int32)).tolist() == [1, 2]
    assert vectors.missing_vectors(connection, "one", np.array([1, 2], dtype=np.int32)).tolist() == [2]


def test_a_vector_made_twice_counts_as_it_was_made_last(connection: sqlite3.Connection) -> None:
    old, new = some_rows(3, 1), some_rows(3, 2)
    ids = np.arange(3, dtype=np.int32)
    vectors.write_vectors(connection, "m", ids, old)
    vectors.write_vectors(connection, "m", ids, new)
    held = in_memory.vectors_in_memory(connection, "m", ids)
    assert held is not None
    np.testing.assert_allclose(held.cosines(question(1), ids), exact(new, question(1)), atol=1e-5)


def test_folding_blocks_keeps_the_living_and_drops_the_dead(connection: sqlite3.Connection) -> None:
    rows = some_rows(40)
    for i in range(0, 40, 4):
        vectors.write_vectors(connection, "m", np.arange(i, i + 4, dtype=np.int32), rows[i : i + 4])
    alive = np.arange(0, 40, 3, dtype=np.int32)
    vectors.merge_vectors(connection, "m", lambda ids: np.isin(ids, alive))
    ((blob,),) = connection.execute("SELECT version_ids FROM vector_block").fetchall()
    assert np.frombuffer(blob, np.int32).tolist() == alive.tolist()
    held = in_memory.vectors_in_memory(connection, "m", alive)
    assert held is not None
    found = held.cosines(question(5), np.arange(len(alive), dtype=np.int32))
    np.testing.assert_allclose(found, exact(rows[alive], question(5)), atol=1e-5)


def test_folding_makes_blocks_of_a_size_that_fits_in_memory(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "_LARGE_BLOCK", 20)
    rows = some_rows(130)
    for i in range(0, 130, 5):
        vectors.write_vectors(connection, "m", np.arange(i, i + 5, dtype=np.int32), rows[i : i + 5])
    vectors.merge_vectors(connection, "m", lambda ids: ids >= 0)
    blobs = [blob for (blob,) in connection.execute("SELECT version_ids FROM vector_block ORDER BY block_id")]
    assert [len(blob) // 4 for blob in blobs] == [20] * 6 + [10]
    everything = np.arange(130, dtype=np.int32)
    assert np.frombuffer(b"".join(blobs), np.int32).tolist() == everything.tolist()
    held = in_memory.vectors_in_memory(connection, "m", everything)
    assert held is not None
    np.testing.assert_allclose(held.cosines(question(5), everything), exact(rows, question(5)), atol=1e-5)


def test_vectors_of_a_wrong_shape_are_refused(connection: sqlite3.Connection) -> None:
    with pytest.raises(ValueError, match="int8 row for each of 2 versions"):
        vectors.write_vectors(connection, "m", np.array([1, 2], dtype=np.int32), some_rows(3))


def test_a_chunk_without_a_vector_has_no_cosine(connection: sqlite3.Connection) -> None:
    vectors.write_vectors(connection, "m", np.array([5], dtype=np.int32), some_rows(1))
    held = in_memory.vectors_in_memory(connection, "m", np.array([4, 5], dtype=np.int32))
    assert held is not None
    assert np.isnan(held.cosines(question(1), np.array([0, 1], dtype=np.int32))).tolist() == [True, False]


@pytest.mark.parametrize("pays", [1_000, 10**9])
def test_vectors_carried_from_generation_to_generation_are_those_gathered_anew(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, pays: int
) -> None:
    monkeypatch.setattr(in_memory, "SIGNS_PAY", pays)
    rows = some_rows(3_000)
    everything = np.arange(3_000, dtype=np.int32)
    for start in range(0, 2_000, 500):
        vectors.write_vectors(connection, "m", everything[start : start + 500], rows[start : start + 500])
    live = everything[:2_000][everything[:2_000] % 50 != 0]
    held = in_memory.vectors_in_memory(connection, "m", live)
    assert held is not None
    earlier, random, written = held, np.random.default_rng(5), 2_000
    for step in range(12):
        after = vectors.newest_block(connection, "m")
        new = everything[written : written + 30]
        vectors.write_vectors(connection, "m", new, rows[new])
        written += 30
        back = random.choice(np.setdiff1d(everything[:written], live), 5, replace=False)
        gone = random.choice(live, 12, replace=False)
        later = np.union1d(np.setdiff1d(live, gone), np.union1d(new, back)).astype(np.int32)
        if step == 6:
            vectors.merge_vectors(connection, "m", lambda ids: ids >= 0, at_least=2)
        stepped = held.stepped(connection, "m", later, *carried(live, later), after)
        assert stepped is not None
        anew = in_memory.vectors_in_memory(connection, "m", later)
        assert anew is not None
        some = random.random(len(later)) < 0.6
        for allowed in (None, some):
            at, cosines = stepped.nearest(question(step), 40, allowed)
            expected_at, expected = anew.nearest(question(step), 40, allowed)
            assert at.tolist() == expected_at.tolist()
            np.testing.assert_allclose(cosines, expected, atol=1e-5)
        every = np.arange(len(later), dtype=np.int32)
        np.testing.assert_allclose(
            stepped.cosines(question(1), every), anew.cosines(question(1), every), atol=1e-5
        )
        held, live = stepped, later
    # A reader of the first generation goes on as it was, and may itself be carried on differently.
    np.testing.assert_array_equal(
        earlier.nearest(question(3), 20)[0],
        _anew(connection, everything[:2_000][everything[:2_000] % 50 != 0]).nearest(question(3), 20)[0],
    )


def _anew(connection: sqlite3.Connection, live: NDArray[np.int32]) -> in_memory.VectorsInMemory:
    made = in_memory.vectors_in_memory(connection, "m", live)
    assert made is not None
    return made


def test_two_readers_may_carry_the_same_vectors_on_in_different_ways(connection: sqlite3.Connection) -> None:
    rows = some_rows(60)
    ids = np.arange(60, dtype=np.int32)
    vectors.write_vectors(connection, "m", ids[:40], rows[:40])
    held = _anew(connection, ids[:40])
    vectors.write_vectors(connection, "m", ids[40:], rows[40:])
    ways = [ids[:50], np.concatenate((ids[:40], ids[50:])).astype(np.int32)]
    made = [held.stepped(connection, "m", live, *carried(ids[:40], live), 1) for live in ways]
    for live, one in zip(ways, made, strict=True):
        assert one is not None
        every = np.arange(len(live), dtype=np.int32)
        np.testing.assert_allclose(one.cosines(question(2), every), exact(rows[live], question(2)), atol=1e-5)


def test_vectors_most_of_which_are_dead_are_gathered_anew(connection: sqlite3.Connection) -> None:
    rows, ids = some_rows(40), np.arange(40, dtype=np.int32)
    vectors.write_vectors(connection, "m", ids, rows)
    held = _anew(connection, ids)
    assert held.stepped(connection, "m", ids[:20], *carried(ids, ids[:20]), 1) is None
    assert held.stepped(connection, "m", ids[:0], *carried(ids, ids[:0]), 1) is None


def test_sqlite_vec_gives_the_same_answers(
    connection: sqlite3.Connection, library: Any, tmp_path: Path
) -> None:
    rows = some_rows(1_500)
    for start in range(0, 1_500, 500):
        ids = np.arange(start, start + 500, dtype=np.int32)
        vectors.write_vectors(connection, "m", ids, rows[start : start + 500])
    live = np.arange(0, 1_500, dtype=np.int32)[np.arange(1_500) % 7 != 0]
    held = in_memory.vectors_in_memory(connection, "m", live)
    assert held is not None
    file = VectorFile(library, tmp_path / "vectors.db", "m")
    assert file.follow(connection) == D
    disk = VectorsOnDisk(file, live, D)
    some = np.zeros(len(live), dtype=bool)
    some[100:400] = True
    for seed in range(10):
        for allowed in (None, some):
            expected_at, expected = held.nearest(question(seed), 40, allowed)
            at, cosines = disk.nearest(question(seed), 40, allowed)
            assert at.tolist() == expected_at.tolist()
            np.testing.assert_allclose(cosines, expected, atol=1e-5)
    some_at = np.array([7, 3, 900])
    np.testing.assert_allclose(disk.units(some_at), held.units(some_at), atol=1e-6)
    file.close()


def test_the_derived_file_follows_the_database_and_is_made_anew_for_another(
    connection: sqlite3.Connection, library: Any, tmp_path: Path
) -> None:
    path = tmp_path / "vectors.db"
    first = some_rows(20, 1)
    vectors.write_vectors(connection, "m", np.arange(20, dtype=np.int32), first)
    VectorFile(library, path, "m").follow(connection)
    vectors.write_vectors(connection, "m", np.arange(20, 30, dtype=np.int32), some_rows(10, 2))
    again = VectorFile(library, path, "m")
    again.follow(connection)
    assert len(again.rows(list(range(40)))) == 30
    again.close()

    other = sqlite3.connect(":memory:")
    for statement in vectors.DDL:
        other.execute(statement)
    vectors.write_vectors(other, "m", np.arange(5, dtype=np.int32), some_rows(5, 3))
    moved = VectorFile(library, path, "m")
    moved.follow(other)
    assert moved.rows(list(range(40))) == {i: row.tobytes() for i, row in enumerate(some_rows(5, 3))}
    moved.close()
    other.close()


def test_a_missing_extension_is_one_clear_line_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_: object) -> None:
        raise AttributeError("enable_load_extension")

    monkeypatch.setattr(on_disk, "_load", refuse)
    with caplog.at_level(logging.WARNING):
        assert loadable_library() is None
    (record,) = caplog.records
    assert "scanned in memory" in record.getMessage()


@pytest.mark.parametrize("dimensions", [256, 64, 100, 8])
def test_signs_are_packed_in_pieces_that_take_little_memory(dimensions: int) -> None:
    rows = np.random.default_rng(5).integers(-127, 127, (40_000, dimensions), dtype=np.int8)
    tracemalloc.start()
    signs = in_memory._signs(rows)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    bits = np.unpackbits(signs.view(np.uint8), axis=1)
    assert signs.shape == (len(rows), -(-dimensions // 64))
    assert np.array_equal(bits[:, :dimensions], rows > 0)
    assert not bits[:, dimensions:].any()
    assert most < signs.nbytes + rows.nbytes / 2
