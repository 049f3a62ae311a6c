"""Logistic regression of a few numbers, by Newton's method."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float64]


def fit(rows: Table, yes: Table, weight: Table, ridge: float = 1e-3) -> Table:
    """Weights of each column; the first, a constant, is not pulled towards zero."""
    w = np.zeros(rows.shape[1])
    pull = np.full(rows.shape[1], ridge)
    pull[0] = 1e-9
    for _ in range(25):
        chance = 1 / (1 + np.exp(-np.clip(rows @ w, -30, 30)))
        slope = rows.T @ (weight * (chance - yes)) / weight.sum() + pull * w
        bend = (rows * (weight * chance * (1 - chance))[:, None]).T @ rows / weight.sum() + np.diag(pull)
        w = w - np.linalg.solve(bend, slope)
    return w
