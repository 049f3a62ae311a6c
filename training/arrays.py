"""Examples as arrays: rows of the vocabulary, ready for gathering in batches."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from codebase_server.terms import TermDocument
from training.mining import Mined
from training.questions import terms_of
from training.vocabulary import Vocabulary

MOST_TERMS = 320
"""Terms of a definition that training looks at: the rarest; the model itself sees all."""

LEXICAL_FIELDS = np.array([5.0, 0.5, 1.0, 0.0, 1.0], dtype=np.float32)
K1, B = 1.2, 0.6
"""A plain BM25F over `terms.FIELDS`: what the vectors are to complement, and the table's ``words``."""


@dataclass(frozen=True, slots=True)
class Ragged:
    """Rows of different lengths, one after the other; row i is ``start[i]:start[i + 1]``."""

    start: NDArray[np.int64]
    rows: NDArray[np.int32]

    @classmethod
    def of(cls, rows: Sequence[NDArray[np.int32]]) -> Ragged:
        """Lay ``rows`` end to end."""
        start = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
        return cls(start, np.concatenate(rows))

    def gather(self, which: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Positions in ``rows`` of the chosen rows, flat, and where each begins among them."""
        lengths = self.start[which + 1] - self.start[which]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        flat = np.arange(offsets[-1]) + np.repeat(self.start[which] - offsets[:-1], lengths)
        return flat, offsets


@dataclass(frozen=True, slots=True)
class Lexical:
    """Words alone, as two sparse matrices over all terms: their product are BM25F scores.

    ``documents`` holds what a term in a definition is worth (the rarity within
    its repository included), ``questions`` ones.
    """

    documents: Any
    questions: Any

    def scores(self, questions: NDArray[np.int64], documents: NDArray[np.int64]) -> NDArray[np.float32]:
        """The score of each of ``questions`` for each of ``documents``."""
        return np.asarray((self.questions[questions] @ self.documents[documents].T).todense())


@dataclass(frozen=True, slots=True)
class Pairs:
    """Questions and the definitions that answer them.

    ``counts``: uint8, beside ``documents.rows``, one column a field. ``origin``:
    which of `mining.DOC`, `MORE`, `COMMENT`, `NAME` each question is.
    ``same``: equal for questions of equal words. ``repository``: by definition.
    """

    documents: Ragged
    counts: NDArray[np.uint8]
    repository: NDArray[np.int32]
    questions: Ragged
    answer: NDArray[np.int32]
    origin: NDArray[np.int8]
    same: NDArray[np.int64]
    lexical: Lexical


def arrays(mined: list[Mined], vocabulary: Vocabulary) -> Pairs:
    """All examples of the given repositories in terms of the vocabulary's rows; unknown terms left out."""
    documents: list[NDArray[np.int32]] = []
    questions: list[NDArray[np.int32]] = []
    counts: list[NDArray[np.uint8]] = []
    repository, answer, origin, same = [], [], [], []
    terms: list[NDArray[np.uint64]] = []
    for number, one in enumerate(mined):
        for example in one.examples:
            for kind, text in example.questions:
                asked = terms_of(text)
                known = vocabulary.known(asked)
                if len(known) < 2:
                    continue
                questions.append(known)
                terms.append(asked)
                answer.append(len(documents))
                origin.append(kind)
                digest = hashlib.blake2b(np.sort(known).tobytes(), digest_size=8).digest()
                same.append(int.from_bytes(digest, "little", signed=True))
            rows, kept = _rarest(example.document, vocabulary)
            documents.append(rows)
            counts.append(example.document.counts[kept])
            repository.append(number)
    return Pairs(
        Ragged.of(documents),
        np.concatenate(counts),
        np.array(repository, dtype=np.int32),
        Ragged.of(questions),
        np.array(answer, dtype=np.int32),
        np.array(origin, dtype=np.int8),
        np.array(same, dtype=np.int64),
        lexical([[e.document for e in one.examples] for one in mined], terms),
    )


def _rarest(document: TermDocument, vocabulary: Vocabulary) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    rows = vocabulary.rows(document.terms)
    kept = np.flatnonzero(rows >= 0)
    if len(kept) > MOST_TERMS:
        order = np.argsort(vocabulary.share[rows[kept]], kind="stable")
        kept = np.sort(kept[order[:MOST_TERMS]])
    return rows[kept], kept


def lexical(repositories: Sequence[Sequence[TermDocument]], questions: list[NDArray[np.uint64]]) -> Lexical:
    """BM25F of the definitions of each repository by itself."""
    parts = [_worth(documents) for documents in repositories if documents]
    known = np.unique(np.concatenate([terms for terms, _, _ in parts]))
    firsts = np.cumsum([0] + [len(documents) for documents in repositories if documents])
    row = np.concatenate([owner + first for (_, owner, _), first in zip(parts, firsts, strict=False)])
    column = np.concatenate([np.searchsorted(known, terms) for terms, _, _ in parts])
    value = np.concatenate([worth for _, _, worth in parts])
    asked = np.concatenate(questions)
    owner = np.repeat(np.arange(len(questions)), [len(terms) for terms in questions])
    at = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    found = known[at] == asked
    ones = np.ones(int(found.sum()), dtype=np.float32)
    return Lexical(
        sparse.csr_matrix((value, (row, column)), shape=(firsts[-1], len(known))),
        sparse.csr_matrix((ones, (owner[found], at[found])), shape=(len(questions), len(known))),
    )


def _worth(
    documents: Sequence[TermDocument],
) -> tuple[NDArray[np.uint64], NDArray[np.intp], NDArray[np.float32]]:
    """Term, definition and BM25F worth of every term of every definition of one repository."""
    lengths = np.array([d.lengths for d in documents], dtype=np.float32) @ LEXICAL_FIELDS
    norm = 1 - B + B * lengths / lengths.mean()
    terms = np.concatenate([d.terms for d in documents])
    owner = np.repeat(np.arange(len(documents)), [len(d.terms) for d in documents])
    amount = np.concatenate([d.counts for d in documents]).astype(np.float32) @ LEXICAL_FIELDS / norm[owner]
    _, inverse, holders = np.unique(terms, return_inverse=True, return_counts=True)
    rarity = np.log(1 + (len(documents) - holders + 0.5) / (holders + 0.5))[inverse]
    return terms, owner, (rarity * amount * (K1 + 1) / (amount + K1)).astype(np.float32)
