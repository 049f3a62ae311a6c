"""References to functions of an old commit, resolved at many later ones and held against the truth."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx

from bench.identity import rivals
from bench.identity.sources import Function, Sources, git
from bench.identity.truth import Fate, Truth, renames
from bench.references.world import Codebase, codebase, index

_SEED = 20
_LEAST_LINES = 4


@dataclass
class Tally:
    """How often a tracker was right. ``certain`` are wrong answers that name a place."""

    alive: int = 0
    found: int = 0
    dead: int = 0
    told_dead: int = 0
    certain: int = 0

    def add(self, fate: Fate, claims: bool, right: bool) -> None:
        """One answer: whether it ``claims`` that the function lives, and names the ``right`` place."""
        if fate.now is not None:
            self.alive += 1
            self.found += claims and right
            self.certain += claims and not right
        else:
            self.dead += 1
            self.told_dead += not claims
            self.certain += claims

    def __iadd__(self, other: Tally) -> Self:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)
        return self


@dataclass
class Result:
    """The figures of one repository over all its stops."""

    name: str
    functions: int
    stops: int
    by: Counter[str] = field(default_factory=Counter)
    unsure: Counter[str] = field(default_factory=Counter)
    tallies: dict[str, Tally] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)


def measure(origin: Path, *, commits: int, sample: int, steps: int) -> Result:
    """Walk one repository forward; ``origin`` (a clone or a bare git directory) is never touched."""
    with tempfile.TemporaryDirectory() as world:
        return asyncio.run(_walk(origin.absolute(), Path(world), commits, sample, steps))


async def _walk(origin: Path, world: Path, commits: int, sample: int, steps: int) -> Result:
    repository = world / "repository"
    git(world, "clone", "-q", "--shared", "--no-checkout", str(origin), str(repository))
    line = git(repository, "rev-list", "--first-parent", f"--max-count={commits + 1}", "HEAD").split()
    stops = [line[round((len(line) - 1) * (steps - step) / steps)] for step in range(steps + 1)]
    stops = squeezed(repository, stops)
    name = (origin.parent.name if origin.name in {"repo", ".git"} else origin.name).replace("+", "/")
    before = Sources(repository, stops[0])
    known = [one for one in before.all.values() if one.end - one.start + 1 >= _LEAST_LINES]
    git(repository, "checkout", "-q", stops[0])
    with codebase(repository, world) as server:
        await index(server)
        drawn = random.Random(_SEED).sample(sorted(known, key=lambda one: (one.path, one.start)), len(known))
        chosen = _linked(server, drawn, sample)
        result = Result(name, len(chosen), steps)
        moved = renames(repository, stops)
        for stop, renamed in zip(stops[1:], moved[1:], strict=True):
            git(repository, "checkout", "-q", stop)
            await index(server)
            after = Sources(repository, stop)
            entries = _resolved(server, [chunk_id for _, chunk_id in chosen])
            truth = Truth(name, before, after, renamed)
            for (function, _), entry in zip(chosen, entries, strict=True):
                _judge(result, truth, function, entry)
    return result


def squeezed(repository: Path, stops: list[str]) -> list[str]:
    """New commits with the trees of ``stops`` and nothing between: git follows lines over them faster."""
    squeezed: list[str] = []
    for stop in stops:
        parent = ["-p", squeezed[-1]] if squeezed else []
        made = git(
            repository, "-c", "user.name=bench", "-c", "user.email=bench@localhost",
            "commit-tree", f"{stop}^{{tree}}", *parent, "-m", stop,
        )  # fmt: skip
        squeezed.append(made.strip())
    return squeezed


def _linked(server: Codebase, drawn: list[Function], sample: int) -> list[tuple[Function, str]]:
    """The first functions of the draw that the server knows as one chunk of that name, each with its id.

    Left out are very long ones, those nested in another one, and what the index skips as vendored.
    """
    entries = _resolved(server, [f"{one.path}:{one.start}-{one.end}" for one in drawn[: 20 * sample]])
    chosen = []
    for one, entry in zip(drawn, entries, strict=False):
        named = entry["symbol"].rsplit(".", 1)[-1] == one.name
        if entry["state"] == "valid" and len(entry["chunk_ids"]) == 1 and named:
            chosen.append((one, entry["chunk_ids"][0]))
    return chosen[:sample]


def _resolved(server: Codebase, references: list[str]) -> list[dict[str, Any]]:
    answer = httpx.post(
        f"{server.url}/mcp/chunks/resolve",
        json={"references": [{"ref": ref} for ref in references]},
        headers={"Authorization": f"Bearer {server.token}"},
        timeout=120,
    )
    answer.raise_for_status()
    entries: list[dict[str, Any]] = answer.json()["references"]
    return entries


def _judge(result: Result, truth: Truth, function: Function, entry: dict[str, Any]) -> None:
    fate = truth.of(function)
    title = f"{function.path}::{function.symbol}"
    if fate.unsure:
        result.unsure[title] += 1
        return
    result.by[fate.by] += 1
    claims = entry["state"] in {"valid", "moved", "changed"}
    place = (entry.get("file_path", ""), entry.get("start_line", 0), entry.get("end_line", 0))
    right = fate.now is not None and claims and _is_function(truth.after, place, fate.now)
    result.tallies.setdefault("tandem", Tally()).add(fate, claims, right)
    if (fate.now is None) == claims or (claims and not right):
        now = f"{fate.now.path}::{fate.now.symbol}" if fate.now else "dead"
        stopped = git(truth.after.repository, "log", "-1", "--format=%s", truth.after.commit)[:9]
        said = f"{entry['state']} {place[0]}:{place[1]} {entry.get('symbol', '')}"
        result.wrong[title] = f"{title}\n      truth {now} ({fate.by}), told {said}, at {stopped}"
    for name, ask in _RIVALS.items():
        at = ask(function, truth)
        owns = (
            fate.now is not None
            and at is not None
            and _is_function(truth.after, (at[0], at[1], at[1]), fate.now)
        )
        result.tallies.setdefault(name, Tally()).add(fate, at is not None, owns)


def _is_function(after: Sources, place: tuple[str, int, int], wanted: Function) -> bool:
    """Whether the function that shares most lines with ``place`` is the wanted one."""
    path, start, end = place
    if path not in after.paths:
        return False

    def shared(one: Function) -> int:
        return min(one.end, end) - max(one.start, start) + 1

    best = max(after.functions(path).values(), key=shared, default=None)
    return best is not None and shared(best) > 0 and (best.path, best.symbol) == (wanted.path, wanted.symbol)


_RIVALS: dict[str, Callable[[Function, Truth], rivals.Place]] = {
    "path:line": lambda function, truth: rivals.by_line(function, truth.after),
    "path + content hash": lambda function, truth: rivals.by_hash(function, truth.after),
    "path::symbol": lambda function, truth: rivals.by_symbol(function, truth.after),
    "git's line history": lambda function, truth: rivals.by_line_history(function, truth.before, truth.after),
}
