"""What a file holds, and a map of a folder by its weightiest files."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from codebase_server.store import IndexedFile, Snapshot, StoredDefinition
from codebase_server.symbols.definitions import MOST, Defined, with_chunks

_KIND_WEIGHT: Final = {"code": 1.0, "tests": 0.25, "docs": 0.3, "config": 0.2}
"""A map is for finding one's way in the program; tests and prose follow it."""


@dataclass(frozen=True, slots=True)
class Outlined:
    """One line of an outline: a definition at its depth, or (``defined`` is None) a file without any."""

    path: str
    depth: int
    line_count: int
    defined: Defined | None


def of_file(snapshot: Snapshot, path: str, depth: int | None) -> list[Outlined]:
    """The definitions of one file, by line, down to `depth` levels (1: top level only)."""
    file = next(iter(snapshot.files(path)), None)
    return _of(snapshot, path, file.line_count if file else 0, depth)


def of_folder(
    snapshot: Snapshot, path: str, depth: int | None, fits: Callable[[Sequence[Outlined]], bool]
) -> tuple[list[Outlined], int]:
    """A map of the files below a folder, and how many lines a map of all of them would have.

    Files are taken by weight (how many others import them, how much they hold)
    while `fits` says yes; they are shown by path.
    """
    files = snapshot.files(path)
    taken: list[Outlined] = []
    total = 0
    full = False
    for file in sorted(files, key=_by_weight(files)):
        rows = _of(snapshot, file.path, file.line_count, depth or 1)
        total += len(rows)
        if not full and fits([*taken, *rows]):
            taken.extend(rows)
        else:
            full = True
    return sorted(taken, key=lambda row: row.path), total


def _of(snapshot: Snapshot, path: str, line_count: int, depth: int | None) -> list[Outlined]:
    definitions = snapshot.definitions(path=path, limit=MOST)
    depths = _depths(definitions)
    kept = [one for one in definitions if depth is None or depths[one.qualified] < depth]
    rows = [
        Outlined(path, depths[one.definition.qualified], line_count, one)
        for one in with_chunks(snapshot, kept)
    ]
    return rows or [Outlined(path, 0, line_count, None)]


def _depths(definitions: Iterable[StoredDefinition]) -> dict[str, int]:
    """How deep each qualified name is nested in others of the same file."""
    depths: dict[str, int] = {}
    for one in definitions:
        depths[one.qualified] = depths[one.parent] + 1 if one.parent in depths else 0
    return depths


def _by_weight(files: Sequence[IndexedFile]) -> Callable[[IndexedFile], tuple[float, str]]:
    imported = Counter(stem for file in files for stem in {_stem(name) for name in file.imports})

    def key(file: IndexedFile) -> tuple[float, str]:
        stem = PurePosixPath(file.path).stem
        if stem in ("__init__", "index", "mod", "lib"):
            stem = PurePosixPath(file.path).parent.name
        weight = 1.0 + 2.0 * math.log1p(imported[stem.casefold()]) + math.log1p(file.chunk_count)
        return -weight * _KIND_WEIGHT.get(file.kind, 1.0), file.path

    return key


def _stem(imported: str) -> str:
    """The last name of an import, as a file's stem: ``a.b.c``, ``./b/c.js`` and ``a::b::c`` give c."""
    name = imported.replace("\\", "/").replace("::", "/").strip("\"'<>; ")
    last = name.rstrip("/").rsplit("/", 1)[-1]
    if "/" in name or "." not in last:
        return last.split(".")[0].casefold() if last.count(".") == 1 else last.casefold()
    return last.rsplit(".", 1)[-1].casefold()
