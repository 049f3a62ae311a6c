"""Items linked to functions, code moved forward through real commits, states held against the truth."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from bench.references.truth import Function, Truth, git
from bench.references.world import codebase, index, tracker
from bridge.client.probe import Probe

_SEED = 20
_LEAST_LINES = 4


async def measure(origin: Path, world: Path, *, commits: int, sample: int, steps: int) -> dict[str, Any]:
    """The figures of one repository: its git directory or checkout is cloned, never touched."""
    repository = world / "repository"
    git(world, "clone", "-q", "--shared", str(origin), str(repository))
    line = git(repository, "rev-list", "--first-parent", f"--max-count={commits + 1}", "HEAD").split()
    last, first = line[0], line[-1]
    truth = Truth(repository, first, last)
    known = [one for one in truth.before.values() if one.end - one.start + 1 >= _LEAST_LINES]
    chosen = random.Random(_SEED).sample(known, min(sample, len(known)))
    stops = [line[round((len(line) - 1) * (steps - step) / steps)] for step in range(steps + 1)]
    git(repository, "checkout", "-q", stops[0])
    with codebase(repository, world) as server:
        await index(server)
        probe = Probe(folder=server.runtime, timeout_ms=60_000)
        async with tracker(world / "workflow", repository, probe) as (service, call):
            items = [
                {"title": one.symbol, "entity_references": [f"{one.path}::{one.symbol}"]} for one in chosen
            ]
            made: list[str] = []
            for start in range(0, len(items), 200):
                plan = await service.create_work_items(call, cast("Any", items[start : start + 200]))
                made += [item["id"] for item in plan["items"]]
            for stop in stops[1:]:
                git(repository, "checkout", "-q", stop)
                await index(server)
            answer = await service.check_references(
                call, state=["valid", "moved", "changed", "stale", "unresolved", "unchecked"]
            )
    told = {detail["id"]: detail for detail in answer["references"]}
    rows = [(one, truth.of(one), told[identifier]) for one, identifier in zip(chosen, made, strict=True)]
    figures = _figures(repository, truth, rows)
    shutil.rmtree(repository)
    return figures


def _figures(repository: Path, truth: Truth, rows: Sequence[tuple[Function, str, Any]]) -> dict[str, Any]:
    sure = [(one, state, detail) for one, state, detail in rows if state != "unsure"]
    right = sum(_same(state, detail) for _, state, detail in sure)
    gone = {"stale"}
    false_valid = sum(detail["state"] == "valid" and state != "valid" for _, state, detail in sure)
    lines = [_line_tracker(repository, truth, one) for one, _, _ in sure]
    path_exists = [(repository / one.path).exists() for one, _, _ in sure]
    return {
        "functions": len(rows),
        "unsure": len(rows) - len(sure),
        "truth": dict(Counter(state for _, state, _ in sure)),
        "right": right / len(sure),
        "wrong valid": false_valid / len(sure),
        "path:line right": sum(
            _right(says, state, gone) for says, (_, state, _) in zip(lines, sure, strict=True)
        )
        / len(sure),
        "path right": sum(
            exists == (state in {"valid", "changed"})
            for exists, (_, state, _) in zip(path_exists, sure, strict=True)
        )
        / len(sure),
        "wrong": [
            f"{one.path}::{one.symbol}: truth {state}, told {detail['state']}"
            for one, state, detail in sure
            if not _same(state, detail)
        ],
    }


def _same(state: str, detail: Any) -> bool:
    return bool(detail["state"] == state)


def _line_tracker(repository: Path, truth: Truth, one: Function) -> str:
    """What a tracker of ``path:line`` can say: the line is there or not; and whether it is the right one."""
    file = repository / one.path
    if not file.exists() or len(file.read_text("utf-8", "replace").splitlines()) < one.start:
        return "missing"
    now = truth.after.get((one.path, one.symbol))
    return "right" if now is not None and now.start == one.start else "wrong place"


def _right(says: str, state: str, gone: set[str]) -> bool:
    return says == "right" or (says == "missing" and state in gone)
