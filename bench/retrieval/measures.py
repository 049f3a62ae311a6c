"""NDCG@10, reciprocal rank, recall within a budget: on results of any searcher."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

from bench.retrieval.dataset import Target

BUDGETS = (500, 1_000, 2_000, 4_000)
"""Tokens, at four characters each."""


@dataclass(frozen=True, slots=True)
class Place:
    """A result: lines of a file, and its text."""

    path: str
    start_line: int
    end_line: int
    content: str = ""
    score: float = 0.0


def ndcg(results: Sequence[Place], targets: Sequence[Target], depth: int = 10) -> float:
    """NDCG over the first ``depth``: each target counts once, at its first covering result."""
    ideal = sum(1 / log2(i + 2) for i in range(min(len(targets), depth)))
    gain, left = 0.0, list(targets)
    for rank, place in enumerate(results[:depth]):
        hit = [t for t in left if t.covered_by(place.path, place.start_line, place.end_line)]
        gain += len(hit) / log2(rank + 2)
        left = [t for t in left if t not in hit]
    return min(gain / ideal, 1.0) if ideal else 0.0


def reciprocal_rank(results: Sequence[Place], target: Target, depth: int = 10, longest: int = 120) -> float:
    """1 / rank of the first result of at most ``longest`` lines that overlaps the target."""
    for rank, place in enumerate(results[:depth]):
        if place.end_line - place.start_line < longest and target.covered_by(
            place.path, place.start_line, place.end_line
        ):
            return 1 / (rank + 1)
    return 0.0


def recall_within(results: Sequence[Place], targets: Sequence[Target], tokens: int) -> float:
    """The share of targets covered by the results that fit whole into ``tokens``, in order."""
    room, found = tokens * 4, set()
    for place in results:
        room -= len(place.content)
        if room < 0:
            break
        found |= {t for t in targets if t.covered_by(place.path, place.start_line, place.end_line)}
    return len(found) / len(targets)
