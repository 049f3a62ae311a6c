"""Which chunks become candidates."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as some
from numpy.typing import NDArray

from codebase_server.search.candidates import best as module
from codebase_server.search.corpus import RootTable


def table(places: list[tuple[int, int]]) -> RootTable:
    """Chunks that stand at (file, line), in the order of an index."""
    files, lines = (np.array(column, dtype=np.int32) for column in zip(*places, strict=True))
    live = np.arange(len(places), dtype=np.int32)
    return RootTable(
        live, files, lines, lines, ["a", "b", "c"], ["python"] * 3, ["code"] * 3, np.zeros(len(live), bool)
    )


def best(scores: list[int], limit: int, chunks: RootTable) -> NDArray[np.intp]:
    """The best of the chunks that have a score."""
    every = np.array(scores, dtype=np.float32)
    having = np.flatnonzero(every)
    return module.best(having, every[having], limit, chunks)


PLACES = some.lists(
    some.tuples(some.integers(0, 2), some.integers(1, 30)), min_size=1, max_size=30, unique=True
)


@given(PLACES, some.data())
def test_the_same_chunks_are_best_in_whatever_order_they_were_indexed(
    places: list[tuple[int, int]], data: some.DataObject
) -> None:
    scores = data.draw(some.lists(some.integers(0, 3), min_size=len(places), max_size=len(places)))
    limit = data.draw(some.integers(1, 12))
    order = data.draw(some.permutations(range(len(places))))
    found = best(scores, limit, table(places))
    shuffled = [places[i] for i in order]
    again = best([scores[i] for i in order], limit, table(shuffled))
    assert {places[i] for i in found.tolist()} == {shuffled[i] for i in again.tolist()}
    positive = sorted((score for score in scores if score), reverse=True)
    assert sorted((scores[i] for i in found.tolist()), reverse=True) == positive[:limit]
