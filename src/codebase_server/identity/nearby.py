"""What somebody may have meant by a text that names no code: told as candidates, never as the answer."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Iterable, Iterator

from codebase_server.store import Placement, Snapshot

MOST = 5
"""Candidates that are told."""

_MOST_NAMESAKES = 8
"""Definitions of one name, in all of the root, up to which the name says something."""

_MOST_READ = 1_000
"""Definitions of a last name that are read for those within what the rest of a name says."""

_ALIKE = 0.7
"""Least ratio of `difflib` at which a name is taken for a slip of another one."""

WENT_THERE, _SAME_NAME, SAME_SYMBOL_ELSEWHERE, SAME_NAME_ELSEWHERE = 0.95, 0.9, 0.8, 0.5


def definitions_near(snapshot: Snapshot, path: str, symbol: str) -> list[tuple[Placement, float]]:
    """Definitions that ``path::symbol`` may mean, likeliest first, each with a score from 0 to 1.

    Those in the file that end in the same name; without any, where one of that name went that stood there,
    those of a similar name there, of the same name in files whose path ends alike, of the same qualified
    name anywhere, and of the same last name if few bear it.
    """
    here = [placement for placement in snapshot.chunks_in(path) if placement.symbol]
    named = [placement for placement in here if last_name(placement.symbol) == last_name(symbol)]
    if named:
        found = [(placement, _SAME_NAME) for placement in named]
    else:
        found = [
            *((placement, WENT_THERE) for placement in _went(snapshot, path, symbol)),
            *_similar(here, symbol),
            *_elsewhere(snapshot, path, symbol),
            *((placement, SAME_NAME_ELSEWHERE) for placement in named_so(snapshot, last_name(symbol))),
        ]
    best: dict[tuple[str, str], tuple[Placement, float]] = {}
    for placement, score in sorted(found, key=_likeliest):
        best.setdefault((placement.path, placement.symbol), (placement, score))
    return list(best.values())[:MOST]


def named_so(snapshot: Snapshot, name: str) -> list[Placement]:
    """The chunks with the definitions whose qualified name is ``name`` or ends in it, in any file; none if
    more than a few bear it, since such a name says nothing."""
    last, whole = last_name(name), dotted(name)
    limit = _MOST_NAMESAKES + 1 if whole == last else _MOST_READ
    bearing = [
        one for one in snapshot.definitions(last, limit=limit) if f".{one.qualified}".endswith(f".{whole}")
    ]
    if len(bearing) > _MOST_NAMESAKES:
        return []
    found = [it for one in bearing for it in snapshot.chunks_at(one.path, one.start_line, one.start_line)]
    return list({placement.version_id: placement for placement in found}.values())


def _went(snapshot: Snapshot, path: str, symbol: str) -> list[Placement]:
    """Where the chunks live now that stood in a file under this name, or under an end of it."""
    ending = f".{dotted(symbol)}"
    past = {
        version.chunk_id
        for version in snapshot.versions_with(path=path)
        if f".{version.symbol}".endswith(ending)
    }
    return list(snapshot.live_chunks(past).values())


def _likeliest(one: tuple[Placement, float]) -> tuple[float, bool, int, str, int]:
    """By score, tests last; of several chunks of a symbol, overloads for example, the longest stands for
    it."""
    placement, score = one
    lines = placement.end_line - placement.start_line
    return -score, placement.kind != "code", -lines, placement.path, placement.start_line


def files_near(snapshot: Snapshot, path: str) -> list[str]:
    """Indexed files that end in ``path``, shortest first; else those of its name."""
    for ending in dict.fromkeys((path, posixpath.basename(path))):
        found = snapshot.paths_ending(ending)
        if found:
            return sorted(found, key=lambda one: (len(one), one))[:MOST]
    return []


def last_name(symbol: str) -> str:
    """The last part of a qualified name, whatever separates the parts."""
    return dotted(symbol).rsplit(".", 1)[-1]


def dotted(symbol: str) -> str:
    """A qualified name with dots between its parts, as the index has it, whatever separated them."""
    return re.sub(r"::|->|#", ".", symbol)


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
