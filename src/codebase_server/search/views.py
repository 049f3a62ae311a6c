"""A root at one generation, made ready for questions; and the next generation from the one before.

Making a view reads every chunk of the root. After an edit all but a few are as they
were: `stepped` takes them over, and reads the touched files alone. Either way the
arrays are the same ones, in the same order, so that no answer depends on how an
index came to its state.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.candidates import lexical
from codebase_server.search.candidates.reader import Header
from codebase_server.search.candidates.vectors import Vectors
from codebase_server.search.candidates.whole_files import FileVectors
from codebase_server.search.corpus import FileRow, RootTable
from codebase_server.search.rank.standing import Standing
from codebase_server.store.live import contained

Gather = Callable[[sqlite3.Connection, str, NDArray[np.int32]], Vectors | None]
"""From a database, a model and the live versions to their vectors: `vectors_in_memory`, or a keeper's."""


@dataclass(frozen=True, slots=True)
class RootView:
    """A root at one generation. ``segments`` and ``block`` say of which text index and vectors:
    a writer folds those together without a new generation."""

    table: RootTable
    text: lexical.TextView
    vectors: Vectors | None
    segments: tuple[int, ...]
    block: int
    standing: Standing | None = None
    """Of all chunks, where the root is small."""
    whole_files: FileVectors | None = None
    """Where there are vectors."""


@dataclass(frozen=True, slots=True)
class Moved:
    """How the chunks of one table lie in the next.

    ``to``: for each old index the new one, or -1, and a last entry of -1 for what is none.
    ``added``: new indices of versions that the old table did not have.
    """

    to: NDArray[np.int32]
    added: NDArray[np.int64]


def next_table(table: RootTable, touched: Sequence[str], rows: Sequence[FileRow]) -> tuple[RootTable, Moved]:
    """The table after some paths changed; ``rows`` are those of them that are still there."""
    numbers, paths, languages, kinds = _next_files(table, touched, rows)
    gone = np.zeros(len(table.paths), dtype=bool)
    gone[[number for path in touched if (number := _index(table.paths, path)) >= 0]] = True
    stay = ~gone[table.file_of]
    placed = np.concatenate([*(row.placements for row in rows), np.zeros((0, 3), dtype=np.int32)])
    files = np.repeat(
        np.array([_index(paths, row.path) for row in rows], dtype=np.int32),
        [len(row.placements) for row in rows],
    )
    order = np.argsort(placed[:, 0], kind="stable")
    placed, files = placed[order], files[order]
    versions = table.live[stay]
    at: NDArray[np.int64] = np.searchsorted(versions, placed[:, 0])
    live = np.insert(versions, at, placed[:, 0])
    tests = np.sort(np.concatenate([*(row.tests for row in rows), np.zeros(0, dtype=np.int32)]))
    made = RootTable(
        live=live,
        file_of=np.insert(numbers[table.file_of[stay]], at, files),
        starts=np.insert(table.starts[stay], at, placed[:, 1]),
        ends=np.insert(table.ends[stay], at, placed[:, 2]),
        paths=paths,
        languages=languages,
        kinds=kinds,
        tests=np.insert(table.tests[stay], at, contained(tests, placed[:, 0])),
    )
    return made, _moved(table.live, stay, live, at + np.arange(len(at)), placed[:, 0])


def _moved(
    old: NDArray[np.int32],
    stay: NDArray[np.bool_],
    live: NDArray[np.int32],
    places: NDArray[np.int64],
    versions: NDArray[np.int32],
) -> Moved:
    kept_places = np.ones(len(live), dtype=bool)
    kept_places[places] = False
    to = np.full(len(old) + 1, -1, dtype=np.int32)
    to[:-1][stay] = np.flatnonzero(kept_places)
    # a version whose file was touched may stand in it still
    still = np.flatnonzero(~stay)
    still = still[contained(versions, old[still])]
    to[still] = places[np.searchsorted(versions, old[still])]
    return Moved(to, places[~contained(old, versions)])


def _next_files(
    table: RootTable, touched: Sequence[str], rows: Sequence[FileRow]
) -> tuple[NDArray[np.int32], list[str], list[str], list[str]]:
    """Each old file's new number, and the new paths, languages and kinds, by path."""
    paths, languages, kinds = list(table.paths), list(table.languages), list(table.kinds)
    numbers = np.arange(len(paths), dtype=np.int32)
    there = {row.path: row for row in rows}
    for path in sorted(touched):
        row, at = there.get(path), bisect_left(paths, path)
        known = at < len(paths) and paths[at] == path
        if known and row is not None:
            languages[at], kinds[at] = row.language, row.kind
        elif known:
            del paths[at], languages[at], kinds[at]
            numbers[numbers >= at] -= 1  # of the file itself, no chunk is left to ask for its number
        elif row is not None:
            paths.insert(at, path)
            languages.insert(at, row.language)
            kinds.insert(at, row.kind)
            numbers[numbers >= at] += 1
    return numbers, paths, languages, kinds


def _index(paths: Sequence[str], path: str) -> int:
    at = bisect_left(paths, path)
    return at if at < len(paths) and paths[at] == path else -1


def next_text(
    view: lexical.TextView, table: RootTable, moved: Moved, headers: Sequence[Header]
) -> lexical.TextView:
    """The text view of the next table; segments that were known are renumbered, others lined up."""
    known = {header.segment_id: place for header, place in zip(view.headers, view.places, strict=True)}
    lengths = np.zeros((len(table.live), view.lengths.shape[1]), dtype=np.uint16)
    stayed = moved.to[:-1] >= 0
    lengths[moved.to[:-1][stayed]] = view.lengths[stayed]
    added = table.live[moved.added]
    used: list[Header] = []
    places: list[NDArray[np.intp]] = []
    for header in headers:
        before = known.get(header.segment_id)
        if before is None:
            place = lexical.places_in(table.live, header.version_ids)
        else:
            place = moved.to[before].astype(np.intp)
            fresh = contained(header.version_ids, added)
            at = np.searchsorted(header.version_ids, added[fresh])
            place[at] = moved.added[fresh]
            lengths[moved.added[fresh]] = header.lengths[at]
        has = place >= 0
        if has.any():
            if before is None:
                lengths[place[has]] = header.lengths[has]
            used.append(header)
            places.append(place)
    file_of = table.file_of.astype(np.intp)
    return lexical.TextView(table.live, file_of, len(table.paths), used, places, lengths)
