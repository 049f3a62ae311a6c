"""`scan`: the files of a root with their stat, every left-out one accounted for."""

from __future__ import annotations

import operator
import time
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from codebase_server.files.languages import language_of
from codebase_server.files.leftout import is_bad_name, reason_by_name
from codebase_server.files.limits import DEFAULT_MAX_FILE_BYTES
from codebase_server.files.listing import listed
from codebase_server.files.records import FileEntry, Scan, Skip
from codebase_server.files.roots import check_root
from codebase_server.files.sizes import limit_of_language

_PIECE = 1 << 14
_DRAWN = 32
"""Paths drawn for each shelf: none then holds much more than the others."""
_path = operator.itemgetter(0)

Row = TypeVar("Row", FileEntry, Skip)


def scan(root: Path, *, exclude: Sequence[str] = (), max_file_bytes: int = DEFAULT_MAX_FILE_BYTES) -> Scan:
    """Lists the files of ``root`` without opening one, sorted by path.

    ``exclude`` are lines of gitignore syntax, relative to the root. Files of
    more than ``max_file_bytes`` are skipped as ``huge``, data formats from an
    eighth of it on. Raises `RootError` for a folder that may not be indexed.
    """
    real = check_root(root)
    started_ns = time.time_ns()
    listing, source = listed(real, exclude)
    entries: list[FileEntry] = []
    skips = [skip if not is_bad_name(skip.path) else _shown(skip) for skip in listing.skips]
    for entry in listing.entries:
        skip = skip_by_stat(entry, max_file_bytes)
        if skip is None:
            entries.append(entry)
        else:
            skips.append(skip)
    _sort(entries)
    _sort(skips)
    return Scan(
        root=str(real),
        source=source,
        entries=tuple(entries),
        skips=tuple(skips),
        started_ns=started_ns,
        warnings=listing.warnings,
    )


def _sort(rows: list[Row]) -> None:
    """By path. A sort holds up every thread of the process, so that a long list is cut into shelves first.

    Frazer and McKellar 1970, samplesort: paths drawn evenly from the list bound the shelves.
    """
    if len(rows) <= _PIECE:
        rows.sort(key=_path)
        return
    shelves_wanted = len(rows) // _PIECE + 1
    step = max(1, len(rows) // (shelves_wanted * _DRAWN))
    drawn = sorted(row.path for row in rows[::step])
    bounds = drawn[_DRAWN::_DRAWN]
    shelves: list[list[Row]] = [[] for _ in range(len(bounds) + 1)]
    for row in rows:
        shelves[bisect_right(bounds, row.path)].append(row)
    at = 0
    for shelf in shelves:
        shelf.sort(key=_path)
        rows[at : at + len(shelf)] = shelf
        at += len(shelf)


def skip_by_stat(entry: FileEntry, max_file_bytes: int = DEFAULT_MAX_FILE_BYTES) -> Skip | None:
    """The reason to leave a file out that its name and size give, if they do."""
    skip, language = _by_name(entry.path)
    if skip is not None:
        return skip
    limit = limit_of_language(language, max_file_bytes)
    if entry.size > limit:
        return Skip(entry.path, "huge", f"{entry.size} bytes, over {limit}")
    return None


@lru_cache(maxsize=1 << 15)
def _by_name(path: str) -> tuple[Skip | None, str]:
    """What a name alone says: why it is left out, and its language. Each scan asks anew."""
    if is_bad_name(path):
        return _shown(Skip(path, "bad_name", "control characters, or not UTF-8")), ""
    reason = reason_by_name(path)
    return (Skip(path, reason) if reason is not None else None), language_of(path)


def _shown(skip: Skip) -> Skip:
    """The same skip with a path that can be printed and stored."""
    return skip._replace(
        path=skip.path.encode("unicode_escape", "surrogateescape").decode("ascii", "replace")
    )
