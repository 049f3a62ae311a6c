"""Latency of every common call on a project of a given size."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path
from typing import Any

from mcp import ClientSession

from bench.workflow.data import PLAN, Work
from bench.workflow.servers import (
    Times,
    answered_text,
    call,
    empty_round_trip,
    served,
    timed,
    tokens,
    workflow,
)
from workflow_server.records import Actor, Call
from workflow_server.service import WorkflowService


async def load(data: Path, items: int, seed: int = 1) -> Work:
    """Fill a project with ``items`` items and twice as many blockers, through the service."""
    service = WorkflowService(data, default_project="bench")
    work = Work(seed)
    here = Call(Actor("loader", "bench", "import"))
    try:
        for _ in range(0, items, PLAN):
            plan = work.plan()
            answer = await service.create_work_items(here, plan)
            work.known(plan, [item["id"] for item in answer["items"]])
    finally:
        await service.close()
    return work


async def measure(data: Path, work: Work, folder: Path, rounds: int) -> dict[str, Times | float]:
    """Milliseconds above an empty tool's round trip, at the size ``data`` has."""
    floor = (await empty_round_trip(folder)).p50
    dice = random.Random(3)
    found: dict[str, Times | float] = {}
    async with served(sys.executable, workflow(data), folder) as session:

        async def over(name: str, count: int, tool: str, arguments: Any) -> None:
            times = await timed(count, lambda number: call(session, tool, **arguments(number)))
            found[name] = times.above(floor)

        def some() -> str:
            return dice.choice(work.open)

        await over("create", rounds * 2, "create_work_item", lambda _: dict(work.item()))
        await over("get", rounds, "get_work_item", lambda _: {"ids": [some()]})
        await over("update", rounds, "update_work_item", lambda n: {"ids": [some()], "note": f"note {n}"})
        await over("claim", rounds, "claim_work_item", lambda _: {})
        await over("ready", rounds, "list_work_items", lambda _: {"view": "ready"})
        await over("blocked", rounds, "list_work_items", lambda _: {"view": "blocked"})
        await over("list page", rounds, "list_work_items", lambda _: {})
        await over(
            "list, filtered",
            rounds,
            "list_work_items",
            lambda n: {"status": ["planned"], "label": f"label-{n % 30}"},
        )
        await over("search, 1 word", rounds, "list_work_items", lambda _: {"text": work.query(1)})
        await over("search, 2 words", rounds, "list_work_items", lambda _: {"text": work.query(2)})
        await over(
            "search, filtered",
            rounds,
            "list_work_items",
            lambda _: {"text": work.query(1), "status": ["planned"]},
        )
        await over(
            "plan of 200", max(3, rounds // 20), "create_work_items", lambda _: {"items": _chain(work)}
        )
        found["tokens of a default list"] = tokens(await answered_text(session, "list_work_items"))
    found["from spawn to the first answer"] = await opened(data, folder)
    return found


def _chain(work: Work) -> list[dict[str, Any]]:
    """Two hundred items, each waiting for the one before."""
    return [
        {**work.item(), "key": f"k{number}", "blocked_by": [f"k{number - 1}"] if number else []}
        for number in range(PLAN)
    ]


async def opened(data: Path, folder: Path, rounds: int = 7) -> float:
    """Milliseconds from spawn to the first answer from the project file, at best of several."""
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        async with served(sys.executable, workflow(data), folder) as session:
            await first_answer(session)
            taken.append((time.perf_counter() - begun) * 1000)
    return min(taken)


async def first_answer(session: ClientSession) -> None:
    """Something that needs the project file."""
    await call(session, "list_work_items", view="ready", limit=1)
