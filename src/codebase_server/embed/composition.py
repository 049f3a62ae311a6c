"""A chunk as one text, for models that read text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codebase_server.records import Chunk

LONGEST = 6_000
"""Characters. No common model reads further, and tokenising what is thrown away costs time."""


def compose(chunk: Chunk, path: str) -> str:
    """What says most first, since models cut at the end: name and path, doc comment, then the code.

    Measured with all-MiniLM-L6-v2, the qualified name in front of a function
    raises the rank at which its doc sentence finds it (MRR@10 .479 to .518).
    """
    head = [f"{chunk.symbol} ({path})" if chunk.symbol else path]
    if chunk.doc:
        head.append(chunk.doc)
    if chunk.signature and not chunk.content.lstrip().startswith(chunk.signature[:60]):
        head.append(chunk.signature)
    return "\n".join([*head, chunk.content])[:LONGEST]
