"""Cutting runs of lines where nothing but blank lines and indentation says how."""

from __future__ import annotations

from collections.abc import Sequence

RUN_LINES = 60
"""Lines above which a run of module-level code is cut at a blank line."""

DEFINITION_LINES = 120
"""Lines above which a definition is cut into numbered parts."""


def indentation(line: str) -> int:
    """Columns of leading white space, a tab counting as four."""
    stripped = line.lstrip(" \t")
    return len(line[: len(line) - len(stripped)].expandtabs(4))


def cut(lines: Sequence[str], start: int, end: int, most: int) -> list[tuple[int, int]]:
    """Cuts lines ``start`` to ``end`` (1-based, inclusive) into pieces of at most ``most`` lines.

    Each cut is made in the later half of what a piece may hold, after a blank
    line if there is one, where the next line is indented least; pieces come
    out even rather than with a short rest.
    """
    pieces: list[tuple[int, int]] = []
    while end - start + 1 > most:
        count = -(-(end - start + 1) // most)
        even = -(-(end - start + 1) // count)
        earliest = start + max(1, even // 2)
        latest = min(start + most, end)
        best = min(range(earliest, latest + 1), key=lambda at: _cost(lines, at, start + even))
        pieces.append((start, best - 1))
        start = best
    pieces.append((start, end))
    return pieces


def _cost(lines: Sequence[str], at: int, wanted: int) -> tuple[bool, int, bool, int]:
    """How bad it is to begin a piece at line ``at``."""
    line = lines[at - 1]
    before = lines[at - 2]
    return (not line.strip(), indentation(line), bool(before.strip()), abs(at - wanted))


def blocks(lines: Sequence[str], start: int, end: int, most: int = RUN_LINES) -> list[tuple[int, int]]:
    """Cuts a run of lines that no grammar describes, at blank lines before the least indented text.

    Neighbouring paragraphs are gathered until the next would go over ``most`` lines.
    """
    if end < start:
        return []
    starts = [start] + [
        at
        for at in range(start + 1, end + 1)
        if lines[at - 1].strip() and not lines[at - 2].strip() and indentation(lines[at - 1]) == 0
    ]
    gathered: list[int] = [start]
    for index, at in enumerate(starts[1:], start=1):
        following = starts[index + 1] if index + 1 < len(starts) else end + 1
        if following - gathered[-1] > most:
            gathered.append(at)
    pieces: list[tuple[int, int]] = []
    for index, at in enumerate(gathered):
        last = gathered[index + 1] - 1 if index + 1 < len(gathered) else end
        pieces += cut(lines, at, last, most)
    return pieces
