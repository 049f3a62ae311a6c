"""What trackers without identities can say of a reference, from the same checkouts."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from bench.identity.sources import Function, Sources, git

Place = tuple[str, int] | None
"""Where a rival says the function is: a path and a line; None: it is gone."""


def by_line(function: Function, after: Sources) -> Place:
    """``path:line``: there as long as the file has so many lines."""
    if function.path not in after.paths or after.text(function.path).count("\n") + 1 < function.start:
        return None
    return function.path, function.start


def by_hash(function: Function, after: Sources) -> Place:
    """``path`` and a hash of the content: there as long as the file holds the very same text."""
    if function.path not in after.paths:
        return None
    at = after.text(function.path).find(function.text)
    return None if at < 0 else (function.path, after.text(function.path).count("\n", 0, at) + 1)


def by_symbol(function: Function, after: Sources) -> Place:
    """``path::symbol``: there as long as the file defines the name."""
    found = after.functions(function.path).get(function.symbol) if function.path in after.paths else None
    return None if found is None else (found.path, found.start)


def by_line_history(function: Function, before: Sources, after: Sources) -> Place:
    """Git's diff of the two commits, renames followed: where the function's first surviving line went."""
    path, lines = _mapped(before.repository, before.commit, after.commit, function.path)
    if path is None:
        return None
    for line in range(function.start, function.end + 1):
        now = lines(line)
        if now is not None:
            return path, now
    return None


@cache
def _renamed(repository: Path, first: str, last: str) -> dict[str, str | None]:
    told: dict[str, str | None] = {}
    for line in git(repository, "diff", "-M", "--diff-filter=RD", "--name-status", first, last).splitlines():
        kind, was, *became = line.split("\t")
        told[was] = became[0] if kind.startswith("R") else None
    return told


class _Lines:
    """Lines of a file before to lines after, from the hunks of a diff."""

    def __init__(self, hunks: list[tuple[int, int, int, int]]) -> None:
        self._hunks = hunks

    def __call__(self, line: int) -> int | None:
        shift = 0
        for old, count, new, added in self._hunks:
            begins = old if count else old + 1
            if line < begins:
                break
            if line < begins + count:
                return None
            shift = (new if added else new + 1) + added - (begins + count)
        return line + shift


@cache
def _hunks(repository: Path, first: str, last: str) -> dict[str, _Lines]:
    """The hunks of each file, by its old path, white space ignored."""
    told = git(repository, "diff", "-M", "-w", "-U0", "--diff-filter=MR", first, last)
    found: dict[str, _Lines] = {}
    for block in re.split(r"^diff --git ", told, flags=re.MULTILINE):
        name = re.search(r"^--- a/(.*?)\t?$", block, flags=re.MULTILINE)
        if name:
            found[name.group(1)] = _Lines(
                [
                    (int(a), int(b or 1), int(c), int(d or 1))
                    for a, b, c, d in re.findall(
                        r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", block, re.MULTILINE
                    )
                ]
            )
    return found


def _mapped(repository: Path, first: str, last: str, path: str) -> tuple[str | None, _Lines]:
    now = _renamed(repository, first, last).get(path, path)
    return now, _hunks(repository, first, last).get(path, _Lines([]))
