"""Messages as a program prints them: the code has the text, the question has values in it and a class before.

``shop.errors.DoorError: no door 12 in "Villa Rosa"`` is ``f"no door {number} in {house!r}"`` in the code.
What stands between the values is looked for in the code's strings.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from codebase_server.search.query import Query
from codebase_server.terms.identifiers import UNSPACED

FEWEST: Final = 3
"""Words in a row that a string of the code must have; that many are seldom said by chance."""
FEWEST_APART: Final = 4
"""Words in all, where several parts of one message stand on one line."""
MOST_PARTS: Final = 4

_VALUE: Final = re.compile(r"[\"'`\u2018-\u201d<>(){}\[\]=|\n]|[:;,.!?](?=\s|$)|\b\d[\w.]*")
"""Where a message has a value, or ends: marks around it, and numbers."""
_QUOTED: Final = re.compile(r'"[^"\n]*"')
_PIECE: Final = re.compile(r"`([^`'\n]+)['`]")
"""Code in a message: ``Assertion `a < b' failed``."""
_OPERATOR: Final = re.compile(r"[-+*/<>=!&|:([]")
_CLASS: Final = re.compile(r"[\w.:]*\w: ")
"""What stands before a message: its class, its kind."""
_UNSPACED: Final = re.compile(rf"[{UNSPACED}]")
_WORD: Final = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+")
_SPACED: Final = re.compile(r"\w+")
"""The same for a text without such scripts, in a third of the time."""
_QUOTE: Final = re.compile(r"(?<!\\)[\"'`]")
_PROSE: Final = re.compile(r"\s*(?:#|//|/?\*|--|;)")


class Message(NamedTuple):
    """The parts of a question that a string of the code may have, and pieces of code in it, folded words."""

    parts: tuple[tuple[str, ...], ...] = ()
    pieces: tuple[tuple[str, ...], ...] = ()
    is_named: bool = False
    """Whether its class stands before it: then two words that begin a string are enough."""

    def __bool__(self) -> bool:
        return bool(self.parts or self.pieces)

    @property
    def together(self) -> tuple[str, ...]:
        """The words of all its parts."""
        return tuple(dict.fromkeys(word for part in self.parts for word in part))

    def said_in(self, lower: str) -> tuple[int, int]:
        """How many words of it a folded content says on one of its lines, and where; (0, 0) if too few."""
        said: Counter[int] = Counter()
        first: dict[int, int] = {}
        enough: set[int] = set()
        for words in (*self.parts, *self.pieces):
            if not all(word in lower for word in words):
                continue
            for match in _in_a_row(words).finditer(lower):
                begin, line = match.start(), lower.count("\n", 0, match.start())
                is_piece = words in self.pieces
                if not is_piece and not is_quoted(lower, begin):
                    continue
                said[line] += weight(words)
                first[line] = min(first.get(line, begin), begin)
                begins = self.is_named and _QUOTE.fullmatch(lower[begin - 1 : begin]) is not None
                if is_piece or weight(words) >= FEWEST or begins or said[line] >= FEWEST_APART:
                    enough.add(line)
        if not enough:
            return 0, 0
        best = max(sorted(enough), key=lambda line: said[line])
        return said[best], first[best]


NOTHING_SAID: Final = Message()


def message(query: Query, *, beside_quotes: bool = False) -> Message:
    """What a question has of a message; ``beside_quotes``: only what stands around its quoted parts."""
    text = query.text.casefold()
    if (
        _VALUE.search(text) is None
    ):  # as in most topics: nothing ends a part, and a piece or a class has marks
        return NOTHING_SAID
    pieces = tuple(
        words
        for piece in _PIECE.findall(text)
        if _OPERATOR.search(piece) and weight(words := words_of(piece)) >= FEWEST
    )
    outside = _QUOTED.sub("|", text) if beside_quotes else text
    found = {
        words: None
        for part in _VALUE.split(outside)
        if (" " in part.strip() or is_unspaced(part)) and weight(words := words_of(part)) > 1
    }
    whole = words_of(text)
    parts = sorted((part for part in found if part != whole), key=len, reverse=True)[:MOST_PARTS]
    return Message(tuple(parts), pieces, _CLASS.match(text) is not None)


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text in order; of a script that sets no spaces between them, its characters."""
    return tuple((_SPACED if text.isascii() else _WORD).findall(text))


def places_of(text: str) -> Iterator[re.Match[str]]:
    """Where the words of a text stand."""
    return (_SPACED if text.isascii() else _WORD).finditer(text)


def is_unspaced(text: str) -> bool:
    """Whether a text has characters of a script that sets no spaces between words."""
    return not text.isascii() and _UNSPACED.search(text) is not None


def weight(words: Sequence[str]) -> int:
    """How many words some are, of Chinese and Japanese two characters or so for each."""
    alone = sum([not word.isascii() and _UNSPACED.match(word) is not None for word in words])
    return len(words) - alone + (alone + 1) // 2


def is_quoted(content: str, at: int) -> bool:
    """Whether a place of code lies in a string that began on its line; no prose of a doc comment is one."""
    before = content[content.rfind("\n", 0, at) + 1 : at]
    if _PROSE.match(before) or '"""' in before or "'''" in before:
        return False
    opened = ""
    for mark in _QUOTE.findall(before):
        if not opened:
            opened = mark
        elif opened == mark:
            opened = ""
    return bool(opened)


@lru_cache(maxsize=200)  # made when some code has all of the words, which few questions find
def _in_a_row(words: tuple[str, ...]) -> re.Pattern[str]:
    row = re.escape(words[0])
    for before, word in pairwise(words):
        between = r"\W*" if is_unspaced(before) or is_unspaced(word) else r"\W+"
        row += between + re.escape(word)
    return re.compile(rf"(?<!\w){row}(?!\w)")
