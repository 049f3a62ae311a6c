"""What names weigh: additions to the weights of `fitting`, which knew nothing of definitions.

`fitting` lets topics, descriptions and names lend each other evidence. Where the index lists the definition
of an asked name, other features decide; they and what they make of the rest are learnt here from names
alone, with the weights of `fitting` as a fixed beginning, so that nothing else changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.rank.features import NAMES
from codebase_server.search.rank.spelt import SPELT
from training.ranking.examples import Example

Table = NDArray[np.float64]

ROUNDS, STEPS, KEPT = 2, 4, 14
RIDGE, RIDGE_SPELT = 3e-2, 1e-3
"""How strongly additions to the weights of `features.NAMES` and of `spelt.SPELT` are pulled towards zero."""
DRAWN_WEIGHT = 0.3
"""Of a name drawn from a repository beside one that a person asked for."""


def fit(examples: Sequence[Example], base: Table) -> Table:
    """The weights of names, of `NAMES` and then of `SPELT`; ``base`` those of `fitting` for `NAMES`."""
    width = len(NAMES) + len(SPELT)
    usable = [e for e in examples if e.features.shape[1] == width and e.gain.any() and len(e.gain) > 1]
    begin = np.concatenate([base, np.zeros(len(SPELT))])
    if not usable:
        return begin
    scale = np.maximum(np.concatenate([e.features for e in usable[::5]]).std(axis=0), 1e-2).astype(np.float64)
    pull = np.concatenate([np.full(len(NAMES), RIDGE), np.full(len(SPELT), RIDGE_SPELT)])
    more = np.zeros(len(begin))
    for _ in range(ROUNDS):
        chosen = _choose(usable, begin + more / scale, begin, scale)
        for _ in range(STEPS):
            more = chosen.step(more, pull)
    return np.asarray(begin + more / scale)


@dataclass(slots=True)
class _Lists:
    """One round: scaled features, scores by the base, where each question's rows begin, what is right."""

    rows: NDArray[np.float32]
    base: Table
    firsts: NDArray[np.int64]
    sizes: NDArray[np.int64]
    right: Table
    weight: Table

    def shares(self, more: Table) -> tuple[Table, float]:
        """Each row's share of its question's mass, and the loss without the penalty."""
        scores = self.base + self.rows @ more.astype(np.float32)
        scores -= np.repeat(np.maximum.reduceat(scores, self.firsts), self.sizes)
        mass = np.exp(scores)
        total = np.repeat(np.add.reduceat(mass, self.firsts), self.sizes)
        return mass / total, -float((self.weight * self.right) @ (scores - np.log(total)))

    def step(self, more: Table, pull: Table) -> Table:
        """One Newton step, halved until the loss falls."""
        share, before = self.shares(more)
        before += 0.5 * float(pull @ more**2)
        slope = pull * more + self.rows.T @ ((share - self.right) * self.weight).astype(np.float32)
        means = np.add.reduceat(self.rows * share[:, None].astype(np.float32), self.firsts, axis=0)
        inside = self.rows.T @ (self.rows * (share * self.weight)[:, None].astype(np.float32))
        bend = np.diag(pull) + inside - means.T @ (means * self.weight[self.firsts][:, None])
        step = np.linalg.solve(bend, slope)
        for _ in range(8):
            tried = more - step
            _, after = self.shares(tried)
            if after + 0.5 * float(pull @ tried**2) <= before:
                return np.asarray(tried)
            step = step / 2
        return more


def _choose(examples: Sequence[Example], weights: Table, begin: Table, scale: Table) -> _Lists:
    """The best candidate of each unit, and of the units the right ones and the `KEPT` best."""
    rows, base, right, weight, sizes = [], [], [], [], []
    total = sum(e.weight for e in examples)
    for e in examples:
        scores = e.features @ weights
        order = np.argsort(-scores, kind="stable")
        _, at = np.unique(e.unit[order], return_index=True)
        best = order[at]
        near = np.argsort(-scores[best], kind="stable")[:KEPT]
        units = np.union1d(near, np.flatnonzero(e.gain))
        found = e.features[best[units]]
        rows.append((found / scale).astype(np.float32))
        base.append(found @ begin)
        right.append(e.gain[units] / e.gain[units].sum())
        weight.append(np.full(len(units), e.weight / total))
        sizes.append(len(units))
    return _Lists(
        np.concatenate(rows),
        np.concatenate(base),
        np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64),
        np.array(sizes),
        np.concatenate(right),
        np.concatenate(weight),
    )
