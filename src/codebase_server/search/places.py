"""Places that a question names: a file, ``src/pool.ts:40``, a line of a trace, a compiler's message, a link.

Whoever pastes one asks for the code that stands there, so its chunk is the first answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bridge.agreed.syntax import FORGES_FOLDER
from codebase_server.files import language_of
from codebase_server.search.corpus import Corpus, RootTable
from codebase_server.search.frames import frame_name, where_named

MOST_PLACES: Final = 8
"""Of one question: the frames at the top of a trace say where it broke, the rest how it got there."""
MOST_ALIKE: Final = 3
"""Files that one place may mean: a bare file name that more bear points nowhere."""

MOST_OF_A_FILE: Final = 100
"""Chunks of a named file that are candidates."""

_PLACE: Final = re.compile(
    r"""(?<![\w@~$.+\-\\/:\[\]])(?P<path>[\w@~$.+\-\\/:\[\]]*?[\w\])])(?:\?[\w=&.%\-]{1,100}(?=:))?"""
    r"""(?:"?,\ line\ |\((?=\d+(?:,\s?\d+)?\))|:(?:line\ )?L?|\#L)(?P<line>\d{1,7})(?![\w/\\]|\.\d)"""
)
"""A path and its line: ``a.py:3``, ``a.py", line 3``, ``a.ts(3,5)``, ``a.cs:line 3``, ``a.go#L3``,
``a.ts?t=17000:3:5`` of a development server."""

_FILE: Final = re.compile(
    r"(?<![\w@~$.+\-\\/:\[\]])(?P<path>[\w@~$.+\-\\/\[\]]*\.[A-Za-z]\w{0,9}|\w[\w.\-]*(?:/[\w.\-]+)+)(?![\w/\\:#(])"
)
"""A path without a line: its name has an ending, or it has folders."""

_SIGNS: Final = re.compile(r"[./,(:#]")
"""What stands in each text that either finds a place in."""

_LIBRARIES: Final = frozenset(
    "site-packages dist-packages node_modules vendor gems lib lib64 include rustc registry mod jre".split()
)
"""Folders in whose files a trace is not in the code of who pastes it; ``mod`` as in Go's ``pkg/mod``."""

_FORGE: Final = re.compile(rf"\Ahttps?://.*?/{FORGES_FOLDER}/[^/]+/")
"""What a link to a line has before the path in the repository."""


@dataclass(frozen=True, slots=True)
class Place:
    """A path as it was written, with ``/``, by its parts, and a line counted from 1; 0: the file as such.

    ``function``: the name of what a trace says is running there; empty where none does. ``whole``: the path
    begins at the root of a disk, be it this one's.
    """

    parts: tuple[str, ...]
    line: int
    function: str = ""
    whole: bool = False


def places(text: str) -> tuple[Place, ...]:
    """The places that a text may name, in its order; most ``name:number`` are none, and mean no file."""
    found: dict[Place, None] = {}
    if _SIGNS.search(text) is None:  # as in most questions
        return ()
    for match in _PLACE.finditer(text):
        parts = path_parts(match["path"])
        if parts:
            function = frame_name(text, match.start(), match.end())
            found[Place(parts, int(match["line"]), function, _is_whole(match["path"]))] = None
    for match in _FILE.finditer(text):
        parts = path_parts(match["path"])
        if parts and language_of(parts[-1]) != "unknown" and all(parts != place.parts for place in found):
            found[Place(parts, 0, whole=_is_whole(match["path"]))] = None
    return tuple(found)[:MOST_PLACES]


def path_parts(path: str) -> tuple[str, ...]:
    """The folders and the file of a path, without what only says from where."""
    own = _FORGE.sub("", path)
    return tuple(part for part in re.split(r"[\\/:]+", own) if part not in ("", ".", ".."))


def _is_whole(path: str) -> bool:
    return path.startswith(("/", "\\", "file:/")) or path[1:3] in (":/", ":\\")


def chunks_at(
    table: RootTable, wanted: Sequence[Place], mask: NDArray[np.bool_] | None, corpus: Corpus
) -> list[tuple[int, int]]:
    """The chunks that ``mask`` leaves at those places: the index of each in ``live``, and the line meant."""
    found: dict[int, int] = {}
    for place in [place for place in wanted if place.line]:
        for file in _files(table.paths, place):
            line = place.line
            if place.function:
                line = where_named(corpus, table.paths[file], place.function, line)
            inside = table.file_of == file
            if table.paths[file] == "/".join(place.parts):  # this very file, which has been longer
                line = min(line, int(table.ends[inside].max(initial=1)))
            there = inside & (table.starts <= line) & (table.ends >= line)
            if mask is not None:
                there &= mask
            for index in np.flatnonzero(there).tolist():
                found.setdefault(index, line)
    return list(found.items())


def files_named(table: RootTable, wanted: Sequence[Place]) -> list[int]:
    """The files that a question names without a line, in its order; of several of a name those highest up."""
    found: dict[int, None] = {}
    for place in [place for place in wanted if not place.line]:
        meant = _files(table.paths, place, len(table.paths))
        meant.sort(key=lambda file: (table.paths[file].count("/"), file))
        found.update(dict.fromkeys(meant[:MOST_ALIKE]))
    return list(found)


def _files(paths: Sequence[str], place: Place, most: int = MOST_ALIKE) -> list[int]:
    """The files that a path from elsewhere may mean: of those of its name, the ones that agree furthest.

    They agree in a folder too: a library's ``utils.py`` in a trace is not this repository's. A file in the
    root has none to agree in: a whole path means it where no other file agrees and none of its folders says
    that it is a library's.
    """
    parts = place.parts
    name = parts[-1]
    ends = "/" + name
    least = min(2, len(parts))
    in_root = place.whole and not _LIBRARIES.intersection(parts) and not {"local", "go"} <= set(parts)
    best: list[int] = []
    agreed = 0
    for number, path in enumerate(paths):
        if not (path.endswith(ends) or path == name):
            continue
        own = path.split("/")
        shared = 0
        while shared < min(len(own), len(parts)) and own[-1 - shared] == parts[-1 - shared]:
            shared += 1
        if shared < least and not (in_root and path == name):
            continue
        if shared > agreed:
            best, agreed = [], shared
        if shared == agreed:
            best.append(number)
    return best if len(best) <= most else []
