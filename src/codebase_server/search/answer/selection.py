"""Choosing what to show: the best first, one file not over and over, the same code not twice."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

LONGEST_JOINED = 120
"""Lines. Adjoining chunks are one result as long as it stays readable."""

SPREAD = range(5, 10)
"""The second half of a plain answer: who has not found it in the first five results looks elsewhere."""

_DUPLICATE = 0.85
"""Share of lines in common from which two chunks are the same code for a reader."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """One ranked candidate. ``index`` is its place in the pool; lines are 1-based, inclusive."""

    index: int
    score: float
    file: int
    path: str
    start_line: int
    end_line: int

    def place(self, loss: float = 0.0) -> tuple[float, str, int, int]:
        """What candidates are ordered by: the score, then path and line, so that equal ones have an order."""
        return loss - self.score, self.path, self.start_line, self.index


@dataclass(slots=True)
class Group:
    """One result to be: a best chunk and those of its file that adjoin it, in the order of their lines."""

    best: Ranked
    members: list[Ranked]

    @property
    def start_line(self) -> int:
        return self.members[0].start_line

    @property
    def end_line(self) -> int:
        return self.members[-1].end_line


_Entry = tuple[float, str, int, int, int, Ranked]
"""A candidate by its place, how many results of its file the loss in it is for, and the candidate."""


def select(
    ranked: Iterable[Ranked],
    limit: int,
    crowding: float,
    content: Callable[[int], str],
    most_characters: int | None = None,
    *,
    spread: bool = False,
) -> list[Group]:
    """The results in order, at most ``limit``, from candidates in the order of their `Ranked.place`.

    Each further result of a file loses ``crowding`` once more, so that other
    files with nearly as good an answer are seen; with ``spread`` the places of `SPREAD` are for files
    not shown yet, as long as there are any. A chunk that adjoins a result
    already chosen joins it when both belong among the first ``limit`` and together
    have at most ``most_characters`` (None: any number); code that is already shown
    under another path is left out. ``content`` gives the text of a candidate by its ``index``.
    """
    rest = iter(ranked)
    first = list(islice(rest, 2 * limit))
    worth_joining = first[-1].score if first else 0.0
    in_order: Iterator[_Entry] = ((*one.place(), 0, one) for one in chain(first, rest))
    head = next(in_order, None)
    lowered: list[_Entry] = []  # a heap
    chosen: list[Group] = []
    shown: list[frozenset[str]] = []
    in_file: dict[int, int] = {}
    put_off: list[_Entry] = []
    while len(chosen) < limit and (head is not None or lowered or put_off):
        if put_off and (len(chosen) not in SPREAD or not (head is not None or lowered)):
            spread = False
            for entry in put_off:
                heapq.heappush(lowered, entry)
            put_off.clear()
        if head is not None and not (lowered and lowered[0] < head):
            (*_, seen, candidate), head = head, next(in_order, None)
        else:
            *_, seen, candidate = heapq.heappop(lowered)
        if candidate.score >= worth_joining and _join(chosen, candidate, content, most_characters):
            continue
        already = in_file.get(candidate.file, 0)
        if already != seen:
            heapq.heappush(lowered, (*candidate.place(crowding * already), already, candidate))
            continue
        if spread and already and len(chosen) in SPREAD:
            put_off.append((*candidate.place(crowding * already), already, candidate))
            continue
        lines = frozenset(filter(None, map(str.strip, content(candidate.index).split("\n"))))
        if any(_same(lines, other) for other in shown):
            continue
        shown.append(lines)
        in_file[candidate.file] = already + 1
        chosen.append(Group(candidate, [candidate]))
    return chosen


def _join(
    chosen: list[Group], candidate: Ranked, content: Callable[[int], str], most_characters: int | None
) -> bool:
    for group in chosen:
        if group.best.file != candidate.file:
            continue
        start, end = group.start_line, group.end_line
        touches = end + 1 == candidate.start_line or candidate.end_line + 1 == start
        if not touches or max(end, candidate.end_line) - min(start, candidate.start_line) >= LONGEST_JOINED:
            continue
        joined = [*group.members, candidate]
        if most_characters is None or sum(len(content(m.index)) + 1 for m in joined) <= most_characters:
            group.members = sorted(joined, key=lambda member: member.start_line)
            return True
    return False


def _same(a: frozenset[str], b: frozenset[str]) -> bool:
    if not a or not b:
        return False
    small, large = sorted((len(a), len(b)))
    return small >= _DUPLICATE * large and len(a & b) >= _DUPLICATE * large
