"""A linear ranker by listwise softmax: the probability mass of each question should lie on its answers.

A file is as good as its best chunk, so the score of a unit is the maximum over
its candidates; the gradient goes to that one. Full-batch Adam on a convex-ish
problem of a few dozen weights: seconds, and the same result every time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.ranking.examples import Example

STEPS = 400
RATE = 0.03


@dataclass(frozen=True, slots=True)
class Weights:
    """One weight a feature for sentences and one for bare names."""

    sentence: NDArray[np.float64]
    symbol: NDArray[np.float64]

    def of(self, example: Example) -> NDArray[np.float64]:
        """The scores of an example's candidates."""
        return example.features @ (self.symbol if example.is_symbol else self.sentence)


def fit(examples: Sequence[Example], ridge: float = 3e-3, ridge_symbol: float = 3e-3) -> Weights:
    """Learn weights. ``ridge`` pulls all towards zero, ``ridge_symbol`` a name's towards a sentence's."""
    usable = [e for e in examples if e.gain.any() and len(e.gain) > 1]
    width = usable[0].features.shape[1]
    table = np.concatenate([e.features for e in usable]).astype(np.float64)
    names = np.concatenate([np.full(len(e.features), e.is_symbol) for e in usable])
    scale = np.maximum(table.std(axis=0), 1e-6)
    table = table / scale
    wide = np.concatenate([table, table * names[:, None]], axis=1)
    sizes = np.array([len(e.gain) for e in usable])
    firsts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    unit = np.concatenate([e.unit + first for e, first in zip(usable, firsts, strict=True)])
    order = np.argsort(unit, kind="stable")
    wide, unit = wide[order], unit[order]
    starts = np.flatnonzero(np.diff(unit, prepend=-1))
    gain = np.concatenate([e.gain / e.gain.sum() for e in usable])
    weight = np.repeat(np.array([e.weight for e in usable]), sizes)
    penalty = np.concatenate([np.full(width, ridge), np.full(width, ridge_symbol)])
    w = np.zeros(2 * width)
    momentum, speed = np.zeros_like(w), np.zeros_like(w)
    total = sum(e.weight for e in usable)
    for step in range(1, STEPS + 1):
        score = wide @ w
        best = np.maximum.reduceat(score, starts)
        at_best = np.flatnonzero(score == np.repeat(best, np.diff(np.append(starts, len(score)))))
        _, first = np.unique(unit[at_best], return_index=True)
        chosen = at_best[first]
        top = np.maximum.reduceat(best, firsts)
        mass = np.exp(best - np.repeat(top, sizes))
        share = mass / np.repeat(np.add.reduceat(mass, firsts), sizes)
        slope = wide[chosen].T @ ((share - gain) * weight) / total + penalty * w
        momentum = 0.9 * momentum + 0.1 * slope
        speed = 0.999 * speed + 0.001 * slope**2
        w -= RATE * (momentum / (1 - 0.9**step)) / (np.sqrt(speed / (1 - 0.999**step)) + 1e-9)
    sentence, extra = w[:width] / scale, w[width:] / scale
    return Weights(sentence, sentence + extra)


def unit_ranking(example: Example, scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """The units of an example, best first."""
    best = np.full(len(example.gain), -np.inf)
    np.maximum.at(best, example.unit, scores)
    return np.argsort(-best, kind="stable")


def ndcg(example: Example, scores: NDArray[np.float64], depth: int = 10) -> float:
    """NDCG@10 when each unit is shown once."""
    if not len(example.gain):
        return 0.0
    gains = example.gain[unit_ranking(example, scores)[:depth]]
    discount = 1 / np.log2(np.arange(2, depth + 2))
    right = int(example.gain.sum()) + example.missed
    return float(gains @ discount[: len(gains)] / discount[: min(right, depth)].sum())


def reciprocal_rank(example: Example, scores: NDArray[np.float64], depth: int = 10) -> float:
    """1 / rank of the first right unit among the first ``depth``."""
    if not len(example.gain):
        return 0.0
    hits = np.flatnonzero(example.gain[unit_ranking(example, scores)[:depth]])
    return 1 / (int(hits[0]) + 1) if len(hits) else 0.0
