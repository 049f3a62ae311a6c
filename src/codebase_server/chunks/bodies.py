"""Where the body of a definition begins, for grammars that have no field for it, and the blocks of calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from codebase_server.chunks.names import child_of

if TYPE_CHECKING:
    from tree_sitter import Node

_NEAREST: Final = 8
"""Levels below a call in which its block is looked for."""


def body_of(node: Node, way: str) -> Node | None:
    """The body by a key of `BODIES`, a field, or the child types separated by blanks."""
    found = BODIES.get(way)
    return found(node) if found else child_of(node, way)


def second(node: Node) -> Node | None:
    """What follows the first line: Fortran's statements stand beside the one that names a procedure."""
    return node.named_children[1] if node.named_child_count > 1 else None


def script_block(node: Node) -> Node | None:
    """PowerShell: the last block that a command is given, ``Describe "doors" { ... }``."""
    at: Node | None = node
    for _ in range(_NEAREST):
        if at is None or at.type == "script_block":
            return at
        at = next((child for child in reversed(at.named_children) if child.type in _BLOCKS), None)
    return None


def behind_parameters(node: Node) -> Node | None:
    """PowerShell: what a function does, behind the ``param (...)`` that its block may begin with."""
    block = child_of(node, "script_block")
    return None if block is None else child_of(block, "script_block_body") or block


def last(node: Node) -> Node | None:
    """The last form of a list: ``(define door% (class ...))``."""
    return node.named_children[-1] if node.named_children else None


def innermost(node: Node) -> Node | None:
    """Nix: the body of the last of the functions that make one of several arguments, ``x: y: x + y``."""
    body = node.child_by_field_name("body")
    while body is not None and body.type == "function_expression":
        body = body.child_by_field_name("body")
    return body


_BLOCKS: Final = frozenset(
    "command_elements array_literal_expression unary_expression script_block_expression script_block".split()
)

BODIES: Final[dict[str, Callable[[Node], Node | None]]] = {
    "@second": second,
    "@last": last,
    "@innermost": innermost,
    "@block": script_block,
    "@parameters": behind_parameters,
}


def bodies_of_call(node: Node) -> Iterator[Node]:
    """Blocks that a call is given: a block of its own, or the body of a function among its arguments."""
    for child in node.named_children:
        if child.type in ("do_block", "block", "statement_block"):
            yield child
        elif child.type in ("arguments", "argument_list", "call_suffix"):
            for argument in child.named_children:
                body = unwrapped(argument).child_by_field_name("body")
                if body is not None:
                    yield body


def unwrapped(node: Node) -> Node:
    """What stands in brackets or behind a sign: ``!function () { ... }()``."""
    while node.type in ("parenthesized_expression", "unary_expression") and node.named_child_count == 1:
        node = node.named_children[0]
    return node
