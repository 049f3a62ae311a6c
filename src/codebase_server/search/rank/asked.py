"""The words of a question beside the words of hundreds of names and paths."""

from __future__ import annotations

from itertools import chain

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.query import Query
from codebase_server.search.rank.lists import Lists
from codebase_server.search.rank.vocabulary import Vocabulary
from codebase_server.search.rank.words import BEGINNING, Words


class AskedWords:
    """What lists of words share with a question, by the rarity of its words.

    Of all words that names may have, those of the first ``likened`` lists and those that the question
    has or that begin like one of its words get a place in small tables; all others share the first
    place, where nothing is. A list's words are then looked up in all tables at once.

    :param rarity: the share of each of the question's words in it.
    :param compared: how many lists, from the first, are compared word by word; of the others only `share`
        is known.
    :param likened: of how many of these the words may be others that mean the same.
    """

    def __init__(
        self,
        query: Query,
        rarity: NDArray[np.float32],
        vocabulary: Vocabulary,
        lists: Lists,
        compared: int,
        likened: int,
    ) -> None:
        words, stems = vocabulary.words, [group.stem for group in query.groups]
        of_stem = {stem: i for i, stem in enumerate(stems)}  # a number may be said twice: the last one counts
        own = [words.known(stem) for stem in stems]
        begun = [words.begun_alike(stem) if len(stem) >= BEGINNING else [] for stem in stems]
        self._counts = np.maximum(lists.sizes[:compared], 1)
        longest = int(self._counts.max(initial=1))  # folders have more words, and are not compared
        asked_words = [*own, *chain.from_iterable(begun)]
        known, place = _places(words, lists.entries[:longest, :likened], asked_words)
        self._places = place.take(lists.entries)
        self._compared, self._likened = self._places[:longest, :compared], likened
        at = place[own]
        self._own_share = np.zeros(len(known) + 1, dtype=np.float32)
        self._is_asked = np.zeros(len(known) + 1, dtype=np.float32)
        self._own_share[at] = rarity
        self._is_asked[at] = 1
        self._own_share[0] = self._is_asked[0] = 0
        # for each of the question's words: how alike to it a word is, squared; and whether it begins alike
        width = len(stems)
        table = np.zeros((len(known) + 1, 2 * width), dtype=np.float32)
        self._alike = table[:, :width]
        if width and len(known):
            rows = words.rows()
            alike = vocabulary.vectors.alike(rows[known], vocabulary.rows_of(stems))
            np.maximum(alike, 0, out=self._alike[1:])
            self._alike *= self._alike
        alike_rows, alike_columns = [*own], [*range(width)]
        for i in of_stem.values():
            alike_rows += [own[i], *begun[i]]
            alike_columns += [width + i] * (1 + len(begun[i]))
        table[place[alike_rows], alike_columns] = 1
        table[0] = 0
        nearest = np.maximum.reduce(table.take(self._compared, axis=0), axis=0)
        self._rarity = rarity
        self._nearest, self._begins = nearest[:likened, :width], nearest[:, width:]

    def share(self) -> NDArray[np.float32]:
        """The share of the question that each list's (distinct) words make up."""
        found: NDArray[np.float32] = np.add.reduce(self._own_share.take(self._places), axis=0)
        return found

    def covered(self) -> NDArray[np.float32]:
        """The share of each list's words that are asked for."""
        said = np.add.reduce(self._is_asked.take(self._compared), axis=0)
        covered: NDArray[np.float32] = said / self._counts
        return covered

    def share_begun(self) -> NDArray[np.float32]:
        """As `share`, also for words that only begin alike (config, configuration)."""
        share: NDArray[np.float32] = self._begins @ self._rarity
        return share

    def likeness(self) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """Of the lists whose words may be others: the first three of `likeness.LIKENESS`."""
        none = np.zeros(self._likened, dtype=np.float32)
        if not self._alike.shape[1]:
            return none, none, none
        places = self._compared[:, : self._likened]
        most = np.maximum.reduce(self._alike, axis=1)
        covered = np.add.reduce(most.take(places), axis=0) / self._counts[: self._likened]
        return self._nearest @ self._rarity, covered, self._alike[:, 0][places[0]]


def _places(
    words: Words, entries: NDArray[np.intp], asked: list[int]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The distinct words of some lists and of a question, and for every word its place among them, from 1."""
    is_there = np.zeros(len(words), dtype=bool)
    is_there[entries] = True
    is_there[asked] = True
    is_there[0] = False
    (known,) = is_there.nonzero()
    place = np.zeros(len(words), dtype=np.intp)
    place[known] = np.arange(1, len(known) + 1)
    return known, place
