"""Notebooks, as `files.notebooks` writes them: each cell begins a chunk, prose is named by its heading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from codebase_server.chunks.items import Item

_MARK: Final = re.compile(r'# %%(?: \[(\w+)\])?(?: id="[\w-]+")?')
_HEADING: Final = re.compile(r"#{1,6}\s+(\S.*?)\s*#*")
_CELL_MAGIC: Final = re.compile(r"\s*%%\w")
_LINE_MAGIC: Final = re.compile(r"\s*(?:[%!]\S|\?)|[^#]*\w\?{1,2}\s*$|\s*\w[\w, ]*=\s*[%!]\w")


@dataclass(frozen=True, slots=True)
class Cell:
    """The lines of a cell, from its mark to before the next one (1-based, inclusive)."""

    start: int
    end: int
    is_code: bool


def is_notebook(path: str) -> bool:
    """Whether a file's text is that of a notebook's cells."""
    return path.lower().endswith(".ipynb")


def cells_of(lines: Sequence[str]) -> list[Cell]:
    """The cells of a notebook's text, in order; lines before the first mark are a cell of code."""
    if not lines:
        return []
    marks = [(number, match[1]) for number, line in enumerate(lines, 1) if (match := _MARK.fullmatch(line))]
    if not marks or marks[0][0] > 1:
        marks.insert(0, (1, None))
    ends = [number - 1 for number, _ in marks[1:]] + [len(lines)]
    return [Cell(start, end, kind is None) for (start, kind), end in zip(marks, ends, strict=True)]


def code_alone(lines: Sequence[str], cells: Sequence[Cell], language: str) -> bytes:
    """The code of a notebook, line for line where it stands; the rest is blank lines.

    In Python what only a notebook understands is blank too: lines of ``%magic``, ``!command`` and ``help?``,
    and cells given to another language (``%%bash``).
    """
    kept = [""] * len(lines)
    for cell in cells:
        inside = range(cell.start, cell.end + 1)
        magic = language == "python" and any(_CELL_MAGIC.match(lines[number - 1]) for number in inside)
        if not cell.is_code or magic:
            continue
        for number in inside:
            line = lines[number - 1]
            is_foreign = _MARK.fullmatch(line) or (language == "python" and _LINE_MAGIC.match(line))
            kept[number - 1] = "" if is_foreign else line
    return "\n".join(kept).encode("utf-8", "replace")


def items_with_cells(lines: Sequence[str], cells: Sequence[Cell], items: Sequence[Item]) -> list[Item]:
    """The definitions, the first of a cell with the cell's mark, and a section for each heading of a cell."""
    found = [*items, *_sections(lines, cells)]
    starts = {cell.start for cell in cells}
    for item in items:
        above = item.start - 1
        while above > 0 and not lines[above - 1].strip():
            above -= 1
        if above in starts:
            item.start = above
    return sorted(found, key=lambda item: item.start)


def _sections(lines: Sequence[str], cells: Sequence[Cell]) -> Iterator[Item]:
    for cell in cells:
        if cell.is_code:
            continue
        for number in range(cell.start + 1, cell.end + 1):
            line = lines[number - 1].strip()
            if match := _HEADING.fullmatch(line):
                name = match[1].replace(".", " ").strip()[:120]
                yield Item(
                    name, name, "section", cell.start, cell.end, number, match[1], "", "", True, True, False
                )
            if line:
                break
