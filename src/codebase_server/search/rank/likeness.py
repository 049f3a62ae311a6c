"""How alike a question and a name are where their words differ: *create a folder* and ``mkdir``.

Word by word and as a whole, by the vectors of the shipped static model, whatever model the chunks are
embedded with: names are short, and a model that reads sentences would take seconds for what this takes
a millisecond.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.query import Query
from codebase_server.search.rank.vocabulary import NameRows, Vocabulary
from codebase_server.terms.identifiers import term_id

LIKENESS = ("name_like", "name_like_covered", "first_like", "name_dense")
"""How alike the words of the question are to those of the innermost name, by rarity, each to the one most
like it, squared; the same of the name's words to the question's; of the first words of both, which say what
is done; the cosine of question and name."""


def likeness(
    query: Query,
    rarity: NDArray[np.float32],
    names: NameRows,
    vocabulary: Vocabulary,
    question: NDArray[np.float32],
) -> NDArray[np.float32]:
    """The features of `LIKENESS` for each name, shape (4, n); zeros for one without words.

    ``question`` is the question's vector by the vocabulary's model.
    """
    table = np.zeros((len(LIKENESS), len(names.scales)), dtype=np.float32)
    own = names.own.entries
    if not len(own) or not query.groups:
        return table
    squares = _squares(query, own, vocabulary)
    table[0] = rarity @ squares.max(axis=1)
    table[1] = squares.max(axis=0).sum(axis=0) / np.maximum(names.own.sizes, 1)
    table[2] = squares[0, 0]
    table[3] = (names.vectors.astype(np.float32) @ question) * names.scales
    table *= names.comparable
    return table


def _squares(query: Query, own: NDArray[np.int32], vocabulary: Vocabulary) -> NDArray[np.float32]:
    """How alike each word of the question and each of the names' are, squared: (words, *own.shape)."""
    vectors, words = vocabulary.vectors, vocabulary.words
    rows = words.rows()
    is_there = np.zeros(len(rows), dtype=bool)
    is_there[own] = True
    is_there[0] = False
    known = np.flatnonzero(is_there)
    place = np.zeros(len(rows), dtype=np.int32)
    place[known] = np.arange(1, len(known) + 1)
    stems = [group.stem for group in query.groups]
    asked = vectors.rows(np.array([term_id("word", stem) for stem in stems], dtype=np.uint64))
    alike = np.zeros((len(stems), len(known) + 1), dtype=np.float32)
    np.maximum(vectors.alike(asked, rows[known]), 0, out=alike[:, 1:])
    alike[np.arange(len(stems)), place[[words.known(stem) for stem in stems]]] = 1
    alike[:, 0] = 0
    alike *= alike
    return alike[:, place[own]]
