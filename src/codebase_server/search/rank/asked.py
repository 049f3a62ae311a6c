"""The words of a question, ready to be compared with the words of hundreds of names."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.query import Query
from codebase_server.search.rank.lists import Lists
from codebase_server.search.rank.vocabulary import BEGINNING, Words


class AskedWords:
    """The stems of a question's words with the share of each, by rarity, in the question.

    Of all words that names may have, those that the question has or that begin like one of its words get a
    place in three small tables; all others share the first place, where nothing is. Made when the
    names to compare with have been met.
    """

    def __init__(self, query: Query, rarity: NDArray[np.float32], words: Words) -> None:
        self.share = {group.stem: float(share) for group, share in zip(query.groups, rarity, strict=True)}
        alike = [self._alike(stem, words) for stem in self.share]
        numbers = list(dict.fromkeys(number for found in alike for number in found))
        place = {number: i + 1 for i, number in enumerate(numbers)}
        self._place = np.zeros(len(words), dtype=np.int32)
        self._place[numbers] = np.arange(1, len(numbers) + 1)
        self._shares = np.array(list(self.share.values()), dtype=np.float32)
        self._begun = np.zeros((len(self.share), len(numbers) + 1), dtype=bool)
        self._own_share = np.zeros(len(numbers) + 1, dtype=np.float32)
        self._is_asked = np.zeros(len(numbers) + 1, dtype=np.float32)
        for i, (stem, share) in enumerate(self.share.items()):
            self._begun[i, [place[number] for number in alike[i]]] = True
            own = place.get(words.known(stem))
            if own is not None:
                self._own_share[own], self._is_asked[own] = share, 1

    @staticmethod
    def _alike(stem: str, words: Words) -> list[int]:
        own = words.known(stem)
        found = words.begun_alike(stem) if len(stem) >= BEGINNING else []
        return [own, *(number for number in found if number != own)] if own else found

    def places(self, lists: Lists) -> NDArray[np.int32]:
        """The lists with each word's place in the tables instead of its number."""
        return self._place[lists.entries]

    def covered(self, places: NDArray[np.int32], sizes: NDArray[np.int32]) -> NDArray[np.float32]:
        """The share of each list's words that are asked for."""
        covered: NDArray[np.float32] = self._is_asked[places].sum(axis=0) / np.maximum(sizes, 1)
        return covered

    def share_of(self, places: NDArray[np.int32]) -> NDArray[np.float32]:
        """The share of the question that each list's (distinct) words make up."""
        found: NDArray[np.float32] = self._own_share[places].sum(axis=0)
        return found

    def share_begun(self, places: NDArray[np.int32]) -> NDArray[np.float32]:
        """As `share_of`, also for words that only begin alike (config, configuration)."""
        share: NDArray[np.float32] = self._shares @ self._begun[:, places].any(axis=1)
        return share
