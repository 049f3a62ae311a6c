"""What a running server takes to index trees one after the other, and Semble for the same ones."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bench.indexing.trees import quiet_environment
from bench.retrieval import rivals

ONE_AFTER_THE_OTHER = """
import json, sys, time
from pathlib import Path
from codebase_server.runtime.numeric import take_one_thread
take_one_thread()
from codebase_server import embed
from codebase_server.index import IndexOptions, RootIndex
from codebase_server.runtime.collecting import collect_rarely
from codebase_server.store import Registry

collect_rarely()  # as each server does
embed.load("static")  # loaded once before timing, as Semble's model is
data, rounds, trees = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
for number in range(rounds):
    chunks, began = 0, time.perf_counter()
    for tree in trees:
        index = RootIndex(Path(tree), Registry(data / str(number)), IndexOptions(watch=False))
        chunks += index.run_pass().chunks
        index.close()
    print(json.dumps({"chunks": chunks, "seconds": time.perf_counter() - began}), flush=True)
"""
"""Indexes each tree from nothing, ids, text index, vectors and disk included, in one process with its
workers. The first round imports and starts what a later one finds there."""


def measure(trees: Path, scratch: Path, semble: Path | None, rounds: int) -> None:
    """Print a row a round, and Semble's, with random vectors of its model's shape."""
    roots = sorted(path for path in trees.iterdir() if path.is_dir())
    command = [sys.executable, "-c", ONE_AFTER_THE_OTHER, str(scratch / "beside"), str(rounds)]
    done = subprocess.run(
        [*command, *map(str, roots)],
        check=True,
        env=quiet_environment(scratch / "beside"),
        stdout=subprocess.PIPE,
        text=True,
    )
    print("| who | chunks | s | share of Semble |\n|---|---|---|---|")
    theirs = 0.0
    if semble is not None:
        run = rivals.semble(semble, trees, [(root.name, "parse") for root in roots], alpha=None)
        theirs = sum(run.index_ms.values()) / 1000
        print(f"| Semble, in memory | {sum(run.chunks.values()):,} | {theirs:.1f} | |")
    for number, line in enumerate(done.stdout.splitlines()):
        told = json.loads(line)
        name = (
            "ours, the first indexing of a process"
            if not number
            else "ours, a server that has indexed before"
        )
        share = f"{told['seconds'] / theirs:.2f}" if theirs else ""
        print(f"| {name} | {told['chunks']:,} | {told['seconds']:.1f} | {share} |")
