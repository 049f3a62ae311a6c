"""The scan of vectors beside a full one: what its first pass by signs loses, and what it saves.

    python -m bench.latency.vectors TREE [--questions 300]

Indexes a tree in memory with the shipped model and asks for the nearest 50 chunks twice: as a search does,
and of every row. Questions are first sentences of the tree's doc comments, and names drawn from it: the
vector of one name is like no whole chunk, so these are the harder kind.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.retrieval.memory import MemoryCorpus, parse
from codebase_server.embed.static import StaticEmbedder
from codebase_server.search.candidates.in_memory import SIGNS_PAY, VectorsInMemory, vectors_in_memory
from codebase_server.search.query import understand

NEAREST = 50
Vector = NDArray[np.float32]


def main() -> None:
    """Index, ask both ways, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tree", type=Path)
    parser.add_argument("--questions", type=int, default=300)
    given = parser.parse_args()
    model = StaticEmbedder.shipped()
    corpus = MemoryCorpus(parse(given.tree), model)
    held = vectors_in_memory(corpus.connection, model.model_id, np.arange(len(corpus.chunks), dtype=np.int32))
    if held is None or len(corpus.chunks) <= SIGNS_PAY:
        parser.error(f"{len(corpus.chunks):,} chunks: up to {SIGNS_PAY:,} every row is compared anyway.")
    draw = random.Random(3)  # the same questions in every run
    sentences = [
        re.split(r"(?<=[.!?])\s", chunk.doc.strip())[0][:300] for chunk in corpus.chunks if chunk.doc
    ]
    names = sorted({chunk.symbol.rsplit(".", 1)[-1] for chunk in corpus.chunks if chunk.symbol})
    print(f"{len(corpus.chunks):,} chunks\n")
    print(f"| questions | recall@{NEAREST} of a full scan | ms, both passes | ms, full scan |")
    print("|---|---|---|---|")
    for what, texts in (("sentences", sentences), ("one name", names)):
        asked = draw.sample(texts, min(given.questions, len(texts)))
        vectors = [model.encode_query(text, understand(text).analysed) for text in asked]
        report(what, held, len(corpus.chunks), [vector for vector in vectors if vector.any()])


def report(what: str, held: VectorsInMemory, count: int, asked: list[Vector]) -> None:
    """One row of the table."""

    def every(vector: Vector) -> set[int]:
        found = held.cosines(vector, np.arange(count, dtype=np.int32))
        return set(np.argpartition(-found, NEAREST - 1)[:NEAREST].tolist())

    def nearest(vector: Vector) -> set[int]:
        return set(held.nearest(vector, NEAREST)[0].tolist())

    shares = [len(every(vector) & nearest(vector)) / NEAREST for vector in asked]
    quick, full = _milliseconds(nearest, asked), _milliseconds(every, asked)
    print(f"| {what}, {len(asked)} | {statistics.mean(shares):.4f} | {quick:.2f} | {full:.2f} |")


def _milliseconds(ask: Callable[[Vector], object], asked: list[Vector]) -> float:
    """Processor milliseconds of one question, the middle of all."""
    times = []
    for vector in asked:
        started = time.thread_time()
        ask(vector)
        times.append(1000 * (time.thread_time() - started))
    return statistics.median(times)


if __name__ == "__main__":
    main()
