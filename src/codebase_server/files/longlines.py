"""Long lines: those of a minified file, and the few of one that a person has written."""

from __future__ import annotations

import re

from codebase_server.files.languages import DATA_LANGUAGES, PROSE_LANGUAGES
from codebase_server.files.limits import (
    KEPT_OF_A_LONG_LINE,
    LONG_LINE,
    LONG_LINES_SHARE,
    LONG_PROSE_LINE,
    LONGEST_LINE,
    SHORT_TO_A_LONG_LINE,
)

COMMENT_LINE = re.compile(r"\s*(?://|#|/\*|\*|--|;|<!--|\"\"\"|'''|%|\(\*|\{-|!|'|$)")
"""A line that begins as a comment does, in any language, or is blank."""

_BLOCK_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def is_minified(text: str, language: str) -> bool:
    """Whether long lines hold most of a file, or one line is longer than any that is read."""
    limit = LONG_PROSE_LINE if language in PROSE_LANGUAGES else LONG_LINE
    if len(text) <= limit:
        return False
    long_lines = 0
    start = 0
    while start < len(text):
        # Look for a line end within the limit; only lines that have none are measured.
        end = text.rfind("\n", start, start + limit)
        if end >= 0:
            start = end + 1
            continue
        end = text.find("\n", start)
        length = (end if end >= 0 else len(text)) - start
        if length > LONGEST_LINE:
            return True
        if length > limit:
            long_lines += length
        start += length + 1
    return long_lines > LONG_LINES_SHARE * len(text)


def is_written_by_hand(text: str, language: str) -> bool:
    """Whether a file of code that is long lines for the most part is a person's all the same.

    A component around the path of a logo has many lines of code and one long one; what a program has
    put on few lines has at most a licence before them, which is no code.
    """
    if language in DATA_LANGUAGES | PROSE_LANGUAGES:
        return False
    short = long = 0
    for line in _BLOCK_COMMENT.sub("", text).split("\n"):
        if len(line) > LONGEST_LINE:
            return False
        if len(line) > LONG_LINE:
            long += 1
        elif not COMMENT_LINE.match(line):
            short += 1
    return short >= SHORT_TO_A_LONG_LINE * long


def with_lines_cut(text: str) -> str:
    """The text with the middle of each long line left out, as it says there; no line more or less."""
    return "\n".join(map(_cut, text.split("\n")))


def _cut(line: str) -> str:
    if len(line) <= LONG_LINE:
        return line
    first, last = KEPT_OF_A_LONG_LINE
    left_out = len(line) - first - last
    return f"{line[:first]} ... {left_out:,} characters left out ... {line[-last:]}"
