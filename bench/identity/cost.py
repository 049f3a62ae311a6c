"""What identities cost: their share of a pass, and how long a hundred references take to resolve."""

from __future__ import annotations

import functools
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import httpx

from bench.references.world import codebase
from codebase_server.index import IndexOptions, RootIndex, assign, passes, prepare
from codebase_server.store import Registry

_TIMED: tuple[tuple[Any, str], ...] = (
    (assign.Assigner, "placed"),
    (assign.Assigner, "settle"),
    (assign.Assigner, "settle_alone"),
    (assign.Assigner, "living"),
    (passes, "find_adoptable"),
    (prepare, "normal_hash"),
)
"""Everything that a pass does for identities; what it does anyway (reading, splitting, storing) is not."""

_EDITED = 0.1


@dataclass(frozen=True)
class Share:
    """Processor seconds of one pass, all of it and for identities."""

    what: str
    whole: float
    identity: float
    chunks: int


def shares(trees: Sequence[Path], world: Path) -> Iterator[Share]:
    """A first index, one after edits to a tenth of the files, and one after all of them moved.

    Everything runs in this process, so that its time can be told apart.
    """
    folder = world / "project"
    files = _copied(trees, folder)
    options = IndexOptions(watch=False, workers=0)
    index = RootIndex(folder, Registry(world / "data"), options, repository="r_bench")
    try:
        yield _timed("first index", index)
        edited = random.Random(1).sample(files, max(1, int(len(files) * _EDITED)))
        for file in edited:
            _edit(file)
        yield _timed(f"edits in {len(edited):,} files", index)
        (folder / "moved").mkdir()
        for place in list(folder.iterdir()):
            if place.name != "moved":
                place.rename(folder / "moved" / place.name)
        yield _timed("every file moved", index)
    finally:
        index.close()


@dataclass(frozen=True)
class Asked:
    """Requests for 100 references: milliseconds that each took, and the server's processor milliseconds."""

    times: list[float]
    processor: float


def resolving(trees: Sequence[Path], world: Path, rounds: int) -> tuple[int, dict[str, Asked]]:
    """Chunks of a served root, and what requests for 100 references of several sorts cost."""
    folder = world / "served"
    _copied(trees, folder)
    subprocess.run(
        [
            sys.executable, "-m", "codebase_server", "index",
            "--root", str(folder), "--data-dir", str(world / "codebase"),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    with codebase(folder, world) as server, httpx.Client(timeout=60) as http:
        headers = {"Authorization": f"Bearer {server.token}"}

        def ask(references: list[dict[str, Any]]) -> list[dict[str, Any]]:
            answer = http.post(
                f"{server.url}/mcp/chunks/resolve", json={"references": references}, headers=headers
            )
            answer.raise_for_status()
            found: list[dict[str, Any]] = answer.json()["references"]
            return found

        index = RootIndex(folder, Registry(world / "codebase"), IndexOptions(watch=False, workers=0))
        with index.snapshot() as snapshot:
            placed = snapshot.placements(snapshot.live.tolist())
        index.close()
        placed = [one for one in placed if one.symbol]
        draw = random.Random(2)
        sorts: dict[str, Callable[[], list[dict[str, Any]]]] = {
            "chunk ids": lambda: [{"ref": one.chunk_id} for one in draw.sample(placed, 100)],
            "path::symbol": lambda: [
                {"ref": f"{one.path}::{one.symbol}"} for one in draw.sample(placed, 100)
            ],
            "path:line": lambda: [
                {"ref": f"{one.path}:{one.start_line}"} for one in draw.sample(placed, 100)
            ],
            "changed since, with snapshots": lambda: [_changed(one) for one in draw.sample(placed, 100)],
        }
        told = {}
        for sort, make in sorts.items():
            ask(make())
            times = []
            before = _processor_seconds(server.pid)
            for _ in range(rounds):
                references = make()
                started = time.perf_counter()
                ask(references)
                times.append((time.perf_counter() - started) * 1000)
            spent = _processor_seconds(server.pid) - before
            told[sort] = Asked(times, spent * 1000 / rounds)
        return int(snapshot.live.size), told


def _processor_seconds(pid: int) -> float:
    """What a process has used so far (Linux): unlike its time on the clock, hardly other programs' doing."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentile(values: Sequence[float], share: float) -> float:
    """A percentile by inclusive interpolation; ``share`` in hundredths."""
    return statistics.quantiles(values, n=100, method="inclusive")[round(share) - 1]


def _changed(one: Any) -> dict[str, Any]:
    kept = {
        "repository": "r_bench",
        "chunk_ids": [one.chunk_id],
        "path": one.path,
        "symbol": one.symbol,
        "start_line": one.start_line,
        "end_line": one.end_line,
        "content_hash": "0" * 32,
        "code": f"{one.signature}\n    other = code\n    that(other)\n",
    }
    return {"ref": one.chunk_id, "snapshot": kept}


def _copied(trees: Sequence[Path], folder: Path) -> list[Path]:
    """The sources of the trees (folders or bare git directories) side by side in one folder."""
    for tree in trees:
        name = tree.parent.name if tree.name == "repo" else tree.name
        target = folder / name
        target.mkdir(parents=True)
        if (tree / "objects").is_dir():
            archive = subprocess.Popen(["git", "-C", str(tree), "archive", "HEAD"], stdout=subprocess.PIPE)
            subprocess.run(["tar", "-x", "-C", str(target)], stdin=archive.stdout, check=True)
            archive.wait()
        else:
            shutil.copytree(tree, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".git"))
    suffixes = {".py", ".ts", ".js", ".go", ".rs", ".java", ".c", ".h"}
    return sorted(file for file in folder.rglob("*") if file.is_file() and file.suffix in suffixes)


def _edit(file: Path) -> None:
    """Take out the middle line: inside a function more often than not."""
    lines = file.read_bytes().split(b"\n")
    del lines[len(lines) // 2]
    file.write_bytes(b"\n".join(lines))


def _timed(what: str, index: RootIndex) -> Share:
    with _stopwatch() as spent:
        started = time.process_time()
        index.run_pass()
        whole = time.process_time() - started
    with index.snapshot() as snapshot:
        return Share(what, whole, spent[0], int(snapshot.live.size))


@contextmanager
def _stopwatch() -> Iterator[list[float]]:
    """The processor seconds spent within the functions of `_TIMED`, those within each other counted once."""
    spent = [0.0]
    within = [False]

    def timed(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def run(*arguments: Any, **named: Any) -> Any:
            if within[0]:
                return function(*arguments, **named)
            within[0] = True
            started = time.process_time()
            try:
                return function(*arguments, **named)
            finally:
                spent[0] += time.process_time() - started
                within[0] = False

        return run

    with ExitStack() as patches:
        for holder, name in _TIMED:
            patches.enter_context(mock.patch.object(holder, name, timed(getattr(holder, name))))
        yield spent
