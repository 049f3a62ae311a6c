"""How alike a question and a name are where their words differ: *create a folder* and ``mkdir``.

Word by word and as a whole, by the vectors of the shipped static model, whatever model the chunks are
embedded with: names are short, and a model that reads sentences would take seconds for what this takes
a millisecond.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.query import Query
from codebase_server.search.rank.facts import symbol_facts
from codebase_server.terms import QueryTerms
from codebase_server.terms.identifiers import term_id

LIKENESS = ("name_like", "name_like_covered", "name_dense")
"""How alike the words of the question are to those of the innermost name, by rarity, each to the one most
like it, squared; the same of the name's words to the question's; the cosine of question and name."""


class WordVectors(Protocol):
    """The part of the static embedder that compares words."""

    def words(self, terms: NDArray[np.uint64]) -> NDArray[np.float32]:
        """The unit vector of each term, shape (n, d); zeros for one that the model does not know."""

    def in_code(self, terms: NDArray[np.uint64]) -> NDArray[np.float32]:
        """The vector of each term as it weighs in code, shape (n, d); zeros for an unknown one."""

    def encode_query(self, text: str, terms: QueryTerms) -> NDArray[np.float32]:
        """The unit vector of a question."""


def likeness(
    query: Query, rarity: NDArray[np.float32], symbols: Sequence[str], vectors: WordVectors
) -> NDArray[np.float32]:
    """The features of `LIKENESS` for each symbol's name, shape (n, 3); zeros for one without words."""
    table = np.zeros((len(symbols), len(LIKENESS)), dtype=np.float32)
    every = ((symbol, symbol_facts(symbol)) for symbol in dict.fromkeys(symbols))
    told = {symbol: facts for symbol, facts in every if facts.word_ids and facts.name_terms}
    if not told or not query.groups:
        return table
    words, firsts, sizes = _runs([facts.word_ids for facts in told.values()])
    asked = np.array([term_id("word", group.stem) for group in query.groups], dtype=np.uint64)
    known, place = np.unique(words, return_inverse=True)
    alike = np.maximum(vectors.words(asked) @ vectors.words(known).T, 0)
    alike[asked[:, None] == known[None, :]] = 1
    squares = (alike * alike)[:, place]  # (words of the question, words of all names)
    rows = np.empty((len(told), len(LIKENESS)), dtype=np.float32)
    rows[:, 0] = rarity @ np.maximum.reduceat(squares, firsts, axis=1)
    rows[:, 1] = np.add.reduceat(squares.max(axis=0), firsts) / sizes
    question = vectors.encode_query(query.text, query.analysed)
    rows[:, 2] = _cosines(question, [facts.name_terms for facts in told.values()], vectors)
    row_of = {symbol: i for i, symbol in enumerate(told)}
    at = np.array([row_of.get(symbol, -1) for symbol in symbols])
    table[at >= 0] = rows[at[at >= 0]]
    return table


_lengths: dict[tuple[int, ...], float] = {}
"""Of the sums of the vectors of names' terms: the same for each question. One model a process."""
_REMEMBERED = 60_000


def _cosines(
    question: NDArray[np.float32], names: Sequence[tuple[int, ...]], vectors: WordVectors
) -> NDArray[np.float32]:
    """The cosine of a question and of each name, the sum of the vectors of its terms."""
    flat, firsts, sizes = _runs(names)
    known, place = np.unique(flat, return_inverse=True)
    table = vectors.in_code(known)
    dots: NDArray[np.float32] = np.add.reduceat((table @ question)[place], firsts)
    if len(_lengths) > _REMEMBERED:
        _lengths.clear()
    for name, first, size in zip(names, firsts.tolist(), sizes.tolist(), strict=True):
        if name not in _lengths:
            _lengths[name] = float(np.linalg.norm(table[place[first : first + size]].sum(axis=0))) or 1.0
    lengths = np.array([_lengths[name] for name in names], dtype=np.float32)
    return np.divide(dots, lengths, dtype=np.float32)


def _runs(
    parts: Sequence[tuple[int, ...]],
) -> tuple[NDArray[np.uint64], NDArray[np.intp], NDArray[np.intp]]:
    sizes = np.array([len(part) for part in parts], dtype=np.intp)
    flat = np.array([term for part in parts for term in part], dtype=np.uint64)
    return flat, np.cumsum(sizes) - sizes, sizes
