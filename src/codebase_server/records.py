"""The frozen records that every stage of codebase-server passes on.

A file goes ``files → chunks → terms/embed → identity → store``; each stage adds
a record and changes none. All line numbers are 1-based and inclusive.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

FileKind = Literal["code", "tests", "docs", "config"]
"""What a file is for; `search_code(kind=...)` filters on it."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One readable text file of a root, decoded.

    ``content_hash`` is the hex BLAKE2b-128 of the bytes on disk; ``text`` has
    LF line ends and no byte-order mark. ``size`` is in bytes.
    """

    path: str
    text: str
    content_hash: str
    language: str
    kind: FileKind
    size: int


class Chunk(NamedTuple):
    """A run of lines of one file, cut along its syntax. A tuple: a first index makes one for each few lines.

    The chunks of a file own every line of it exactly once, in order.

    ``content`` is exactly the owned lines joined with LF, without a final one.
    ``symbol`` is the qualified name (``Class.method``), empty for code that
    belongs to no definition. ``ordinal`` tells apart chunks of one file with
    the same symbol (overloads, redefinitions, module-level runs), from 0.
    ``part`` is 0, or 1, 2, ... when a definition of over 120 lines was cut.
    ``signature`` and ``doc`` are plain text taken out of ``content``;
    ``derived`` (a class's member signatures) is not part of ``content``.
    ``is_test``: it is compiled or run for tests alone, whatever its file is for.
    """

    start_line: int
    end_line: int
    content: str
    symbol: str = ""
    symbol_kind: str = ""
    ordinal: int = 0
    part: int = 0
    signature: str = ""
    doc: str = ""
    derived: str = ""
    is_test: bool = False


class Definition(NamedTuple):
    """A named thing that a file defines: for `find_symbol` and `outline`. A tuple: workers send thousands.

    ``name`` is the last segment of ``qualified``; ``parent`` is the qualified
    name of what encloses it, or empty. ``kind`` is one of the words of
    `chunks.SYMBOL_KINDS`.
    """

    name: str
    qualified: str
    kind: str
    start_line: int
    end_line: int
    signature: str = ""
    parent: str = ""


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """What `chunks.split` makes of a `SourceFile`."""

    language: str
    line_count: int
    chunks: tuple[Chunk, ...]
    definitions: tuple[Definition, ...] = ()
    imports: tuple[str, ...] = ()
    """Imported module, path or package names as written, for the repository map."""
    had_errors: bool = field(default=False)
    """The grammar did not understand all of it; chunks are there all the same."""
