"""A chunk as texts, for models that read text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from codebase_server.records import Chunk

LONGEST = 6_000
"""Characters. No common model reads further, and tokenising what is thrown away costs time."""

COMPOSITION = 2
"""Which way texts are made; part of a model's id, since vectors of another way are not comparable."""

_PARTS = re.compile(r"[A-Za-z]+|[0-9]+|[^\x00-\x7f]+")
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class ComposedText(str):
    """What a model reads of a chunk. ``name``: what says what it is, to be read by itself as well."""

    __slots__ = ("name",)

    name: str

    def __new__(cls, text: str, name: str) -> Self:
        """Join the two."""
        made = super().__new__(cls, text)
        made.name = name
        return made


def compose(chunk: Chunk, path: str) -> ComposedText:
    """What says most first, since models cut at the end: its name in words, where it is, doc comment, code.

    Models of sentences know the words of ``parseHeaders``, not the identifier. Measured with
    all-MiniLM-L6-v2 (``docs/benchmarks/retrieval.md``): name and path in words instead of as they are
    spelt, and the name's own vector beside that of the code, raise MRR@10 of the doc sentences of functions,
    by vectors alone, from .402 to .452.
    """
    outer, _, own = chunk.symbol.rpartition(".")
    name = _words(chunk.symbol) or _words(path.rsplit("/", 1)[-1])
    head = f"{_words(own)}. {_words(outer)} {_words(path)}"
    doc = [chunk.doc] if chunk.doc else []
    return ComposedText("\n".join([head, *doc, chunk.content])[:LONGEST], "\n".join([name, *doc])[:LONGEST])


def _words(text: str) -> str:
    """The words that identifiers and paths are made of."""
    return " ".join(word for part in _PARTS.findall(text) for word in _HUMPS.sub(" ", part).split())
