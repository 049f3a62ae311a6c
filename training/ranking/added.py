"""What a feature weighs that was added since weights were learnt, with all others held where they are.

To learn everything anew moves every weight, by more than one feature is worth: partitions of the
repositories differ by as much. One weight on the development topics has little to learn by heart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.query import understand
from codebase_server.search.rank.features import NAMES
from codebase_server.search.rank.model import OF_MANNERS, Applied, Ranker
from training.ranking.examples import Example

Table = NDArray[np.float64]

ROUNDS, RIDGE = 12, 5e-2
"""Newton steps, before each of which every file's best chunk is chosen; the pull towards zero, as in
`fitting`."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A ranker that was learnt before, in the place of `learning.Learnt`."""

    ranker: Ranker

    def applied(self, example: Example) -> Applied:
        """What the example is ranked with."""
        return self.ranker.linear.apply(
            understand(example.text), defined=example.features.shape[1] > len(NAMES)
        )

    def scores(self, example: Example) -> Table:
        """The scores of an example's candidates."""
        return np.asarray(self.ranker.scores(self.applied(example), example.features), dtype=np.float64)

    def loss(self, example: Example) -> float:
        """What a second result of a file loses for this question."""
        return self.applied(example).crowding


def lacking(content: dict[str, Any]) -> list[str]:
    """The features that a model file's content knows nothing of."""
    return [name for name in NAMES if name not in content["topic"]]


def widened(content: dict[str, Any]) -> dict[str, Any]:
    """The content with every feature of this program; those that it lacked weigh nothing."""
    units = len(content["interplay"]["offset"])
    blank = {"middle": 0.0, "width": 1.0, "hidden": [0.0] * units}
    wide = dict(content)
    for manner, names in OF_MANNERS.items():
        wide[manner] = {name: content[manner].get(name, 0.0) for name in names}
    wide["interplay"] = dict(content["interplay"])
    for part, value in blank.items():
        wide["interplay"][part] = {name: content["interplay"][part].get(name, value) for name in NAMES}
    return wide


def fit(examples: Sequence[Example], kept: Kept, names: Sequence[str]) -> Table:
    """What the features ``names`` weigh for topics, by the topics among ``examples``."""
    at = [NAMES.index(name) for name in names]
    asked = [e for e in examples if e.by_file and not e.is_symbol and e.gain.any()]
    columns = [(1 - kept.applied(e).description) * e.features[:, at].astype(np.float64) for e in asked]
    scores = [kept.scores(e) for e in asked]
    scale = np.maximum(np.concatenate(columns).std(axis=0), 1e-2)
    w = np.zeros(len(at))
    for _ in range(ROUNDS):
        slope, bend = RIDGE * w, RIDGE * np.eye(len(at))
        for e, rows, base in zip(asked, columns, scores, strict=True):
            shown = _best_of_files(e, base + rows @ (w / scale))
            x = rows[shown] / scale
            value = base[shown] + x @ w
            share = np.exp(value - value.max())
            share /= share.sum()
            right = e.gain[e.unit[shown]] / e.gain[e.unit[shown]].sum()
            slope += x.T @ (share - right) / len(asked)
            away = x - share @ x
            bend += (away * share[:, None]).T @ away / len(asked)
        w = w - np.linalg.solve(bend, slope)
    return np.asarray(w / scale)


def _best_of_files(example: Example, scores: Table) -> NDArray[np.intp]:
    """The best candidate of each file."""
    order = np.argsort(-scores, kind="stable")
    _, first = np.unique(example.unit[order], return_index=True)
    return order[first]
