"""Which lines of a chunk a question is about."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from codebase_server.search.query import Query
from codebase_server.terms import stem, subwords

_WORD = re.compile(r"\w+")


@lru_cache(maxsize=60_000)
def _stems(word: str) -> frozenset[str]:
    return frozenset(stem(part) for part in subwords(word))


def line_worth(query: Query) -> Callable[[str], float]:
    """A function from a line to the number of the question's words in it, literals counting double."""
    meant = _Meant(query)
    literals = query.literals

    def worth(line: str) -> float:
        words = len(frozenset().union(*map(meant.__getitem__, _WORD.findall(line))))
        return words + 2.0 * sum(literal in line for literal in literals) if literals else float(words)

    return worth


class _Meant(dict[str, frozenset[str]]):
    """From a word of the code to those of the question's words that are in it: none, for most."""

    def __init__(self, query: Query) -> None:
        self._wanted = frozenset(group.stem for group in query.groups)

    def __missing__(self, word: str) -> frozenset[str]:
        found = self[word] = self._wanted & _stems(word)
        return found
