"""Questions with their candidates' features and which of them are right: what weights are learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from bench.retrieval.dataset import Target
from bench.retrieval.memory import Embedder, MemoryCorpus
from numpy.typing import NDArray

from codebase_server.search.engine import Engine
from codebase_server.search.query import understand
from codebase_server.search.request import SearchRequest


@dataclass(slots=True)
class Example:
    """One question. ``unit`` numbers what counts as one answer: a file, or a single chunk.

    ``gain`` is by unit: 1 where it answers the question. ``missed`` counts the
    targets that no candidate covers. ``group`` is the repository. ``description``
    is how much the question reads like one function's description, from 0 to 1.
    ``file`` numbers the candidates' files, ``right`` says which candidates answer.
    """

    group: str
    text: str
    is_symbol: bool
    features: NDArray[np.float32]
    unit: NDArray[np.integer]
    gain: NDArray[np.float32]
    missed: int
    weight: float
    category: str
    by_file: bool
    file: NDArray[np.integer]
    right: NDArray[np.bool_]
    description: float = 0.0


def examples(
    corpus: MemoryCorpus,
    group: str,
    asked: Sequence[tuple[str, Sequence[Target], str]],
    *,
    by_file: bool,
    weight: float,
    embedder: Embedder | None,
) -> list[Example]:
    """The examples of one tree: ``asked`` are questions with their targets and a category."""
    engine = Engine()
    made = []
    for text, targets, category in asked:
        query = understand(text)
        found = engine.candidates(corpus, query, embedder, SearchRequest(text))
        table = found.view.table
        right = np.zeros(len(found.pool.at), dtype=bool)
        left = set(targets)
        for i, at in enumerate(found.pool.at.tolist()):
            path, start, end = table.paths[table.file_of[at]], int(table.starts[at]), int(table.ends[at])
            hit = [target for target in targets if target.covered_by(path, start, end)]
            right[i] = bool(hit)
            left -= set(hit)
        unit = found.pool.files if by_file else np.arange(len(right))
        gain = np.zeros(int(unit.max()) + 1 if len(unit) else 0, dtype=np.float32)
        np.maximum.at(gain, unit, right.astype(np.float32))
        made.append(
            Example(
                group,
                text,
                query.is_symbol,
                found.features,
                unit,
                gain,
                len(left),
                weight,
                category,
                by_file,
                found.pool.files,
                right,
            )
        )
    return made
