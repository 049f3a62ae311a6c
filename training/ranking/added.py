"""What some features weigh beside what they weighed, with all others held where they are.

To learn everything anew moves every weight, by more than one feature is worth: partitions of the
repositories differ by as much. A few weights on topics have little to learn by heart. They are those of
features that were added since weights were learnt, or those of the kinds of files: the development trees
have next to no examples, stubs and code of others, so that nothing was learnt there about them.
Where a new feature takes over what others stood for, all weights on topics may move, held by a firmer pull.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.query import understand
from codebase_server.search.rank.features import NAMES
from codebase_server.search.rank.model import OF_MANNERS, Applied, Ranker
from codebase_server.search.rank.standing import OF_KINDS
from training.ranking.examples import Example

Table = NDArray[np.float64]

KINDS = ("tests", "docs", "vendored", "examples", "stub")
"""The features of `OF_KINDS` that whole checkouts teach: as much for topics as for descriptions."""

MOVED = tuple(name for name in NAMES if name not in OF_KINDS)
"""The features whose weights on topics may all move. Of the kinds of files some are so rare (``compat``:
five repositories, one right file) that a few questions would turn them round."""

ROUNDS, RIDGE = 12, 5e-2
"""Newton steps, before each of which every file's best chunk is chosen; the pull towards zero, as in
`fitting`."""
FIRM = 0.2
"""The pull of all weights on topics towards what they were, when all may move."""
SHARE = 0.7
"""Of the way to what the topics ask for, when all may move. The rest of it gains a thousandth and a half of
NDCG, and prefers long chunks: within 500 tokens an answer then shows 1 % fewer of the right files."""
LONGEST = 1.0
"""Of a step, in standard deviations: where a ranker is sure and wrong, Newton's are far too long."""


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


@dataclass(frozen=True, slots=True)
class More:
    """A ranker that was kept, with what some features weigh more for all that is no name."""

    kept: Kept
    names: Sequence[str]
    weights: Table
    for_topics_alone: bool = False

    def scores(self, example: Example) -> Table:
        """The scores of an example's candidates."""
        scores = self.kept.scores(example)
        if example.is_symbol:
            return scores
        share = 1 - self.kept.applied(example).description if self.for_topics_alone else 1.0
        return np.asarray(scores + share * (_columns(example, self.names) @ self.weights))

    def loss(self, example: Example) -> float:
        """What a second result of a file loses for this question."""
        return self.kept.loss(example)


def left_out(
    examples: Sequence[Example],
    kept: Kept,
    names: Sequence[str],
    folds: int,
    *,
    for_topics_alone: bool = False,
    firm: Collection[str] = (),
) -> dict[int, More]:
    """For each example, by its id, a ranker whose weights of ``names`` were learnt without its repository."""
    repositories = sorted({e.group for e in examples})
    found: dict[int, More] = {}
    for fold in range(folds):
        out = set(repositories[fold::folds])
        others = [e for e in examples if e.group not in out]
        learnt = fit(others, kept, names, for_topics_alone=for_topics_alone, firm=firm)
        more = More(kept, names, learnt, for_topics_alone)
        found |= {id(e): more for e in examples if e.group in out}
    return found


def _columns(example: Example, names: Sequence[str]) -> Table:
    return example.features[:, [NAMES.index(name) for name in names]].astype(np.float64)


def fit(
    examples: Sequence[Example],
    kept: Kept,
    names: Sequence[str],
    *,
    for_topics_alone: bool = True,
    firm: Collection[str] = (),
) -> Table:
    """What the features ``names`` weigh beside what they weighed, by the topics among ``examples``.

    ``for_topics_alone``: the less, the more a question reads like a description. ``firm``: those that are
    held by `FIRM` where they were.
    """
    reach = SHARE if firm else 1.0
    pull = np.array([FIRM if name in firm else RIDGE for name in names])
    asked = [e for e in examples if e.by_file and not e.is_symbol and e.gain.any()]
    shares = [1 - kept.applied(e).description if for_topics_alone else 1.0 for e in asked]
    columns = [share * _columns(e, names) for share, e in zip(shares, asked, strict=True)]
    scores = [kept.scores(e) for e in asked]
    scale = np.maximum(np.concatenate(columns).std(axis=0), 1e-2)
    w = np.zeros(len(names))
    for _ in range(ROUNDS):
        slope, bend = pull * w, np.diag(pull)
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
        w = w - np.clip(np.linalg.solve(bend, slope), -LONGEST, LONGEST)
    return np.asarray(reach * w / scale)


def _best_of_files(example: Example, scores: Table) -> NDArray[np.intp]:
    """The best candidate of each file."""
    order = np.argsort(-scores, kind="stable")
    _, first = np.unique(example.unit[order], return_index=True)
    return order[first]
