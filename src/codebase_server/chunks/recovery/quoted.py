"""Which strings and comments of several lines the lines of a file lie in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Point


@dataclass(frozen=True, slots=True)
class Quoted:
    """A string or comment, or a part of one, that ends on a later row than it begins on.

    ``is_open``: it is the content of a quote that nothing closes. ``in_error``: it is, or lies in, what the
    grammar could make nothing of.
    """

    row: int
    end: Point
    is_open: bool
    has_error: bool
    in_error: bool


class Quotes:
    """Those of some rows of a node, asked for row by row from the first on.

    It is gone through once. To look for each row from the root down, and from what is there back up
    by `Node.parent`, which goes down from the root each time, took hours for 40 KB of nested code.
    """

    def __init__(self, top: Node, first: int, last: int) -> None:
        self._coming = _in_rows(top, first, last)
        self._coming.reverse()
        self._around: list[Quoted] = []

    def around(self, row: int, column: int) -> Quoted | None:
        """The innermost that begins above a row and goes on behind a column of it. Rows must not descend."""
        while self._coming and self._coming[-1].row < row:
            coming = self._coming.pop()
            self._leave(coming.row, 0)
            self._around.append(coming)
        self._leave(row, column)
        return self._around[-1] if self._around else None

    def _leave(self, row: int, column: int) -> None:
        while self._around and self._around[-1].end <= (row, column):
            self._around.pop()


def _in_rows(root: Node, first: int, last: int) -> list[Quoted]:
    """All that have some of the rows, each before those inside it."""
    found: list[Quoted] = []
    pending = [(root, False, False)]
    while pending:
        node, below_error, in_error = pending.pop()
        is_error = node.type == "ERROR"
        in_error = in_error or is_error
        if node is not root and ("string" in node.type or "comment" in node.type):
            is_content = "content" in node.type or "fragment" in node.type
            found.append(
                Quoted(
                    node.start_point.row,
                    node.end_point,
                    below_error and is_content,
                    node.has_error,
                    in_error,
                )
            )
        within = [
            (child, is_error, in_error)
            for child in node.children
            if child.start_point.row < child.end_point.row
            and child.start_point.row <= last
            and child.end_point.row >= first
        ]
        pending += reversed(within)
    return found
