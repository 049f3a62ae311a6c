"""What a second worktree of a repository costs beside the first."""

from __future__ import annotations

import time
from pathlib import Path

from bench.indexing.trees import git
from codebase_server.index import IndexOptions, RootIndex
from codebase_server.store import Registry


def measure(tree: Path, scratch: Path) -> None:
    """Index a tree, then a worktree, then a clone of it into the same data folder; print the table."""
    registry = Registry(scratch / "data")
    git(tree, "worktree", "add", "-q", str(scratch / "worktree"), "-b", "other")
    git(scratch, "clone", "-q", str(tree), str(scratch / "clone"))
    print("| root | files | parsed s | share of the first | processor s | share of the first | disk MB |")
    print("|---|---|---|---|---|---|---|")
    first: tuple[float, float] | None = None
    for name, root in (("first", tree), ("worktree", scratch / "worktree"), ("clone", scratch / "clone")):
        index = RootIndex(root, registry, IndexOptions(watch=False, workers=0))
        before, spent = time.perf_counter(), time.process_time()
        done = index.run_pass()
        took = (time.perf_counter() - before, time.process_time() - spent)
        first = first or took
        size = sum(file.stat().st_size for file in (scratch / "data").rglob("*") if file.is_file())
        print(
            f"| {name} | {done.files:,} | {took[0]:.2f} | {took[0] / first[0]:.1%} "
            f"| {took[1]:.2f} | {took[1] / first[1]:.1%} | {size / 1e6:,.1f} |",
            flush=True,
        )
        index.close()
