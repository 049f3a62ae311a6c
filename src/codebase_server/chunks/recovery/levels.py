"""What a tree with errors has understood all the same: stretches that need not be parsed by themselves."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codebase_server.chunks.items import Item, last_row

if TYPE_CHECKING:
    from tree_sitter import Node

    from codebase_server.chunks.spec import Spec


@dataclass(frozen=True, slots=True)
class Reading:
    """A stretch as some tree has it, that of the stretch alone or one that it was cut out of."""

    node: Node
    """The root of its tree, or what of the other one is the stretch."""
    items: list[Item]
    is_whole: bool
    """Whether there is no error in it."""


class Level:
    """What stands beside each other in some rows of a node: the children of the smallest one around them.

    :param file: the type of node that a whole file is. :param items: the definitions that its tree has there.
    :param parent: the class that the rows are members of; empty for none, None where they are the file's.
    """

    def __init__(
        self,
        spec: Spec,
        file: str,
        top: Node,
        items: Sequence[Item],
        rows: tuple[int, int],
        parent: str | None,
    ) -> None:
        self._items = items_within(items, *rows)
        self._firsts = [item.start for item in self._items]
        self._parent = parent
        node = _around(top, *rows)
        if node is not None and parent is not None:
            # Members belong into a class, other stretches into what is looked into without being named.
            is_fit = node.type != file if parent else node.type in spec.transparent
            node = node if is_fit else None
        self._nodes = [] if node is None else node.children
        self._starts = [one.start_point.row for one in self._nodes]
        self._ends = [last_row(one) for one in self._nodes]

    def read(self, first: int, last: int) -> Reading | None:
        """Some rows as the tree has them; None where they have to be parsed to know.

        Where they hold whole nodes, of which none is lost, a parser finds in them alone what it has found
        before: each node ended where it would end there. What is lost may have taken along what stands beside
        it, and an error within one of several may have ended it too early.
        """
        # Nodes of one level do not overlap, so that their ends ascend as their starts do.
        nodes = self._nodes[bisect_left(self._ends, first) : bisect_right(self._starts, last)]
        if not nodes or nodes[0].start_point.row < first or last_row(nodes[-1]) > last:
            return None
        if any(node.type == "ERROR" or node.is_missing for node in nodes):
            return None
        is_whole = not any(node.has_error for node in nodes)
        main = [node for node in nodes if not node.is_extra]
        if not is_whole and len(main) != 1:
            return None
        at = bisect_left(self._firsts, first + 1)
        if at and self._items[at - 1].end > first:
            return None  # a definition that begins before, with what documents it
        items = self._items[at : bisect_right(self._firsts, last + 1)]
        if any(item.end > last + 1 or self._parent not in (None, item.parent) for item in items):
            return None
        return Reading(main[0] if main else nodes[0], items, is_whole)


def items_within(items: Iterable[Item], first: int, last: int) -> list[Item]:
    """Those that begin in some rows, also where what is around them begins before; in order."""
    found: list[Item] = []
    for item in items:
        if first <= item.start - 1 <= last:
            found.append(item)
        else:
            found.extend(items_within(item.children, first, last))
    return found


def _around(top: Node, first: int, last: int) -> Node | None:
    """The smallest node that has all of some rows; None where it begins within one, or is lost."""
    node, is_behind = top, False
    while node.type != "ERROR":
        before = -1
        for one in node.children:
            if one.start_point.row <= first and last_row(one) >= last:
                node, is_behind = one, is_behind or before >= first
                break
            before = last_row(one)
        else:
            return None if is_behind else node
    return None
