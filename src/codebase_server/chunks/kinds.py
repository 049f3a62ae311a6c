"""The words for what a symbol is."""

from __future__ import annotations

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
)
"""Every word a `Definition.kind` or `Chunk.symbol_kind` may be."""

CLASS_LIKE = frozenset(
    {"class", "struct", "interface", "trait", "protocol", "enum", "extension", "implementation", "object"}
)
"""A function directly inside one of these is a method."""

CALLABLE = frozenset({"function", "method", "constructor"})
"""Their signature is all of them where they have no body; what is assigned inside is theirs alone."""
