"""`split`: one source file into chunks, definitions and imports."""

from __future__ import annotations

from codebase_server.chunks.runs import blocks
from codebase_server.records import Chunk, ParsedFile, SourceFile


def lines_of(text: str) -> list[str]:
    """The lines of a text, without a last empty one."""
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return lines


def split(source: SourceFile) -> ParsedFile:
    """Cuts a file along its syntax; every line is owned by exactly one chunk, in order.

    Never raises for any text: what a grammar does not understand, or has no
    grammar, is cut at blank lines and indentation.
    """
    lines = lines_of(source.text)
    chunks = tuple(
        Chunk(start, end, "\n".join(lines[start - 1 : end]), ordinal=index)
        for index, (start, end) in enumerate(blocks(lines, 1, len(lines)))
    )
    return ParsedFile(language=source.language, line_count=len(lines), chunks=chunks)
