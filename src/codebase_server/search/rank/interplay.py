"""What features say together: one hidden layer beside the linear ranker, for descriptions of functions.

A sum weighs each feature by itself; that many words found mean more in a short body, or that a like
name means less in a file of tests, no sum can say.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

INTERPLAY = "interplay"
"""Its name among the contributions to a score."""

FARTHEST = 5.0
"""Deviations from the middle beyond which a feature says no more."""


@dataclass(frozen=True, slots=True)
class Interplay:
    """``middle`` and ``width`` of each feature, (features,); of each unit how it sees them and what it adds.

    ``hidden``: shape (features, units); ``offset`` and ``out``: (units,).
    """

    middle: NDArray[np.float32]
    width: NDArray[np.float32]
    hidden: NDArray[np.float32]
    offset: NDArray[np.float32]
    out: NDArray[np.float32]

    def of(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the features of each candidate add together, shape (n,)."""
        units: NDArray[np.float32] = self.seen(features) @ self.hidden
        units += self.offset
        np.maximum(units, 0, out=units)
        added: NDArray[np.float32] = units @ self.out
        return added

    def seen(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """The features in deviations from their middle."""
        deviations: NDArray[np.float32] = features - self.middle
        deviations /= self.width
        np.maximum(deviations, -FARTHEST, out=deviations)  # `clip` costs more than both
        np.minimum(deviations, FARTHEST, out=deviations)
        return deviations
