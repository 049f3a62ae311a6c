"""Vectors of whole files: where all chunks of a file point together.

A single chunk is near to a question by chance, in a large file more often than in a small one; a file
whose chunks together are near deals with it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.candidates.in_memory import VectorsInMemory
from codebase_server.search.candidates.vectors import Vectors
from codebase_server.search.corpus import RootTable

_AT_ONCE = 1_024
"""Chunks whose vectors are read at a time, but for a file that has more."""


MOST_MET = 16_000
"""Files worked out before anybody asks: 16 MB of vectors of 256 dimensions."""

_ALL_AT_ONCE = 16_384
"""Chunks of a root of which the first question works out all files, in some milliseconds: each that follows
would spend a tenth of a millisecond on those that it is the first to have."""


class FileVectors:
    """The sums of the vectors of each file's chunks, each weighed by the square root of its lines.

    A file's is worked out when a question first has it among its candidates, with those of all others where
    that is soon done, and kept as long as the generation. Threads that ask at once may work out the same one
    twice, to the same numbers.
    """

    def __init__(self, vectors: Vectors, table: RootTable) -> None:
        self._vectors, self._table = vectors, table
        self._known = np.zeros(len(table.paths), dtype=bool)
        self._sums: NDArray[np.float32] | None = None

    def meet(self) -> bool:
        """Work out some files that no question has had, in about a millisecond; whether any are left.

        Not of vectors that are too many to be kept in memory, nor in a root of so many files that what is
        kept of them would be too much: there a file is worked out when it is asked for.
        """
        if not isinstance(self._vectors, VectorsInMemory) or len(self._known) > MOST_MET or self._known.all():
            return False
        unknown = self._unknown()
        chunks = np.bincount(self._table.file_of, minlength=len(self._known))[unknown]
        some = unknown[: max(1, int(chunks.cumsum().searchsorted(_AT_ONCE)))]
        self._work_out(some)
        return True

    def cosines(self, query: NDArray[np.float32], files: NDArray[np.integer]) -> NDArray[np.float32]:
        """The cosine of each of some files, by its number in the table; NaN where no chunk has a vector."""
        new = files[~self._known.take(files)]
        if len(new):
            is_small = len(self._table.file_of) <= _ALL_AT_ONCE
            self._work_out(self._unknown() if is_small else new)
        if self._sums is None:  # nothing was ever asked for
            return np.zeros(0, dtype=np.float32)
        found: NDArray[np.float32] = self._sums.take(files, axis=0) @ query
        found /= math.sqrt(query @ query) or 1.0
        return found

    def _unknown(self) -> NDArray[np.intp]:
        (files,) = (~self._known).nonzero()
        return files

    def _work_out(self, files: NDArray[np.integer]) -> None:
        table = self._table
        wanted = np.zeros(len(table.paths), dtype=bool)
        wanted[files] = True
        (chunks,) = wanted[table.file_of].nonzero()
        # by line, not by version: what a sum is rounded to must not depend on how an index came about
        chunks = chunks[np.lexsort((table.starts[chunks], table.file_of[chunks]))]
        file_of = table.file_of[chunks]
        weights = np.sqrt(table.ends[chunks] - table.starts[chunks] + 1).astype(np.float32)
        sums = self._sums
        (firsts,) = np.diff(file_of, prepend=-1).nonzero()
        start = 0
        while start < len(firsts):
            end = max(start + 1, int(firsts.searchsorted(firsts[start] + _AT_ONCE)))
            last = int(firsts[end]) if end < len(firsts) else len(chunks)
            some = slice(int(firsts[start]), last)
            rows = self._vectors.units(chunks[some]) * weights[some, None]
            if sums is None:  # memory that is never written is never taken
                sums = np.zeros((len(table.paths), rows.shape[1]), dtype=np.float32)
            total = np.add.reduceat(rows, firsts[start:end] - firsts[start], axis=0)
            lengths = np.sqrt(np.einsum("ij,ij->i", total, total))
            total /= np.where(lengths > 0, lengths, np.nan)[:, None]
            sums[file_of[firsts[start:end]]] = total
            start = end
        self._sums = sums
        self._known[files] = True
