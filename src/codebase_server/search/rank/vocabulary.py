"""The words, names and paths of code as numbers, each looked at once a process.

A question is compared with hundreds of names. What they consist of is worked out when they are first met and
kept as rows of numbers, so that a comparison is a few sums over arrays.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from codebase_server.embed.static import StaticEmbedder
from codebase_server.search.rank.facts import path_facts, symbol_facts
from codebase_server.search.rank.runs import Column, GrowingRuns, Runs
from codebase_server.terms import QueryTerms
from codebase_server.terms.identifiers import packed_ids, term_id

BEGINNING = 4
"""Letters that two words must share to begin alike; the shorter one must be the other's beginning."""

_MOST = 60_000
"""Names, or paths, after which all is forgotten and begun anew: some 30 MB."""


class WordVectors(Protocol):
    """The part of the static embedder that compares words. Rows are its own numbers of terms, -1 unknown."""

    def rows(self, terms: NDArray[np.uint64]) -> NDArray[np.int32]:
        """The row of each term."""

    def alike(self, some: NDArray[np.int32], others: NDArray[np.int32]) -> NDArray[np.float32]:
        """The cosine of each of some terms to each of others, shape (some, others); 0 where unknown."""

    def along(self, direction: NDArray[np.float32], rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """How far each known term, as it weighs in code, points in a direction, shape (rows)."""

    def in_code(self, rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """The vector of each known term as it weighs in code, shape (rows, d)."""

    def encode_query(self, text: str, terms: QueryTerms) -> NDArray[np.float32]:
        """The unit vector of a question."""


@dataclass(frozen=True, slots=True)
class NameRows:
    """Distinct symbols; the arrays have an entry a symbol.

    ``own``: the word numbers of the innermost name, ``outer`` of the names around it. ``terms``: the rows
    of the innermost name's terms that the vectors know, ``lengths`` the length of their sum.
    ``comparable``: it has words and is no data. ``last``: the number of the innermost name as a whole.
    """

    own: Runs
    outer: Runs
    terms: Runs
    lengths: NDArray[np.float32]
    comparable: NDArray[np.bool_]
    private: NDArray[np.bool_]
    last: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class PathRows:
    """Paths: word numbers of files' names and of their folders; a column of ``flags`` for each of `FLAGS`."""

    stems: Runs
    folders: Runs
    flags: NDArray[np.float32]


FLAGS = ("tests", "vendored", "examples", "compat", "entry", "stub", "depth")


class Words:
    """A number for each distinct word."""

    def __init__(self, vectors: WordVectors) -> None:
        self._vectors = vectors
        self._numbers: dict[str, int] = {}
        self._rows = Column(np.int32)
        self._beginning_with: dict[str, list[str]] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def known(self, word: str) -> int:
        """The number of a word, -1 if nothing has it."""
        return self._numbers.get(word, -1)

    def number(self, word: str) -> int:
        """The number of a word, a new one if it is met first."""
        number = self._numbers.get(word)
        if number is None:
            number = self._numbers[word] = len(self._numbers)
            self._rows.extend(self._vectors.rows(np.array([term_id("word", word)], dtype=np.uint64)))
            if len(word) >= BEGINNING:
                self._beginning_with.setdefault(word[:BEGINNING], []).append(word)
        return number

    def rows(self) -> NDArray[np.int32]:
        """The row of each word in the vectors, by its number."""
        return self._rows.values()

    def begun_alike(self, word: str) -> list[int]:
        """The numbers of the words of which this one is the beginning, or that are its beginning."""
        found = self._beginning_with.get(word[:BEGINNING], ())
        return [self._numbers[other] for other in found if other.startswith(word) or word.startswith(other)]


class Vocabulary:
    """All that was met so far. Thread-safe through `lock`, which whoever asks for rows must hold."""

    def __init__(self, vectors: WordVectors) -> None:
        self.lock = threading.Lock()
        self.vectors = vectors
        self.words = Words(vectors)
        self._names: dict[str, int] = {}
        self._innermost: dict[str, int] = {}
        self._own, self._outer, self._terms = GrowingRuns(), GrowingRuns(), GrowingRuns()
        self._lengths, self._last = Column(np.float32), Column(np.int32)
        self._comparable, self._private = Column(np.bool_), Column(np.bool_)
        self._paths: dict[str, int] = {}
        self._stems, self._folders = GrowingRuns(), GrowingRuns()
        self._flags = [Column(np.float32) for _ in FLAGS]

    @property
    def is_full(self) -> bool:
        """So much was met that a new one should take its place."""
        return max(len(self._names), len(self._paths)) > _MOST

    def innermost(self, segment: str) -> int:
        """The number of an innermost name, folded as in `facts.SymbolFacts`; -1 if nothing is called so."""
        return self._innermost.get(segment, -1)

    def names(self, symbols: Sequence[str]) -> NameRows:
        """The rows of distinct symbols."""
        self._meet([symbol for symbol in symbols if symbol not in self._names])
        at = np.array([self._names[symbol] for symbol in symbols], dtype=np.intp)
        return NameRows(
            self._own.at(at),
            self._outer.at(at),
            self._terms.at(at),
            self._lengths.values()[at],
            self._comparable.values()[at],
            self._private.values()[at],
            self._last.values()[at],
        )

    def paths(self, paths: Sequence[str]) -> PathRows:
        """The rows of paths."""
        self._meet_paths([path for path in paths if path not in self._paths])
        at = np.array([self._paths[path] for path in paths], dtype=np.intp)
        flags = np.stack([column.values()[at] for column in self._flags], axis=1)
        return PathRows(self._stems.at(at), self._folders.at(at), flags)

    def _meet(self, symbols: Sequence[str]) -> None:
        if not symbols:
            return
        every = [symbol_facts(symbol) for symbol in symbols]
        self._names.update(
            zip(symbols, range(len(self._names), len(self._names) + len(symbols)), strict=True)
        )
        number, innermost = self.words.number, self._innermost
        self._own.extend([[number(word) for word in facts.own_words] for facts in every])
        self._outer.extend([[number(word) for word in facts.outer_words] for facts in every])
        self._private.extend([facts.private for facts in every])
        self._last.extend(
            [
                innermost.setdefault(facts.segments[-1], len(innermost)) if facts.segments else -1
                for facts in every
            ]
        )
        self._meet_terms([packed_ids(facts.last) if facts.own_words else b"" for facts in every])

    def _meet_terms(self, packed: Sequence[bytes]) -> None:
        """Note the terms of innermost names, and the length of their sum."""
        self._comparable.extend([bool(ids) for ids in packed])
        owner = np.repeat(np.arange(len(packed)), [len(ids) // 8 for ids in packed])
        rows = self.vectors.rows(np.frombuffer(b"".join(packed), np.uint64))
        known = np.unique(np.stack([owner, rows], axis=1)[rows >= 0], axis=0)  # each term of a name once
        sizes = np.bincount(known[:, 0], minlength=len(packed))
        ends = np.cumsum(sizes)
        terms = Runs(known[:, 1].astype(np.int32), ends - sizes, sizes)
        self._terms.extend(np.split(terms.flat, ends[:-1]))
        sums = terms.reduced(np.add, self.vectors.in_code(terms.flat).T)
        lengths = np.linalg.norm(sums, axis=0)
        self._lengths.extend(np.where(lengths > 0, lengths, 1))

    def _meet_paths(self, paths: Sequence[str]) -> None:
        if not paths:
            return
        every = [path_facts(path) for path in paths]
        self._paths.update(zip(paths, range(len(self._paths), len(self._paths) + len(paths)), strict=True))
        self._stems.extend([[self.words.number(word) for word in facts.stem_words] for facts in every])
        self._folders.extend([[self.words.number(word) for word in facts.folder_words] for facts in every])
        for column, flag in zip(self._flags, FLAGS, strict=True):
            column.extend([float(getattr(facts, flag)) for facts in every])


_lock = threading.Lock()
_shipped: list[Vocabulary] = []


def vocabulary() -> Vocabulary:
    """The vocabulary of this process, over the shipped vectors whatever model chunks are embedded with."""
    with _lock:
        if not _shipped or _shipped[0].is_full:
            _shipped[:] = [Vocabulary(StaticEmbedder.shipped())]
        return _shipped[0]
