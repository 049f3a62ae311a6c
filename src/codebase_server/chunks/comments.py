"""Doc comments and docstrings as plain text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from codebase_server.chunks import forms
from codebase_server.chunks.names import text_of
from codebase_server.chunks.spec import Spec

if TYPE_CHECKING:
    from tree_sitter import Node

DOC_CHARACTERS: Final = 2_000
"""Of documentation kept for ranking; the chunk has it whole."""

_STRING = re.compile(r"""^[a-zA-Z]*("{3}|'{3}|"|')(.*?)(?:\1)?$""", re.DOTALL)


def documentation(spec: Spec, leading: Sequence[Node], body: Node | None, node: Node) -> str:
    """The text of the comments before a definition, of those in it that document it, and of the string at
    the head of its body or behind its name."""
    if not leading and not spec.documented_inside:
        return ""
    parts = [comment_text(spec, text_of(node)) for node in leading if node.type in spec.comments]
    if spec.docstrings and body is not None:
        parts.append(_docstring(body))
    if spec.lists is not None and node.type in spec.lists.nodes:
        parts.append(forms.documentation(node))
    if spec.commented_inside:
        parts += [
            comment_text(spec, text_of(child))
            for child in node.named_children
            if child.type in spec.comments and re.match(spec.commented_inside, text_of(child))
        ]
    if spec.documenting:
        parts += [_documenting(spec, node) for node in leading]
        head = body.named_children[:4] if body is not None else []
        parts += [_documenting(spec, node) for node in head if text_of(node).startswith("@moduledoc")]
    text = "\n".join(part for part in parts if part)
    if spec.unsaid:
        text = re.sub(spec.unsaid, "", text, flags=re.MULTILINE | re.IGNORECASE)
    return text[:DOC_CHARACTERS]


def comment_text(spec: Spec, comment: str) -> str:
    """A comment without its markers."""
    for opening, closing in spec.block_comments:
        if comment.startswith(opening):
            inner = comment[len(opening) :].removesuffix(closing)
            lines = [line.strip().lstrip("*").strip() for line in inner.split("\n")]
            return "\n".join(line for line in lines if line).strip("* \n")
    lines = []
    for line in comment.split("\n"):
        stripped = line.strip()
        for marker in spec.line_comments:
            if stripped.startswith(marker):
                stripped = stripped[len(marker) :].lstrip(marker[-1] + "!").strip()
                break
        lines.append(stripped)
    return "\n".join(line for line in lines if line)


def _documenting(spec: Spec, node: Node) -> str:
    found = re.match(spec.documenting, text_of(node), re.DOTALL) if node.type in spec.leading else None
    return "\n".join(line.strip() for line in found.group(1).split("\n")).strip() if found else ""


def _docstring(body: Node) -> str:
    first = next((child for child in body.named_children if child.type != "comment"), None)
    if first is not None and first.type == "expression_statement":
        first = next(iter(first.named_children), None)
    if first is None or "string" not in first.type:
        return ""
    found = _STRING.match(text_of(first).strip())
    lines = (found.group(2) if found else text_of(first)).split("\n")
    return "\n".join(line.strip() for line in lines).strip()
