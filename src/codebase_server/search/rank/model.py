"""The learnt ranker: a data file and the few lines that apply it.

The file is made by ``training/ranking``; it names its features, so that a file
and a program that disagree are noticed at load, not in the results.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.rank.features import NAMES


@dataclass(frozen=True, slots=True)
class Linear:
    """A weight a feature, one set for sentences and one for bare names."""

    sentence: NDArray[np.float32]
    symbol: NDArray[np.float32]

    def contributions(self, features: NDArray[np.float32], is_symbol: bool) -> NDArray[np.float32]:
        """What each feature adds to each candidate's score, in the shape of ``features``."""
        added: NDArray[np.float32] = features * (self.symbol if is_symbol else self.sentence)
        return added

    def scores(self, features: NDArray[np.float32], is_symbol: bool) -> NDArray[np.float32]:
        """The score of each candidate: the sum of its contributions."""
        summed: NDArray[np.float32] = features @ (self.symbol if is_symbol else self.sentence)
        return summed


@dataclass(frozen=True, slots=True)
class Ranker:
    """The order of candidates and the meaning of their scores.

    ``crowding`` is what a second chunk of one file loses, times the number
    of those before it; ``slope`` and ``offset`` turn a score into a probability.
    """

    linear: Linear
    crowding: float
    slope: float
    offset: float

    def probability(self, score: float) -> float:
        """The chance that a chunk of this score answers the question (Platt scaling)."""
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, self.slope * score + self.offset))))


def from_json(data: dict[str, Any]) -> Ranker:
    """Read a model file's content. Raises `ValueError` when its features are not this program's."""
    names = tuple(data["features"])
    if set(names) != set(NAMES):
        odd = sorted(set(names) ^ set(NAMES))
        raise ValueError(
            f"The ranking model and the program differ in features: {', '.join(odd)}. Make the model again."
        )
    order = [names.index(name) for name in NAMES]
    weights = {key: np.array(data[key], dtype=np.float32)[order] for key in ("sentence", "symbol")}
    calibration = data["calibration"]
    return Ranker(
        Linear(**weights), float(data["crowding"]), float(calibration["slope"]), float(calibration["offset"])
    )


@cache
def shipped() -> Ranker:
    """The model in the package."""
    text = resources.files(__package__).joinpath("weights.json").read_text(encoding="utf-8")
    return from_json(json.loads(text))
