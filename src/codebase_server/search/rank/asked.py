"""The words of a question, ready to be compared with the words of hundreds of names."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.query import Query
from codebase_server.search.rank.runs import Runs
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
        numbers = sorted(set().union(*alike))
        place = {number: i + 1 for i, number in enumerate(numbers)}
        self._place = np.zeros(len(words), dtype=np.int32)
        self._place[numbers] = np.arange(1, len(numbers) + 1)
        self._shares = np.array(list(self.share.values()), dtype=np.float32)
        self._begun = np.zeros((len(self.share), len(numbers) + 1), dtype=bool)
        self._own_share = np.zeros(len(numbers) + 1, dtype=np.float32)
        for i, (stem, share) in enumerate(self.share.items()):
            self._begun[i, [place[number] for number in alike[i]]] = True
            if words.known(stem) >= 0:
                self._own_share[place[words.known(stem)]] = share
        self._is_asked = np.zeros(len(numbers) + 1, dtype=np.float32)
        self._is_asked[[place[n] for n in map(words.known, self.share) if n >= 0]] = 1

    @staticmethod
    def _alike(stem: str, words: Words) -> set[int]:
        found = {words.known(stem)} - {-1}
        return found.union(words.begun_alike(stem)) if len(stem) >= BEGINNING else found

    def covered(self, lists: Runs) -> NDArray[np.float32]:
        """The share of each list's words that are asked for."""
        count = lists.reduced(np.add, self._is_asked[self._place[lists.flat]])
        covered: NDArray[np.float32] = np.divide(count, np.maximum(lists.sizes, 1), dtype=np.float32)
        return covered

    def share_of(self, lists: Runs) -> NDArray[np.float32]:
        """The share of the question that each list's (distinct) words make up."""
        found: NDArray[np.float32] = lists.reduced(np.add, self._own_share[self._place[lists.flat]])
        return found

    def share_begun(self, lists: Runs) -> NDArray[np.float32]:
        """As `share_of`, also for words that only begin alike (config, configuration)."""
        begun = lists.reduced(np.logical_or, self._begun[:, self._place[lists.flat]])
        share: NDArray[np.float32] = self._shares @ begun
        return share
