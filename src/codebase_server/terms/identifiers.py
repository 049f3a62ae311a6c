"""One identifier to its terms, remembered for the process.

The cost of analysing code is the cost of looking at each identifier, and code
repeats its identifiers; so all work is done once per distinct identifier and
kept in a bounded dictionary.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from typing import Literal

Kind = Literal["word", "whole", "pair"]

LONGEST_IDENTIFIER = 80
"""Characters. A longer run of word characters is data (base64, hashes), not a name."""

_REMEMBERED = 60_000
"""Identifiers kept before starting afresh: about 20 MB, and above 99 % hits on one repository."""

_ASCII_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
"""Kana, Han and Hangul: scripts whose words are not set apart by spaces or case."""

_SCRIPTS = re.compile(rf"(?P<unspaced>[{_UNSPACED}]+)|(?P<other>[^\W_]+?)(?=[{_UNSPACED}_]|$)")
_SALT: dict[Kind, bytes] = {"word": b"tandem-word", "whole": b"tandem-whole", "pair": b"tandem-pair"}

_ids: dict[str, tuple[int, ...]] = {}
_words: dict[str, int] = {}
_stems: dict[str, str] = {}


def term_id(kind: Kind, text: str) -> int:
    """The number of a term: 8 bytes of BLAKE2b under the kind's salt, unsigned, little-endian."""
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8, person=_SALT[kind]).digest()
    return int.from_bytes(digest, "little")


def subwords(identifier: str) -> list[str]:
    """The parts of an identifier in order, lower-cased, not stemmed.

    Cut at underscores, at a change to upper case, and between letters and
    digits: ``HTTPServer2_run`` gives ``http server 2 run``. Scripts without
    spaces give overlapping pairs of characters, their usual stand-in for words.
    """
    if identifier.isascii():
        return [part.lower() for part in _ASCII_PARTS.findall(identifier)]
    parts: list[str] = []
    for match in _SCRIPTS.finditer(identifier):
        run = match["unspaced"]
        if run:
            parts.extend(run[i : i + 2] for i in range(max(1, len(run) - 1)))
        elif match["other"].isascii():
            parts.extend(part.lower() for part in _ASCII_PARTS.findall(match["other"]))
        else:
            parts.extend(_humps(match["other"]))
    return parts


def _humps(word: str) -> Iterator[str]:
    start = 0
    for at in range(1, len(word)):
        if word[at].isupper() and word[at - 1].islower():
            yield word[start:at].casefold()
            start = at
    yield word[start:].casefold()


def stem(word: str) -> str:
    """The English stem of a lower-case word (Snowball's English stemmer); other scripts unchanged."""
    known = _stems.get(word)
    if known is None:
        known = _stemmer()(word) if word.isascii() and word.isalpha() and len(word) > 2 else word
        if len(_stems) >= _REMEMBERED:
            _stems.clear()
        _stems[word] = known
    return known


def strings(identifier: str) -> Iterator[tuple[Kind, str]]:
    """The terms of an identifier before hashing: what `ids` hashes, in the same order."""
    if len(identifier) > LONGEST_IDENTIFIER:
        return
    yield "whole", identifier.replace("_", "").casefold()
    if identifier.isdecimal():
        return
    parts = [stem(part) for part in subwords(identifier)]
    for part in parts:
        if len(part) > 1 or not part.isascii() or part.isdecimal():
            yield "word", part
    for left, right in itertools.pairwise(parts):
        yield "pair", left + right


def ids(identifier: str) -> tuple[int, ...]:
    """The term numbers of an identifier; a part that occurs twice is there twice."""
    known = _ids.get(identifier)
    if known is None:
        known = tuple(
            _word_id(text) if kind == "word" else term_id(kind, text) for kind, text in strings(identifier)
        )
        if len(_ids) >= _REMEMBERED:
            _ids.clear()
        _ids[identifier] = known
    return known


def _word_id(text: str) -> int:
    known = _words.get(text)
    if known is None:
        if len(_words) >= _REMEMBERED:
            _words.clear()
        known = _words[text] = term_id("word", text)
    return known


@cache
def _stemmer():  # type: ignore[no-untyped-def]  # snowballstemmer has no types
    # The pure Python class, not `snowballstemmer.stemmer()`: that one answers with PyStemmer where it is
    # installed, whose release may stem differently, and term numbers must not depend on what is installed.
    from snowballstemmer.english_stemmer import EnglishStemmer

    return EnglishStemmer().stemWord
