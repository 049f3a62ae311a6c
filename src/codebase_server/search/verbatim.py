"""Text that a question repeats letter by letter: a pasted line of code, the message of an error.

Words alone cannot tell the function that says "request timed out after" from those that speak of requests and
time-outs. What has the question's own words one after the other is what was pasted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.query import Query, signed

MOST_PINNED: Final = 3
"""Chunks put first for having the text: a line that many files have says little about each."""
MOST_READ: Final = 24

LONG_RUN: Final = 6
"""Words in a row that nobody writes by chance, whatever else there is (a message's numbers and names)."""
_SENTENCE: Final = 5
"""Words of a plain question that must all stand in a row."""
_SNIPPET: Final = 3
"""... of one with the marks of code in it."""

_WORD: Final = re.compile(r"\w+")
_CODE: Final = re.compile(r"[(\[{]|[;=]|->|=>|::|\w\.\w|&&|\|\|")


@dataclass(frozen=True, slots=True)
class Pasted:
    """A question that may be a piece of the code: its folded words, and how many must stand in a row."""

    words: tuple[str, ...]
    fewest: int

    def found_in(self, content: str) -> tuple[int, int]:
        """The longest run of the words in a content and the line, counted from 0, on which it begins.

        (0, 0) where it is shorter than it must be.
        """
        lower = content.casefold()
        if sum(word in lower for word in set(self.words)) < min(self.fewest, len(set(self.words))):
            return 0, 0
        length, first = _longest_run(self.words, _WORD.findall(lower))
        if length < self.fewest:
            return 0, 0
        begin = next(islice(_WORD.finditer(lower), first, None)).start()
        return length, lower.count("\n", 0, begin)

    def possible(self, query: Query, codes: NDArray[np.uint16]) -> NDArray[np.bool_]:
        """Which candidates have all words of some run that is long enough, wherever they stand in them.

        ``codes``: the hits of the query's terms, shape (terms, candidates). Only these need to be read: most
        questions have none. Words that were not looked up (the, of) are taken to be everywhere.
        """
        place = {term.term: i for i, term in enumerate(query.terms)}
        whole = {token.text.casefold(): signed(token.whole) for token in query.analysed.tokens}
        looked_up = [place.get(whole.get(word, 0), -1) for word in self.words]
        known = [i for i, term in enumerate(looked_up) if term >= 0]
        has = np.ones((len(self.words), codes.shape[1]), dtype=bool)
        has[known] = codes[[looked_up[i] for i in known]] != 0
        if self.fewest == len(self.words):
            every: NDArray[np.bool_] = np.logical_and.reduce(has, axis=0)
            return every
        having = has.cumsum(axis=0, dtype=np.int16)
        having[self.fewest :] -= having[: -self.fewest].copy()
        possible: NDArray[np.bool_] = (having[self.fewest - 1 :] == self.fewest).any(axis=0)
        return possible


def pasted(query: Query) -> Pasted | None:
    """What to look for letter by letter; None for a question that is too short to be a piece of the code."""
    words = tuple(_WORD.findall(query.text.casefold()))
    shortest = _SNIPPET if _CODE.search(query.text) else _SENTENCE
    if query.literals or len(words) < shortest:
        return None
    return Pasted(words, min(len(words), LONG_RUN))


def _longest_run(words: tuple[str, ...], text: list[str]) -> tuple[int, int]:
    """Length and first place in ``text`` of the longest run that it shares with ``words``."""
    places: dict[str, list[int]] = {}
    for i, word in enumerate(words):
        places.setdefault(word, []).append(i)
    best, end = 0, 0
    runs: dict[int, int] = {}
    for at, own in enumerate(map(places.get, text)):
        if own is None:
            runs = {}
            continue
        runs = {i: runs.get(i - 1, 0) + 1 for i in own}
        length = max(runs.values())
        if length > best:
            best, end = length, at
    return best, end + 1 - best
