"""The live versions of a root, stepped from one generation to another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.codebase_server.store.conftest import Shelf, prepared

from codebase_server.store import RootState, rows
from codebase_server.store.live import LiveVersions, contained, placements_of, read_live, stepped

numbers = st.sets(st.integers(1, 40), max_size=25)


def array(some: set[int] | list[int]) -> NDArray[np.int32]:
    return np.array(sorted(some), np.int32)


@given(numbers, st.lists(st.integers(0, 41), max_size=10))
def test_contained_is_membership(live: set[int], asked: list[int]) -> None:
    found = contained(array(live), np.array(asked, np.int32))
    assert found.tolist() == [one in live for one in asked]


@given(numbers, numbers, numbers)
def test_a_step_takes_away_and_adds_and_stays_sorted(live: set[int], gone: set[int], come: set[int]) -> None:
    before = array(live)
    after = stepped(before, array(gone), array(come))
    assert after.tolist() == sorted((live - gone) | come)
    assert after.dtype == np.int32
    assert before.tolist() == sorted(live), "arrays handed out are never changed"


def test_placements_are_rows_of_three() -> None:
    assert placements_of(np.arange(6, dtype=np.int32).tobytes()).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert placements_of(b"").shape == (0, 3)


def code(number: int) -> str:
    return f"def f{number}(x):\n    return x + {number}\n"


@pytest.fixture
def states(shelf: Shelf) -> list[RootState]:
    """A root after each of four batches: one file comes, another comes, the first changes, it goes."""
    return [
        shelf.publish((prepared("a.py", code(1)), ["c_a"])),
        shelf.publish((prepared("b.py", code(2)), ["c_b"])),
        shelf.publish((prepared("a.py", code(3)), ["c_a"])),
        shelf.publish(removed=["a.py"]),
    ]


def test_from_one_generation_to_a_later_one_what_changed_is_applied(
    shelf: Shelf, states: list[RootState]
) -> None:
    first = LiveVersions()
    first._generation, first._live = (states[0].root_id, states[0].epoch, 1), array([1])
    assert first.at(shelf.connection, states[3]).tolist() == [2]
    # Told from steps alone: the files of the root are not looked at.
    shelf.connection.execute("DELETE FROM root_file")
    for at, live in ((1, [1, 2]), (2, [2, 3]), (3, [2])):
        known = LiveVersions()
        known._generation, known._live = (states[0].root_id, states[0].epoch, 1), array([1])
        assert known.at(shelf.connection, states[at]).tolist() == live
    assert first.at(shelf.connection, states[3]).tolist() == [2], "remembered"


def test_a_root_of_few_generations_is_told_from_its_batches(shelf: Shelf, states: list[RootState]) -> None:
    """Its files, of which there may be a million, are not read for that."""
    told = [read_live(shelf.connection, states[3].root_id).tolist()]
    shelf.connection.execute("DELETE FROM root_file")
    told += [LiveVersions().at(shelf.connection, state).tolist() for state in states]
    assert told == [[2], [1], [1, 2], [2, 3], [2]]


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM generation WHERE n = 1", "UPDATE generation SET added = x'' WHERE n = 2"],
    ids=["collected", "not of this root's chunks"],
)
def test_batches_that_do_not_add_up_are_not_gone_through(
    shelf: Shelf, states: list[RootState], statement: str
) -> None:
    shelf.connection.execute(statement)
    assert LiveVersions().at(shelf.connection, states[3]).tolist() == [2]


def test_a_gap_in_the_generations_means_reading_the_root_anew(shelf: Shelf, states: list[RootState]) -> None:
    known = LiveVersions()
    known._generation, known._live = (states[0].root_id, states[0].epoch, 1), array([7])
    shelf.connection.execute("DELETE FROM generation WHERE n = 2")
    assert known.at(shelf.connection, states[3]).tolist() == [2]


def test_another_epoch_or_root_has_nothing_in_common(shelf: Shelf, states: list[RootState]) -> None:
    for other in ((states[0].root_id, "elsewhere", 1), (99, states[0].epoch, 1)):
        known = LiveVersions()
        known._generation, known._live = other, array([7])
        assert known.at(shelf.connection, states[3]).tolist() == [2]
        assert known._generation == (states[3].root_id, states[3].epoch, 4)


def test_an_older_snapshot_is_read_anew_and_the_newest_stays_remembered(
    shelf: Shelf, states: list[RootState]
) -> None:
    known = LiveVersions()
    newest = known.at(shelf.connection, states[3])
    assert (
        known.at(shelf.connection, states[0]).tolist()
        == read_live(shelf.connection, states[0].root_id).tolist()
    )
    assert known._generation is not None
    assert known._generation[2] == 4
    assert known.at(shelf.connection, states[3]) is newest
    with pytest.raises(ValueError, match="read-only"):
        newest[0] = 5


def test_live_versions_are_sorted_whatever_the_order_of_the_files(shelf: Shelf) -> None:
    shelf.publish((prepared("z.py", code(1)), ["c_z"]), (prepared("a.py", code(2)), ["c_a"]))
    state = rows.root_state(shelf.connection, "/one")
    assert state is not None
    assert read_live(shelf.connection, state.root_id).tolist() == [1, 2]
