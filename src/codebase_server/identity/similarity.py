"""How alike two pieces of code are, robust to edits and renamings.

A **profile** is the multiset of a chunk's token trigrams, with the chunk's own
name masked so that a renamed function is like itself. Similarity is the Dice
coefficient of two profiles: 1 for the same tokens, falling in proportion to the
tokens touched, indifferent to where they moved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from codebase_server.identity.normal import tokens

_N = 3

_MASK = "\0"


@dataclass(frozen=True, slots=True)
class Profile:
    """Trigram counts of a piece of code; ``size`` is their number, about its number of tokens."""

    grams: Counter[int]
    size: int


def profile(code: str, language: str, symbol: str = "") -> Profile:
    """The profile of a chunk; ``symbol`` is its qualified name, whose last part is masked."""
    own = symbol.rsplit(".", 1)[-1]
    stream: Sequence[str] = [_MASK if token == own else token for token in tokens(code, language)]
    if not stream:
        return Profile(Counter(), 0)
    padded = ["", *stream, ""] if len(stream) < _N else stream
    grams = Counter(map(hash, zip(*(padded[i:] for i in range(_N)), strict=False)))
    return Profile(grams, sum(grams.values()))


def similarity(one: Profile, other: Profile) -> float:
    """Dice coefficient of two profiles, 0 to 1; 0 when either is empty."""
    if not one.size or not other.size:
        return 0.0
    return 2 * _common(one, other) / (one.size + other.size)


def containment(part: Profile, whole: Profile) -> float:
    """Which share of ``part`` is found in ``whole``, 0 to 1: for splits and merges."""
    return _common(part, whole) / part.size if part.size else 0.0


def _common(one: Profile, other: Profile) -> int:
    small, large = (one, other) if len(one.grams) <= len(other.grams) else (other, one)
    counts = large.grams
    return sum(min(count, counts[gram]) for gram, count in small.grams.items() if gram in counts)


class Neighbours:
    """Finds which of many profiles are worth comparing with a given one, without comparing all.

    An inverted index over trigrams; those that stand in very many profiles
    (``return None`` and its like) lead nowhere and are passed over.
    """

    _MOST = 50
    """Profiles that share a trigram before it is too common to lead anywhere."""

    def __init__(self, profiles: Iterable[tuple[int, Profile]]) -> None:
        self._holders: dict[int, list[int]] = {}
        self._sizes: dict[int, int] = {}
        for key, found in profiles:
            self._sizes[key] = found.size
            for gram in found.grams:
                self._holders.setdefault(gram, []).append(key)
        most = max(self._MOST, len(self._sizes) // 20)
        self._holders = {gram: keys for gram, keys in self._holders.items() if len(keys) <= most}

    def near(self, wanted: Profile, least: float, limit: int = 12) -> list[int]:
        """Keys that share most trigrams with ``wanted`` and may reach similarity ``least``; most first."""
        shared: Counter[int] = Counter()
        for gram in wanted.grams:
            shared.update(self._holders.get(gram, ()))
        # Two texts of very different length cannot reach the similarity whatever they share.
        possible = [
            (count, key)
            for key, count in shared.items()
            if 2 * min(self._sizes[key], wanted.size) >= least * (self._sizes[key] + wanted.size)
        ]
        possible.sort(key=lambda pair: (-pair[0], pair[1]))
        return [key for _, key in possible[:limit]]
