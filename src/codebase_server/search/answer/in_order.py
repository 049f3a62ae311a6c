"""The candidates of a question in their order, and their code: a few at a time, as few are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.answer.selection import Ranked
from codebase_server.search.corpus import Corpus
from codebase_server.search.pool import Found

_AT_ONCE: Final = 48
"""Candidates made at a time: of ten results whose files have no more, three times as many."""

_as_ranked: Callable[[tuple[float, str, int, int, int, int]], Ranked] = partial(tuple.__new__, Ranked)
"""As `Ranked._make`, in a third of its time."""


class Contents:
    """The code of candidates: that of the ``first`` few in order is read at once, as most of it is asked for.

    Of those behind them few are, and which depends on their files: each is read when it is.
    """

    def __init__(
        self, corpus: Corpus, versions: NDArray[np.int32], order: NDArray[np.intp], first: int
    ) -> None:
        self._corpus, self._versions = corpus, versions
        self._first: list[int] = order[:first].tolist()
        self._known: dict[int, str] = {}

    def __call__(self, index: int) -> str:
        if index not in self._known:
            self.read([index])
        return self._known[index]

    def read(self, rows: Iterable[int]) -> None:
        """Read the code of some candidates, and of the first, in one statement."""
        wanted = [row for row in dict.fromkeys([*rows, *self._first]) if row not in self._known]
        self._first = []
        if wanted:
            versions = self._versions[wanted].tolist()
            contents = self._corpus.contents(versions)
            self._known.update(zip(wanted, map(contents.__getitem__, versions), strict=True))


def ranked(found: Found, scores: NDArray[np.float32], order: NDArray[np.intp]) -> Iterator[Ranked]:
    """The candidates in order, each made when it is asked for."""
    parts = (order[start : start + _AT_ONCE] for start in range(0, len(order), _AT_ONCE))
    return chain.from_iterable(_made(found, scores, part) for part in parts)


def _made(found: Found, scores: NDArray[np.float32], rows: NDArray[np.intp]) -> Iterator[Ranked]:
    table, at, files = found.view.table, found.pool.at.take(rows), found.pool.files.take(rows).tolist()
    fields = zip(
        (-scores.take(rows)).tolist(),
        map(found.pool.paths.__getitem__, files),
        table.starts.take(at).tolist(),
        rows.tolist(),
        files,
        table.ends.take(at).tolist(),
        strict=True,
    )
    return map(_as_ranked, fields)
