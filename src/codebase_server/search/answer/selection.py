"""Choosing what to show: the best first, one file not over and over, the same code not twice."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import NamedTuple

LONGEST_JOINED = 120
"""Lines. Adjoining chunks are one result as long as it stays readable."""

SPREAD = range(5, 10)
"""The second half of a plain answer: who has not found it in the first five results looks elsewhere."""

_DUPLICATE = 0.85
"""Share of lines in common from which two chunks are the same code for a reader."""


Turn = tuple[float, str, int, int, int, "Ranked"]
"""What candidates are ordered by (the loss less the score, then path and line, so that equal ones have an
order, then the row), how many results of the candidate's file the loss is for, and the candidate."""


class Ranked(NamedTuple):
    """One ranked candidate; by their first four fields candidates are in order.

    ``behind``: its score, negative. ``row`` is its place in the pool; lines are 1-based, inclusive.
    """

    behind: float
    path: str
    start_line: int
    row: int
    file: int
    end_line: int

    def turn(self, loss: float, seen: int) -> Turn:
        """Its `Turn` when so many results of its file are ``seen``, for which it loses as much."""
        return loss + self.behind, self.path, self.start_line, self.row, seen, self


MOST_TWINS = 3
"""Places of the same code that a result names."""


@dataclass(slots=True)
class Group:
    """One result to be: a best chunk and those of its file that adjoin it, in the order of their lines.

    ``twins``: what was left out for being the same code in other files.
    """

    best: Ranked
    members: list[Ranked]
    twins: list[Ranked] = field(default_factory=list)

    @property
    def start_line(self) -> int:
        """The first line of all its chunks."""
        return self.members[0].start_line

    @property
    def end_line(self) -> int:
        """The last line of all its chunks."""
        return self.members[-1].end_line

    def twin(self, other: Ranked) -> None:
        """Remember the same code in another file."""
        if other.file != self.best.file and len(self.twins) < MOST_TWINS:
            self.twins.append(other)


def select(
    ranked: Iterable[Ranked],
    limit: int,
    crowding: float,
    content: Callable[[int], str],
    most_characters: int | None = None,
    *,
    spread: bool = False,
) -> list[Group]:
    """The results in order, at most ``limit``, from candidates in their order.

    Each further result of a file loses ``crowding`` once more, so that other
    files with nearly as good an answer are seen; with ``spread`` the places of `SPREAD` are for files
    not shown yet, as long as there are any. A chunk that adjoins a result
    already chosen joins it when both belong among the first ``limit`` and together
    have at most ``most_characters`` (None: any number); code that is already shown
    under another path is left out, as a twin of what is shown. ``content`` gives the text of a
    candidate by its ``row``.
    """
    rest = iter(ranked)
    first = list(islice(rest, 2 * limit))
    in_order = chain(first, rest)
    head = next(in_order, None)
    later = _Later(crowding, least_joining=first[-1].behind if first else 0.0)
    heap, least_joining = later.heap, later.least_joining
    chosen: list[Group] = []
    shown: list[frozenset[str]] = []
    of_file: dict[int, list[Group]] = {}
    borders = _Borders()
    put_off: list[Turn] = []
    while len(chosen) < limit and (head is not None or heap or put_off):
        if put_off and (len(chosen) not in SPREAD or not (head is not None or heap)):
            spread = False
            for entry in put_off:
                heapq.heappush(heap, entry)
            put_off.clear()
        if head is not None and not (heap and heap[0] < head):
            seen, candidate, others = 0, head, of_file.get(head.file)
            if others and head.behind > least_joining:
                later.wait(head, len(others))
                head = later.next_of(in_order)
                continue
            head = later.next_of(in_order)
        else:
            *_, seen, candidate = heapq.heappop(heap)
            others = of_file.get(candidate.file)
        already = len(others) if others else 0
        if others:
            if (
                candidate.behind <= least_joining
                and borders.may_touch(candidate)
                and _join(others, candidate, content, most_characters)
            ):
                borders.add(candidate)
                continue
            if already != seen:
                heapq.heappush(heap, candidate.turn(crowding * already, already))
                continue
            if spread and len(chosen) in SPREAD:
                put_off.append(candidate.turn(crowding * already, already))
                continue
        if seen:
            later.follow(candidate, already)
        lines = frozenset(filter(None, map(str.strip, content(candidate.row).split("\n"))))
        same_as = _shown_as(lines, shown)
        if same_as is not None:
            chosen[same_as].twin(candidate)
            continue
        shown.append(lines)
        group = Group(candidate, [candidate])
        of_file.setdefault(candidate.file, []).append(group)
        borders.add(candidate)
        chosen.append(group)
    return chosen


class _Borders:
    """The lines at which results begin and end, by file: most candidates touch none."""

    def __init__(self) -> None:
        self._behind: set[tuple[int, int]] = set()
        self._before: set[tuple[int, int]] = set()

    def add(self, shown: Ranked) -> None:
        """Note a chunk that is shown."""
        self._behind.add((shown.file, shown.end_line + 1))
        self._before.add((shown.file, shown.start_line - 1))

    def may_touch(self, candidate: Ranked) -> bool:
        """Whether a candidate begins behind something shown or ends before it."""
        _, _, start, _, file, end = candidate
        return (file, start) in self._behind or (file, end) in self._before


class _Later:
    """Candidates of files that have results already, in a heap by what is left of their scores.

    Those of one file lose the same, so of the ones that can join nothing (``behind`` more than
    ``least_joining``) only the first needs to be in the heap, with the others in a queue.
    """

    def __init__(self, crowding: float, least_joining: float) -> None:
        self.heap: list[Turn] = []
        self.least_joining = least_joining
        self._crowding = crowding
        self._queues: dict[int, deque[Ranked]] = {}

    def next_of(self, in_order: Iterator[Ranked]) -> Ranked | None:
        """The next candidate that need not wait behind another of its file; those before it are put there."""
        queues, least_joining = self._queues, self.least_joining
        for candidate in in_order:
            queue = queues.get(candidate[4])
            if queue is None or candidate[0] <= least_joining:
                return candidate
            queue.append(candidate)
        return None

    def wait(self, candidate: Ranked, already: int) -> None:
        """Put a candidate that can join nothing behind those of its file; ``already``: results of it."""
        queue = self._queues.get(candidate.file)
        if queue is not None:
            queue.append(candidate)
        else:
            self._queues[candidate.file] = deque()
            heapq.heappush(self.heap, candidate.turn(self._crowding * already, already))

    def follow(self, candidate: Ranked, already: int) -> None:
        """Let the next of its file take the place of a candidate that has left the heap for good."""
        if candidate.behind <= self.least_joining:
            return
        queue = self._queues[candidate.file]
        if queue:
            heapq.heappush(self.heap, queue.popleft().turn(self._crowding * already, already))
        else:
            del self._queues[candidate.file]


def _join(
    of_file: list[Group], candidate: Ranked, content: Callable[[int], str], most_characters: int | None
) -> bool:
    """Whether a candidate joined one of the results of its file."""
    for group in of_file:
        start, end = group.start_line, group.end_line
        touches = end + 1 == candidate.start_line or candidate.end_line + 1 == start
        if not touches or max(end, candidate.end_line) - min(start, candidate.start_line) >= LONGEST_JOINED:
            continue
        joined = [*group.members, candidate]
        if most_characters is None or sum([len(content(m.row)) + 1 for m in joined]) <= most_characters:
            group.members = sorted(joined, key=lambda member: member.start_line)
            return True
    return False


def _shown_as(lines: frozenset[str], shown: Iterable[frozenset[str]]) -> int | None:
    """Which of the results has shown these lines to the reader already."""
    count = len(lines)
    fewest = _DUPLICATE * count
    for number, other in enumerate(shown):
        size = len(other)
        if size < fewest or count < _DUPLICATE * size:
            continue
        if count and len(lines & other) >= _DUPLICATE * max(size, count):
            return number
    return None
