"""Whether brackets that formatters put around expressions change anything: what Python's own parser says."""

from __future__ import annotations

import ast
import re
import textwrap
from typing import Final

_MOST_CHARACTERS: Final = 50_000
_MOST_DEPTH: Final = 100
"""Brackets within brackets up to which code is parsed: the parser's stack is not to be trusted with more."""


def same_tree(one: str, other: str, names: tuple[str, str] = ("", "")) -> bool:
    """Whether two texts of Python have one syntax tree; False where either cannot be parsed alone.

    ``names`` are the last names of the two, which are not told apart.
    """
    own, its = names
    if own and its and own != its:
        one = re.sub(rf"\b{re.escape(own)}\b", its, one)
    before, now = _tree(one), _tree(other)
    return before is not None and before == now


def _tree(code: str) -> str | None:
    if len(code) > _MOST_CHARACTERS or _depth(code) > _MOST_DEPTH:
        return None
    try:
        return ast.dump(ast.parse(textwrap.dedent(code)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _depth(code: str) -> int:
    depth = deepest = 0
    for sign in code:
        if sign in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in ")]}":
            depth = max(0, depth - 1)
    return deepest
