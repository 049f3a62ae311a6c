"""Which lines of a chunk a question is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

from codebase_server.search.query import Query
from codebase_server.terms import stem, subwords

Worth = Callable[[Sequence[str]], list[float]]
"""From lines to what each of them is worth."""

_REST = re.compile(r"\w*")

_APART = bytes(i if chr(i).isalnum() or chr(i) == "_" else ord(" ") for i in range(128)) + bytes(128)
"""Every ASCII character that is in no word to a space; as bytes, which are translated four times as fast."""

_ALTERED = frozenset({"die", "lie", "tie"})
"""The stems that share only their first letter with a word: dying."""


@lru_cache(maxsize=60_000)
def _stems(word: str) -> frozenset[str]:
    return frozenset(stem(part) for part in subwords(word))


def line_worth(query: Query) -> Worth:
    """What each line is worth: the number of the question's words in it, literals counting double."""
    bits_of = {stem: 1 << i for i, stem in enumerate(dict.fromkeys([group.stem for group in query.groups]))}
    beginnings = {_beginning(stem) for stem in bits_of} - {""}
    known: dict[str, int] = {}

    def meaning(word: str) -> int:
        """The question's words that a word of the code stands for, a bit each."""
        bits = 0
        for part in _stems(word):
            bits |= bits_of.get(part, 0)
        known[word] = bits
        return bits

    def worth(lines: Sequence[str]) -> list[float]:
        text = "\n".join(lines)
        count, said = text.count, [0] * len(lines)
        line = before = 0
        for at, word in _words_with(text, beginnings):
            bits = known[word] if word in known else meaning(word)
            if bits:
                if at < before:  # the next part, from the beginning
                    line = before = 0
                line += count("\n", before, at)
                before = at
                said[line] |= bits
        values: list[float] = [bits.bit_count() for bits in said]
        if query.literals:
            for i, line_text in enumerate(lines):
                values[i] += 2.0 * sum(literal in line_text for literal in query.literals)
        return values

    return worth


def _beginning(stem: str) -> str:
    """What all words of this stem begin with: a stem may end otherwise than its words (hope and hoping)."""
    return stem[:1] if len(stem) < 2 or stem in _ALTERED else stem[:-1]


def _words_with(text: str, parts: Iterable[str]) -> Iterable[tuple[int, str]]:
    """The words of a text that have any of the parts in them, in any case, each with a place inside it.

    Few have: they are found without looking at each. One with two parts is found twice.
    """
    if not text.isascii():
        return _any_words_with(text, parts)
    found: list[tuple[int, str]] = []
    begin = text.lower().find
    apart = text.encode("ascii").translate(_APART) + b" "
    after, before = apart.find, apart.rfind
    for part in parts:
        at = begin(part)
        while at >= 0:
            end = after(b" ", at)
            found.append((at, text[before(b" ", 0, at) + 1 : end]))
            at = begin(part, end + 1)
    return found


def _any_words_with(text: str, parts: Iterable[str]) -> Iterator[tuple[int, str]]:
    """As `_words_with`, whatever the script."""
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
