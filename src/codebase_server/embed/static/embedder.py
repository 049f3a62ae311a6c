"""Summing the vectors of a chunk's terms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codebase_server.embed.static.weights import StaticWeights, read_weights
from codebase_server.terms import QueryTerms, TermDocument, TermTable
from codebase_server.terms.identifiers import Memory

SHIPPED = Path(__file__).with_name("model.npz")

_AT_ONCE = 64
"""Chunks per matrix product: enough that shared terms are fetched once, few enough to stay in the cache."""

_MOST_ASKED = 2_500
"""Words of questions of which it is remembered what the model has of them."""


class _Known(NamedTuple):
    """What the model knows of a word of a question: the rows of its terms, and whether each part has one."""

    rows: tuple[int, ...]
    all_parts: bool


class StaticEmbedder:
    """An embedder without a network: a chunk's vector is the weighted sum of its terms' vectors."""

    needs_texts = False
    truncated = 0

    def __init__(self, weights: StaticWeights, digest: str) -> None:
        self._weights = weights
        self.dimensions = weights.vectors.shape[1]
        self.model_id = f"static-{digest}-{self.dimensions}"
        self._lengths = np.full(len(weights.terms) + 1, np.nan, dtype=np.float32)
        """Of the inverses of rows' lengths, those that were asked for; the last is that of no row."""
        self._lengths[-1] = 0
        self._asked: Memory[_Known] = Memory(_MOST_ASKED)

    @staticmethod
    @cache
    def shipped() -> StaticEmbedder:
        """The model of this package; read once a process."""
        return StaticEmbedder(*read_weights(SHIPPED))

    def encode_documents(
        self, documents: Sequence[TermDocument], texts: Sequence[str] = ()
    ) -> NDArray[np.int8]:
        """See `Embedder.encode_documents`; ``texts`` are not read."""
        return self.encode_table(TermTable.of(documents))

    # Some builds of the linear algebra library raise "invalid" for products of finite numbers: what they
    # read beside the rows sets the flag.
    @np.errstate(invalid="ignore")
    def encode_table(self, documents: TermTable) -> NDArray[np.int8]:
        """The same for chunks in one table: quicker where its vocabulary is known."""
        out = np.empty((len(documents), self.dimensions), dtype=np.int8)
        vocabulary, term = documents.vocabulary or np.unique(documents.terms, return_inverse=True)
        row, known = self._rows(vocabulary)
        rows = np.full(len(vocabulary), -1)
        rows[known] = row
        place = np.empty(len(self._weights.terms), dtype=np.intp)
        for start in range(0, len(documents), _AT_ONCE):
            end = min(start + _AT_ONCE, len(documents))
            first, last = documents.starts[start], documents.starts[end]
            sizes = np.diff(documents.starts[start : end + 1])
            sums = self._sums(rows[term[first:last]], documents.counts[first:last], sizes, place)
            out[start:end] = np.rint(_unit(sums) * 127)
        return out

    @np.errstate(invalid="ignore")
    def encode_query(self, text: str, terms: QueryTerms) -> NDArray[np.float32]:
        """See `Embedder.encode_query`; each term counts once, however often it is said."""
        known = dict.fromkeys(chain.from_iterable([one.rows for one in self._known(terms)]))
        rows = np.array([*known], dtype=np.intp)
        vectors = self._weights.vectors.take(rows, axis=0).astype(np.float32)
        summed: NDArray[np.float32] = self._weights.scales.take(rows) @ vectors
        length = math.sqrt(summed @ summed)
        return summed / np.float32(length) if length else summed

    def rows(self, terms: NDArray[np.uint64]) -> NDArray[np.int32]:
        """The row of each term in the model, -1 for one it does not know."""
        found = np.full(len(terms), -1, dtype=np.int32)
        rows, known = self._rows(terms)
        found[known] = rows
        self._measure(found)  # all at once, for `alike`
        return found

    def knows(self, terms: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Which terms the model has a vector for."""
        return self._rows(terms)[1]

    def knows_parts(self, terms: QueryTerms) -> bool:
        """Whether the model has a vector for every part of every word of a question."""
        return all(one.all_parts for one in self._known(terms))

    def _known(self, terms: QueryTerms) -> list[_Known]:
        """What is known of each word of a question; those that no question had are looked up together."""
        tokens = terms.tokens
        found = self._asked.all([token.text for token in tokens])
        new = [token for token, known in zip(tokens, found, strict=True) if known is None]
        if not new:
            return [known for known in found if known is not None]
        ids = [term for token in new for term in (token.whole, *token.words, *token.pairs)]
        rows, known = self._rows(np.array(ids, dtype=np.uint64))
        row, is_known = iter(rows.tolist()), iter(known.tolist())
        for token in new:
            has = [next(is_known) for _ in range(1 + len(token.words) + len(token.pairs))]
            own = tuple([next(row) for one in has if one])
            self._asked.keep(token.text, _Known(own, all(has[1 : 1 + len(token.words)])))
        return self._known(terms)

    @np.errstate(invalid="ignore")
    def alike(self, some: NDArray[np.int32], others: NDArray[np.int32]) -> NDArray[np.float32]:
        """The cosine of each of some terms to each of others, shape (some, others); 0 for row -1.

        ``some`` and ``others`` are rows as `rows` gives them.
        """
        vectors = self._weights.vectors
        products: NDArray[np.float32] = (
            vectors.take(some, axis=0).astype(np.float32) @ vectors.take(others, axis=0).astype(np.float32).T
        )
        products *= self._lengths.take(some)[:, None]
        products *= self._lengths.take(others)
        return products

    def _measure(self, rows: NDArray[np.int32]) -> None:
        """Work out the inverse lengths of those of some rows that nobody has asked for."""
        wanted = rows[np.isnan(self._lengths.take(rows))]
        if len(wanted):
            lengths = np.linalg.norm(self._weights.vectors[wanted].astype(np.float32), axis=1)
            self._lengths[wanted] = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)

    def in_code(self, rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """The vector of each term as it weighs in code, shape (rows, d); no row may be -1."""
        return self._weights.vectors[rows] * self._weights.document_scales[rows, None]

    def _sums(
        self,
        row: NDArray[np.intp],
        counts: NDArray[np.uint8],
        sizes: NDArray[np.int64],
        place: NDArray[np.intp],
    ) -> NDArray[np.float32]:
        """Sums of term vectors as one product: weights (chunks, terms) times vectors (terms, d).

        Of each term of each chunk its row (-1 for none) and its counts; ``sizes``: how many are of a chunk;
        ``place``: room for a number for each row.
        """
        amounts = counts.astype(np.float32) @ self._weights.fields
        kept = row >= 0
        row = row[kept]
        is_met = np.zeros(len(place), dtype=np.bool_)
        is_met[row] = True
        rows = np.flatnonzero(is_met)
        place[rows] = np.arange(len(rows))
        owner = np.repeat(np.arange(len(sizes)), sizes)
        table = np.zeros((len(sizes), len(rows)), dtype=np.float32)
        table[owner[kept], place[row]] = (amounts / (amounts + self._weights.half))[kept]
        table *= self._weights.document_scales[rows]
        sums: NDArray[np.float32] = table @ self._weights.vectors[rows].astype(np.float32)
        return sums

    def _rows(self, terms: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Rows of the terms that the model knows, and which of ``terms`` those are."""
        at = self._weights.terms.searchsorted(terms)
        known = self._weights.terms.take(at, mode="clip") == terms  # one above all is not the last
        return at[known], known


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return unit
