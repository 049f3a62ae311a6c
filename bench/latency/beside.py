"""One large repository in process, warm, beside Semble: the time to index and the time of a question.

    python -m bench.latency.beside TREE --semble PYTHON [--questions 200]

``PYTHON`` is an interpreter that has Semble. Ours is the service that every door asks, its freshness check
included, on a copy of the tree and an empty data folder. Questions are of three kinds in turn: a name of the
tree, two names' words, a sentence with both. Each is asked twice; the first and the second time are told
apart, since both programs remember what they met.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.retrieval.rivals import semble
from codebase_server.runtime.numeric import take_one_thread
from codebase_server.service.codebase import CodebaseService
from codebase_server.settings import Settings


def questions(service: CodebaseService, count: int) -> list[str]:
    """Questions made of the names that the map of the repository tells."""
    names = sorted(
        {entry["symbol"].rsplit(".", 1)[-1] for entry in service.outline(max_tokens=60_000)["entries"]}
    )
    draw = random.Random(7)  # the same questions in every run
    made = []
    for number in range(count):
        first, second = draw.choice(names), draw.choice(names)
        made.append(
            (first, f"{first} {second}", f"where do we {first} before the {second} is done")[number % 3]
        )
    return made


def row(name: str, seconds: float, chunks: int, times: Sequence[float]) -> str:
    """One row of the table; ``times`` are those of the first round, then of the second."""
    half = len(times) // 2
    cells = [f"{statistics.median(part):.1f} / {_high(part):.1f}" for part in (times[:half], times[half:])]
    return f"| {name} | {chunks:,} | {seconds:.1f} | {cells[0]} | {cells[1]} |"


def _high(times: Sequence[float]) -> float:
    return sorted(times)[int(0.95 * len(times))]


def main() -> None:
    """Index and ask both, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tree", type=Path)
    parser.add_argument("--semble", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=200)
    given = parser.parse_args()
    take_one_thread()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "trees" / "tree"
        shutil.copytree(given.tree, root, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        service = CodebaseService(Settings(Path(folder) / "data", root=(root,)), working_folder=root)
        began = time.perf_counter()
        built = service.index_repository()
        ours_seconds = time.perf_counter() - began
        asked = questions(service, given.questions)
        service.search_code("the first question of a process opens what all need")
        times = []
        for question in [*asked, *asked]:
            began = time.perf_counter()
            service.search_code(question)
            times.append((time.perf_counter() - began) * 1000)
        service.close()
        theirs = semble(given.semble, root.parent, [("tree", text) for text in asked], alpha=None, repeats=2)
    print("| | chunks | indexed in, s | p50 / p95 ms, first time | again |\n|---|---|---|---|---|")
    print(row("codebase-server", ours_seconds, built["chunks"], times))
    print(row("Semble", theirs.index_ms["tree"] / 1000, theirs.chunks["tree"], theirs.latencies))


if __name__ == "__main__":
    main()
