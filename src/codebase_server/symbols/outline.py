"""What a file holds, and a map of a folder by its most central files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from codebase_server.store import IndexedFile, Snapshot, StoredDefinition
from codebase_server.symbols.barrels import handed_on
from codebase_server.symbols.centrality import Centrality
from codebase_server.symbols.definitions import MOST, Defined, with_chunks
from codebase_server.symbols.depths import in_map

SHARE_OF_FILE: Final = range(3, 11)
"""Symbols of one file in a map that cannot hold all: its most used ones, so that other files are seen too."""
ROOM_A_SYMBOL: Final = 800
"""Characters of a map for each symbol that a file may show of itself: the smaller the map, the fewer."""
VALUES_OF_FILE: Final = 3
"""... of one that defines nothing but constants and the like."""

_VALUES: Final = frozenset({"constant", "variable", "field", "property", "member"})
"""What is shown last where not all fits: there are many, and none says what a file does."""

_GUARD_OR_TEXT: Final = re.compile(r"#\s*define\s+\w+(?:\s+\".*)?", re.DOTALL)
"""A macro that guards a header or marks what is exported, or that stands for a text: C's constants."""

LONGEST_SIGNATURE: Final = 100
"""Characters of a signature in a map."""


@dataclass(frozen=True, slots=True)
class Outlined:
    """One line of an outline: a definition at its depth, or (``defined`` is None) a file without any."""

    path: str
    depth: int
    line_count: int
    defined: Defined | None


Size = Callable[[Sequence[Outlined]], int]
"""The characters that lines take in an answer."""


def of_file(snapshot: Snapshot, path: str, depth: int | None) -> list[Outlined]:
    """The definitions of one file, by line, down to `depth` levels (1: top level only)."""
    file = next(iter(snapshot.files(path)), None)
    definitions = snapshot.definitions(path=path, limit=MOST)
    if not definitions and file is not None:
        definitions = handed_on(snapshot, path, file.language)
    return _rows(snapshot, path, file.line_count if file else 0, depth, definitions, _depths(definitions))


def fitting(rows: Sequence[Outlined], size: Size, room: int) -> list[Outlined]:
    """Those of the rows of one file that fit into ``room`` characters, in their order.

    Types and functions come before values, and the upper levels before those below; of a level that does not
    fit, the first are shown.
    """
    order = sorted(range(len(rows)), key=lambda i: (_is_value(rows[i]), rows[i].depth, i))
    kept: list[int] = []
    left = room
    for i in order:
        head = size(rows[i : i + 1]) if not kept else 0
        left -= head or size([rows[kept[0]], rows[i]]) - size([rows[kept[0]]])
        if left < 0:
            break
        kept.append(i)
    return [rows[i] for i in sorted(kept)]


def of_folder(
    snapshot: Snapshot,
    central: Centrality,
    files: Iterable[IndexedFile],
    depth: int | None,
    size: Size,
    room: int,
) -> tuple[list[Outlined], int]:
    """A map of some files, and how many lines a map of all of them would have.

    The most central files come first. When not all of it fits into ``room``
    characters, each file shows its most used symbols only, until the room is taken.
    """
    levels = depth or 1
    ordered = sorted(files, key=lambda file: (-central.of_file(file.path), file.path))
    shown, left = _whole(snapshot, ordered, levels, size, room)
    if left >= 0:
        return shown, len(shown)
    shown = _most_used(snapshot, central, ordered, levels, size, room)
    return shown, sum(max(central.definitions_in(file.path, levels), 1) for file in ordered)


def _whole(
    snapshot: Snapshot, files: Iterable[IndexedFile], depth: int, size: Size, left: int
) -> tuple[list[Outlined], int]:
    """All lines of all files, until they take more than there is room; what room is left."""
    shown: list[Outlined] = []
    for file in files:
        rows = _brief_rows(snapshot, file, depth)
        left -= size(rows)
        if left < 0:
            break
        shown.extend(rows)
    return shown, left


def _most_used(
    snapshot: Snapshot, central: Centrality, files: Iterable[IndexedFile], depth: int, size: Size, left: int
) -> list[Outlined]:
    shown: list[Outlined] = []
    share = max(SHARE_OF_FILE[0], min(left // ROOM_A_SYMBOL, SHARE_OF_FILE[-1]))
    for file in files:
        rows = _brief_rows(snapshot, file, depth)
        telling = [row for row in rows if not _is_value(row)]
        rows = _best(central, telling, share) if telling else _best(central, rows, VALUES_OF_FILE)
        while len(rows) > 1 and size(rows) > left:
            rows = _best(central, rows, len(rows) - 1)
        left -= size(rows)
        if left < 0:
            break
        shown.extend(rows)
    return shown


def _best(central: Centrality, rows: Sequence[Outlined], most: int) -> list[Outlined]:
    """The most used definitions among rows, in the order of their lines; what encloses one stays with it."""
    order = sorted(
        range(len(rows)),
        key=lambda i: (-_use(central, rows[i]), rows[i].depth, i),
    )
    return [rows[i] for i in sorted(order[:most])]


def _is_value(row: Outlined) -> bool:
    """Whether a row says little of its file: a value, or a module that only stands there (``mod tests``)."""
    if row.defined is None:
        return False
    one = row.defined.definition
    if one.symbol_kind == "macro":
        return _GUARD_OR_TEXT.fullmatch(one.signature) is not None
    return one.symbol_kind in _VALUES or (one.symbol_kind == "module" and one.name[:1].islower())


def _use(central: Centrality, row: Outlined) -> float:
    return central.of_name(row.defined.definition.name) if row.defined is not None else 0.0


def _brief_rows(snapshot: Snapshot, file: IndexedFile, depth: int) -> list[Outlined]:
    """The lines of a file in a map: parameters that go on and on are left to the outline of the file."""
    definitions = snapshot.definitions(path=file.path, limit=MOST)
    depths = in_map([(one.qualified, one.parent, one.symbol_kind) for one in definitions])
    return [
        row if row.defined is None else replace(row, defined=_brief(row.defined))
        for row in _rows(snapshot, file.path, file.line_count, depth, definitions, depths)
    ]


def _brief(defined: Defined) -> Defined:
    signature = defined.definition.signature
    if len(signature) <= LONGEST_SIGNATURE:
        return defined
    cut = signature.rfind(" ", 0, LONGEST_SIGNATURE)
    short = signature[: cut if cut > 0 else LONGEST_SIGNATURE] + " …"
    return replace(defined, definition=replace(defined.definition, signature=short))


def _rows(
    snapshot: Snapshot,
    path: str,
    line_count: int,
    depth: int | None,
    definitions: Sequence[StoredDefinition],
    depths: Mapping[str, int],
) -> list[Outlined]:
    """The lines of what has a depth, down to ``depth`` levels."""
    kept = [
        one
        for one in definitions
        if one.qualified in depths and (depth is None or depths[one.qualified] < depth)
    ]
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
