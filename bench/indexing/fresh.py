"""What a search pays to be up to date: no change, one edit, a branch switch; as the doors ask it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench.indexing.trees import git
from codebase_server.index import IndexOptions, RootIndex
from codebase_server.runtime.collecting import collect_rarely
from codebase_server.service import CodebaseService
from codebase_server.service.answers import SearchAnswer
from codebase_server.settings import Settings
from codebase_server.store import Registry

ROUNDS = 30
SWITCHED = 2_000
_QUESTION = "where is the configuration read"
_LONGEST_SECONDS = 180.0
_LATEST_SECONDS = 10.0


def measure(tree: Path, scratch: Path) -> None:
    """Index a tree, then time what is asked after no change, an edit and a switch; print the tables."""
    collect_rarely()  # as each server does
    paths = _python_like(tree)
    _branch(tree, paths[:SWITCHED])
    plain = RootIndex(tree, Registry(scratch / "data"), IndexOptions(watch=False))
    done = plain.run_pass()
    print(f"{done.files:,} files, {done.chunks:,} chunks\n")
    print("| what is asked | p50 ms | highest ms | processor ms | asked for |\n|---|---|---|---|---|")
    _row("a look, nothing changed, no watcher", [_timed(plain.refresh) for _ in range(ROUNDS)], "150")
    looks = []
    for path in paths[:ROUNDS]:
        _append(tree / path, "an edit")
        looks.append(_timed(plain.refresh))
    _row("a look, one file edited, no watcher", looks, "")
    plain.close()
    service = CodebaseService(Settings(data_dir=scratch / "data", root=(tree,)))
    service.warm_up()
    index = service.opened(None).index
    while not index.status().watching:
        time.sleep(0.05)
    index.refresh(30.0)
    _row("a look, nothing changed, watcher", [_timed(index.refresh) for _ in range(ROUNDS)], "5")
    searches = [_search(service, _QUESTION)[0] for _ in range(ROUNDS)]
    _row("a whole search, nothing changed, watcher", searches, "")
    edits = _edits(service, tree, paths[ROUNDS : 2 * ROUNDS])
    _row("a whole search, one file edited 100 ms ago, watcher", edits, "100")
    switch(tree, service)
    service.close()


def _edits(service: CodebaseService, tree: Path, paths: list[str]) -> list[tuple[float, float]]:
    """Edit files one by one; how long the search that follows each took, with the edit in its answer."""
    times = []
    late = 0
    for number, path in enumerate(paths):
        word = f"zyzzyva{'abcdefghij'[number // 10]}{'abcdefghij'[number % 10]}"
        _append(tree / path, word)
        time.sleep(0.1)
        timed, answer = _search(service, word)
        times.append(timed)
        deadline = time.monotonic() + _LATEST_SECONDS
        missing = path not in {result["file_path"] for result in answer["results"]}
        late += missing
        while missing:
            if time.monotonic() > deadline:
                raise SystemExit(f"The edit of {path} is in no answer after {_LATEST_SECONDS:.0f} s.")
            missing = path not in {one["file_path"] for one in _search(service, word)[1]["results"]}
    if late:
        print(f"{late} of {len(paths)} edits were not in the first answer: the machine is too busy.")
    return times


def _append(path: Path, words: str) -> None:
    with path.open("a") as file:
        file.write(f"\n\n// {words}\n")


def _search(service: CodebaseService, question: str) -> tuple[tuple[float, float], SearchAnswer]:
    answers: list[SearchAnswer] = []
    timed = _timed(lambda: answers.append(service.search_code(question)))
    return timed, answers[0]


@dataclass
class _Seen:
    """The searches beside a switch: how long each took, and from which generation it was answered."""

    times: list[float] = field(default_factory=list)
    states: list[tuple[str, bool]] = field(default_factory=list)
    pending: list[int] = field(default_factory=list)


def switch(tree: Path, service: CodebaseService) -> None:
    """Switch to the other branch; search all the while."""
    git(tree, "stash", "-q")  # the edits before: a change of their own, which is waited for
    time.sleep(0.5)
    while (found := service.search_code(_QUESTION)["index"])["state"] != "ready":
        time.sleep(0.1)
    before, seen = found["generation"], _Seen()
    used = time.process_time()
    git(tree, "switch", "-q", "other")
    started = time.perf_counter()
    while time.perf_counter() - started < _LONGEST_SECONDS:
        (took, _), answer = _search(service, _QUESTION)
        index = answer["index"]
        seen.times.append(took)
        seen.states.append((index["state"], index["generation"] == before))
        seen.pending.append(index["pending_files"])
        if index["state"] == "ready" and index["generation"] != before:
            break
        time.sleep(0.05)
    seconds, processor = time.perf_counter() - started, time.process_time() - used
    old = [state for state, is_old in seen.states if is_old]
    print(
        f"\nBranch switch of {SWITCHED:,} files: ready after {seconds:.1f} s "
        f"({processor:.1f} processor seconds, workers not counted).\n"
        f"{len(seen.states)} searches meanwhile, {len(old)} answered from the generation before, "
        f"{old.count('partial')} of these marked partial; up to {max(seen.pending):,} files pending; "
        f"a search took {statistics.median(seen.times):.0f} ms, {max(seen.times):.0f} at most."
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


def _timed(call: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor milliseconds of a call."""
    started, used = time.perf_counter(), time.process_time()
    call()
    return (time.perf_counter() - started) * 1000, (time.process_time() - used) * 1000


def _row(name: str, times: list[tuple[float, float]], goal: str) -> None:
    wall = [one for one, _ in times]
    used = statistics.median(processor for _, processor in times)
    print(f"| {name} | {statistics.median(wall):.1f} | {max(wall):.1f} | {used:.1f} | {goal} |", flush=True)
