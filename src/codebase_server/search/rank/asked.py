"""The words of a question, ready to be compared with the words of hundreds of names."""

from __future__ import annotations

from collections.abc import Iterable

from numpy.typing import NDArray

from codebase_server.search.query import Query

_BEGINNING = 4
"""Letters that two words must share to begin alike; the shorter one must be the other's beginning."""


class AskedWords:
    """The stems of a question's words with the share of each, by rarity, in the question.

    Names repeat their words, so what a word is to the question is worked out once:
    as a set of the question's words, one bit each.
    """

    def __init__(self, query: Query, rarity: NDArray) -> None:  # type: ignore[type-arg]  # any float
        self.share = {group.stem: float(share) for group, share in zip(query.groups, rarity, strict=True)}
        self._bit = {stem: 1 << i for i, stem in enumerate(self.share)}
        self._alike: dict[str, int] = {}
        self._shares: dict[int, float] = {0: 0.0}

    def count(self, words: Iterable[str]) -> int:
        """How many of the words are asked for."""
        return sum(word in self.share for word in words)

    def share_of(self, words: Iterable[str]) -> float:
        """The share of the question that these (distinct) words make up."""
        return sum(self.share[word] for word in words if word in self.share)

    def share_begun(self, words: Iterable[str]) -> float:
        """As `share_of`, also for words that only begin alike (config, configuration)."""
        bits = 0
        for word in words:
            known = self._alike.get(word)
            bits |= self._begun_by(word) if known is None else known
        found = self._shares.get(bits)
        if found is None:
            found = sum(share for stem, share in self.share.items() if self._bit[stem] & bits)
            self._shares[bits] = found
        return found

    def _begun_by(self, word: str) -> int:
        bits = 0
        for stem, bit in self._bit.items():
            long_enough = min(len(word), len(stem)) >= _BEGINNING
            if word == stem or (long_enough and (word.startswith(stem) or stem.startswith(word))):
                bits |= bit
        self._alike[word] = bits
        return bits
