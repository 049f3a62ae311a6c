"""How alike two titles are, and a sketch that finds alike ones without reading all.

The sketch is MinHash with banding (A. Broder, 1997; Leskovec, Rajaraman and
Ullman, *Mining of Massive Datasets*, 3.4): two titles share a band with
probability 1 - (1 - s^ROWS)^BANDS for a Jaccard similarity s, here 0.57 at 0.6,
0.81 at 0.7, 0.96 at 0.8, and 0.05 at 0.3.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b

LIKELY_DUPLICATE = 0.6
"""Jaccard similarity of title terms from which a new item is reported as a likely duplicate."""

BANDS = 6
ROWS = 4
_VALUE_MASK = (1 << 30) - 1
"""What is compared is one digit of a Python integer."""
_BAND_MASK = (1 << 63) - 1
"""A band is an SQLite integer that is not negative."""


def _number(text: str) -> int:
    """Sixty-four bits that are the same in every process."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


_SEEDS = [(_number(f"slope {place}") | 1, _number(f"offset {place}")) for place in range(BANDS * ROWS)]
_FACTORS = tuple(_number(f"factor {place}") | 1 for place in range(ROWS))
_WORD = re.compile(r"\w+")
_HAS_DIGIT = re.compile(r"\d").search
_EMPTY_WORDS = frozenset(
    (
        "a an and are as at be by can for from has in is it its of on or should so that the this to was we"
        " with"
    ).split()
)


@lru_cache(maxsize=4096)
def title_terms(title: str) -> tuple[frozenset[str], frozenset[str]]:
    """The meaningful words of a title, lightly stemmed, and its numbers.

    ``Part 2`` is never a duplicate of ``Part 3``.
    """
    words = frozenset(_WORD.findall(title.casefold())) - _EMPTY_WORDS
    numbers = frozenset(filter(_HAS_DIGIT, words))
    return frozenset(map(_stem, words - numbers)), numbers


@lru_cache(maxsize=16_384)
def _stem(word: str) -> str:
    """Without a common ending, where what is left has three letters, one of them a vowel (as in Porter,
    1980).
    """
    for ending in ("ing", "ed", "es", "s"):
        left = word.removesuffix(ending)
        if (
            left != word
            and len(left) >= 3
            and any(letter in "aeiouy" for letter in left)
            and word[-2:] != "ss"
        ):
            return left
    return word


@lru_cache(maxsize=16_384)
def _permuted(term: str) -> tuple[int, ...]:
    """The term's hash under each of the sketch's permutations: most of the work, and words come again."""
    value = _number(term)
    return tuple((slope * value + offset) >> 64 & _VALUE_MASK for slope, offset in _SEEDS)


def likeness(one: str, other: str) -> float:
    """Jaccard similarity of the titles' terms, 0 when their numbers differ."""
    (terms, numbers), (other_terms, other_numbers) = title_terms(one), title_terms(other)
    if numbers != other_numbers or not (terms or numbers):
        return 0.0
    together = terms | other_terms
    return len(terms & other_terms) / len(together) if together else 1.0


def nearness(one: str, other: str) -> float:
    """The same for whoever looks for a title, who need not know its number: only two numbers differ."""
    (terms, numbers), (other_terms, other_numbers) = title_terms(one), title_terms(other)
    if numbers and other_numbers and numbers != other_numbers:
        return 0.0
    together = terms | other_terms | numbers | other_numbers
    return len(terms & other_terms | numbers & other_numbers) / len(together) if together else 0.0


@lru_cache(maxsize=4096)
def title_bands(title: str) -> tuple[int, ...]:
    """The bands of a title's sketch: 63-bit numbers, none for a title without words.

    They are stored: another formula needs a migration that computes them anew.
    """
    terms, numbers = title_terms(title)
    if not terms:
        return ()
    columns = [*map(_permuted, terms)]
    least = [*map(min, *columns)] if len(columns) > 1 else columns[0]
    salt = _number(" ".join(sorted(numbers))) if numbers else 0
    first, second, third, fourth = _FACTORS
    # A polynomial over the band's four values tells bands apart as well as a digest of them does, in a tenth
    # of the time: what differs by chance in 2**63 is one title compared in vain.
    return tuple(
        (
            first * least[place]
            + second * least[place + 1]
            + third * least[place + 2]
            + fourth * least[place + 3]
            + place
            + salt
        )
        & _BAND_MASK
        for place in range(0, BANDS * ROWS, ROWS)
    )
