"""Whether a recorded concurrent history could have come from one object that does one thing at a time.

Wing and Gong's search (J. Parallel Distrib. Comput. 17, 1993) over the orders
that respect real time, with Lowe's memory of the configurations already seen
(Concurrency Computat. Pract. Exper. 29, 2017) and his partition: an object made of
independent ones is linearizable when each of them is, so every work item is checked alone.

A call that was never answered may have had its effect at any time after it
began, or never: it may be put into the order, but need not be.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

State = TypeVar("State", bound=Hashable)
Action = TypeVar("Action")


@dataclass(frozen=True, slots=True)
class Operation(Generic[Action]):
    """One call: when it began and was answered (seconds of one clock; None: never), and what it did."""

    process: int
    began: float
    answered: float | None
    action: Action


Step = Callable[[State, Action], State | None]
"""The state after an action that was answered as it was; None where that answer was impossible."""


@dataclass(frozen=True, slots=True)
class Verdict(Generic[Action]):
    """Whether an order exists; else the longest one found, and the operation no order could place."""

    linearizable: bool
    order: tuple[Operation[Action], ...]
    stuck: Operation[Action] | None
    configurations: int


class TooManyConfigurationsError(Exception):
    """The search was given up: neither shown linearizable nor the contrary."""


def check(
    operations: Iterable[Operation[Action]],
    initial: State,
    step: Callable[[State, Action], State | None],
    *,
    most: int = 2_000_000,
) -> Verdict[Action]:
    """Search an order of ``operations`` on one object.

    Raises `TooManyConfigurationsError` after ``most`` configurations.
    """
    every = sorted(operations, key=lambda one: one.began)
    search = _Search(every, step, most)
    return search.run(initial)


class _Search(Generic[State, Action]):
    """One depth-first search with an explicit stack: histories are longer than Python's recursion is deep."""

    def __init__(
        self,
        operations: Sequence[Operation[Action]],
        step: Callable[[State, Action], State | None],
        most: int,
    ) -> None:
        self._operations = operations
        self._step = step
        self._most = most
        self._answered = sum(1 << number for number, one in enumerate(operations) if one.answered is not None)
        """The set, as bits, that every order must contain."""

    def run(self, initial: State) -> Verdict[Action]:
        seen: set[tuple[int, State]] = {(0, initial)}
        path: list[int] = []
        stack = [(0, initial, iter(self._next(0)))]
        best: tuple[int, ...] = ()
        while stack:
            done, state, candidates = stack[-1]
            if done & self._answered == self._answered:
                return Verdict(True, self._named(path), None, len(seen))
            for number in candidates:
                after = self._step(state, self._operations[number].action)
                if after is None or (configuration := (done | 1 << number, after)) in seen:
                    continue
                if len(seen) >= self._most:
                    raise TooManyConfigurationsError(
                        f"{len(self._operations)} operations, more than {self._most:,} configurations"
                    )
                seen.add(configuration)
                path.append(number)
                if len(path) > len(best):
                    best = tuple(path)
                stack.append((*configuration, iter(self._next(configuration[0]))))
                break
            else:
                stack.pop()
                if path:
                    path.pop()
        return Verdict(False, self._named(best), self._first_answered(best), len(seen))

    def _next(self, done: int) -> list[int]:
        """What may come next: whatever began before the first answer among those still to be placed."""
        found: list[int] = []
        deadline = float("inf")
        for number, operation in enumerate(self._operations):
            if operation.began > deadline:
                break
            if done >> number & 1:
                continue
            found.append(number)
            if operation.answered is not None and operation.answered < deadline:
                deadline = operation.answered
        # Those that must be placed first: an order is found soonest so.
        return sorted(found, key=lambda number: self._operations[number].answered or float("inf"))

    def _named(self, numbers: Iterable[int]) -> tuple[Operation[Action], ...]:
        return tuple(self._operations[number] for number in numbers)

    def _first_answered(self, placed: Sequence[int]) -> Operation[Action] | None:
        left = [
            one
            for number, one in enumerate(self._operations)
            if number not in placed and one.answered is not None
        ]
        return min(left, key=lambda one: one.answered or 0.0, default=None)
