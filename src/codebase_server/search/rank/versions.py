"""What ranking needs of versions, as numbers: each is read once, since a version never changes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.corpus import VersionFacts
from codebase_server.search.rank.vocabulary import Vocabulary

TYPES = frozenset("class struct interface trait enum protocol object module type namespace".split())
"""Kinds of symbols that define a type or hold others; an implementation or extension only adds to one."""

Read = Callable[[Sequence[int]], Mapping[int, VersionFacts]]

_HAS_SYMBOL, _IS_TYPE, _HAS_DOC = 1, 2, 4


class VersionRows(NamedTuple):
    """Some versions: the number of each one's symbol in the vocabulary, and what is true of it."""

    names: NDArray[np.int32]
    has_symbol: NDArray[np.bool_]
    is_type: NDArray[np.bool_]
    has_doc: NDArray[np.bool_]


class Versions:
    """The versions of one database that were candidates so far. Thread-safe."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._names = np.full(1024, -1, dtype=np.int32)
        self._marks = np.zeros(1024, dtype=np.uint8)
        self._lock = threading.Lock()

    def rows(self, versions: NDArray[np.int32], read: Read) -> VersionRows:
        """The rows of some versions; ``read`` gives the facts of those that are met first."""
        with self._lock:
            self._make_room(int(versions.max(initial=-1)) + 1)
            new = versions[self._names[versions] < 0]
        if len(new):
            self._meet(new, read(new.tolist()))
        with self._lock:
            names, marks = self._names[versions], self._marks[versions]
        return VersionRows(names, marks & _HAS_SYMBOL != 0, marks & _IS_TYPE != 0, marks & _HAS_DOC != 0)

    def unmet(self, versions: NDArray[np.int32]) -> NDArray[np.int32]:
        """Those of some versions whose rows nobody has asked for."""
        with self._lock:
            self._make_room(int(versions.max(initial=-1)) + 1)
            return versions[self._names[versions] < 0]

    def _meet(self, new: NDArray[np.int32], facts: Mapping[int, VersionFacts]) -> None:
        every = [facts[version] for version in new.tolist()]
        marks = [
            _HAS_SYMBOL * bool(fact.symbol) + _IS_TYPE * (fact.symbol_kind in TYPES) + _HAS_DOC * fact.has_doc
            for fact in every
        ]
        with self.vocabulary.lock:
            names = self.vocabulary.numbers([fact.symbol for fact in every])
        with self._lock:
            self._names[new], self._marks[new] = names, marks

    def _make_room(self, count: int) -> None:
        if count > len(self._names):
            more = max(count, len(self._names) * 5 // 4) - len(self._names)
            self._names = np.append(self._names, np.full(more, -1, dtype=np.int32))
            self._marks = np.append(self._marks, np.zeros(more, dtype=np.uint8))
