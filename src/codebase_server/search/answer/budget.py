"""Packing results into a budget: whole chunks first, then the lines that matter, never a cut line."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

from codebase_server.search.answer.worth import Worth
from codebase_server.search.request import SearchHit, SearchRequest

CHARACTERS_PER_TOKEN = 4

HEAD_CHARACTERS = 60
"""What an answer's own head and a result's place, score, id and fence take beside path and symbol."""

TWIN_CHARACTERS = 12
"""What the head of a result has around each place of the same code."""

WARNING_CHARACTERS = 11
"""What the text has before each warning."""

PREVIEW_LINES = 6

BRIEF_CHARACTERS = 1_000
"""What one result shows where no budget is named: ten of them are 2,500 tokens, and the first two or three
(which hold the answer four times in five) are read for 500."""

_AROUND = 3
"""Lines on each side of one that was asked for."""

_WORTH_TRIMMING = 3
"""Lines. Less than this of a chunk tells nothing."""

_EQUAL = 1e-9
"""Runs that differ by no more are worth the same: sums of fractions."""


def cost(hit: SearchHit) -> int:
    """Characters that a result takes in the answer's text."""
    fence = len(hit.content) + len(hit.language) + 10 if hit.content else 0
    twins = sum(len(twin) + TWIN_CHARACTERS for twin in hit.twins)
    return HEAD_CHARACTERS + len(hit.file_path) + len(hit.symbol) + fence + twins


def as_asked(
    hits: Sequence[SearchHit], request: SearchRequest, line_worth: Worth, warnings: Sequence[str]
) -> list[SearchHit]:
    """Whole results with as much of their code as a request wants, and fits beside the warnings."""
    if request.is_brief:
        return [brief(hit, line_worth) for hit in hits]
    if request.content == "preview":
        hits = [preview(hit, line_worth) for hit in hits]
    elif request.content == "none":
        hits = [_best_chunk(hit)._replace(content="") for hit in hits]
    if request.max_tokens is None:
        return list(hits)
    packed, _ = pack(hits, request.max_tokens, line_worth, warnings)
    return packed


def pack(
    hits: Sequence[SearchHit], max_tokens: int, line_worth: Worth, warnings: Sequence[str] = ()
) -> tuple[list[SearchHit], bool]:
    """The results that fit into ``max_tokens`` beside the warnings; whether something was cut or left out.

    Results are taken in order. One that does not fit whole is set aside until
    all that fit are taken, then given what room is left: its best chunk, or the run of
    that one's lines worth most by ``line_worth``; the order stays that of the ranking.
    The first result is always there, if only by its place: where it does not fit whole, half of the
    room is kept for it, since the best lines of the best tell more than all of the third.
    """
    told = sum(len(warning) + WARNING_CHARACTERS for warning in warnings)
    room = max_tokens * CHARACTERS_PER_TOKEN - HEAD_CHARACTERS - told
    taken: dict[int, SearchHit] = {}
    aside: list[int] = []
    kept = 0
    if hits and cost(hits[0]) > room and hits[0].content:
        least = _fitted(hits[0], room // 2, line_worth) or _fitted(hits[0], room, line_worth)
        kept = cost(least) if least is not None else 0
        room -= kept
    for i, hit in enumerate(hits):
        if cost(hit) <= room and not (aside and i > aside[0] + 3):
            taken[i] = hit
            room -= cost(hit)
        else:
            aside.append(i)
    for i in aside:
        if not hits[i].content:  # only its place was asked for: there is nothing to trim
            continue
        room, kept = room + kept, 0  # the first is the first of those set aside
        smaller = _fitted(hits[i], room, line_worth)
        if smaller is not None:
            taken[i] = smaller
            room -= cost(smaller)
    if not taken and hits:
        taken[0] = hits[0]._replace(content="", trimmed=True)
    return [taken[i] for i in sorted(taken)], bool(aside)


def _fitted(hit: SearchHit, room: int, line_worth: Worth) -> SearchHit | None:
    """As much of a result as costs at most ``room``: all of it, its best chunk, or the best lines of that."""
    if cost(hit) <= room:  # what was kept for the first, and not needed, makes room for others
        return hit
    one = _best_chunk(hit)
    if cost(one) <= room:
        return one
    smaller = trim(one, room - cost(one._replace(content="")), line_worth)
    return smaller if smaller is not None and cost(smaller) <= room else None


def _best_chunk(hit: SearchHit) -> SearchHit:
    """A result of several chunks without those that the best one was joined with."""
    first, last = hit.best
    if len(hit.chunk_ids) < 2 or not hit.content or not first:
        return hit
    lines = hit.content.split("\n")[first - hit.start_line : last - hit.start_line + 1]
    content = "\n".join(lines)
    return hit._replace(chunk_ids=(hit.chunk_id,), content=content, start_line=first, end_line=last)


def brief(hit: SearchHit, line_worth: Worth) -> SearchHit:
    """A result of more than `BRIEF_CHARACTERS` cut to the run of its lines worth most."""
    if len(hit.content) <= BRIEF_CHARACTERS:
        return hit
    room = BRIEF_CHARACTERS + len(hit.language) + 10
    smaller = trim(hit, room, line_worth) or trim(hit, room, line_worth, fewest=1)
    if smaller is not None:
        return smaller
    lines = hit.content.split("\n")  # each longer than a result should be: the best of them, whole
    values = _values(hit, lines, _ends(lines), line_worth)
    best = max(range(len(lines)), key=lambda i: (values[i], -i))
    return _cut(hit, lines, best, best + 1)


def preview(hit: SearchHit, line_worth: Worth) -> SearchHit:
    """A result cut to its first line and the lines around what was asked, `PREVIEW_LINES` in all."""
    if hit.content.count("\n") < PREVIEW_LINES:
        return hit
    hit = _best_chunk(hit)
    lines = hit.content.split("\n")
    values = _values(hit, lines, _ends(lines), line_worth)
    start, end = _best_run(range(1, len(lines) + 1), PREVIEW_LINES, values)
    return _cut(hit, lines, start, end)


def trim(
    hit: SearchHit, characters: int, line_worth: Worth, fewest: int = _WORTH_TRIMMING
) -> SearchHit | None:
    """The run of whole lines worth most that fits into ``characters``; None when fewer than ``fewest`` do."""
    lines = hit.content.split("\n")
    ends = _ends(lines)
    values = _values(hit, lines, ends, line_worth)
    start, end = _best_run(ends, characters - len(hit.language) - 10, values)
    if end - start < min(fewest, len(lines)):
        return None
    return _cut(hit, lines, start, end)


def _ends(lines: Sequence[str]) -> list[int]:
    """Where each line ends in the text that they make up, behind its line break."""
    return list(accumulate([len(line) + 1 for line in lines]))


def _values(hit: SearchHit, lines: list[str], ends: Sequence[int], line_worth: Worth) -> list[float]:
    """What each line is worth: of two runs with the same words the one that shows more code is better.

    The line that was asked for is worth more than any others together, and those around it a little.
    """
    values = [1e-3 if line and not line.isspace() else 0.0 for line in lines]
    for line, worth in line_worth(hit.content, ends).items():
        values[line] += worth
    if hit.focus:
        asked = hit.focus - hit.start_line
        for at in range(max(0, asked - _AROUND), min(len(values), asked + _AROUND + 1)):
            values[at] += _AROUND + 1 - abs(at - asked)
        if 0 <= asked < len(values):
            values[asked] += 1e6
    return values


def _cut(hit: SearchHit, lines: list[str], start: int, end: int) -> SearchHit:
    while end - start > 1 and not lines[start].strip():
        start += 1
    while end - start > 1 and not lines[end - 1].strip():
        end -= 1
    return hit.cut("\n".join(lines[start:end]), start, end, trimmed=end - start < len(lines))


def _best_run(ends: Sequence[int], room: int, worth: list[float]) -> tuple[int, int]:
    """The half-open range of lines within ``room`` of most worth, the earliest and longest of equals.

    The first line says what the code is, so it counts for half a good line more. ``ends``: what the lines up
    to each one, and with it, take together.
    """
    if room < 0:
        return 0, 0
    # what the lines before each one, and before the end, take and are worth together
    taken = [0, *ends]
    before = [*accumulate(worth, initial=0.5)]
    before[0] = 0.0
    # of the runs from the first line none is worth more than the longest; its last lines may add nothing
    longest = bisect_right(taken, room)
    first, last = 0, bisect_left(before, before[longest - 1], 0, longest)
    most = before[last] + _EQUAL
    for place in range(longest, len(taken)):
        least = taken[place] - room
        while taken[first] < least:  # to the line behind where one does not fit by itself
            first += 1
        earned = before[place] - before[first]
        if earned > most:
            most, last = earned + _EQUAL, place
    first, least = last, taken[last] - room
    while first and taken[first - 1] >= least:
        first -= 1
    return first, last
