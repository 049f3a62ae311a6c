"""One identifier to its terms, remembered for the process.

The cost of analysing code is the cost of looking at each identifier, and code
repeats its identifiers; so all work is done once per distinct identifier and
kept in a bounded dictionary.
"""

from __future__ import annotations

import itertools
import re
import struct
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from hashlib import blake2b
from typing import Generic, Literal, TypeVar, cast, get_args

Kind = Literal["word", "whole", "pair"]
Known = TypeVar("Known")

LONGEST_IDENTIFIER = 80
"""Characters. A longer run of word characters is data (base64, hashes), not a name."""

_REMEMBERED = 60_000
"""Identifiers in the younger half of what is remembered: 25 MB in all."""

_ASCII_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
"""Kana, Han and Hangul: scripts whose words are not set apart by spaces or case."""

_SCRIPTS = re.compile(rf"(?P<unspaced>[{UNSPACED}]+)|(?P<other>[^\W_]+?)(?=[{UNSPACED}_]|$)")
_SALTED = {kind: blake2b(digest_size=8, person=b"tandem-" + kind.encode()) for kind in get_args(Kind)}
"""Hashers that have taken their salt: a copy costs less than a new one."""

_SNOWBALL = "3.1."
"""The release of the Snowball algorithms whose English stems the terms are made of."""


class Memory(Generic[Known]):
    """What was worked out lately, in two halves: the older is let go when the younger has ``most`` entries.

    What is looked up again meanwhile moves to the younger, so the common identifiers of a repository
    stay however many rare ones pass by.
    """

    def __init__(self, most: int = _REMEMBERED) -> None:
        self._most = most
        self._young: dict[str, Known] = {}
        self._old: dict[str, Known] = {}

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def get(self, key: str) -> Known | None:
        """What is known of a key."""
        known = self._young.get(key)
        if known is None:
            known = self._old.get(key)
            if known is not None:
                self.keep(key, known)
        return known

    def all(self, keys: Sequence[str]) -> list[Known | None]:
        """As `get` for each of some keys, which are many."""
        found = list(map(self._young.get, keys))
        return [self.get(key) if known is None else known for key, known in zip(keys, found, strict=True)]

    def keep(self, key: str, value: Known) -> None:
        """Remember a value; what was remembered first goes where there are too many."""
        if len(self._young) >= self._most:
            self._old, self._young = self._young, {}
        self._young[key] = value


_packed: Memory[bytes] = Memory()
_words: Memory[bytes] = Memory()
_stems: Memory[str] = Memory()


def term_id(kind: Kind, text: str) -> int:
    """The number of a term: 8 bytes of BLAKE2b under the kind's salt, unsigned, little-endian."""
    return int.from_bytes(_digest(kind, text), "little")


def _digest(kind: Kind, text: str) -> bytes:
    hasher = _SALTED[kind].copy()
    hasher.update(text.encode("utf-8", "surrogatepass"))
    return hasher.digest()


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
        _stems.keep(word, known)
    return known


def strings(identifier: str) -> list[tuple[Kind, str]]:
    """The terms of an identifier before hashing: what `ids` hashes, in the same order."""
    if len(identifier) > LONGEST_IDENTIFIER:
        return []
    parts = _parts(identifier)
    found: list[tuple[Kind, str]] = [("whole", _whole(identifier))]
    found += [("word", part) for part in parts if _is_word(part)]
    found += [("pair", left + right) for left, right in itertools.pairwise(parts)]
    return found


def _whole(identifier: str) -> str:
    return identifier.replace("_", "").casefold()


def _parts(identifier: str) -> list[str]:
    """The stems of its parts; a number has none."""
    return [] if identifier.isdecimal() else [stem(part) for part in subwords(identifier)]


def _is_word(part: str) -> bool:
    """Whether a part is a term by itself: one letter is not."""
    return len(part) > 1 or not part.isascii() or part.isdecimal()


def ids(identifier: str) -> tuple[int, ...]:
    """The term numbers of an identifier; a part that occurs twice is there twice."""
    digests = packed_ids(identifier)
    return struct.unpack(f"<{len(digests) // 8}Q", digests)


def packed_ids(identifier: str) -> bytes:
    """The same numbers as little-endian bytes, 8 each."""
    known = _packed.get(identifier)
    if known is None:
        known = ids_once(identifier)
        _packed.keep(identifier, known)
    return known


def packed_ids_of(some: Sequence[str]) -> list[bytes]:
    """As `packed_ids` for each of some identifiers."""
    known = _packed.all(some)
    return [packed_ids(one) if packed is None else packed for one, packed in zip(some, known, strict=True)]


def ids_once(identifier: str) -> bytes:
    """As `packed_ids`, for an identifier that is not asked about again: it is not remembered."""
    if len(identifier) > LONGEST_IDENTIFIER:
        return b""
    parts = _parts(identifier)
    digests = [_digest("whole", _whole(identifier))]
    digests += map(_word_digest, parts)
    digests += [_digest("pair", left + right) for left, right in itertools.pairwise(parts)]
    return b"".join(digests)


def _word_digest(part: str) -> bytes:
    """What a part adds as a word: a digest, or nothing."""
    known = _words.get(part)
    if known is None:
        known = _digest("word", part) if _is_word(part) else b""
        _words.keep(part, known)
    return known


@cache
def _stemmer() -> Callable[[str], str]:
    # Both are made from Snowball's sources of one release, so their stems are the same; that in C is forty
    # times faster. Another release may stem differently, and term numbers must not depend on what is
    # installed: so not `snowballstemmer.stemmer()`, which takes any PyStemmer.
    try:
        import Stemmer
    except ImportError:
        pass
    else:
        if Stemmer.version().startswith(_SNOWBALL):
            # Its own cache would be searched for the oldest entry at each miss; `_stems` is ours.
            return cast("Callable[[str], str]", Stemmer.Stemmer("english", 0).stemWord)
    from snowballstemmer.english_stemmer import EnglishStemmer

    return cast("Callable[[str], str]", EnglishStemmer().stemWord)
