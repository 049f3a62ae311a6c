"""The words for what a symbol is, and which of them a node is told by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from codebase_server.chunks.namers.declarations import declares_function, test_case
from codebase_server.chunks.names import text_of

if TYPE_CHECKING:
    from tree_sitter import Node

    from codebase_server.chunks.spec import Rule, Spec

SYMBOL_KINDS = (
    "function",
    "method",
    "constructor",
    "class",
    "struct",
    "interface",
    "trait",
    "protocol",
    "enum",
    "member",
    "type",
    "module",
    "namespace",
    "extension",
    "implementation",
    "object",
    "macro",
    "constant",
    "variable",
    "field",
    "property",
    "test",
    "section",
    "cell",
    "output",
    "element",
    "table",
    "message",
    "service",
    "component",
)
"""Every word a `Definition.kind` or `Chunk.symbol_kind` may be; a file may be a `component` by its path."""

CLASS_LIKE = frozenset(
    {"class", "struct", "interface", "trait", "protocol", "enum", "extension", "implementation", "object"}
)
"""A function directly inside one of these is a method."""

CALLABLE = frozenset({"function", "method", "constructor"})
"""Their signature is all of them where they have no body; what is assigned inside is theirs alone."""

_FIELDS_IN_TYPES: Final = {"@fortran_variables", "@initialized"}
"""Ways to the names of variables, which are fields where they stand in a type."""


def kind_of(spec: Spec, node: Node, rule: Rule, around: str) -> str:
    """What a node defines by a rule, within what is of the kind ``around``."""
    kind = rule.kind
    if spec.refined and kind in ("class", "type"):
        kind = next((known for child in node.children if (known := _refined(spec, child))), kind)
    elif rule.name == "@declarator" and kind == "function" and test_case(node):
        return "test"
    elif rule.name == "@declarator" and kind in ("variable", "field") and declares_function(node):
        kind = "function"
    elif rule.name in _FIELDS_IN_TYPES and around in CLASS_LIKE:
        kind = "field"
    return "method" if kind == "function" and around in CLASS_LIKE else kind


def _refined(spec: Spec, child: Node) -> str:
    known = spec.refined.get(child.type)
    if known is None and child.type == "modifiers":
        known = next((spec.refined[word] for word in text_of(child).split() if word in spec.refined), None)
    return known or ""
