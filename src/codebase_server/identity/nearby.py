"""What somebody may have meant by a text that names no code: told as candidates, never as the answer."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Iterable, Iterator

from codebase_server.store import Placement, Snapshot

MOST = 5
"""Candidates that are told."""

_ALIKE = 0.7
"""Least ratio of `difflib` at which a name is taken for a slip of another one."""

_SAME_NAME, SAME_SYMBOL_ELSEWHERE = 0.9, 0.8


def definitions_near(snapshot: Snapshot, path: str, symbol: str) -> list[tuple[Placement, float]]:
    """Definitions that ``path::symbol`` may mean, likeliest first, each with a score from 0 to 1.

    Those in the file that end in the same name; without any, those of a similar name there, of the same name
    in files whose path ends alike, and of the same qualified name anywhere.
    """
    here = [placement for placement in snapshot.chunks_in(path) if placement.symbol]
    named = [placement for placement in here if last_name(placement.symbol) == last_name(symbol)]
    if named:
        found = [(placement, _SAME_NAME) for placement in named]
    else:
        found = [*_similar(here, symbol), *_elsewhere(snapshot, path, symbol)]
    best: dict[tuple[str, str], tuple[Placement, float]] = {}
    for placement, score in sorted(found, key=_likeliest):
        best.setdefault((placement.path, placement.symbol), (placement, score))
    return list(best.values())[:MOST]


def _likeliest(one: tuple[Placement, float]) -> tuple[float, int, str, int]:
    """By score; of several chunks of a symbol, overloads for example, the longest stands for it."""
    placement, score = one
    return -score, placement.start_line - placement.end_line, placement.path, placement.start_line


def files_near(snapshot: Snapshot, path: str) -> list[str]:
    """Indexed files that end in ``path``, shortest first; else those of its name."""
    for ending in dict.fromkeys((path, posixpath.basename(path))):
        found = snapshot.paths_ending(ending)
        if found:
            return sorted(found, key=lambda one: (len(one), one))[:MOST]
    return []


def last_name(symbol: str) -> str:
    """The last part of a qualified name, whatever separates the parts."""
    return re.split(r"::|[.#]", symbol)[-1]


def _similar(placements: Iterable[Placement], symbol: str) -> Iterator[tuple[Placement, float]]:
    wanted = last_name(symbol).lower()
    for placement in placements:
        alike = difflib.SequenceMatcher(a=wanted, b=last_name(placement.symbol).lower()).ratio()
        if alike >= _ALIKE:
            yield placement, round(alike * _SAME_NAME, 3)


def _elsewhere(snapshot: Snapshot, path: str, symbol: str) -> Iterator[tuple[Placement, float]]:
    for there in files_near(snapshot, path):
        for placement in snapshot.chunks_in(there):
            if there != path and placement.symbol and last_name(placement.symbol) == last_name(symbol):
                yield placement, _SAME_NAME
    for placement in snapshot.find_chunks(symbol):
        yield placement, SAME_SYMBOL_ELSEWHERE
