"""Contrastive learning: a question's definition against all others of the batch."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from training.arrays import Pairs
from training.mining import NAME
from training.model import StaticModel


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is tried in experiments; the defaults made the shipped model."""

    dimensions: int = 256
    terms: int = 56_000
    batch: int = 1024
    group: int = 1024
    """Neighbours in a batch from one repository: negatives that share its jargon."""
    epochs: float = 1.2
    rate: float = 2e-3
    masked: float = 0.3
    """Share of definitions whose own name is hidden, so that bodies are learnt too."""
    dropped: float = 0.15
    """Share of terms left out at random."""
    name_share: float = 0.3
    """Questions that are a name in words, beside all others; their definition's name is always hidden."""
    lexical: float = 0.3
    """Share of questions whose BM25F scores are added to the cosines: of these the vectors
    learn only what words do not already tell (Gao et al. 2021, CLEAR)."""
    backwards: float = 0.5
    """Weight of finding the question for a definition, beside the definition for a question."""
    averaged: float = 0.2
    """The last part of the steps, over which the weights are averaged."""
    seed: int = 7


def fit(model: StaticModel, pairs: Pairs, recipe: Recipe) -> None:
    """Train in place."""
    rng = np.random.default_rng(recipe.seed)
    torch.manual_seed(recipe.seed)
    few = [p for name, p in model.named_parameters() if name != "vectors"]
    optimiser = torch.optim.Adam(
        [{"params": [model.vectors], "pace": 1.0}, {"params": few, "pace": 5.0}],
        betas=(0.9, 0.99),
        fused=True,
    )
    steps = int(recipe.epochs * _usable(pairs, recipe, rng).size / recipe.batch)
    began, losses = time.monotonic(), []
    batches = _batches(pairs, recipe, rng)
    mean: dict[str, Tensor] = {}
    for step in range(1, steps + 1):
        rate = recipe.rate * (min(1.0, step / 30) * (0.5 + 0.5 * math.cos(math.pi * step / steps)) + 0.01)
        for group in optimiser.param_groups:
            group["lr"] = rate * group["pace"]
        loss = _loss(model, pairs, next(batches), recipe, rng)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        losses.append(loss.item())
        since = step - (1 - recipe.averaged) * steps
        if since > 0:
            _average(mean, model, since)
        if step % 100 == 0 or step == steps:
            print(
                f"step {step}/{steps} loss {np.mean(losses[-100:]):.3f} "
                f"temperature {model.temperature.exp().item():.1f} {time.monotonic() - began:.0f}s",
                flush=True,
            )
    if mean:
        model.load_state_dict(mean)


def _average(mean: dict[str, Tensor], model: StaticModel, since: float) -> None:
    with torch.no_grad():
        for name, value in model.state_dict().items():
            if name in mean:
                mean[name] += (value - mean[name]) / max(since, 1)
            else:
                mean[name] = value.clone()


def _usable(pairs: Pairs, recipe: Recipe, rng: np.random.Generator) -> NDArray[np.int64]:
    real = np.flatnonzero(pairs.origin != NAME)
    named = np.flatnonzero(pairs.origin == NAME)
    return np.concatenate(
        [real, rng.choice(named, min(len(named), int(recipe.name_share * len(real))), replace=False)]
    )


def _batches(pairs: Pairs, recipe: Recipe, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Endless batches of question numbers, in groups of one repository."""
    while True:
        usable = rng.permutation(_usable(pairs, recipe, rng))
        usable = usable[np.argsort(pairs.repository[pairs.answer[usable]], kind="stable")]
        owner = pairs.repository[pairs.answer[usable]]
        groups = [
            part[i : i + recipe.group]
            for part in np.split(usable, np.flatnonzero(np.diff(owner)) + 1)
            for i in range(0, len(part), recipe.group)
        ]
        flat = np.concatenate([groups[i] for i in rng.permutation(len(groups))])
        for start in range(0, len(flat) - recipe.batch + 1, recipe.batch):
            yield flat[start : start + recipe.batch]


def _loss(
    model: StaticModel, pairs: Pairs, which: NDArray[np.int64], recipe: Recipe, rng: np.random.Generator
) -> Tensor:
    answers = pairs.answer[which].astype(np.int64)
    hidden = (pairs.origin[which] == NAME) | (rng.random(len(which)) < recipe.masked)
    scores = (
        _questions(model, pairs, which, recipe, rng)
        @ _documents(model, pairs, answers, hidden, recipe, rng).T
    )
    scores = scores * model.temperature.exp()
    told = ~hidden & (rng.random(len(which)) < recipe.lexical)
    if told.any():
        words = np.zeros((len(which), len(which)), dtype=np.float32)
        words[told] = pairs.lexical.scores(which[told], answers)
        scores = scores + torch.from_numpy(words) * model.words.exp()
    alike = (answers[:, None] == answers) | (pairs.same[which][:, None] == pairs.same[which])
    np.fill_diagonal(alike, False)
    scores = scores.masked_fill(torch.from_numpy(alike), -1e4)
    target = torch.arange(len(which))
    forwards = functional.cross_entropy(scores, target)
    return forwards + recipe.backwards * functional.cross_entropy(scores.T, target)


def _documents(
    model: StaticModel,
    pairs: Pairs,
    answers: NDArray[np.int64],
    hidden: NDArray[np.bool_],
    recipe: Recipe,
    rng: np.random.Generator,
) -> Tensor:
    flat, offsets = pairs.documents.gather(answers)
    named = pairs.counts[flat, 0] > 0
    kept = ~(named & np.repeat(hidden, np.diff(offsets))) & (rng.random(len(flat)) >= recipe.dropped)
    offsets = np.concatenate([[0], np.cumsum(kept)])[offsets]
    flat = flat[kept]
    return model.documents(
        torch.from_numpy(pairs.documents.rows[flat].astype(np.int64)),
        torch.from_numpy(pairs.counts[flat].astype(np.float32)),
        torch.from_numpy(offsets),
    )


def _questions(
    model: StaticModel, pairs: Pairs, which: NDArray[np.int64], recipe: Recipe, rng: np.random.Generator
) -> Tensor:
    flat, offsets = pairs.questions.gather(which)
    kept = rng.random(len(flat)) >= recipe.dropped
    offsets = np.concatenate([[0], np.cumsum(kept)])[offsets]
    return model.questions(
        torch.from_numpy(pairs.questions.rows[flat[kept]].astype(np.int64)), torch.from_numpy(offsets)
    )
