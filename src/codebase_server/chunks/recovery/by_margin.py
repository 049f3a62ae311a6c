"""Languages in which nothing but a definition begins at the left margin: read from one such line to the next.

In Lisp every editor counts on that, so the lines that begin a definition are known by a pattern alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Final

from codebase_server.chunks import grammars
from codebase_server.chunks.walk import items_of

if TYPE_CHECKING:
    from codebase_server.chunks.items import Item
    from codebase_server.chunks.spec import Spec

MOST: Final = 5_000
"""Stretches of one file; with more it is no source code that a person wrote."""


def items_apart(spec: Spec, data: bytes) -> list[Item]:
    """The definitions of a file, each stretch parsed by itself."""
    found: list[Item] = []
    starts = list(_starts(spec, data))
    if not starts or len(starts) > MOST:
        return []
    allowance = grammars.Allowance(len(data))
    for start, end in zip(starts, [*starts[1:], len(data)], strict=True):
        tree = grammars.parse(spec.grammar, data, [(start, end)], allowance)
        if tree is not None:
            found.extend(items_of(tree.root_node, data, spec))
    return found


def _starts(spec: Spec, data: bytes) -> Iterator[int]:
    """Where a stretch begins: at the comments before each line that begins a definition."""
    for match in _beginning(spec.margin).finditer(data):
        start = match.start()
        while start > 0:
            above = data.rfind(b"\n", 0, start - 1) + 1
            line = data[above : start - 1].decode("utf-8", "replace").strip()
            if not line.startswith(spec.line_comments or ("\0",)) and not line.endswith(
                tuple(closing for _, closing in spec.block_comments) or ("\0",)
            ):
                break
            start = above
        yield start


@cache
def _beginning(margin: str) -> re.Pattern[bytes]:
    return re.compile(margin.encode(), re.MULTILINE | re.IGNORECASE)
