"""The words, names and paths of code as numbers, each looked at once a process.

A question is compared with hundreds of names. What they consist of is worked out when they are first met and
kept as columns of numbers, so that a comparison is a few sums over arrays.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codebase_server.embed.static import StaticEmbedder
from codebase_server.search.rank.facts import PathFacts, outer_words, own_facts, path_facts, segments_of
from codebase_server.search.rank.lists import Column, GrowingLists, Lists
from codebase_server.search.rank.words import Words, WordVectors
from codebase_server.terms.identifiers import Memory, ids_once, term_id

_MOST = 120_000
"""Names, or paths, after which all is forgotten and begun anew."""

_MOST_ASKED = 5_000
"""Words of questions whose rows are remembered."""


class NameRows(NamedTuple):
    """Some symbols; the arrays have an entry a symbol.

    ``own``: the list of the words of the innermost name, ``outer`` of the names around it, both as numbers
    of `Vocabulary.lists`. ``vectors``: the vector of the innermost name as bytes, which times ``scales`` is a
    unit vector (or zeros, if no term of it is known). ``comparable``: it has words and is no data. ``last``:
    the number of the innermost name as a whole.
    """

    own: NDArray[np.intp]
    outer: NDArray[np.intp]
    vectors: NDArray[np.int8]
    scales: NDArray[np.float32]
    comparable: NDArray[np.bool_]
    last: NDArray[np.int32]


class PathRows(NamedTuple):
    """Paths: the lists of words of files' names and of their folders; a row of ``flags`` for each of
    `FLAGS`."""

    stems: NDArray[np.intp]
    folders: NDArray[np.intp]
    flags: NDArray[np.float32]


_FIRST_FLAG = PathFacts._fields.index("tests")
FLAGS = PathFacts._fields[_FIRST_FLAG:]
"""Of a path's facts those that are numbers."""


class Vocabulary:
    """All that was met so far. Thread-safe through `lock`, which whoever asks for rows must hold."""

    def __init__(self, vectors: WordVectors) -> None:
        self.lock = threading.Lock()
        self.vectors = vectors
        self.words = Words(vectors)
        self._names: dict[str, int] = {}
        self._symbols: list[str] = []
        self._asked: Memory[int] = Memory(_MOST_ASKED)
        self._lists = GrowingLists()
        self._spelt_of, self._own_of, self._outer_of = Column(np.intp), Column(np.intp), Column(np.intp)
        # what follows has a row for each spelling of an innermost name: many symbols share one
        self._spelt: dict[str, int] = {}
        self._innermost: dict[str, int] = {}
        self._own = Column(np.intp)
        self._vectors, self._scales = Column(np.int8, (vectors.dimensions,)), Column(np.float32)
        self._comparable, self._private = Column(np.bool_), Column(np.bool_)
        self._last = Column(np.int32)
        # ... and here for what holds it
        self._holders: dict[str, int] = {}
        self._outer = Column(np.intp)
        self._paths: dict[str, int] = {}
        self._stems, self._folders = Column(np.intp), Column(np.intp)
        self._flags = Column(np.float32, (len(FLAGS),))

    @property
    def is_full(self) -> bool:
        """So much was met that a new one should take its place."""
        return max(len(self._names), len(self._paths)) > _MOST

    def innermost(self, segment: str) -> int:
        """The number of an innermost name as `facts.folded_segments` has it; -1 if nothing is called so."""
        return self._innermost.get(segment, -1)

    def numbers(self, symbols: Sequence[str]) -> list[int]:
        """The numbers of symbols, new ones of those that are met first."""
        self._meet([symbol for symbol in dict.fromkeys(symbols) if symbol not in self._names])
        return [self._names[symbol] for symbol in symbols]

    def symbol(self, number: int) -> str:
        """The symbol of a number."""
        return self._symbols[number]

    def __len__(self) -> int:
        return len(self._names)

    def names(self, numbers: NDArray[np.integer]) -> NameRows:
        """The rows of symbols, by their numbers."""
        return self.names_at(self.columns(numbers))

    def columns(self, numbers: NDArray[np.integer]) -> NDArray[np.intp]:
        """Where what is known of symbols stands, shape (4, n), for `names_at`; last the numbers."""
        kept = (self._own_of, self._outer_of, self._spelt_of)
        return np.stack([*(column.values().take(numbers) for column in kept), numbers], dtype=np.intp)

    def names_at(self, columns: NDArray[np.intp]) -> NameRows:
        """The rows of symbols, by their `columns`."""
        own, outer, spelt, _ = columns
        return NameRows(
            own,
            outer,
            self._vectors.values().take(spelt, axis=0),
            self._scales.values().take(spelt),
            self._comparable.values().take(spelt),
            self._last.values().take(spelt),
        )

    def is_private(self, columns: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Which symbols, by their `columns`, begin with one underscore."""
        private: NDArray[np.bool_] = self._private.values().take(columns[2])
        return private

    def lists(self, numbers: NDArray[np.intp]) -> Lists:
        """Lists of word numbers, by what `NameRows` and `PathRows` have for them."""
        return self._lists.at(numbers)

    def rows_of(self, stems: Sequence[str]) -> NDArray[np.int32]:
        """The rows of a question's words in the vectors."""
        rows = [self._asked.get(stem) for stem in stems]
        if None in rows:
            ids = np.array([term_id("word", stem) for stem in stems], dtype=np.uint64)
            rows = self.vectors.rows(ids).tolist()
            for stem, row in zip(stems, rows, strict=True):
                self._asked.keep(stem, row)
        return np.array(rows, dtype=np.int32)

    def meet_paths(self, paths: Sequence[str]) -> bool:
        """Meet those of some paths that are new; whether any was."""
        new = [path for path in paths if path not in self._paths]
        self._meet_paths(new)
        return bool(new)

    def paths(self, paths: Sequence[str]) -> PathRows:
        """The rows of paths."""
        self.meet_paths(paths)
        at = np.array([self._paths[path] for path in paths], dtype=np.intp)
        return PathRows(self._stems.values()[at], self._folders.values()[at], self._flags.values()[at].T)

    def _meet(self, symbols: Sequence[str]) -> None:
        if not symbols:
            return
        every = [segments_of(symbol) for symbol in symbols]
        self._names.update(
            zip(symbols, range(len(self._names), len(self._names) + len(symbols)), strict=True)
        )
        self._symbols.extend(symbols)
        spelt = self._innermost_rows([segments[-1] if segments else "" for segments in every])
        holders = self._holder_rows([" ".join(segments[:-1]) for segments in every])
        self._spelt_of.extend(spelt)
        self._own_of.extend(self._own.values()[spelt])
        self._outer_of.extend(self._outer.values()[holders])

    def _innermost_rows(self, spelt: Sequence[str]) -> list[int]:
        """The row of each innermost name as it is spelt, new ones of those that are met first."""
        new = _numbered(spelt, self._spelt)
        if new:
            every = [own_facts(name) for name in new]
            self._own.extend(self._lists.extend(self.words.numbers([facts.words for facts in every])))
            self._private.extend([facts.private for facts in every])
            innermost = self._innermost
            self._last.extend(
                [
                    innermost.setdefault(facts.folded, len(innermost)) if name else -1
                    for name, facts in zip(new, every, strict=True)
                ]
            )
            packed = [ids_once(facts.last) if facts.words else b"" for facts in every]
            self._comparable.extend([bool(ids) for ids in packed])
            sums = self._sums(packed)
            peaks = np.maximum(np.abs(sums).max(axis=1), 1e-9)
            lengths = np.maximum(np.linalg.norm(sums, axis=1), 1e-9)
            self._vectors.extend(np.rint(sums * (127 / peaks)[:, None]))
            self._scales.extend(peaks / 127 / lengths)
        return [self._spelt[name] for name in spelt]

    def _holder_rows(self, holders: Sequence[str]) -> list[int]:
        """The row of each list of names around an innermost one, separated by spaces."""
        new = _numbered(holders, self._holders)
        if new:
            found = self.words.numbers([outer_words(names.split()) for names in new])
            self._outer.extend(self._lists.extend(found))
        return [self._holders[names] for names in holders]

    def _sums(self, packed: Sequence[bytes]) -> NDArray[np.float32]:
        """The sum of the vectors of each name's terms, each term once; ``packed`` as of `packed_ids`."""
        owner = np.repeat(np.arange(len(packed)), [len(ids) // 8 for ids in packed])
        rows = self.vectors.rows(np.frombuffer(b"".join(packed), np.uint64))
        distinct, column = np.unique(rows[rows >= 0], return_inverse=True)
        has = np.zeros((len(packed), len(distinct)), dtype=np.float32)
        has[owner[rows >= 0], column] = 1
        with np.errstate(invalid="ignore"):  # as in `features.features`
            sums: NDArray[np.float32] = has @ self.vectors.in_code(distinct)
        return sums

    def _meet_paths(self, paths: Sequence[str]) -> None:
        if not paths:
            return
        every = [path_facts(path) for path in paths]
        self._paths.update(zip(paths, range(len(self._paths), len(self._paths) + len(paths)), strict=True))
        self._stems.extend(self._lists.extend(self.words.numbers([facts.stem_words for facts in every])))
        self._folders.extend(self._lists.extend(self.words.numbers([facts.folder_words for facts in every])))
        self._flags.extend(np.array([facts[_FIRST_FLAG:] for facts in every]))


def _numbered(keys: Sequence[str], known: dict[str, int]) -> list[str]:
    """Give those keys that are not known the next numbers; they are returned in that order."""
    new = list(dict.fromkeys(key for key in keys if key not in known))
    known.update(zip(new, range(len(known), len(known) + len(new)), strict=True))
    return new


_lock = threading.Lock()
_shipped: list[Vocabulary] = []


def vocabulary() -> Vocabulary:
    """The vocabulary of this process, over the shipped vectors whatever model chunks are embedded with."""
    with _lock:
        if not _shipped or _shipped[0].is_full:
            _shipped[:] = [Vocabulary(StaticEmbedder.shipped())]
        return _shipped[0]
