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
    wanted = {group.stem for group in query.groups}

    def worth(line: str) -> float:
        meant = {part for word in _WORD.findall(line) for part in _stems(word)}
        return len(wanted & meant) + 2.0 * sum(literal in line for literal in query.literals)

    return worth
