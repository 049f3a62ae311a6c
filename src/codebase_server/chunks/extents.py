"""The last line of a definition, in grammars whose nodes end elsewhere than it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codebase_server.chunks.items import last_row
from codebase_server.chunks.spec import Spec

if TYPE_CHECKING:
    from tree_sitter import Node


def last_line(spec: Spec, source: bytes, node: Node, outer: Node) -> int:
    """The last line of what a node defines, 1-based; `outer` is the wrapper that belongs to it."""
    if node.type in spec.until:
        return _before_the_next(spec, node)
    end = max(last_row(outer), last_row(node)) + 1
    if spec.beside and (behind := outer.next_named_sibling) is not None and behind.type in spec.beside:
        end = last_row(behind) + 1
    if spec.padded:
        text = source[node.start_byte : node.end_byte]
        padding = text[len(text.rstrip()) :].count(b"\n")
        return max(end - max(0, padding - 1), node.start_point.row + 1)
    return end


def _before_the_next(spec: Spec, node: Node) -> int:
    """The last line before the next node of this kind and the comments on top of that."""
    last, above = node, 0
    following = node.next_named_sibling
    while following is not None and following.type not in spec.until:
        if following.type in spec.comments and following.start_point.row > last_row(last):
            above = above or last_row(last) + 1
        else:
            above = 0
        last, following = following, following.next_named_sibling
    if following is None:
        return last_row(last) + 1
    return max(node.start_point.row + 1, above or last_row(last) + 1)
