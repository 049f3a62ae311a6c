"""From definitions to chunks: every line of a file is owned by exactly one of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from codebase_server.chunks.items import Item
from codebase_server.chunks.runs import DEFINITION_LINES, RUN_LINES, blocks, cut
from codebase_server.records import Chunk

DERIVED_CHARACTERS: Final = 2_000
"""Of member signatures that a class's chunk carries."""

_WORD = re.compile(r"\w")
_DIRECTIVES = re.compile(r"(?:\s*|\s*#\s*(?:if\w*|el\w+|end\w*|region|pragma)\b[^\n]*)")
_CLOSING = re.compile(r"\s*(?:end\w*|fi|done|esac)?[\s})\];,]*", re.IGNORECASE)


@dataclass(slots=True)
class Piece:
    """Lines that become one chunk, or, when they are many, its parts; no ``item`` is module-level code."""

    start: int
    end: int
    item: Item | None
    head: bool
    """Whether the definition begins here; false for code between the members of a class."""
    is_test: bool = False


def chunks_of(lines: Sequence[str], items: Sequence[Item], breaks: Sequence[int] = ()) -> tuple[Chunk, ...]:
    """All chunks of a file, in order. Code of no definition is cut before the lines ``breaks`` too."""
    found = list(_pieces(_owning(items), 1, len(lines), None))
    for_tests = list(_for_tests(items))
    edges = sorted({*breaks, *(edge for start, end in for_tests for edge in (start, end + 1))})
    if edges:
        found = [part for piece in found for part in _broken(piece, edges)]
    of_tests = {line for start, end in for_tests for line in range(start, end + 1)}
    for piece in found:
        piece.is_test = piece.start in of_tests
    pieces = _joined(lines, found)
    seen: Counter[str] = Counter()
    made: list[Chunk] = []
    for piece in pieces:
        symbol = piece.item.qualified if piece.item else ""
        made.extend(_chunks(lines, piece, symbol, seen))
    return tuple(made)


def _for_tests(items: Iterable[Item]) -> Iterator[tuple[int, int]]:
    """First and last lines of the outermost definitions that are there for tests alone."""
    for item in items:
        if item.is_test:
            yield item.start, item.end
        else:
            yield from _for_tests(item.children)


def _owning(items: Iterable[Item]) -> list[Item]:
    """The items that get a chunk, those in unowned scopes too, by line; none overlaps the one before."""
    flat: list[Item] = []
    for item in items:
        if item.own:
            flat.append(item)
        else:
            flat.extend(_owning(item.children))
    flat.sort(key=lambda item: (item.start, -item.end))
    kept: list[Item] = []
    for item in flat:
        # Two definitions on one line: the first has the line, the other is found by its name all the same.
        if not kept or item.start > kept[-1].end:
            kept.append(item)
    return kept


def _pieces(items: Sequence[Item], start: int, end: int, around: Item | None) -> Iterable[Piece]:
    at = start
    for item in items:
        item_start, item_end = max(item.start, at), min(item.end, end)
        if item_end < item_start:
            continue
        if item_start > at:
            yield Piece(at, item_start - 1, around, head=around is not None and at == start)
        inner = [one for one in _owning(item.children) if one.start >= item_start and one.end <= item_end]
        if inner:
            yield from _pieces(inner, item_start, item_end, item)
        else:
            yield Piece(item_start, item_end, item, head=True)
        at = item_end + 1
    if at <= end:
        yield Piece(at, end, around, head=around is not None and at == start)


def _joined(lines: Sequence[str], pieces: list[Piece]) -> list[Piece]:
    """Lines that say nothing alone (blank, brackets, ``#endif``) go to the piece before them."""
    joined: list[Piece] = []
    for piece in pieces:
        is_gap = piece.item is None or not piece.head
        is_empty = is_gap and _says_nothing("\n".join(lines[piece.start - 1 : piece.end]))
        if joined and is_empty:
            joined[-1].end = piece.end
        elif not joined and is_empty and len(pieces) > 1:
            pieces[1].start = piece.start
        else:
            joined.append(piece)
    return joined


def _broken(piece: Piece, breaks: Sequence[int]) -> Iterable[Piece]:
    inside = [line for line in breaks if piece.start < line <= piece.end] if piece.item is None else []
    for start, after in zip([piece.start, *inside], [*inside, piece.end + 1], strict=True):
        yield Piece(start, after - 1, piece.item, piece.head)


def _says_nothing(text: str) -> bool:
    if not _WORD.search(text) or _CLOSING.fullmatch(text):
        return True
    return "#" in text and all(_DIRECTIVES.fullmatch(line) for line in text.split("\n"))


def _chunks(lines: Sequence[str], piece: Piece, symbol: str, seen: Counter[str]) -> Iterable[Chunk]:
    item = piece.item
    if item is None:
        for start, end in blocks(lines, piece.start, piece.end, RUN_LINES):
            yield Chunk(
                start, end, "\n".join(lines[start - 1 : end]), ordinal=seen[""], is_test=piece.is_test
            )
            seen[""] += 1
        return
    spans = cut(lines, piece.start, piece.end, DEFINITION_LINES)
    ordinal = seen[symbol]
    seen[symbol] += 1
    for number, (start, end) in enumerate(spans, 1):
        first = piece.head and number == 1
        yield Chunk(
            start,
            end,
            "\n".join(lines[start - 1 : end]),
            symbol=symbol,
            symbol_kind=item.kind,
            ordinal=ordinal,
            part=number if len(spans) > 1 else 0,
            signature=item.signature if first else "",
            doc=item.doc if first else "",
            derived=_members(item) if first else "",
            is_test=piece.is_test,
        )


def _members(item: Item) -> str:
    """The signatures of a class's members: what it can do, in its own chunk."""
    signatures = [child.signature for child in item.children if child.own and child.signature]
    return "\n".join(signatures)[:DERIVED_CHARACTERS]
