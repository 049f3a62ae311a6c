"""Examples as arrays: rows of the vocabulary, ready for gathering in batches."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codebase_server.terms import of_query
from training.mining import Mined
from training.vocabulary import Vocabulary

MOST_TERMS = 320
"""Terms of a definition that training looks at: the rarest are dropped, the model sees all."""


@dataclass(frozen=True, slots=True)
class Ragged:
    """Rows of different lengths, one after the other; row i is ``start[i]:start[i + 1]``."""

    start: NDArray[np.int64]
    rows: NDArray[np.int32]

    def gather(self, which: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Positions in ``rows`` of the chosen rows, flat, and where each begins among them."""
        lengths = self.start[which + 1] - self.start[which]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        flat = np.arange(offsets[-1]) + np.repeat(self.start[which] - offsets[:-1], lengths)
        return flat, offsets


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
    texts: list[str]


def arrays(mined: list[Mined], vocabulary: Vocabulary) -> Pairs:
    """All examples of the given repositories in terms of the vocabulary's rows; unknown terms left out."""
    documents: list[NDArray[np.int32]] = []
    counts, repository, questions, answer, origin, same, texts = [], [], [], [], [], [], []
    for number, one in enumerate(mined):
        for example in one.examples:
            rows = vocabulary.rows(example.document.terms)
            kept = np.flatnonzero(rows >= 0)
            if len(kept) > MOST_TERMS:
                rarest = np.argsort(vocabulary.share[rows[kept]], kind="stable")
                kept = np.sort(kept[rarest[-MOST_TERMS:]])
            for kind, text in example.questions:
                asked = vocabulary.rows(of_query(text).terms)
                asked = asked[asked >= 0]
                if len(asked) < 2:
                    continue
                questions.append(asked)
                answer.append(len(documents))
                origin.append(kind)
                digest = hashlib.blake2b(np.sort(asked).tobytes(), digest_size=8).digest()
                same.append(int.from_bytes(digest, "little", signed=True))
                texts.append(text)
            documents.append(rows[kept])
            counts.append(example.document.counts[kept])
            repository.append(number)
    return Pairs(
        _ragged(documents),
        np.concatenate(counts),
        np.array(repository, dtype=np.int32),
        _ragged(questions),
        np.array(answer, dtype=np.int32),
        np.array(origin, dtype=np.int8),
        np.array(same, dtype=np.int64),
        texts,
    )


def _ragged(rows: list[NDArray[np.int32]]) -> Ragged:
    return Ragged(np.concatenate([[0], np.cumsum([len(r) for r in rows])]), np.concatenate(rows))
