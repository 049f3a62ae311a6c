"""A linear ranker by listwise softmax: the probability mass of each question should lie on its answers.

One set of weights serves topics; what a description of a function and a bare
name weigh differently is learnt as additions to it, each under a penalty of its
own, so that questions of one manner lend their evidence to the others. A file is as good as its best
chunk: the best are chosen anew in each round, and within a round the problem is
convex and solved by damped Newton steps. The same result every time, in seconds.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.rank.features import NAMES
from training.ranking.examples import Example

ROUNDS, STEPS = 4, 3
KEPT = 40
"""Wrong answers of a question that take part in a round: the best by the round before."""

_FIRST = {"lexical": 1.0, "lexical_share": 1.0, "coverage": 0.5, "file_lexical": 1.0, "name_share": 0.4}
"""An order to begin with; it decides nothing but which wrong answers the first round sees."""

Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weights:
    """One weight a feature for topics, descriptions and bare names."""

    topic: Table
    description: Table
    symbol: Table

    def of(self, example: Example) -> Table:
        """The scores of an example's candidates."""
        if example.is_symbol:
            return np.asarray(example.features[:, : len(NAMES)] @ self.symbol, dtype=np.float64)
        share = example.description
        return np.asarray(
            example.features @ ((1 - share) * self.topic + share * self.description), dtype=np.float64
        )


@dataclass(slots=True)
class _Round:
    """The rows of one round: features, where each question's begin, what is right, and weights."""

    rows: NDArray[np.float32]
    firsts: NDArray[np.int64]
    sizes: NDArray[np.int64]
    right: Table
    weight: Table
    gates: Table  # (rows, 3): 1, description, symbol


def fit(examples: Sequence[Example], ridge: float = 5e-2, ridge_more: float = 1e-2) -> Weights:
    """Learn weights. ``ridge`` pulls a topic's towards zero, ``ridge_more`` the others' towards a topic's."""
    usable = [e for e in examples if e.gain.any() and len(e.gain) > 1]
    width = len(NAMES)
    every = np.concatenate([e.features[:, :width] for e in usable[::3]])
    scale = np.maximum(every.std(axis=0), 1e-2).astype(np.float64)
    penalty = np.concatenate([np.full(width, ridge), np.full(2 * width, ridge_more)])
    w = np.zeros(3 * width)
    first = np.array([_FIRST.get(name, 0.0) for name in NAMES])
    weights = Weights(first, first, first)
    for _ in range(ROUNDS):
        chosen = _choose(usable, weights, scale)
        for _ in range(STEPS):
            w = _step(chosen, w, penalty)
        base, described, named = (w[i * width : (i + 1) * width] / scale for i in range(3))
        weights = Weights(base, base + described, base + named)
    return weights


DRAWS, DRAWN = 10, 0.6
"""How many times weights are learnt, each time from so large a share of the repositories."""


def bagged(examples: Sequence[Example]) -> Weights:
    """The mean of weights learnt from `DRAWS` draws of the repositories (Breiman 1996, bagging).

    A repository's habits enter six draws in ten and not the others, so that their mean holds less of
    them; the mean of linear rankers is a linear ranker.
    """
    draw = random.Random(1)  # the same in every run
    groups = sorted({e.group for e in examples})
    learnt = []
    for _ in range(DRAWS):
        kept = set(draw.sample(groups, round(DRAWN * len(groups))))
        learnt.append(fit([e for e in examples if e.group in kept]))
    return Weights(
        *(np.mean([getattr(w, name) for w in learnt], axis=0) for name in ("topic", "description", "symbol"))
    )


def _choose(examples: Sequence[Example], weights: Weights, scale: Table) -> _Round:
    rows, right, weight, gates, sizes = [], [], [], [], []
    for e in examples:
        scores = weights.of(e)
        order = np.argsort(-scores, kind="stable")
        _, at = np.unique(e.unit[order], return_index=True)
        best = order[at]  # the best candidate of each unit, by the unit's number
        near = np.argsort(-scores[best], kind="stable")[:KEPT]
        units = np.union1d(near, np.flatnonzero(e.gain))
        rows.append((e.features[best[units], : len(NAMES)] / scale).astype(np.float32))
        right.append(e.gain[units] / e.gain[units].sum())
        weight.append(np.full(len(units), e.weight))
        gates.append(
            np.tile([1.0, 0.0 if e.is_symbol else e.description, float(e.is_symbol)], (len(units), 1))
        )
        sizes.append(len(units))
    total = sum(e.weight for e in examples)
    firsts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    return _Round(
        np.concatenate(rows),
        firsts,
        np.array(sizes),
        np.concatenate(right),
        np.concatenate(weight) / total,
        np.concatenate(gates),
    )


def _shares(chosen: _Round, w: Table) -> tuple[Table, float]:
    """Each row's share of its question's mass, and the loss without the penalty."""
    width = chosen.rows.shape[1]
    scores = ((chosen.rows @ w.reshape(3, width).T.astype(np.float32)) * chosen.gates).sum(axis=1)
    scores -= np.repeat(np.maximum.reduceat(scores, chosen.firsts), chosen.sizes)
    mass = np.exp(scores)
    total = np.add.reduceat(mass, chosen.firsts)
    logs = scores - np.repeat(np.log(total), chosen.sizes)
    return mass / np.repeat(total, chosen.sizes), -float((chosen.weight * chosen.right) @ logs)


def _step(chosen: _Round, w: Table, penalty: Table) -> Table:
    """One Newton step, halved until the loss falls."""
    rows, width = chosen.rows, chosen.rows.shape[1]
    share, before = _shares(chosen, w)
    before += 0.5 * float(penalty @ w**2)
    wrong = (share - chosen.right) * chosen.weight
    slope = penalty * w + np.concatenate(
        [rows.T @ (wrong * gate).astype(np.float32) for gate in chosen.gates.T]
    )
    means = np.add.reduceat(rows * share[:, None].astype(np.float32), chosen.firsts, axis=0)
    bend = np.diag(penalty)
    for i in range(3):
        for j in range(i + 1):
            both = chosen.weight * chosen.gates[:, i] * chosen.gates[:, j]
            if not both.any():
                continue
            of_question = both[chosen.firsts]
            some = slice(None) if both.all() else np.flatnonzero(both)
            inside = rows[some].T @ (rows[some] * (share * both)[some, None].astype(np.float32))
            part = inside - means.T @ (means * of_question[:, None])
            bend[i * width : (i + 1) * width, j * width : (j + 1) * width] += part
            if i != j:
                bend[j * width : (j + 1) * width, i * width : (i + 1) * width] += part.T
    step = np.linalg.solve(bend, slope)
    for _ in range(8):
        tried = w - step
        _, after = _shares(chosen, tried)
        if after + 0.5 * float(penalty @ tried**2) <= before:
            return tried
        step = step / 2
    return w


def unit_ranking(example: Example, scores: Table) -> NDArray[np.int64]:
    """The units of an example, best first."""
    best = np.full(len(example.gain), -np.inf)
    np.maximum.at(best, example.unit, scores)
    return np.argsort(-best, kind="stable")


def ndcg(example: Example, scores: Table, depth: int = 10) -> float:
    """NDCG@10 when each unit is shown once."""
    if not len(example.gain):
        return 0.0
    gains = example.gain[unit_ranking(example, scores)[:depth]]
    discount = 1 / np.log2(np.arange(2, depth + 2))
    right = int(example.gain.sum()) + example.missed
    return float(gains @ discount[: len(gains)] / discount[: min(right, depth)].sum())


def reciprocal_rank(example: Example, scores: Table, depth: int = 10) -> float:
    """1 / rank of the first right unit among the first ``depth``."""
    if not len(example.gain):
        return 0.0
    hits = np.flatnonzero(example.gain[unit_ranking(example, scores)[:depth]])
    return 1 / (int(hits[0]) + 1) if len(hits) else 0.0
