"""Learning what features say together: a network of one hidden layer beside the linear ranker.

Listwise softmax over the best candidates by the linear score, which takes part and stays as it is, so
that only what no sum of features can say is left to learn. Several small networks from different starts
are laid side by side at a share each: their mean is one wider network. Without torch, since a
layer of this size is a few products of matrices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.rank.features import NAMES
from codebase_server.search.rank.interplay import Interplay
from training.ranking.examples import Example

NETS = 3
DEEPEST = 60
"""Candidates of a question that take part: the best by the linear score."""
EPOCHS, BATCH, RATE = 10, 64, 5e-3
DROPPED = 0.3
"""Share of units left out of a step."""
_MOST = 1e9


@dataclass(frozen=True, slots=True)
class Shape:
    """How much a network can say: the more examples, the wider it may be and the weaker held back.

    ``units`` of each network; ``decay``: decoupled weight decay (Loshchilov and Hutter 2019).
    """

    units: int
    decay: float


NARROW, WIDE = Shape(units=16, decay=0.3), Shape(units=32, decay=0.1)
"""For the sentences of some thirty repositories, and for those of a hundred and more."""


Table = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Lists:
    """Questions with their best candidates: arrays of shape (questions, `DEEPEST`, ...)."""

    rows: Table
    linear: Table
    there: NDArray[np.bool_]
    right: Table
    share: Table
    weight: Table


def none() -> Interplay:
    """The network that adds nothing."""
    width, units = len(NAMES), np.zeros(1, dtype=np.float32)
    zeros, ones = np.zeros(width, dtype=np.float32), np.ones(width, dtype=np.float32)
    return Interplay(zeros, ones, np.zeros((width, 1), dtype=np.float32), units, units)


def learn(
    examples: Sequence[Example],
    linear: Callable[[Example], NDArray[np.float64]],
    shape: Shape = NARROW,
) -> Interplay:
    """Learn from the descriptions among ``examples``; their ``description`` says how much they are one."""
    asked = [e for e in examples if not e.by_file and not e.is_symbol and e.gain.any()]
    if not asked:
        return none()
    taken = [np.argsort(-linear(e), kind="stable")[:DEEPEST] for e in asked]
    seen = np.concatenate([e.features[at] for e, at in zip(asked, taken, strict=True)]).astype(np.float32)
    middle, width = seen.mean(axis=0), np.maximum(seen.std(axis=0), 1e-2)
    empty = np.zeros(0, dtype=np.float32)
    scaled = Interplay(middle, width, empty, empty, empty)
    lists = _lists(asked, taken, linear, scaled)
    nets = [_fit(lists, shape, seed) for seed in range(NETS)]
    hidden, offset, out = (np.concatenate([net[i] for net in nets], axis=-1) for i in range(3))
    return Interplay(middle, width, hidden, offset, (out / NETS).astype(np.float32))


def _lists(
    asked: Sequence[Example],
    taken: Sequence[NDArray[np.intp]],
    linear: Callable[[Example], NDArray[np.float64]],
    scaled: Interplay,
) -> _Lists:
    shape = (len(asked), DEEPEST)
    rows = np.zeros((*shape, len(NAMES)), dtype=np.float32)
    scores, right = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)
    there = np.zeros(shape, dtype=bool)
    for i, (example, at) in enumerate(zip(asked, taken, strict=True)):
        rows[i, : len(at)] = scaled.seen(example.features[at].astype(np.float32))
        scores[i, : len(at)] = linear(example)[at]
        right[i, : len(at)] = example.right[at]
        there[i, : len(at)] = True
    found = right.any(axis=1)
    right /= np.maximum(right.sum(axis=1, keepdims=True), 1)
    _, of, sizes = np.unique([e.group for e in asked], return_inverse=True, return_counts=True)
    weight = (1 / np.sqrt(sizes))[of].astype(np.float32)  # a repository of many sentences says them alike
    share = np.array([e.description for e in asked], dtype=np.float32)
    return _Lists(rows[found], scores[found], there[found], right[found], share[found], weight[found])


def _fit(lists: _Lists, shape: Shape, seed: int) -> tuple[Table, Table, Table]:
    """One network by Adam: hidden (features, units), offset, out."""
    chance = np.random.default_rng(seed)
    reach = 1 / np.sqrt(len(NAMES))
    net: list[Table] = [
        chance.uniform(-reach, reach, (len(NAMES), shape.units)).astype(np.float32),
        chance.uniform(-reach, reach, shape.units).astype(np.float32),
        chance.normal(0, 0.05, shape.units).astype(np.float32),
    ]
    first, second = ([np.zeros_like(part) for part in net] for _ in range(2))
    size = min(BATCH, len(lists.rows))
    steps = EPOCHS * (len(lists.rows) // size)
    order = np.empty(0, dtype=np.int64)
    for step in range(1, steps + 1):
        if len(order) < size:
            order = chance.permutation(len(lists.rows))
        batch, order = order[:size], order[size:]
        rate = RATE * (1 - (step - 1) / steps)
        slopes = _slopes(net, lists, batch, chance)
        for part, slope, m, v in zip(net, slopes, first, second, strict=True):
            m[...] += 0.1 * (slope - m)
            v[...] += 0.001 * (slope * slope - v)
            pull = (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
            part[...] = (1 - rate * shape.decay) * part - rate * pull
    return net[0], net[1], net[2]


def _slopes(
    net: Sequence[Table], lists: _Lists, batch: NDArray[np.int64], chance: np.random.Generator
) -> tuple[Table, Table, Table]:
    """The gradient of the batch's mean loss."""
    hidden, offset, out = net
    rows = lists.rows[batch].reshape(-1, len(NAMES))
    units = rows @ hidden + offset
    kept = (chance.random(units.shape, dtype=np.float32) >= DROPPED) * np.float32(1 / (1 - DROPPED))
    active = np.maximum(units, 0) * kept
    added = (active @ out).reshape(len(batch), DEEPEST)
    share = lists.share[batch, None]
    scores = np.where(lists.there[batch], lists.linear[batch] + share * added, -_MOST)
    mass = np.exp(scores - scores.max(axis=1, keepdims=True))
    mass /= mass.sum(axis=1, keepdims=True)
    weight = lists.weight[batch] / lists.weight[batch].sum()
    wrong = ((mass - lists.right[batch]) * share * weight[:, None]).reshape(-1).astype(np.float32)
    back = (wrong[:, None] * out) * kept * (units > 0)
    return rows.T @ back, back.sum(axis=0), active.T @ wrong


def as_json(learnt: Interplay) -> dict[str, Any]:
    """The network's part of weights.json."""

    def rounded(values: NDArray[np.float32]) -> list[float]:
        return [round(float(value), 4) for value in values]

    def named(values: NDArray[np.float32]) -> dict[str, float]:
        return dict(zip(NAMES, rounded(values), strict=True))

    return {
        "middle": named(learnt.middle),
        "width": named(learnt.width),
        "hidden": {name: rounded(row) for name, row in zip(NAMES, learnt.hidden, strict=True)},
        "offset": rounded(learnt.offset),
        "out": rounded(learnt.out),
    }
