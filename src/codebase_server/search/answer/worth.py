"""Which lines of a chunk a question is about."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from codebase_server.search.query import Query
from codebase_server.terms import stem, subwords

Worth = Callable[[str, Sequence[int]], dict[int, float]]
"""From a text, and where each of its lines ends (behind its line break), to what its lines are worth, those
that are worth anything, by their numbers from 0."""

_REST = re.compile(r"\w*")

_APART = bytes(i if chr(i).isalnum() or chr(i) == "_" else ord(" ") for i in range(128)) + bytes(128)
"""Every ASCII character that is in no word to a space; as bytes, which are translated four times as fast."""

_ALTERED = "eily"
"""What stems end in that some of their words have not: hope and hoping, happi and happy, possibl and
possibility, sky and skies."""


@lru_cache(maxsize=60_000)
def _stems(word: str) -> frozenset[str]:
    return frozenset(stem(part) for part in subwords(word))


class _Meanings(dict[str, int]):
    """Of words of the code the question's words that each stands for, a bit each; found when asked for."""

    def __init__(self, bits_of: Mapping[str, int]) -> None:
        super().__init__()
        self._bits_of = bits_of

    def __missing__(self, word: str) -> int:
        bits = 0
        for part in _stems(word):
            bits |= self._bits_of.get(part, 0)
        self[word] = bits
        return bits


def line_worth(query: Query) -> Worth:
    """What each line is worth: the number of the question's words in it, literals counting double."""
    bits_of = {stem: 1 << i for i, stem in enumerate(dict.fromkeys([group.stem for group in query.groups]))}
    beginnings: dict[str, int] = {}
    for own, bit in bits_of.items():
        if own:
            beginnings[_beginning(own)] = beginnings.get(_beginning(own), 0) | bit
    meanings = _Meanings(bits_of)

    def worth(text: str, ends: Sequence[int]) -> dict[int, float]:
        said = (_said_in_ascii if text.isascii() else _said)(text, ends, beginnings, meanings)
        values: dict[int, float] = {line: bits.bit_count() for line, bits in said.items()}
        if query.literals:
            begin = 0
            for line, end in enumerate(ends):
                found = sum(literal in text[begin : end - 1] for literal in query.literals)
                if found:
                    values[line] = values.get(line, 0) + 2.0 * found
                begin = end
        return values

    return worth


def _beginning(stem: str) -> str:
    """What all words of this stem begin with: a stem may end otherwise than its words."""
    if len(stem) == 3 and stem.endswith("ie"):  # dying
        return stem[:1]
    return stem[:-1] if len(stem) > 1 and stem[-1] in _ALTERED else stem


def _said_in_ascii(
    text: str, ends: Sequence[int], parts: Mapping[str, int], meanings: _Meanings
) -> dict[int, int]:
    """The bits that each line says, which has a word with any of the parts in it, in any case.

    Few words have: they are found without looking at each, and a line that says all that begins with a part
    is not looked at further for it. One with two parts is found twice.
    """
    said: dict[int, int] = {}
    begin = text.lower().find
    apart = text.encode("ascii").translate(_APART) + b" "
    after, before = apart.find, apart.rfind
    for part, wanted in parts.items():
        at = begin(part)
        while at >= 0:
            end = after(b" ", at)
            bits = meanings[text[before(b" ", 0, at) + 1 : end]]
            if bits:
                line = bisect(ends, at)
                said[line] = said.get(line, 0) | bits
                if bits & wanted == wanted:
                    end = ends[line]
            at = begin(part, end)
    return said


def _said(text: str, ends: Sequence[int], parts: Mapping[str, int], meanings: _Meanings) -> dict[int, int]:
    """As `_said_in_ascii`, whatever the script."""
    said: dict[int, int] = {}
    for at, word in _words_with(text, parts):
        bits = meanings[word]
        if bits:
            line = bisect(ends, at)
            said[line] = said.get(line, 0) | bits
    return said


def _words_with(text: str, parts: Iterable[str]) -> Iterator[tuple[int, str]]:
    """The words of a text that have any of the parts in them, in any case, each with a place inside it."""
    lower, backwards, length = _lowered(text), text[::-1], len(text)
    rest = _REST.match
    for part in parts:
        at = lower.find(part)
        while at >= 0:
            end = rest(text, at).end()  # type: ignore[union-attr]  # it matches anywhere
            yield at, text[length - rest(backwards, length - at).end() : end]  # type: ignore[union-attr]
            at = lower.find(part, max(end, at + 1))


def _lowered(text: str) -> str:
    """The text in lower case, letter for letter: one that would become several stays."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)
