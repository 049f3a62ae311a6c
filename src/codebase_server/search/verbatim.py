"""Text that a question repeats letter by letter: a pasted line of code, the message of an error.

Words alone cannot tell the function that says "request timed out after" from those that speak of requests and
time-outs. What has the question's own words one after the other is what was pasted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.candidates.lexical import Hits
from codebase_server.search.messages import NOTHING_SAID, Message, is_quoted, message
from codebase_server.search.query import WHOLE, Query, signed

MOST_PINNED: Final = 3
"""Chunks put first for having the text: a line that many files have says little about each."""
MOST_READ: Final = 24

LONG_RUN: Final = 6
"""Words in a row that nobody writes by chance, whatever else there is (a message's numbers and names)."""
_SENTENCE: Final = 5
"""Words of a plain question that must all stand in a row."""
_SNIPPET: Final = 3
"""... of one with the marks of code in it."""

_MESSAGE: Final = 3
"""... of one that the code itself says, in quotes: the text of an error or of a log's line."""

_JOINED: Final = re.compile(r"[^\W_A-Z]+(?:[-_.][^\W_A-Z]+)+")
_WORD: Final = re.compile(r"\w+")
_CODE: Final = re.compile(r"[(\[{]|[;=]|->|=>|::|\w\.\w|&&|\|\|")


@dataclass(frozen=True, slots=True)
class Pasted:
    """A question that may be a piece of the code: its folded words, and how many must stand in a row."""

    words: tuple[str, ...]
    fewest: int
    as_message: bool = False
    """Whether it counts only where it stands in quotes on its line: so short a question may be a topic that a
    comment happens to name."""
    message: Message = NOTHING_SAID
    """What it has of a message that a program has printed."""

    def found_in(self, content: str) -> tuple[int, int]:
        """The longest run of the words in a content and the line, counted from 0, on which it begins.

        (0, 0) where it is shorter than it must be.
        """
        lower = content.casefold()
        length, begin = _run_in(lower, self.words, self.fewest)
        if self.as_message and length and not is_quoted(lower, begin):
            length, begin = 0, 0
        length, begin = max((length, begin), self.message.said_in(lower), key=lambda found: found[0])
        return length, lower.count("\n", 0, begin)

    def among(
        self,
        chunks: NDArray[np.intp],
        live: NDArray[np.int32],
        contents: Callable[[Sequence[int]], Mapping[int, str]],
    ) -> NDArray[np.intp]:
        """Those of some chunks, indices into ``live``, whose content has the text."""
        if not len(chunks):
            return chunks
        versions = live[chunks].tolist()
        read = contents(versions)
        return chunks[[self.found_in(read[version])[0] > 0 for version in versions]]

    def possible(self, query: Query, codes: NDArray[np.uint16]) -> NDArray[np.bool_]:
        """Which candidates have all words of some run that is long enough, wherever they stand in them.

        ``codes``: the hits of the query's terms, shape (terms, candidates). Only these need to be read: most
        questions have none. Words that were not looked up (the, of) are taken to be everywhere.
        """
        possible = _with_a_run(self.words, self.fewest, query, codes)
        for part in (*self.message.parts, *self.message.pieces):
            possible |= _with_a_run(part, len(part), query, codes)
        return possible


def _with_a_run(
    words: tuple[str, ...], fewest: int, query: Query, codes: NDArray[np.uint16]
) -> NDArray[np.bool_]:
    """Which candidates have all of some ``fewest`` words in a row of the question, wherever they are."""
    place = {term.term: i for i, term in enumerate(query.terms)}
    whole = {token.text.casefold(): signed(token.whole) for token in query.analysed.tokens}
    looked_up = [place.get(whole.get(word, 0), -1) for word in words]
    known = [i for i, term in enumerate(looked_up) if term >= 0]
    has = np.ones((len(words), codes.shape[1]), dtype=bool)
    has[known] = codes[[looked_up[i] for i in known]] != 0
    if fewest == len(words):
        every: NDArray[np.bool_] = np.logical_and.reduce(has, axis=0)
        return every
    having = has.cumsum(axis=0, dtype=np.int16)
    having[fewest:] -= having[:-fewest].copy()
    with_a_run: NDArray[np.bool_] = (having[fewest - 1 :] == fewest).any(axis=0)
    return with_a_run


def having_all(query: Query, text: Pasted, hits: Hits, chunks: int) -> NDArray[np.intp]:
    """The live chunks that have every word of a question, or of a part of the message that it may be, spelt
    as it is; words left out are everywhere.

    A long function may hold all of them as they stand there, and score low for its length.
    """
    whole = {token.text.casefold(): signed(token.whole) for token in query.analysed.tokens}
    parts = (text.message.together, *text.message.parts, *text.message.pieces)
    asked = [set(whole.values()), *({whole[word] for word in part if word in whole} for part in parts)]
    having = np.zeros(chunks, dtype=bool)  # np.unique would load numpy.ma, 20 ms of the first search
    for words in asked:
        having[_having(words, query, hits, chunks)] = True
    return np.flatnonzero(having)


def _having(asked: set[int], query: Query, hits: Hits, chunks: int) -> NDArray[np.intp]:
    is_asked = np.array([term.kind == WHOLE and term.term in asked for term in query.terms], dtype=bool)
    wanted = int(is_asked.sum())
    if not wanted or not hits.counts[is_asked].all():
        return np.zeros(0, dtype=np.intp)
    counted = np.bincount(hits.at[is_asked[hits.term]], minlength=chunks)
    having: NDArray[np.intp] = np.flatnonzero(counted == wanted)
    return having


def pasted(query: Query, *, beside_quotes: bool = False) -> Pasted | None:
    """What to look for letter by letter; None for a question that is too short to be a piece of the code.

    ``beside_quotes``: what stands in quotes is taken for a value that the code does not have.
    """
    words = tuple(_WORD.findall(query.text.casefold()))
    shortest = _SNIPPET if _CODE.search(query.text) else _SENTENCE
    if query.literals or len(words) < min(shortest, _MESSAGE):
        return None
    fewest = min(len(words), LONG_RUN)
    return Pasted(words, fewest, len(words) < shortest, message(query, beside_quotes=beside_quotes))


def is_spelt_as_keys_are(text: str) -> bool:
    """Whether a question can be nothing but the key of a setting: ``rust-version``, ``max_retries``."""
    return _JOINED.fullmatch(text) is not None


def _run_in(lower: str, words: tuple[str, ...], fewest: int) -> tuple[int, int]:
    """Length and place of the longest run of some words in a text, (0, 0) if that is below ``fewest``."""
    distinct = set(words)
    if sum(word in lower for word in distinct) < min(fewest, len(distinct)):
        return 0, 0
    length, first = _longest_run(words, _WORD.findall(lower))
    if length < fewest:
        return 0, 0
    return length, next(islice(_WORD.finditer(lower), first, None)).start()


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
