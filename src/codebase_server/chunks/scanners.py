"""What the scanners of three grammars cannot read, said so that they can; every byte stays where it was.

Bash's, Just's and Perl's ask C's ``isspace`` and ``isdigit`` about any character. Those look it up in a table
of 256: what lies further on in memory is read for a character further on, and the process ends where nothing
lies. Perl's copies a line's first word, in a here-document, to a place for a thousand letters.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

PARSED_APART: Final = frozenset({"bash", "just", "perl"})
"""Languages, and grammars, that no process parses that has to answer: what is known to end it is mended here,
but who wrote beyond a table may have written beyond another."""

_MOST_LETTERS: Final = 900
_LONG_WORD: Final = re.compile(rb"(?<![^\x00\t-\r ])[^\x00\t-\r ]{%d,}" % _MOST_LETTERS)
"""From its first letter on, or each of its letters would be tried as the first."""

_BEYOND_TABLE: Final = re.compile(
    rb"[\xc4-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf7][\x80-\xbf]{3}"
)
_LETTERS: Final = {2: "é".encode(), 3: "éx".encode(), 4: "éé".encode()}
_SIGNS: Final = {2: "¡".encode(), 3: "¡_".encode(), 4: "¡¡".encode()}


def readable(grammar: str, data: bytes) -> bytes:
    """UTF-8 text as a grammar's scanner can read it: the text itself, but for the `PARSED_APART`."""
    return _readable(grammar, data) if grammar in PARSED_APART else data


@lru_cache(maxsize=2)  # a broken file is parsed part by part
def _readable(grammar: str, data: bytes) -> bytes:
    if not data.isascii():
        data = _BEYOND_TABLE.sub(_within_table, data)
    if grammar == "perl":
        data = _LONG_WORD.sub(_in_words, data)
    return data


def _within_table(match: re.Match[bytes]) -> bytes:
    """A character among the first 256 or two, of the same kind and length."""
    found = match[0]
    character = found.decode("utf-8", "replace")
    if character.isspace():
        return b" " * len(found)
    return (_LETTERS if character.isalnum() else _SIGNS)[len(found)]


def _in_words(match: re.Match[bytes]) -> bytes:
    """A long word as several."""
    letters = list(match[0].decode("utf-8", "surrogateescape"))
    for at in range(_MOST_LETTERS - 1, len(letters), _MOST_LETTERS):
        letters[at] = " " * len(letters[at].encode("utf-8", "surrogateescape"))
    return "".join(letters).encode("utf-8", "surrogateescape")
