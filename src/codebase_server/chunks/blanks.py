"""Blanks in the place of text that a grammar is not to see: every byte and every line stays where it was."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tree_sitter import Tree

_ANYTHING: Final = re.compile(rb"[^\r\n]")


def blanks(text: bytes) -> bytes:
    """As many blanks as the text has bytes, its line breaks where they are."""
    return _ANYTHING.sub(b" ", text)


def edited(tree: Tree, before: bytes, after: bytes) -> Tree:
    """A copy of the tree of a text that knows where another differs from it, every line as long as it was.

    A parser that is given it reads only those lines again, and what follows from them.
    """
    from tree_sitter import Point

    copy = tree.copy()
    at, first, start = 0, -1, 0
    theirs = after.split(b"\n")
    for row, line in enumerate(before.split(b"\n")):
        if line != theirs[row]:
            first, start = (row, at) if first < 0 else (first, start)
        elif first >= 0:
            copy.edit(start, at, at, Point(first, 0), Point(row, 0), Point(row, 0))
            first = -1
        at += len(line) + 1
    if first >= 0:
        end = Point(len(theirs) - 1, len(theirs[-1]))
        copy.edit(start, len(before), len(before), Point(first, 0), end, end)
    return copy
