"""Parsers, from the grammars that the ``semble-grammars`` wheel carries.

The wheel unpacks each grammar on first use, atomically, into a cache folder.
Where that folder cannot be written a folder of this user's in the temporary
directory serves; where there is no wheel for the platform, or the grammar does
not load, there is no parser, and files are cut at blank lines instead.
"""

from __future__ import annotations

import getpass
import logging
import os
import re
import stat
import tempfile
import time
from bisect import bisect_right
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from codebase_server.chunks import scanners

if TYPE_CHECKING:
    from tree_sitter import Parser, Range, Tree

CACHE_VARIABLE = "SEMBLE_GRAMMARS_CACHE_DIR"
"""The environment variable by which the wheel is told where to unpack."""

_LINE_BREAK = re.compile(rb"\n")

READ_SIZE = 64 * 1024
STRETCH_SIZE = 1024
NODE_SIZE = 256
"""Bytes handed over at once: to the parser, of a file or of stretches of it (a few lines each), and
for the text of a node, which is a name most of the time."""

STEPS_PER_BYTE = 0.1
STEPS_AT_LEAST = 2_000
"""Parser steps (hundreds of operations) allowed a file, some ten times what real code takes: of 6,000 parses
the most was 0.015 a byte from 20 KB on, and 227 of less.

Counted, not timed, so that every machine cuts alike."""

SECONDS_PER_BYTE = 5e-6
SECONDS_AT_LEAST = 0.5
"""Of the processor, twenty times what real code takes. Few steps may be long ones: where a grammar has lost
its way each may read the file again from its beginning (Lua and Bash, 3 ms at 40 KB, 80 at a megabyte)."""


class Allowance:
    """What parsing one file may take, however often that is done; to be used in the thread that made it."""

    def __init__(self, size: int) -> None:
        self.steps = int(STEPS_AT_LEAST + STEPS_PER_BYTE * size)
        self.ends = time.thread_time() + SECONDS_AT_LEAST + SECONDS_PER_BYTE * size

    def is_spent(self, _offset: int, _has_error: bool) -> bool:
        """Count a step; whether the file has taken too many, or too long."""
        self.steps -= 1
        # The clock is a call of the system: every fourth step is soon enough.
        return self.steps <= 0 or (not self.steps & 3 and time.thread_time() > self.ends)


class _Window:
    """Shows a parser pieces of text through the same object again and again.

    py-tree-sitter 0.26 never lets go of an object that it was given while it parses: with one for each
    piece, every file that a server ever parsed would stay in its memory.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()

    def shown(self, data: bytes, offset: int, most: int) -> bytes | bytearray:
        """At most so many bytes of what stands at ``offset``; what was shown before is gone."""
        if offset >= len(data):
            return b""
        self._buffer[:] = data[offset : offset + most]
        return self._buffer


_windows: list[_Window] = []
_idle_parsers: dict[str, list[Parser]] = {}
"""Those that no parse is using: as many as ever ran at once. Appending and popping are atomic."""

log = logging.getLogger(__name__)


@cache
def parser_of(grammar: str) -> Parser | None:
    """The parser of a grammar; None where it cannot be had."""
    try:
        from semble_grammars import get_language
        from tree_sitter import Parser
    except ImportError as error:
        log.warning("No grammars: %s. Files are cut at blank lines instead.", error)
        return None
    _choose_cache()
    try:
        return Parser(get_language(grammar))
    except Exception as error:
        log.warning("No grammar for %s: %s. Its files are cut at blank lines instead.", grammar, error)
        return None


@cache
def _choose_cache() -> None:
    """Sends the wheel to a folder that can be written, if its own cannot."""
    if os.environ.get(CACHE_VARIABLE):
        return
    from semble_grammars.cache import cache_dir

    wanted = Path(cache_dir())
    if _is_usable(wanted):
        return
    fallback = _temporary_folder()
    log.warning("Cannot write grammars to '%s'; unpacking them to '%s' instead.", wanted, fallback)
    os.environ[CACHE_VARIABLE] = str(fallback)


def _is_usable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _temporary_folder() -> Path:
    """A private folder among the temporary ones: libraries are loaded from it, so nobody else may own it."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError, ImportError):  # no such user in the database
        user = "nobody"
    folder = Path(tempfile.gettempdir()) / f"codebase-server-grammars-{user}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
        if stat.S_ISDIR(status.st_mode) and _is_private(status) and _is_usable(folder):
            return folder
    except OSError:
        pass
    return Path(tempfile.mkdtemp(prefix="codebase-server-grammars-"))


def _is_private(status: os.stat_result) -> bool:
    getuid = getattr(os, "getuid", None)
    return getuid is None or (status.st_uid == getuid() and not status.st_mode & 0o022)


def parse(
    grammar: str,
    data: bytes,
    stretches: Sequence[tuple[int, int]] = (),
    allowance: Allowance | None = None,
    before: Tree | None = None,
) -> Tree | None:
    """The syntax tree of UTF-8 text; None without a grammar, or where parsing would take too long.

    Of some ``stretches`` of it alone, where any are given, each from one byte to before another.
    ``allowance``: what is left of the file's steps, where it is parsed more than once. ``before``: the tree
    of a text from which this one came by the edits that the tree was told of; what they left is taken over.
    """
    first = parser_of(grammar)
    if first is None:
        return None
    # A parser is for one parse at a time: two threads with the same one bring the process down.
    idle = _idle_parsers.setdefault(grammar, [first])
    try:
        parser = idle.pop()
    except IndexError:
        parser = type(first)(first.language)
    if stretches:
        parser.included_ranges = _ranges(data, stretches)
    allowance = allowance or Allowance(len(data))
    parsing, most = True, STRETCH_SIZE if stretches else READ_SIZE
    try:
        window = _windows.pop()
    except IndexError:
        window = _Window()

    shown = scanners.readable(grammar, data)

    def read(offset: int, _point: object) -> bytes | bytearray:
        return window.shown(shown, offset, most) if parsing else data[offset : offset + NODE_SIZE]

    try:
        if before is None:
            tree = parser.parse(read, progress_callback=allowance.is_spent)
        else:
            tree = parser.parse(read, before, progress_callback=allowance.is_spent)
    except ValueError:  # given up
        parser.reset()
        return None
    finally:
        parsing = False
        _windows.append(window)
        if stretches:
            parser.included_ranges = []
        idle.append(parser)
    return tree


def _ranges(data: bytes, stretches: Sequence[tuple[int, int]]) -> list[Range]:
    from tree_sitter import Point, Range

    starts = _line_starts(data)

    def point(at: int) -> Point:
        row = bisect_right(starts, at) - 1
        return Point(row, at - starts[row])

    return [Range(point(start), point(end), start, end) for start, end in stretches]


@lru_cache(maxsize=4)  # a file is parsed stretch by stretch
def _line_starts(data: bytes) -> list[int]:
    """Where each line begins."""
    return [0, *(at.end() for at in _LINE_BREAK.finditer(data))]
