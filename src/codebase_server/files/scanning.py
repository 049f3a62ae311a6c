"""`scan`: the files of a root with their stat, every left-out one accounted for."""

from __future__ import annotations

import operator
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from codebase_server.files.languages import DATA_LANGUAGES, language_of
from codebase_server.files.leftout import is_bad_name, reason_by_name
from codebase_server.files.limits import DATA_SHARE, DEFAULT_MAX_FILE_BYTES, NOTEBOOK_SHARE
from codebase_server.files.listing import list_with_git, list_with_walk
from codebase_server.files.records import FileEntry, Scan, Skip
from codebase_server.files.roots import check_root

_PIECE = 1 << 15
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
    listing = list_with_git(real, exclude)
    source: str = "git"
    if listing is None:
        listing, source = list_with_walk(real, exclude), "walk"
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
        source="git" if source == "git" else "walk",
        entries=tuple(entries),
        skips=tuple(skips),
        started_ns=started_ns,
    )


def _sort(rows: list[Row]) -> None:
    """By path. A long sort holds up every thread: pieces are sorted first, and runs are quickly merged."""
    if len(rows) > _PIECE:
        for at in range(0, len(rows), _PIECE):
            rows[at : at + _PIECE] = sorted(rows[at : at + _PIECE], key=_path)
    rows.sort(key=_path)


def skip_by_stat(entry: FileEntry, max_file_bytes: int = DEFAULT_MAX_FILE_BYTES) -> Skip | None:
    """The reason to leave a file out that its name and size give, if they do."""
    skip, language = _by_name(entry.path)
    if skip is not None:
        return skip
    limit = _limit(language, max_file_bytes)
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


def size_limit(path: str, max_file_bytes: int) -> int:
    """The most bytes that a file of this name may have."""
    return _limit(language_of(path), max_file_bytes)


def _limit(language: str, max_file_bytes: int) -> int:
    if language in DATA_LANGUAGES:
        return max_file_bytes // DATA_SHARE
    return max_file_bytes * NOTEBOOK_SHARE if language == "notebook" else max_file_bytes


def _shown(skip: Skip) -> Skip:
    """The same skip with a path that can be printed and stored."""
    return skip._replace(
        path=skip.path.encode("unicode_escape", "surrogateescape").decode("ascii", "replace")
    )
