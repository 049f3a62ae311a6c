"""What a search pays to be up to date: no change, one edit, a branch switch."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench.indexing.trees import git
from codebase_server.index import IndexOptions, RootIndex
from codebase_server.store import Registry

ROUNDS = 30
SWITCHED = 2_000


def measure(tree: Path, scratch: Path) -> None:
    """Index a tree, then time what `refresh` adds to a search; print the tables."""
    registry = Registry(scratch / "data")
    paths = _python_like(tree)
    _branch(tree, paths[:SWITCHED])
    plain = RootIndex(tree, registry, IndexOptions(watch=False))
    done = plain.run_pass()
    print(f"{done.files:,} files, {done.chunks:,} chunks\n")
    print("| what a search does first | p50 ms | highest ms | asked for |\n|---|---|---|---|")
    _row("nothing changed, no watcher", [_timed(plain.refresh) for _ in range(ROUNDS)], "150")
    edits = []
    for number in range(ROUNDS):
        _edit(tree / paths[number], number)
        edits.append(_timed(partial(_found, plain, number)))
    _row("one file edited, no watcher", edits, "")
    plain.close()
    watched = RootIndex(tree, registry, IndexOptions())
    watched.refresh(30.0)
    while not watched.status().watching:
        time.sleep(0.05)
    watched.refresh(30.0)
    _row("nothing changed, watcher", [_timed(watched.refresh) for _ in range(ROUNDS)], "5")
    edits = []
    for number in range(ROUNDS):
        _edit(tree / paths[number], ROUNDS + number)
        time.sleep(0.1)
        edits.append(_timed(partial(_found, watched, ROUNDS + number)))
    _row("one file edited 100 ms ago, watcher", edits, "100")
    _switch(tree, watched)
    watched.close()


def _switch(tree: Path, index: RootIndex) -> None:
    """Switch to the other branch; search all the while."""
    with index.snapshot() as snapshot:
        before = snapshot.generation
    git(tree, "stash", "-q")
    git(tree, "switch", "-q", "other")
    started = time.perf_counter()
    waits, states = [], []
    pending: list[int] = []
    while True:
        waits.append(_timed(lambda: index.refresh(0.0)))
        with index.snapshot() as snapshot:
            states.append((snapshot.state, snapshot.generation == before))
            pending.append(snapshot.pending_files)
            if snapshot.state == "ready" and snapshot.generation != before:
                break
        time.sleep(0.05)
    seconds = time.perf_counter() - started
    marked = [old for state, old in states if state == "partial"]
    print(f"\nBranch switch of {SWITCHED:,} files: ready after {seconds:.1f} s.")
    print(
        f"{len(states)} searches meanwhile, {len(marked)} marked partial, "
        f"{sum(marked)} of them from the generation before; up to {max(pending):,} files pending; "
        f"longest wait {max(waits):.0f} ms."
    )


def _python_like(tree: Path) -> list[str]:
    tracked = git(tree, "ls-files").splitlines()
    suffixes = (".py", ".go", ".ts", ".js", ".rs", ".java", ".rb", ".kt", ".cs", ".php", ".c", ".scala")
    return [path for path in tracked if path.endswith(suffixes)]


def _branch(tree: Path, paths: list[str]) -> None:
    """A branch on which so many files differ."""
    git(tree, "switch", "-qc", "other")
    for path in paths:
        with (tree / path).open("a") as file:
            file.write("\n// other branch\n")
    git(tree, "commit", "-qam", "other")
    git(tree, "switch", "-q", "main")


def _edit(path: Path, number: int) -> None:
    with path.open("a") as file:
        file.write(f"\n\n// edited{number:04d}\n")


def _found(index: RootIndex, number: int) -> None:
    """Refresh; the edit must then be in the index."""
    index.refresh(0.25)
    with index.snapshot() as snapshot:
        count = snapshot.connection.execute(
            "SELECT count(*) FROM root_file JOIN file USING (file_id) WHERE root_id = ?", (snapshot.root_id,)
        ).fetchone()[0]
        newest = snapshot.connection.execute("SELECT max(version_id) FROM version").fetchone()[0]
        code = snapshot.contents([newest]).get(newest, "")
    if not count or f"edited{number:04d}" not in code:
        raise SystemExit(f"Edit {number} was not in the index when asked.")


def _timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def _row(name: str, times: list[float], goal: str) -> None:
    print(f"| {name} | {statistics.median(times):.1f} | {max(times):.1f} | {goal} |", flush=True)
