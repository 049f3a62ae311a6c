"""Contrastive learning: a question's definition against all others of the batch."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from training.arrays import Pairs
from training.mining import COMMENT, DOC, MORE, NAME
from training.model import StaticModel


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is tried in experiments; the defaults made the shipped model."""

    batch: int = 2048
    group: int = 64
    """Neighbours in a batch from one repository: negatives that share its jargon."""
    epochs: float = 6
    rate: float = 2e-3
    masked: float = 0.3
    """Share of definitions whose own name is hidden, so that bodies are learnt too."""
    dropped: float = 0.1
    """Share of terms left out at random."""
    name_share: float = 0.5
    """Questions that are a name in words, beside all others; their definition's name is always hidden."""
    distil: float = 0.0
    """Weight of agreeing with the teacher on which questions are alike."""
    seed: int = 7


def fit(
    model: StaticModel,
    pairs: Pairs,
    recipe: Recipe,
    taught: NDArray[np.float16] | None = None,
    report: Callable[[int], None] = lambda step: None,
    every: int = 200,
) -> None:
    """Train in place. ``taught``: the teacher's unit vectors of all questions, for ``recipe.distil``."""
    rng = np.random.default_rng(recipe.seed)
    torch.manual_seed(recipe.seed)
    optimiser = torch.optim.Adam(
        [
            {"params": [model.vectors], "lr": recipe.rate, "scale": 1.0},
            {
                "params": [model.factor, model.fields, model.half, model.temperature],
                "lr": recipe.rate * 5,
                "scale": 5.0,
            },
        ],
        betas=(0.9, 0.99),
        fused=True,
    )
    steps = int(recipe.epochs * _usable(pairs, recipe, rng).size / recipe.batch)
    began, losses = time.monotonic(), []
    batches = _batches(pairs, recipe, rng)
    for step in range(1, steps + 1):
        pace = min(1.0, step / 50) * (0.5 + 0.5 * math.cos(math.pi * step / steps)) + 0.01
        for group in optimiser.param_groups:
            group["lr"] = recipe.rate * group["scale"] * pace
        which = next(batches)
        loss = _loss(model, pairs, which, recipe, rng, taught)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss))
        if step % every == 0 or step == steps:
            print(
                f"step {step}/{steps} loss {np.mean(losses[-every:]):.3f} "
                f"temperature {model.temperature.exp():.1f} {time.monotonic() - began:.0f}s",
                flush=True,
            )
            report(step)


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
        cuts = np.concatenate([np.flatnonzero(np.diff(owner)) + 1])
        groups = [
            part[i : i + recipe.group]
            for part in np.split(usable, cuts)
            for i in range(0, len(part), recipe.group)
        ]
        order = rng.permutation(len(groups))
        flat = np.concatenate([groups[i] for i in order])
        for start in range(0, len(flat) - recipe.batch + 1, recipe.batch):
            yield flat[start : start + recipe.batch]


def _loss(
    model: StaticModel,
    pairs: Pairs,
    which: NDArray[np.int64],
    recipe: Recipe,
    rng: np.random.Generator,
    taught: NDArray[np.float16] | None,
) -> Tensor:
    answers = pairs.answer[which].astype(np.int64)
    flat, offsets = pairs.documents.gather(answers)
    counts = pairs.counts[flat]
    hidden = (pairs.origin[which] == NAME) | (rng.random(len(which)) < recipe.masked)
    named = counts[:, 0] > 0
    kept = ~(named & np.repeat(hidden, np.diff(offsets))) & (rng.random(len(flat)) >= recipe.dropped)
    documents = model.documents(
        torch.from_numpy(pairs.documents.rows[flat].astype(np.int64)),
        torch.from_numpy(counts.astype(np.float32)),
        torch.from_numpy(offsets),
        torch.from_numpy(kept.astype(np.float32)),
    )
    flat, offsets = pairs.questions.gather(which)
    kept = rng.random(len(flat)) >= recipe.dropped
    questions = model.questions(
        torch.from_numpy(pairs.questions.rows[flat].astype(np.int64)),
        torch.from_numpy(offsets),
        torch.from_numpy(kept.astype(np.float32)),
    )
    alike = (answers[:, None] == answers) | (pairs.same[which][:, None] == pairs.same[which])
    np.fill_diagonal(alike, False)
    scores = questions @ documents.T * model.temperature.exp()
    scores = scores.masked_fill(torch.from_numpy(alike), -1e4)
    target = torch.arange(len(which))
    loss = functional.cross_entropy(scores, target) + 0.5 * functional.cross_entropy(scores.T, target)
    if recipe.distil and taught is not None:
        loss = loss + recipe.distil * _disagreement(
            questions, torch.from_numpy(taught[which].astype(np.float32))
        )
    return loss


def _disagreement(questions: Tensor, teacher: Tensor) -> Tensor:
    """How differently model and teacher see which questions of the batch are alike (KL, temperature 0.05)."""
    here = (questions @ questions.T / 0.05).fill_diagonal_(-1e4)
    there = (teacher @ teacher.T / 0.05).fill_diagonal_(-1e4)
    return functional.kl_div(
        here.log_softmax(1), there.log_softmax(1), log_target=True, reduction="batchmean"
    )


__all__ = ["COMMENT", "DOC", "MORE", "Recipe", "fit"]
