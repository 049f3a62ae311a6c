"""What the walk over a syntax tree finds, and where it stands meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass(slots=True)
class Item:
    """A definition: its lines (1-based, with the comments and decorators before it) and its members.

    ``declared`` is the line of the definition itself. ``own`` says whether it
    gets a chunk of its own; ``listed`` whether it is a definition to be found;
    ``is_test`` whether it is there for tests alone: a test, or within what only tests compile.
    """

    name: str
    qualified: str
    kind: str
    start: int
    end: int
    declared: int
    signature: str
    doc: str
    parent: str
    own: bool
    listed: bool
    members: bool
    children: list[Item] = field(default_factory=list)
    is_test: bool = False

    def scope(self, depth: int) -> Scope:
        """Where its members stand."""
        return Scope(self.qualified, self.kind, depth, self.is_test)


class Scope(NamedTuple):
    """Where a node stands: the qualified name around it, its kind, how deep, and if it is for tests."""

    qualified: str
    kind: str
    depth: int
    is_test: bool = False

    def name(self, name: str) -> str:
        """The qualified name of what is defined here."""
        return f"{self.qualified}.{name}" if self.qualified else name

    def deeper(self) -> Scope:
        """The same, a level further down."""
        return Scope(self.qualified, self.kind, self.depth + 1, self.is_test)


@dataclass(slots=True)
class Lead:
    """Comments and decorators that stand directly before what comes next."""

    nodes: list[Node] = field(default_factory=list)

    def take(self, before: Node) -> list[Node]:
        """Those that belong to `before`: no blank line between, or one after a comment made to document."""
        taken: list[Node] = []
        row = before.start_point.row
        for node in reversed(self.nodes):
            gap = row - last_row(node) - 1
            if gap > (1 if not taken and _is_doc_block(node) else 0):
                break
            taken.append(node)
            row = node.start_point.row
        self.nodes = []
        return taken[::-1]


def _is_doc_block(node: Node) -> bool:
    """A comment in the form that documents, but for one at the head of the file: that is a licence."""
    return node.start_point.row > 0 and (node.text or b"").startswith(b"/**")


def last_row(node: Node) -> int:
    """The last row that a node has text on: a node that ends with a line break ends on the line before."""
    end = node.end_point
    return end.row - 1 if end.column == 0 and end.row > node.start_point.row else end.row
