"""From examples to everything in weights.json, and how good it is on repositories it has not seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.rank.features import NAMES
from codebase_server.search.rank.interplay import Interplay
from codebase_server.search.rank.manner import SIGNS, signs
from codebase_server.search.rank.model import EVIDENCE, Crowding, description_share
from codebase_server.search.rank.spelt import SPELT
from training.ranking import fitting, interplay, logistic, naming
from training.ranking.definitions import CATEGORY
from training.ranking.examples import Example

Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Learnt:
    """All that is learnt.

    How questions are told apart, the weights, those of names where definitions are known, what features say
    together, what a second result of a file loses.
    """

    manner: Table
    weights: fitting.Weights
    names: Table
    together: Interplay
    crowding: Crowding

    def scores(self, example: Example) -> Table:
        """The scores of an example's candidates."""
        example.description = description_share(example.text, self.manner)
        if example.features.shape[1] > len(NAMES):
            return np.asarray(example.features @ self.names, dtype=np.float64)
        return _scores(example, self.weights, self.together)

    def loss(self, example: Example) -> float:
        """What a second result of a file loses for this question."""
        return self.crowding.of(0.0 if example.is_symbol else example.description)


_LOSSES = (0.0, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0)


def learn(
    examples: Sequence[Example],
    more: Sequence[Example] = (),
    shape: interplay.Shape = interplay.NARROW,
    named: Sequence[Example] = (),
) -> Learnt:
    """Learn from these examples and nothing else.

    ``more`` are descriptions that only what features say together is learnt from, by a network of this
    ``shape``: a sum of them has enough in a few, and takes long over many.
    ``named`` are names asked where the definitions are known; those among ``examples`` are asked where they
    are not, so that they lend topics no evidence about what only names have.
    """
    manner = learn_manner(examples)
    for example in [*examples, *more]:
        example.description = description_share(example.text, manner)
    weights = fitting.bagged(examples)
    names = naming.fit(named, weights.symbol)
    together = interplay.learn([*examples, *more], weights.of, shape)
    return Learnt(manner, weights, names, together, _crowding(examples, weights, together))


def _scores(example: Example, weights: fitting.Weights, together: Interplay) -> Table:
    scores = weights.of(example)
    if not example.is_symbol:
        scores += example.description * together.of(example.features)
    return scores


def learn_manner(examples: Sequence[Example]) -> Table:
    """What tells doc sentences (which want a function) from topics (which want a file)."""
    asked = [e for e in examples if not e.is_symbol]
    is_doc = np.array([not e.by_file for e in asked], dtype=np.float64)
    if is_doc.all() or not is_doc.any():
        return np.zeros(len(SIGNS))
    weight = np.where(is_doc > 0, 0.5 / is_doc.mean(), 0.5 / (1 - is_doc.mean()))
    return logistic.fit(np.array([signs(e.text) for e in asked]), is_doc, weight, ridge=1e-2)


def crowded(example: Example, scores: Table, crowding: float, depth: int = 10) -> list[int]:
    """The candidates shown, best first, when each further one of a file loses ``crowding`` once more."""
    order = np.argsort(-scores, kind="stable")[:200]
    file = example.file[order]
    seen: dict[int, int] = {}
    lowered = np.empty(len(order))
    for i, number in enumerate(file.tolist()):
        lowered[i] = scores[order[i]] - crowding * seen.get(number, 0)
        seen[number] = seen.get(number, 0) + 1
    return [int(order[i]) for i in np.argsort(-lowered, kind="stable")[:depth]]


def quality(example: Example, scores: Table, crowding: float) -> float:
    """NDCG@10 of a development query, reciprocal rank of a doc sentence, of the list as it is shown."""
    shown = crowded(example, scores, crowding)
    if not example.by_file:
        return next((1 / (rank + 1) for rank, at in enumerate(shown) if example.right[at]), 0.0)
    gain, seen = 0.0, set()
    for rank, at in enumerate(shown):
        unit = int(example.unit[at])
        if example.gain[unit] and unit not in seen:
            seen.add(unit)
            gain += 1 / np.log2(rank + 2)
    right = int(example.gain.sum()) + example.missed
    ideal = sum(1 / np.log2(i + 2) for i in range(min(right, 10)))
    return float(gain / ideal) if ideal else 0.0


def _crowding(examples: Sequence[Example], weights: fitting.Weights, together: Interplay) -> Crowding:
    """The losses for a second result of a file that serve each task best, of a coarse row of values."""

    def best(by_file: bool) -> float:
        kept = [e for e in examples if e.by_file is by_file and e.category != CATEGORY]
        scored = [(e, _scores(e, weights, together)) for e in kept]
        return max(_LOSSES, key=lambda loss: sum(quality(e, s, loss) for e, s in scored))

    return Crowding(best(by_file=True), best(by_file=False))


class Losing(Protocol):
    """What says how much a second result of a file loses for a question."""

    def loss(self, example: Example) -> float: ...


Scored = Callable[[Example], tuple[Losing, Table]]
"""From an example to what scored it, and its candidates' scores."""


def left_out(
    examples: Sequence[Example],
    folds: int,
    more: Sequence[Example] = (),
    always: Sequence[Example] = (),
    shape: interplay.Shape = interplay.NARROW,
    named: Sequence[Example] = (),
) -> dict[int, tuple[Learnt, Table]]:
    """For each example (by id) what was learnt without its repository, and its scores by that.

    ``always``: examples of other repositories, learnt from in every fold and not scored.
    """
    repositories = sorted({e.group for e in [*examples, *named]}, key=lambda name: (name[::-1], name))
    found: dict[int, tuple[Learnt, Table]] = {}
    for fold in range(folds):
        out = set(repositories[fold::folds])
        kept, kept_more, kept_named = (
            [e for e in some if e.group not in out] for some in (examples, more, named)
        )
        learnt = learn([*kept, *always], kept_more, shape, kept_named)
        for example in [*examples, *named]:
            if example.group in out:
                found[id(example)] = (learnt, learnt.scores(example))
    return found


def _shown(example: Example, scored: Scored) -> tuple[Table, float]:
    learnt, scores = scored(example)
    return scores, learnt.loss(example)


def report(examples: Sequence[Example], scored: Scored, title: str) -> str:
    """The qualities of a scoring by category, one line a task."""
    rows = [(e, quality(e, *_shown(e, scored))) for e in examples]
    lines = [title]
    files = [(e, q) for e, q in rows if e.by_file and e.category != CATEGORY]
    if files:
        lines.append(f"  NDCG@10, {len(files)} development queries: {mean(q for _, q in files):.4f}")
        for category in sorted({e.category for e, _ in files}):
            lines.append(f"    {category:<16}{mean(q for e, q in files if e.category == category):.4f}")
    names = [q for e, q in rows if e.category == CATEGORY]
    if names:
        lines.append(f"  NDCG@10, {len(names)} names: {mean(names):.4f}")
    functions = [(e, q) for e, q in rows if not e.by_file]
    if functions:
        lines.append(f"  MRR@10, {len(functions)} doc sentences: {mean(q for _, q in functions):.4f}")
        for language in sorted({e.category for e, _ in functions}):
            own = [q for e, q in functions if e.category == language]
            lines.append(f"    {language:<16}{mean(own):.4f}  ({len(own)})")
    return "\n".join(lines)


def report_names(named: Sequence[Example], scored: Scored, title: str) -> str:
    """How soon names drawn from repositories find their definition, one line a manner of asking."""
    drawn = [(e, quality(e, *_shown(e, scored))) for e in named if not e.by_file]
    lines = [title]
    if drawn:
        lines.append(f"  MRR@10, {len(drawn)} names drawn from code: {mean(q for _, q in drawn):.4f}")
    for manner in sorted({e.category for e, _ in drawn}):
        own = [q for e, q in drawn if e.category == manner]
        first = mean(q == 1 for q in own)
        lines.append(f"    {manner:<34}{mean(own):.4f}  first {first:.3f}  ({len(own)})")
    return "\n".join(lines)


def as_json(
    learnt: Learnt, calibration: dict[str, Any], by_words: dict[str, Any], learnt_with: str
) -> dict[str, Any]:
    """The content of weights.json. ``learnt_with`` is the id of the model whose cosines were weighed."""

    def named(names: Sequence[str], values: Table) -> dict[str, float]:
        return {name: round(float(value), 4) for name, value in zip(names, values, strict=True)}

    return {
        "learnt_with": learnt_with,
        "manner": named(SIGNS, learnt.manner),
        "topic": named(NAMES, learnt.weights.topic),
        "description": named(NAMES, learnt.weights.description),
        "symbol": named(NAMES, learnt.weights.symbol),
        "defined": named((*NAMES, *SPELT), learnt.names),
        "interplay": interplay.as_json(learnt.together),
        "crowding": {"topic": learnt.crowding.topic, "description": learnt.crowding.description},
        "calibration": calibration,
        "calibration_by_words": by_words,
    }


def evidence(example: Example, at: Sequence[int], scores: Table) -> Table:
    """What calibration sees of some candidates: a constant, how far behind the best, `EVIDENCE`."""
    columns = [NAMES.index(name) for name in EVIDENCE]
    behind = float(scores.max()) - scores[list(at)]
    return np.column_stack([np.ones(len(at)), behind, example.features[list(at)][:, columns]])
