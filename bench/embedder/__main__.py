"""``python -m bench.embedder``: size, load time, and chunks a second of the shipped embedder on one core.

All times are processor time, so that a busy machine shows the same. Chunks are
pieces of 1,000 characters of this project's own sources (or of ``--tree``),
taken to terms and vectors as an indexing pass does it, some hundreds at once; the best of
several rounds is shown, and the first of them, when every cache was empty, as it is in a new index.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codebase_server.records import Chunk

_AT_ONCE = 192
"""Chunks whose terms are made together: an indexing pass takes 192 KB of files at a time."""

_LOAD = """
import time
began = time.process_time()
import numpy
numpy_done = time.process_time()
from codebase_server import embed
embedder = embed.load("static")
done = time.process_time()
import sys
assert "torch" not in sys.modules
print(done - numpy_done, numpy_done - began)
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.embedder", description=__doc__)
    parser.add_argument("--tree", type=Path, default=Path("src"))
    parser.add_argument("--chunks", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    # one thread of numpy's libraries: a core is what the figure is about; before numpy is imported
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
    from codebase_server.embed.static.embedder import SHIPPED

    loads = [_loading() for _ in range(given.rounds)]
    terms, vectors = _encoding(given.tree.resolve(), given.chunks, given.rounds)
    both = [a + b for a, b in zip(terms, vectors, strict=True)]
    print(
        f"| | |\n|---|---|\n"
        f"| file | {SHIPPED.stat().st_size / 1e6:.1f} MB |\n"
        f"| load, numpy already imported | {min(load for load, _ in loads) * 1e3:.0f} ms |\n"
        f"| importing numpy | {min(numpy for _, numpy in loads) * 1e3:.0f} ms |\n"
        f"| chunks/s, terms and vectors, first round | {given.chunks / both[0]:,.0f} |\n"
        f"| chunks/s, terms and vectors, best round | {given.chunks / min(both):,.0f} |\n"
        f"| chunks/s, terms alone | {given.chunks / min(terms):,.0f} |\n"
        f"| chunks/s, vectors alone | {given.chunks / min(vectors):,.0f} |"
    )


def _loading() -> tuple[float, float]:
    out = subprocess.run([sys.executable, "-c", _LOAD], capture_output=True, text=True, check=True).stdout
    load, numpy = out.split()
    return float(load), float(numpy)


def _encoding(tree: Path, count: int, rounds: int) -> tuple[list[float], list[float]]:
    """Processor seconds of this process per round: for terms, and for vectors."""
    from codebase_server import embed, terms

    embedder = embed.load("static")
    assert embedder is not None
    chunks = [chunk for chunk, _ in zip(_pieces(tree), range(count), strict=False)]
    if len(chunks) < count:
        chunks = (chunks * (count // len(chunks) + 1))[:count]
    for_terms, for_vectors = [], []
    for _ in range(rounds):
        began = time.process_time()
        documents = [
            document
            for start in range(0, count, _AT_ONCE)
            for document in terms.documents(
                [(chunk, path) for path, chunk in chunks[start : start + _AT_ONCE]]
            ).documents()
        ]
        middle = time.process_time()
        embedder.encode_documents(documents, ())
        for_terms.append(middle - began)
        for_vectors.append(time.process_time() - middle)
    return for_terms, for_vectors


def _pieces(tree: Path) -> Iterator[tuple[str, Chunk]]:
    """Every file cut into 1,000 characters: the chunks of the syntax are of all lengths."""
    from bench.retrieval.memory import read_tree
    from codebase_server.chunks import split

    for source in read_tree(tree):
        parsed = split(source).chunks
        for start in range(0, len(source.text) - 999, 1_000):
            content = source.text[start : start + 1_000]
            yield source.path, parsed[0]._replace(content=content, doc="", derived="")


if __name__ == "__main__":
    main()
