"""The best of the chunks that were found, so many by each of their scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.candidates.lexical import LexicalScores
from codebase_server.search.corpus import RootTable


def best(
    some: NDArray[np.intp], scores: NDArray[np.float32], limit: int, table: RootTable | None = None
) -> NDArray[np.intp]:
    """Those of some indices that have the highest scores.

    Of equal ones at the limit, those that come first by path and line (with a ``table`` of chunks; without,
    by index): an index has chunks in the order in which it met them, and answers must not depend on that.
    """
    if len(some) <= limit:
        return some
    ordered = scores.copy()
    ordered.partition(len(scores) - limit)
    last = ordered[len(scores) - limit]
    reach = scores >= last
    if np.count_nonzero(reach) == limit:  # none is as good as the last
        enough: NDArray[np.intp] = some[reach]
        return enough
    certain, equal = some[scores > last], some[scores == last]
    if table is not None:
        equal = equal[np.lexsort((table.starts[equal], table.file_of[equal]))]
    return np.concatenate((certain, equal[: limit - len(certain)]))


def best_of_files(
    scores: LexicalScores,
    having: NDArray[np.intp],
    table: RootTable,
    limit: int,
    mask: NDArray[np.bool_] | None,
) -> NDArray[np.intp]:
    """The best chunk by words (of those ``having`` any) of each of the ``limit`` best files."""
    wanted = np.zeros(len(scores.file), dtype=bool)
    (files,) = (scores.file > 0).nonzero()
    wanted[best(files, scores.file.take(files), limit)] = True
    inside = having[wanted.take(table.file_of.take(having))]
    if mask is not None:
        inside = inside[mask[inside]]
    of, found = table.file_of.take(inside).astype(np.intp), scores.chunk.take(inside)
    highest = np.zeros(len(scores.file), dtype=np.float32)
    np.maximum.at(highest, of, found)
    first = np.full(len(scores.file), -1, dtype=np.intp)
    equal = (found == highest.take(of)).nonzero()[0][::-1]  # of equal ones the first is written last
    first[of.take(equal)] = inside.take(equal)
    return first[first >= 0]


def by_place(at: NDArray[np.intp], table: RootTable) -> NDArray[np.intp]:
    """Chunks in the order of their files' paths and of their lines."""
    return at.take((table.file_of.take(at).astype(np.int64) << 32 | table.starts.take(at)).argsort())
