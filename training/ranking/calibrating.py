"""Scores that mean something: the chance that a result answers, also when nothing here does.

Every development repository is asked its own questions and those of others
(whose answers it does not hold); the best results of both are the examples of a
logistic function over features that mean something by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.rank.features import NAMES
from codebase_server.search.rank.model import EVIDENCE
from codebase_server.search.rank.spelt import SPELT
from training.ranking import logistic
from training.ranking.examples import Example
from training.ranking.learning import Scored, crowded, evidence

SHOWN = 5
"""Results of an own question that are learnt from; of a foreign one only the first."""

Table = NDArray[np.float64]


class Evidence:
    """Rows of results with whether they answer: ``first`` marks the best of each question."""

    def __init__(self, own: Sequence[Example], foreign: Sequence[Example], scored: Scored) -> None:
        rows, yes, first, is_own, group, weight = [], [], [], [], [], []
        for example, mine in [*((e, True) for e in own), *((e, False) for e in foreign)]:
            learnt, scores = scored(example)
            if not len(scores):
                continue
            shown = crowded(example, scores, learnt.loss(example), SHOWN if mine else 1)
            rows.append(evidence(example, shown, scores))
            right = example.gain[example.unit[shown]] > 0 if mine else np.zeros(len(shown), dtype=bool)
            yes.append(right)
            first.append(np.arange(len(shown)) == 0)
            is_own.append(np.full(len(shown), mine))
            group += [example.group] * len(shown)
            share = len(own) / max(len(foreign), 1)
            weight.append(np.array([1.0 if mine else share] + [0.5] * (len(shown) - 1)))
        self.rows = np.concatenate(rows)
        self.yes = np.concatenate(yes).astype(np.float64)
        self.first = np.concatenate(first)
        self.own = np.concatenate(is_own)
        self.group = np.array(group)
        self.weight = np.concatenate(weight)
        self.spelt = _odds(own, foreign, scored, spelt=True)
        self.defined = _odds(own, foreign, scored, spelt=False)


def _odds(own: Sequence[Example], foreign: Sequence[Example], scored: Scored, *, spelt: bool) -> float:
    """The logarithm of the odds that the best result of a name answers which defines it.

    Of names ``spelt`` as they are defined, or of those that are not.
    """
    defined, letter = (len(NAMES) + SPELT.index(name) for name in ("defined", "spelt"))
    right = [1.0, 0.0]  # one of each before any is seen
    for example, mine in [*((e, True) for e in own), *((e, False) for e in foreign)]:
        if example.features.shape[1] == len(NAMES) or not len(example.right):
            continue
        best = int(np.argmax(scored(example)[1]))
        if example.features[best, defined] == 1 and bool(example.features[best, letter]) is spelt:
            right.append(float(mine and example.right[best]))
    share = float(np.mean(right))
    return float(np.log(share / (1 - share)))


def fit(seen: Evidence) -> Table:
    """The constant, the weight of being behind, those of `EVIDENCE`."""
    return logistic.fit(seen.rows, seen.yes, seen.weight, ridge=1e-3)


def left_out(seen: Evidence, folds: int) -> Table:
    """The chance of each row by a fit without its repository."""
    names = sorted(set(seen.group))
    chances = np.zeros(len(seen.rows))
    for fold in range(folds):
        out = np.isin(seen.group, names[fold::folds])
        w = logistic.fit(seen.rows[~out], seen.yes[~out], seen.weight[~out], ridge=1e-3)
        chances[out] = 1 / (1 + np.exp(-seen.rows[out] @ w))
    return chances


def auroc(chances: Table, own: NDArray[np.bool_]) -> float:
    """The chance that an own question's best score lies above a foreign one's, ties half."""
    mine, other = np.sort(chances[own]), np.sort(chances[~own])
    below = np.searchsorted(other, mine, "left") + np.searchsorted(other, mine, "right")
    return float(below.mean() / 2 / len(other))


def calibration_error(chances: Table, yes: Table, weight: Table, bins: int = 10) -> float:
    """Expected calibration error over ``bins`` of equal width."""
    number = np.minimum((chances * bins).astype(int), bins - 1)
    gaps = [
        abs(float(((chances - yes) * weight)[number == i].sum())) for i in range(bins) if (number == i).any()
    ]
    return sum(gaps) / float(weight.sum())


def doubtful_below(chances: Table, own: NDArray[np.bool_]) -> float:
    """The chance under which an answer is called doubtful: 5 % of own questions' best lie below it."""
    return round(float(np.quantile(chances[own], 0.05)), 3)


def as_json(seen: Evidence, w: Table) -> dict[str, Any]:
    """One calibration of weights.json."""
    best = seen.first
    chances = 1 / (1 + np.exp(-seen.rows[best] @ w))
    return {
        "doubtful": doubtful_below(chances, seen.own[best]),
        "offset": round(float(w[0]), 4),
        "behind": round(float(w[1]), 4),
        "spelt": round(seen.spelt, 4),
        "defined": round(seen.defined, 4),
        "evidence": {name: round(float(value), 4) for name, value in zip(EVIDENCE, w[2:], strict=True)},
    }
