"""The signature of a definition: what it is called with, or what it is made of, on one line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from codebase_server.chunks.kinds import CALLABLE
from codebase_server.chunks.spec import Spec

if TYPE_CHECKING:
    from tree_sitter import Node

SIGNATURE_CHARACTERS: Final = 400
"""Of a signature kept; longer ones are parameter tables, and the chunk has them whole."""

_TYPES: Final = frozenset({"type", "struct", "interface"})
_SPACE = re.compile(r"\s+")


def signature(spec: Spec, source: bytes, node: Node, outer: Node, body: Node | None, kind: str) -> str:
    """What stands before the body, on one line; of what is called and has no body, all of it."""
    start = outer.start_byte if outer.start_point.row == node.start_point.row else node.start_byte
    first_line = source.find(b"\n", node.start_byte)
    if body is not None and body.start_byte > node.start_byte:
        end = body.start_byte
        if kind in _TYPES:
            # ``type Store struct {``: the field of the type begins before what says which type it is.
            opening = source.find(b"{", body.start_byte, body.end_byte)
            end = opening if opening >= 0 else first_line
    elif kind in CALLABLE:
        end = node.end_byte
    else:
        end = node.end_byte if first_line < 0 else min(first_line, node.end_byte)
    for child in node.children:
        if child.type in spec.comments and child.start_byte > node.start_byte:
            end = min(end, child.start_byte)
            break
    head = source[start : min(end, start + 4 * SIGNATURE_CHARACTERS)].decode("utf-8", "replace")
    return _SPACE.sub(" ", head).strip().rstrip("{:=").strip()[:SIGNATURE_CHARACTERS]
