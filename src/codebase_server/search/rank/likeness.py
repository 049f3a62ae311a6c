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
    query: Query, rarity: NDArray[np.float32], names: NameRows, vocabulary: Vocabulary
) -> NDArray[np.float32]:
    """The features of `LIKENESS` for each name, shape (n, 4); zeros for one without words."""
    table = np.zeros((len(names.lengths), len(LIKENESS)), dtype=np.float32)
    told = np.flatnonzero(names.comparable)
    if not len(told) or not query.groups:
        return table
    vectors, words = vocabulary.vectors, vocabulary.words
    own = names.own.chosen(told)
    known, place = np.unique(own.flat, return_inverse=True)
    stems = [group.stem for group in query.groups]
    asked = vectors.rows(np.array([term_id("word", stem) for stem in stems], dtype=np.uint64))
    alike = np.maximum(vectors.alike(asked, words.rows()[known]), 0)
    numbers = np.array([words.known(stem) for stem in stems], dtype=np.int32)
    alike[numbers[:, None] == known[None, :]] = 1
    squares = (alike * alike)[:, place]  # (words of the question, words of all names)
    table[told, 0] = rarity @ own.reduced(np.maximum, squares)
    table[told, 1] = own.reduced(np.add, squares.max(axis=0)) / own.sizes
    table[told, 2] = squares[0, own.firsts]
    question = vectors.encode_query(query.text, query.analysed)
    terms = names.terms.chosen(told)
    distinct, place = np.unique(terms.flat, return_inverse=True)
    dots = terms.reduced(np.add, vectors.along(question, distinct)[place])
    table[told, 3] = dots / names.lengths[told]
    return table
