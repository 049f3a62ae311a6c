"""The learnt ranker: a data file and the few lines that apply it.

The files are made by ``training/ranking``, one beside the shipped model's vectors and one beside those of a
model that reads texts; they name their features, so that a file and a program that disagree are noticed at
load, not in the results.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.query import Query
from codebase_server.search.rank.features import NAMES
from codebase_server.search.rank.interplay import INTERPLAY, Interplay
from codebase_server.search.rank.manner import SIGNS, signs
from codebase_server.search.rank.spelt import SPELT

OF_MANNERS = {"topic": NAMES, "description": NAMES, "symbol": NAMES, "defined": (*NAMES, *SPELT)}
"""The features that each manner of asking weighs; see `manner`."""


@dataclass(frozen=True, slots=True)
class Crowding:
    """What a second result of one file loses, times the number of those before it.

    Who asks for a topic wants to see other files, who describes a function the function.
    """

    topic: float
    description: float

    def of(self, share: float) -> float:
        """The loss for a question that reads like a description by this share."""
        return (1 - share) * self.topic + share * self.description


class Applied(NamedTuple):
    """What one question is ranked with: a weight a feature, the loss for crowding, how much it describes."""

    weights: NDArray[np.float32]
    crowding: float
    description: float


@dataclass(frozen=True, slots=True)
class Linear:
    """A weight a feature for topics, descriptions and names; ``manner`` tells the first two apart.

    ``symbol`` is for names of which the index lists no definition, ``defined`` for the others.
    """

    topic: NDArray[np.float32]
    description: NDArray[np.float32]
    symbol: NDArray[np.float32]
    defined: NDArray[np.float32]
    manner: NDArray[np.float64]
    crowding: Crowding

    def apply(self, query: Query, *, defined: bool = False) -> Applied:
        """The weights for a question: a name's, or a blend of the others by how it is put.

        ``defined``: it is a name, and its candidates have the features of `SPELT` too.
        """
        if query.is_symbol:
            return Applied(self.defined if defined else self.symbol, self.crowding.topic, 0.0)
        share = description_share(query.text, self.manner)
        blend = ((1 - share) * self.topic + share * self.description).astype(np.float32, copy=False)
        return Applied(blend, self.crowding.of(share), share)


def description_share(text: str, manner: NDArray[np.float64]) -> float:
    """How much a question reads like the description of one function, from 0 to 1."""
    return _logistic(float(signs(text) @ manner))


EVIDENCE = (
    "lexical_share", "coverage", "file_coverage", "in_symbol", "name_share", "name_like", "name_like_covered",
    "name_dense", "stem_share", "defines_name", "dense_cosine",
)  # fmt: skip
"""The features that mean something by themselves, not only beside the other candidates of a question."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """From a candidate to the chance that it answers: a logistic function of `EVIDENCE` and of its rank.

    ``behind`` weighs how far its score lies below the best one's. Below ``doubtful``, a chance of the
    best candidate, nothing here may answer. ``spelt``: the logarithm of the odds that the best candidate
    answers when a definition of the very name that was asked for begins in it; ``defined``, of the name in
    another spelling.
    """

    offset: float
    behind: float
    evidence: NDArray[np.float32]
    doubtful: float
    spelt: float
    defined: float

    def chances(self, features: NDArray[np.float32], scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """The chance of each candidate, in the order of ``scores``."""
        if not len(scores):
            return np.zeros(0, dtype=np.float32)
        behind = self.behind * (float(scores.max()) - scores)
        # the features of a question are rows of one array, which are fetched four times as fast
        value = self.offset + features.T.take(_EVIDENCE, axis=0).T @ self.evidence + behind
        if features.shape[1] > len(NAMES):
            is_defined, is_spelt = features[:, _DEFINED] == 1, features[:, _SPELT] == 1
            odds = np.where(is_spelt, self.spelt, np.where(is_defined, self.defined, -np.inf))
            value = np.maximum(value, odds + behind)
        chances: NDArray[np.floating] = 1 / (1 + np.exp(-np.minimum(np.maximum(value, -30), 30)))
        return chances.astype(np.float32, copy=False)


@dataclass(frozen=True, slots=True)
class Ranker:
    """The order of candidates and the meaning of their scores, with vectors and by words alone."""

    linear: Linear
    interplay: Interplay
    calibration: Calibration
    by_words: Calibration

    def scores(self, applied: Applied, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """The score of each candidate of a question: the higher, the better an answer."""
        scores: NDArray[np.float32] = features @ applied.weights
        if applied.description:
            scores += np.float32(applied.description) * self.interplay.of(features)
        return scores

    def contributions(
        self, applied: Applied, features: NDArray[np.float32]
    ) -> list[tuple[str, float, float]]:
        """What one candidate's score is the sum of: a feature's name, its value, what it adds."""
        rows = [
            (name, float(value), float(value * weight))
            for name, value, weight in zip((*NAMES, *SPELT), features, applied.weights, strict=False)
            if value
        ]
        if applied.description:
            together = float(self.interplay.of(features[None, :])[0])
            rows.append((INTERPLAY, together, applied.description * together))
        return rows

    def calibrated(self, features: NDArray[np.float32]) -> Calibration:
        """The calibration for candidates with these features: without vectors their evidence is less."""
        return self.calibration if features[:, _COSINE].any() else self.by_words


_COSINE = NAMES.index("dense_cosine")
_DEFINED, _SPELT = (len(NAMES) + SPELT.index(name) for name in ("defined", "spelt"))
_EVIDENCE = np.array([NAMES.index(name) for name in EVIDENCE], dtype=np.intp)


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))


def from_json(data: dict[str, Any]) -> Ranker:
    """Read a model file's content. Raises `ValueError` when its features are not this program's."""
    weights = {key: _in_order(data[key], names, key) for key, names in OF_MANNERS.items()}
    manner = _in_order(data["manner"], SIGNS, "manner").astype(np.float64)
    return Ranker(
        Linear(
            **weights,
            manner=manner,
            crowding=Crowding(float(data["crowding"]["topic"]), float(data["crowding"]["description"])),
        ),
        _interplay(data["interplay"]),
        *(_calibration(data[key], key) for key in ("calibration", "calibration_by_words")),
    )


def _calibration(data: dict[str, Any], what: str) -> Calibration:
    evidence = _in_order(data["evidence"], EVIDENCE, what)
    return Calibration(
        float(data["offset"]),
        float(data["behind"]),
        evidence,
        float(data["doubtful"]),
        float(data["spelt"]),
        float(data["defined"]),
    )


def _interplay(data: dict[str, Any]) -> Interplay:
    middle, width = (_in_order(data[key], NAMES, "interplay") for key in ("middle", "width"))
    hidden = np.array([data["hidden"][name] for name in NAMES], dtype=np.float32)
    offset, out = (np.array(data[key], dtype=np.float32) for key in ("offset", "out"))
    return Interplay(middle, width, hidden, offset, out)


def _in_order(named: dict[str, float], names: tuple[str, ...], what: str) -> NDArray[np.float32]:
    if set(named) != set(names):
        odd = ", ".join(sorted(set(named) ^ set(names)))
        raise ValueError(
            f"The ranking model and the program differ in features of {what!r}: {odd}. Make the model again."
        )
    return np.array([named[name] for name in names], dtype=np.float32)


WEIGHTS, WEIGHTS_OF_TEXTS = "weights.json", "weights_of_texts.json"
"""The data files: learnt beside the static model; beside a sentence-transformers model, for all of those."""
_READS_TEXTS = "sentence-transformers:"
"""How the ids of models begin that read texts, whose cosines mean something else than the static model's."""


def shipped(model_id: str = "") -> Ranker:
    """The ranker in the package for vectors of the model ``model_id``, or for words alone."""
    return _read(WEIGHTS_OF_TEXTS if model_id.startswith(_READS_TEXTS) else WEIGHTS)


@cache
def _read(file: str) -> Ranker:
    text = resources.files(__package__).joinpath(file).read_text(encoding="utf-8")
    return from_json(json.loads(text))
