"""The signature of a definition: what it is called with, or what it is made of, on one line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Final

from codebase_server.chunks import forms
from codebase_server.chunks.kinds import CALLABLE
from codebase_server.chunks.spec import Spec

if TYPE_CHECKING:
    from tree_sitter import Node

SIGNATURE_CHARACTERS: Final = 400
"""Of a signature kept; longer ones are parameter tables, and the chunk has them whole."""

_COMMENTED_HEAD: Final = 40 * SIGNATURE_CHARACTERS
"""Bytes looked at where a page of documentation may stand between a name and its parameters."""

LONGEST_VALUE: Final = 120
"""Characters up to which what is given a value on one line is shown with it: ``LIMIT = 65536``."""

_TYPES: Final = frozenset({"type", "struct", "interface"})
_VALUES: Final = frozenset({"constant", "variable", "field", "macro", "property"})
_PLAIN_HEAD: Final = re.compile(rb"[\w\s*\[\]]*")
_ARGUMENTS: Final = rb"(?:\([^()]*(?:\([^()]*\)[^()]*)*\))?"
_TEXT: Final = re.compile(
    rb"\"\"\".*?(?:\"\"\"|\Z)|'''.*?(?:'''|\Z)|\"(?:[^\"\\\n]|\\.){60,}\"|'(?:[^'\\\n]|\\.){60,}'", re.DOTALL
)
"""A page of documentation among parameters, as annotations have it: nothing of how a thing is called."""
_NO_TEXT: Final = b'"\xe2\x80\xa6"'
_AT: Final = re.compile(rb"(?:@(?!interface\b)[\w.:]+" + _ARGUMENTS + rb"\s+)+")
_BRACKETED: Final = re.compile(rb"(?:\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]\s*|#[^\n]*\n\s*)+")
_ANNOTATIONS: Final = {
    **dict.fromkeys(("java", "kotlin", "scala", "groovy", "dart", "swift"), _AT),
    "csharp": _BRACKETED,
    "just": _BRACKETED,
}
"""What may stand before a declaration in its own node, by grammar: it says nothing of how it is called."""


def signature(spec: Spec, source: bytes, node: Node, outer: Node, body: Node | None, kind: str) -> str:
    """What stands before the body, on one line, without annotations and comments; of what is called and has
    no body, all of it. Ends with `…` where it was longer than is kept."""
    if spec.lists is not None and node.type in spec.lists.nodes:
        return _shortened(forms.signature(node, spec.lists, LONGEST_VALUE))
    start = outer.start_byte if outer.start_point.row == node.start_point.row else node.start_byte
    annotations = _ANNOTATIONS.get(spec.grammar)
    if annotations is not None and (found := annotations.match(source, start, node.end_byte)):
        start = found.end()
    end = _end(spec, source, node, body, kind, start)
    is_explained = kind not in _VALUES and _TEXT.search(source, start, end) is not None
    longest = _COMMENTED_HEAD if spec.commented_inside or is_explained else 4 * SIGNATURE_CHARACTERS
    end = min(end, start + longest)
    head = source[start:end]
    if _mark(spec.line_comments, spec.block_comments).search(head):
        head = _without_comments(spec, head, start, node)
    if is_explained:
        head = _TEXT.sub(_NO_TEXT, head)
    words = " ".join(head.decode("utf-8", "replace").split()).rstrip("{:= ([<|,\\")
    return _shortened(words + _named_behind(node, source[start:end].rstrip(b" \t\r\n{")))


def _named_behind(node: Node, head: bytes) -> str:
    """The name of what is named behind its members alone: ``typedef struct {…} point_t``."""
    if node.type != "type_definition" or b"{" in head:
        return ""
    kind, name = node.child_by_field_name("type"), node.child_by_field_name("declarator")
    if kind is None or name is None:
        return ""
    if kind.child_by_field_name("body") is None or kind.child_by_field_name("name") is not None:
        return ""
    return " " + " ".join((name.text or b"").decode("utf-8", "replace").split())


def _shortened(text: str) -> str:
    if len(text) <= SIGNATURE_CHARACTERS:
        return text
    cut = text.rfind(" ", 0, SIGNATURE_CHARACTERS)
    return text[: cut if cut > 0 else SIGNATURE_CHARACTERS] + " …"


def _end(spec: Spec, source: bytes, node: Node, body: Node | None, kind: str, start: int) -> int:
    """The byte at which a signature ends at the latest."""
    if spec.one_line:
        line_end = source.find(b"\n", start)
        return min(node.end_byte, line_end if line_end >= 0 else node.end_byte)
    if body is not None and body.start_byte > node.start_byte:
        whole = source[start : node.end_byte].rstrip() if kind in _VALUES else b"\n"
        if len(whole) <= LONGEST_VALUE and b"\n" not in whole:
            return node.end_byte
        if kind not in _TYPES:
            return body.start_byte
        # ``type Store struct {``: the field of the type begins before what says which type it is.
        opening = source.find(b"{", body.start_byte, body.end_byte)
        if opening >= 0 and _PLAIN_HEAD.fullmatch(source, body.start_byte, opening):
            return opening
        start = body.start_byte
    elif kind in CALLABLE:
        return node.end_byte
    first_line = source.find(b"\n", start)
    return node.end_byte if first_line < 0 else min(first_line, node.end_byte)


@cache
def _mark(line_comments: tuple[str, ...], block_comments: tuple[tuple[str, str], ...]) -> re.Pattern[bytes]:
    """What comments begin with; of a language without any, nothing is found."""
    marks = (*line_comments, *(opening for opening, _ in block_comments))
    return re.compile("|".join(map(re.escape, marks)).encode() if marks else b"(?!)")


def _without_comments(spec: Spec, head: bytes, start: int, node: Node) -> bytes:
    """The head with a blank for each comment in it."""
    kept, at = [], 0
    for comment in _comments(spec, node, start, start + len(head)):
        first = max(comment.start_byte - start, at)
        kept.append(head[at:first])
        at = max(at, comment.end_byte - start)
    return b" ".join([*kept, head[at:]])


def _comments(spec: Spec, node: Node, start: int, end: int) -> Iterator[Node]:
    """The comments that begin between two bytes, in order."""
    for child in node.children:
        if child.start_byte >= end or child.end_byte <= start:
            continue
        if child.type in spec.comments:
            if child.start_byte >= start:
                yield child
        elif child.child_count:
            yield from _comments(spec, child, start, end)
