"""The checker: it passes what one item could have answered, and finds each planted bug."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import replace

import pytest
from bench.endurance.item import ABSENT, Did, ItemState, step
from bench.endurance.linearizability import Operation, TooManyConfigurationsError, check
from hypothesis import given, settings
from hypothesis import strategies as st

CREATED = Operation(0, 0.0, 1.0, Did("create", "done", title="new", version=1))


def call(process: int, began: float, answered: float | None, did: Did) -> Operation[Did]:
    return Operation(process, began, answered, did)


def read(process: int, began: float, answered: float, state: ItemState) -> Operation[Did]:
    seen = Did(
        "read",
        "done",
        title=state.title,
        version=state.version,
        status=state.status,
        claimed=state.holder is not None,
    )
    return call(process, began, answered, seen)


def renamed(version: int, title: str, expected: int | None = None) -> Did:
    return Did("rename", "done", title=title, version=version, expected=expected)


def won(version: int, token: str) -> Did:
    return Did("claim", "done", token=token, version=version)


def is_linearizable(*operations: Operation[Did]) -> bool:
    return check([CREATED, *operations], ABSENT, step).linearizable


def test_calls_at_the_same_time_may_have_happened_in_any_order() -> None:
    late_first = [call(1, 2, 9, renamed(3, "one")), call(2, 3, 8, renamed(2, "two"))]
    assert is_linearizable(*late_first, read(3, 10, 11, ItemState(3, "one", "planned")))


def test_what_was_answered_before_a_call_began_came_before_it() -> None:
    assert not is_linearizable(call(1, 2, 3, renamed(3, "one")), call(2, 4, 5, renamed(2, "two")))


def test_a_lost_update_is_found() -> None:
    """Two writers are both told that theirs is version 2."""
    assert not is_linearizable(call(1, 2, 5, renamed(2, "one", 1)), call(2, 3, 6, renamed(2, "two", 1)))


def test_a_write_that_was_confirmed_and_is_gone_is_found() -> None:
    gone = read(2, 4, 5, ItemState(1, "new", "planned"))
    assert not is_linearizable(call(1, 2, 3, renamed(2, "one")), gone)


def test_two_winners_of_one_claim_are_found() -> None:
    both = [call(1, 2, 5, won(2, "a")), call(2, 3, 6, won(3, "b"))]
    assert not is_linearizable(*both)
    released = call(1, 5.5, 5.6, Did("release", "done", token="a"))
    assert is_linearizable(call(1, 2, 5, won(2, "a")), released, call(2, 3, 6, won(4, "b")))


def test_nobody_winning_a_free_item_is_found() -> None:
    refused = Did("claim", "refused")
    assert not is_linearizable(call(1, 2, 5, refused), call(2, 3, 6, refused))


def test_a_stale_read_is_found() -> None:
    """The second reader sees the state from before what the first has seen."""
    writing = call(1, 2, 9, renamed(2, "one"))
    new, old = ItemState(2, "one", "planned"), ItemState(1, "new", "planned")
    assert is_linearizable(writing, read(2, 3, 4, old), read(3, 5, 6, new))
    assert not is_linearizable(writing, read(2, 3, 4, new), read(3, 5, 6, old))


def test_a_conflict_that_names_another_version_than_there_was_is_found() -> None:
    conflict = Did("rename", "conflict", title="two", expected=1, version=2)
    writing = call(1, 2, 3, renamed(2, "one"))
    assert is_linearizable(writing, call(2, 4, 5, conflict))
    assert not is_linearizable(writing, call(2, 4, 5, replace(conflict, version=3)))
    assert not is_linearizable(call(2, 4, 5, conflict)), "nothing had changed"


def test_a_call_without_an_answer_may_have_happened_at_any_time_or_never() -> None:
    unknown = call(1, 2, None, Did("rename", "unknown", title="one"))
    assert is_linearizable(unknown, read(2, 50, 51, ItemState(1, "new", "planned")))
    assert is_linearizable(unknown, read(2, 50, 51, ItemState(2, "one", "planned")))
    both = [read(2, 50, 51, ItemState(2, "one", "planned")), read(2, 52, 53, ItemState(1, "new", "planned"))]
    assert not is_linearizable(unknown, *both)
    assert not is_linearizable(read(2, 1.2, 1.5, ItemState(2, "one", "planned")), unknown), "before it began"


def test_it_says_how_far_it_came_and_what_fits_nowhere() -> None:
    fits, does_not = call(1, 2, 3, renamed(2, "one")), call(2, 4, 5, renamed(7, "two"))
    verdict = check([CREATED, fits, does_not], ABSENT, step)
    assert verdict.order == (CREATED, fits)
    assert verdict.stuck == does_not


def test_a_search_that_would_not_end_is_given_up_with_words() -> None:
    unknown = [call(number, 2, None, Did("rename", "unknown", title=f"{number}")) for number in range(30)]
    impossible = call(99, 3, 4, renamed(99, "no such order"))
    with pytest.raises(TooManyConfigurationsError, match="more than 5,000"):
        check([CREATED, *unknown, impossible], ABSENT, step, most=5_000)


class Shelf:
    """An item in this process, with the bugs a store may have."""

    def __init__(self, bug: str = "") -> None:
        self._bug = bug
        self._state = ABSENT
        self._before = ABSENT
        self._lock = threading.Lock()

    def do(self, did: Did) -> Did:
        """Carry out a call; its answer."""
        if self._bug == "no lock":
            return self._done(did)
        with self._lock:
            return self._done(did)

    def _done(self, did: Did) -> Did:
        state = self._state
        if self._bug:
            time.sleep(0.0005)  # time for another to come between
        if did.call == "read":
            shown = self._before if self._bug == "stale read" else state
            return replace(
                did,
                answer="done",
                version=shown.version,
                title=shown.title,
                status=shown.status,
                claimed=shown.holder is not None,
            )
        if did.expected not in (None, state.version):
            return replace(did, answer="conflict", version=state.version)
        if did.call == "claim" and state.holder is not None and self._bug != "two winners":
            return replace(did, answer="refused")
        if did.call == "release" and state.holder != did.token:
            return replace(did, answer="refused")
        self._before = state
        version = state.version + 1
        if did.call == "rename":
            self._state = replace(state, version=version, title=did.title)
        elif did.call == "claim":
            self._state = replace(state, version=version, status="active", holder=did.token)
        elif did.call == "release":
            self._state = replace(state, version=version, status="planned", holder=None)
        else:
            self._state = ItemState(1, did.title, "planned")
        return replace(did, answer="done", version=version)


def history_of(shelf: Shelf, seed: int, each: int = 25) -> list[Operation[Did]]:
    """What four threads did to one item."""
    operations: list[Operation[Did]] = []

    def do(process: int, did: Did) -> None:
        began = time.monotonic()
        answer = shelf.do(did)
        operations.append(Operation(process, began, time.monotonic(), answer))

    def work(process: int) -> None:
        chance = random.Random(f"{seed}/{process}")
        for number in range(each):
            name = f"{process}-{number}"
            token = f"token of {process}"
            do(
                process,
                chance.choice(
                    [
                        Did("read", "unknown"),
                        Did("rename", "unknown", title=name),
                        Did("claim", "unknown", token=token),
                        Did("release", "unknown", token=token),
                    ]
                ),
            )

    do(0, Did("create", "unknown", title="new"))
    threads = [threading.Thread(target=work, args=(process,)) for process in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return operations


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_real_threads_on_an_item_with_a_lock_pass(seed: int) -> None:
    assert check(history_of(Shelf(), seed), ABSENT, step).linearizable


@pytest.mark.parametrize("bug", ["no lock", "two winners", "stale read"])
def test_each_planted_bug_is_found_in_what_real_threads_recorded(bug: str) -> None:
    assert not all(check(history_of(Shelf(bug), seed), ABSENT, step).linearizable for seed in range(5))
