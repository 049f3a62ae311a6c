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
        self._alike = _Alike(self.share)
        self._shares: dict[int, float] = {0: 0.0}

    def count(self, words: Iterable[str]) -> int:
        """How many of the words are asked for."""
        return sum(map(self.share.__contains__, words))

    def share_of(self, words: Iterable[str]) -> float:
        """The share of the question that these (distinct) words make up."""
        total, share = 0.0, self.share
        for word in words:
            if word in share:
                total += share[word]
        return total

    def share_begun(self, words: Iterable[str]) -> float:
        """As `share_of`, also for words that only begin alike (config, configuration)."""
        bits, alike = 0, self._alike
        for word in words:
            bits |= alike[word]
        found = self._shares.get(bits)
        if found is None:
            found = sum(share for i, share in enumerate(self.share.values()) if bits >> i & 1)
            self._shares[bits] = found
        return found


class _Alike(dict[str, int]):
    """From a word to the set of the question's stems that it begins alike with, as bits in their order."""

    def __init__(self, stems: Iterable[str]) -> None:
        self._same: dict[str, int] = {}
        self._by_beginning: dict[str, list[tuple[str, int]]] = {}
        for i, stem in enumerate(stems):
            self._same[stem] = 1 << i
            if len(stem) >= _BEGINNING:
                self._by_beginning.setdefault(stem[:_BEGINNING], []).append((stem, 1 << i))

    def __missing__(self, word: str) -> int:
        bits = self._same.get(word, 0)
        # Those that share fewer letters, which is nearly all, are never looked at.
        for stem, bit in self._by_beginning.get(word[:_BEGINNING], ()):
            if word.startswith(stem) or stem.startswith(word):
                bits |= bit
        self[word] = bits
        return bits
