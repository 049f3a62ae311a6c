"""Which lines of a chunk a question is about."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import accumulate

from codebase_server.search.query import Query
from codebase_server.terms import stem, subwords

Worth = Callable[[Sequence[str]], list[float]]
"""From lines to what each of them is worth."""

_WORD = re.compile(r"\w+")

_ALTERED = frozenset({"die", "lie", "tie"})
"""The stems that share only their first letter with a word: dying."""


@lru_cache(maxsize=60_000)
def _stems(word: str) -> frozenset[str]:
    return frozenset(stem(part) for part in subwords(word))


def line_worth(query: Query) -> Worth:
    """What each line is worth: the number of the question's words in it, literals counting double."""
    wanted = frozenset(group.stem for group in query.groups)
    beginnings = frozenset(map(_beginning, wanted))

    def worth(lines: Sequence[str]) -> list[float]:
        values = [0.0] * len(lines)
        words = {i: frozenset(_WORD.findall(lines[i])) for i in _having(lines, beginnings)}
        distinct = list(frozenset().union(*words.values()))
        meant = {distinct[i]: wanted & _stems(distinct[i]) for i in _having(distinct, beginnings)}
        for i, said in words.items():
            values[i] = float(len(frozenset().union(*(meant[word] for word in meant.keys() & said))))
        if query.literals:
            for i, line in enumerate(lines):
                values[i] += 2.0 * sum(literal in line for literal in query.literals)
        return values

    return worth


def _beginning(stem: str) -> str:
    """What all words of this stem begin with: a stem may end otherwise than its words (hope and hoping)."""
    return stem[:1] if len(stem) < 2 or stem in _ALTERED else stem[:-1]


def _having(texts: Sequence[str], parts: Iterable[str]) -> set[int]:
    """The numbers of the texts (without line breaks) that have any of the parts, in any case.

    Few have: they are found without looking at each.
    """
    joined = "\n".join(texts).casefold()
    starts = [0, *accumulate(len(text) + 1 for text in joined.split("\n"))]
    found: set[int] = set()
    for part in parts:
        at = joined.find(part)
        while at >= 0:
            number = bisect_right(starts, at)
            found.add(number - 1)
            at = joined.find(part, starts[number])
    return found
