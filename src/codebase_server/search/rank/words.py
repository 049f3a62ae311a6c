"""The words of names and paths as numbers, each looked up in the vectors of words once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.rank.lists import Column
from codebase_server.terms import QueryTerms
from codebase_server.terms.identifiers import term_id

BEGINNING = 4
"""Letters that two words must share to begin alike; the shorter one must be the other's beginning."""


class WordVectors(Protocol):
    """The part of the static embedder that compares words. Rows are its own numbers of terms, -1 unknown."""

    def rows(self, terms: NDArray[np.uint64]) -> NDArray[np.int32]:
        """The row of each term."""

    def knows(self, terms: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Which terms have a vector."""

    def knows_parts(self, terms: QueryTerms) -> bool:
        """Whether every part of every word of a question has a vector."""

    def alike(self, some: NDArray[np.int32], others: NDArray[np.int32]) -> NDArray[np.float32]:
        """The cosine of each of some terms to each of others, shape (some, others); 0 where unknown."""

    @property
    def model_id(self) -> str:
        """What tells these vectors from others."""

    @property
    def dimensions(self) -> int:
        """The length of a vector."""

    def in_code(self, rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """The vector of each known term as it weighs in code, shape (rows, d)."""

    def encode_query(self, text: str, terms: QueryTerms) -> NDArray[np.float32]:
        """The unit vector of a question."""


class Words:
    """A number for each distinct word; 0 is that of none."""

    def __init__(self, vectors: WordVectors) -> None:
        self._vectors = vectors
        self._numbers: dict[str, int] = {}
        self._rows = Column(np.int32)
        self._rows.extend([-1])
        self._beginning_with: dict[str, list[str]] = {}

    def __len__(self) -> int:
        return len(self._numbers) + 1

    def known(self, word: str) -> int:
        """The number of a word, 0 if nothing has it."""
        return self._numbers.get(word, 0)

    def numbers(self, lists: Sequence[Sequence[str]]) -> list[list[int]]:
        """The numbers of some lists of words, new ones of those that are met first."""
        numbers = self._numbers
        new = list(dict.fromkeys(word for words in lists for word in words if word not in numbers))
        if new:
            numbers.update(zip(new, range(len(self), len(self) + len(new)), strict=True))
            ids = np.array([term_id("word", word) for word in new], dtype=np.uint64)
            self._rows.extend(self._vectors.rows(ids))
            for word in new:
                if len(word) >= BEGINNING:
                    self._beginning_with.setdefault(word[:BEGINNING], []).append(word)
        return [[numbers[word] for word in words] for words in lists]

    def rows(self) -> NDArray[np.int32]:
        """The row of each word in the vectors, by its number."""
        return self._rows.values()

    def begun_alike(self, word: str) -> list[int]:
        """The numbers of the words of which this one is the beginning, or that are its beginning."""
        found = self._beginning_with.get(word[:BEGINNING], ())
        return [self._numbers[other] for other in found if other.startswith(word) or word.startswith(other)]
