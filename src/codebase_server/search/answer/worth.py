"""Which lines of a chunk a question is about."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from codebase_server.search.query import Query
from codebase_server.terms import stem, subwords

_WORD = re.compile(r"\w+")

_SHORT = 3
"""Letters. Stems up to this may share but the first with a word: die is the stem of dying."""


@lru_cache(maxsize=60_000)
def _stems(word: str) -> frozenset[str]:
    return frozenset(stem(part) for part in subwords(word))


def line_worth(query: Query) -> Callable[[str], float]:
    """A function from a line to the number of the question's words in it, literals counting double."""
    meant = _Meant(query)
    literals = query.literals
    beginnings = {_beginning(group.stem) for group in query.groups}

    def worth(line: str) -> float:
        said = 0
        lower = line.casefold()
        if any(beginning in lower for beginning in beginnings):  # most lines have none: told in no time
            said = len(frozenset().union(*map(meant.__getitem__, _WORD.findall(line))))
        return said + 2.0 * sum(literal in line for literal in literals) if literals else float(said)

    return worth


def _beginning(stem: str) -> str:
    """What all words of this stem begin with: a stem may end otherwise than its words (hope and hoping)."""
    return stem[:-1] if len(stem) > _SHORT else stem[:1]


class _Meant(dict[str, frozenset[str]]):
    """From a word of the code to those of the question's words that are in it: none, for most."""

    def __init__(self, query: Query) -> None:
        self._wanted = frozenset(group.stem for group in query.groups)

    def __missing__(self, word: str) -> frozenset[str]:
        found = self[word] = self._wanted & _stems(word)
        return found
