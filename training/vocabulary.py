"""Which terms get a row of their own in the static model, and how they are written."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.mining import Mined
from training.questions import terms_of

QUESTION_WEIGHT = 3.0
"""A term of questions counts as much as this many of code: questions are few, and what they say matters."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Rows of the model. ``terms``: sorted uint64. ``share``: of definitions, those with the term."""

    terms: NDArray[np.uint64]
    share: NDArray[np.float32]
    surfaces: list[str]

    def rows(self, terms: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Row of each term, or -1."""
        at = np.minimum(np.searchsorted(self.terms, terms), len(self.terms) - 1)
        return np.where(self.terms[at] == terms, at, -1).astype(np.int32)

    def known(self, terms: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Rows of those of the terms that have one."""
        rows = self.rows(terms)
        return rows[rows >= 0]


def choose(mined: list[Mined], size: int) -> Vocabulary:
    """The ``size`` terms that are useful in most repositories.

    Rank: number of repositories times the logarithm of the number of
    definitions. A term of one repository only is its own jargon, of no use
    elsewhere, and never gets a row.
    """
    frequency: Counter[int] = Counter()
    spread: Counter[int] = Counter()
    forms: dict[int, Counter[str]] = {}
    for repository in mined:
        questions: Counter[int] = Counter()
        for example in repository.examples:
            for _, question in example.questions:
                questions.update(terms_of(question).tolist())
        both = repository.frequency + Counter({t: int(QUESTION_WEIGHT * n) for t, n in questions.items()})
        frequency.update(both)
        spread.update(both.keys())
        for term, form in repository.surfaces.items():
            forms.setdefault(term, Counter())[form] += 1
    useful = [t for t, n in spread.items() if n > 1 and t in forms]
    useful.sort(key=lambda t: (-spread[t] * math.log(1 + frequency[t]), t))
    terms = np.sort(np.array(useful[:size], dtype=np.uint64))
    total = sum(len(repository.examples) for repository in mined)
    share = np.array([frequency[t] / total for t in terms.tolist()], dtype=np.float32)
    return Vocabulary(terms, share, [forms[t].most_common(1)[0][0] for t in terms.tolist()])
