"""Text that a question repeats letter by letter: a pasted line of code, the message of an error.

Words alone cannot tell the function that says "request timed out after" from those that speak of requests and
time-outs. What has the question's own words one after the other is what was pasted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from itertools import islice
from operator import and_
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.candidates.lexical import Hits
from codebase_server.search.messages import (
    NOTHING_SAID,
    Message,
    is_quoted,
    is_unspaced,
    message,
    places_of,
    weight,
    words_of,
)
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

_MESSAGE: Final = 3
"""... of one that the code itself says, in quotes: the text of an error or of a log's line."""
assert min(_SNIPPET, _SENTENCE) >= _MESSAGE

_LONGEST_WITH_A_VALUE: Final = 8
"""Words of a message that may have a value at its beginning or end and no marks around it."""
_ASKING: Final = frozenset("how what where which when who why is are do does can should find show".split())

_JOINED: Final = re.compile(r"[^\W_A-Z]+(?:[-_.][^\W_A-Z]+)+")
_CODE: Final = re.compile(r"[(\[{]|[;=]|->|=>|::|\w\.\w|&&|\|\|")


class Pasted(NamedTuple):
    """A question that may be a piece of the code: its folded words, and how many must stand in a row."""

    words: tuple[str, ...]
    fewest: int
    terms: Mapping[str, int]
    """The places of its words among the terms of the question; some were not looked up."""
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

    @property
    def _runs(self) -> tuple[tuple[str, ...], ...]:
        """Words of which some, then parts and pieces of a message of which all must stand in a row."""
        return self.words, *self.message.parts, *self.message.pieces

    def possible(self, codes: NDArray[np.uint16]) -> NDArray[np.bool_]:
        """Which candidates have all words of some run that is long enough, wherever they stand in them.

        ``codes``: the hits of the query's terms, shape (terms, candidates). Only these need to be read: most
        questions have none. Words that were not looked up (the, of) are taken to be everywhere.
        """
        candidates = codes.shape[1]
        packed = np.packbits(codes != 0, axis=1, bitorder="little")
        data, width = packed.tobytes(), packed.shape[1]
        # who has each word, a bit a candidate
        having = {
            word: int.from_bytes(data[term * width : (term + 1) * width], "little")
            for word, term in self.terms.items()
        }
        everywhere, found = (1 << candidates) - 1, 0
        for words in self._runs:
            every = [having.get(word, everywhere) for word in words]
            fewest = self.fewest if words is self.words else len(words)
            for first in range(len(every) - fewest + 1):
                found |= reduce(and_, every[first : first + fewest])
        possible = np.zeros(candidates, dtype=bool)
        if found:
            possible[[at for at in range(candidates) if found >> at & 1]] = True
        return possible

    def having_all(self, hits: Hits, chunks: int) -> NDArray[np.intp]:
        """The live chunks that have every word of the question, or of a part of the message that it may be,
        spelt as it is; words left out are everywhere.

        A long function may hold all of them as they stand there, and score low for its length.
        """
        some = [
            _having({self.terms[word] for word in words if word in self.terms}, hits, chunks)
            for words in (*self._runs, self.message.together)
        ]
        some = [one for one in some if len(one)]
        if len(some) < 2:
            return some[0] if some else _NONE
        has = np.zeros(chunks, dtype=bool)
        has[np.concatenate(some)] = True
        return np.flatnonzero(has)

    def is_nowhere(self, holding: NDArray[np.intp]) -> bool:
        """Whether no chunk can have it, by those that have all of its words (`having_all`)."""
        if len(holding) or self.fewest < len(self.words):
            return False
        return all(not self.terms.keys().isdisjoint(words) for words in self._runs)


_NONE: NDArray[np.intp] = np.zeros(0, dtype=np.intp)


def _having(asked: set[int], hits: Hits, chunks: int) -> NDArray[np.intp]:
    """The live chunks that have all of some terms, by their places among the question's; none has none."""
    if not asked or not all(map(hits.counts.item, asked)):
        return _NONE
    is_asked = np.zeros(len(hits.counts), dtype=bool)
    is_asked[[*asked]] = True
    counted = np.bincount(hits.at[is_asked.take(hits.term)], minlength=chunks)
    having: NDArray[np.intp] = (counted == len(asked)).nonzero()[0]
    return having


def pasted(query: Query, *, beside_quotes: bool = False) -> Pasted | None:
    """What to look for letter by letter; None for a question that is too short to be a piece of the code.

    ``beside_quotes``: what stands in quotes is taken for a value that the code does not have.
    """
    words = words_of(query.text.casefold())
    if query.literals or (length := weight(words)) < _MESSAGE:
        return None
    shortest = _SNIPPET if _CODE.search(query.text) else _SENTENCE
    run = LONG_RUN if 2 * sum(map(is_unspaced, words)) < len(words) else 2 * LONG_RUN
    fewest = min(len(words), run)
    place = {term.term: at for at, term in enumerate(query.terms)}
    whole = {token.text.casefold(): place.get(signed(token.whole), -1) for token in query.analysed.tokens}
    looked_up = {word: whole[word] for word in words if whole.get(word, -1) >= 0}
    said = message(query, beside_quotes=beside_quotes) or _with_a_value_at_an_end(words, looked_up)
    return Pasted(words, fewest, looked_up, length < shortest, said)


def _with_a_value_at_an_end(words: tuple[str, ...], looked_up: Mapping[str, int]) -> Message:
    """A message whose value has no marks: ``unknown option colour``, ``readme is no folder``. Three words of
    it are in a string of the code; a question that asks is none."""
    if not _MESSAGE < len(words) <= _LONGEST_WITH_A_VALUE or words[0] in _ASKING:
        return NOTHING_SAID
    ends = (words[:-1], words[1:])
    return Message(tuple(part for part in ends if sum(word in looked_up for word in part) >= _MESSAGE))


def is_spelt_as_keys_are(text: str) -> bool:
    """Whether a question can be nothing but the key of a setting: ``rust-version``, ``max_retries``."""
    return _JOINED.fullmatch(text) is not None


def _run_in(lower: str, words: tuple[str, ...], fewest: int) -> tuple[int, int]:
    """Length and place of the longest run of some words in a text, (0, 0) if that is below ``fewest``."""
    distinct = set(words)
    if sum(word in lower for word in distinct) < min(fewest, len(distinct)):
        return 0, 0
    length, first = _longest_run(words, words_of(lower))
    if length < fewest:
        return 0, 0
    return length, next(islice(places_of(lower), first, None)).start()


def _longest_run(words: tuple[str, ...], text: Sequence[str]) -> tuple[int, int]:
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
