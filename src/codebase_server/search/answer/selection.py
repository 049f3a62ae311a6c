"""Choosing what to show: the best first, one file not over and over, the same code not twice."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass
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
    """One ranked candidate. ``row`` is its place in the pool; lines are 1-based, inclusive."""

    row: int
    score: float
    file: int
    path: str
    start_line: int
    end_line: int

    def turn(self, loss: float = 0.0, seen: int = 0) -> Turn:
        """Its `Turn` when so many results of its file are ``seen``, for which it loses as much."""
        return loss - self.score, self.path, self.start_line, self.row, seen, self


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


def select(
    ranked: Iterable[Ranked],
    limit: int,
    crowding: float,
    content: Callable[[int], str],
    most_characters: int | None = None,
    *,
    spread: bool = False,
) -> list[Group]:
    """The results in order, at most ``limit``, from candidates in the order of `Ranked.turn`.

    Each further result of a file loses ``crowding`` once more, so that other
    files with nearly as good an answer are seen; with ``spread`` the places of `SPREAD` are for files
    not shown yet, as long as there are any. A chunk that adjoins a result
    already chosen joins it when both belong among the first ``limit`` and together
    have at most ``most_characters`` (None: any number); code that is already shown
    under another path is left out. ``content`` gives the text of a candidate by its ``row``.
    """
    rest = iter(ranked)
    first = list(islice(rest, 2 * limit))
    worth_joining = first[-1].score if first else 0.0
    in_order = map(Ranked.turn, chain(first, rest))
    head = next(in_order, None)
    lowered: list[Turn] = []  # a heap
    chosen: list[Group] = []
    shown: list[frozenset[str]] = []
    in_file: dict[int, int] = {}
    put_off: list[Turn] = []
    while len(chosen) < limit and (head is not None or lowered or put_off):
        if put_off and (len(chosen) not in SPREAD or not (head is not None or lowered)):
            spread = False
            for entry in put_off:
                heapq.heappush(lowered, entry)
            put_off.clear()
        if head is not None and not (lowered and lowered[0] < head):
            entry, head = head, next(in_order, None)
        else:
            entry = heapq.heappop(lowered)
        seen, candidate = entry[4], entry[5]
        already = in_file.get(candidate.file, 0)
        if (
            already
            and candidate.score >= worth_joining
            and _join(chosen, candidate, content, most_characters)
        ):
            continue
        if already != seen:
            heapq.heappush(lowered, candidate.turn(crowding * already, already))
            continue
        if spread and already and len(chosen) in SPREAD:
            put_off.append(entry)
            continue
        lines = frozenset(filter(None, map(str.strip, content(candidate.row).split("\n"))))
        if _is_shown(lines, shown):
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
        if most_characters is None or sum(len(content(m.row)) + 1 for m in joined) <= most_characters:
            group.members = sorted(joined, key=lambda member: member.start_line)
            return True
    return False


def _is_shown(lines: frozenset[str], shown: Iterable[frozenset[str]]) -> bool:
    """Whether a reader has seen these lines already."""
    count = len(lines)
    for other in shown:
        small, large = (count, len(other)) if count < len(other) else (len(other), count)
        if small and small >= _DUPLICATE * large and len(lines & other) >= _DUPLICATE * large:
            return True
    return False
