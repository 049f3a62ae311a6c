"""The other forms of a word under which somebody may look for it.

The engine's tokens are runs of letters and digits, so that part of a Chinese run, ``1.2.3`` of ``v1.2.3``,
``email`` for ``e-mail``, ``config`` of ``parseConfig`` and ``strasse`` for ``Straße`` are none of them. The
index keeps these forms beside the texts, and a query is made of the same, so that both meet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from typing import NamedTuple
from unicodedata import normalize

_WORD = re.compile(r"[\w.\-'’‐‑–·]+")
_TOKEN = re.compile(r"[^\W_]+")
_UNSPACED = (
    "\u0e00-\u0eff"  # Thai and Lao
    "\u1000-\u109f\u1780-\u17ff"  # Burmese, Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"  # Hiragana, Katakana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"  # Chinese characters
    "\uac00-\ud7a3"  # Hangul, whose words carry their particles
)
"""Scripts whose words have no spaces between them: each letter is a piece."""
_PIECE = re.compile(rf"[{_UNSPACED}]|\d+|[^\W\d_{_UNSPACED}]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]").search
_MAY_HAVE_FORMS = re.compile(
    r"[.\-'_0-9A-Z](?:(?<=[.\-'_])\w|(?<=[a-z][A-Z])|(?<=[A-Z][A-Z])[a-z]|(?<=[A-Za-z]\d)|(?<=\d)[A-Za-z])"
).search
"""Of texts in ASCII: most have none. It begins with a set of letters, for which the search is quick."""
_MOST_HUMPS = 8
"""A token of more pieces is a hash or an id, and nobody looks for a part of it."""
_MOST_JOINED = 4
_SHORTENED = re.compile(
    r".{2,}(?:ed|ing|ly|er|or|ion|al|ment|ness|anc[ey]|enc[ey]|[ai]ble|ive|ful|ous|is[mt]|ate|i[sz]e|ity|ant|ent"
    r"|ic|ar[ys]|en)s?|.{2,}ies|..+y.+"
).fullmatch
"""Words whose stem in the engine may lack more than a letter, or has another in it: some beginnings of theirs
are none of the stem's.
"""
_BOUNDARY = "\ue000"
"""Keeps phrases from running from one form into the next: of private use, it is a token of its own."""


class Word(NamedTuple):
    """``tokens`` as the engine divides the word, folded; ``joined`` without what divides it, or empty;
    ``pieces`` with humps, digits and unspaced scripts divided.
    """

    tokens: tuple[str, ...]
    joined: str
    pieces: tuple[str, ...]


def words(text: str) -> Iterator[str]:
    """The words of a text, with the points, hyphens and underscores within them."""
    return (word for word in _WORD.findall(normalize("NFC", text)) if _TOKEN.search(word))


@lru_cache(maxsize=16_384)
def of_word(word: str) -> Word:
    """A word's forms. Equal letters are the same in each: composed, compatible, without case."""
    plain = normalize("NFKC", word)
    tokens = tuple(chain.from_iterable(_TOKEN.findall(_folded(token)) for token in _TOKEN.findall(plain)))
    pieces = tuple(_folded(piece) for token in _TOKEN.findall(plain) for piece in _pieces(token))
    return Word(tokens, _joined(plain, tokens), pieces)


def forms(*texts: str) -> str:
    """What the index keeps beside the texts: each form of a word that is not among the engine's tokens."""
    found: dict[str, None] = {}
    for text in texts:
        if text.isascii() and not _MAY_HAVE_FORMS(text):
            continue
        for word in dict.fromkeys(words(text)):
            found.update(dict.fromkeys(_added(word)))
    return f" {_BOUNDARY} ".join(found)


def title_forms(title: str) -> str:
    """The forms of a title, and of its words so much that each beginning of them is found: the engine has
    stems alone, and ``runnin`` begins no ``run``. What ends in a letter of no suffix is its own stem.
    """
    shortened = dict.fromkeys(filter(_SHORTENED, _TOKEN.findall(title.lower())))
    return f" {_BOUNDARY} ".join(
        filter(None, [forms(title), *(f"{unstemmed(token)}q" for token in shortened)])
    )


def unstemmed(beginning: str) -> str:
    """The beginning of a word as it stands in the forms of a title: y has another sign, since as an end it
    becomes i.
    """
    return beginning.replace("y", "υ")


def _added(word: str) -> Iterator[str]:
    known = of_word(word)
    if known.tokens != tuple(_TOKEN.findall(word.lower())):
        yield " ".join(known.tokens)
    if known.joined:
        yield known.joined
    if known.pieces != known.tokens:
        yield " ".join(known.pieces)


def _folded(text: str) -> str:
    return normalize("NFKC", text.casefold())


def _pieces(token: str) -> list[str]:
    found = [hump for run in _PIECE.findall(token) for hump in _HUMP.split(run)]
    return found if len(found) <= _MOST_HUMPS or _IS_UNSPACED(token) else [token]


def _joined(word: str, tokens: tuple[str, ...]) -> str:
    """``e-mail`` is ``email``; but a version is no number."""
    numbers = sum(token.isdigit() for token in tokens)
    if not 2 <= len(tokens) <= _MOST_JOINED or numbers == len(tokens) or (numbers and "." in word):
        return ""
    return "".join(tokens)
