"""Which lines of a chunk a question is about."""

from __future__ import annotations

import re
from collections.abc import Callable

from codebase_server.search.query import Query
from codebase_server.terms import stem, subwords

_WORD = re.compile(r"\w+")


def line_worth(query: Query) -> Callable[[str], float]:
    """A function from a line to the number of the question's words in it, literals counting double."""
    wanted = {group.stem for group in query.groups}

    def worth(line: str) -> float:
        words = {stem(part) for word in set(_WORD.findall(line)) for part in subwords(word)}
        return len(wanted & words) + 2.0 * sum(literal in line for literal in query.literals)

    return worth
