"""Several servers on one project: throughput, one winner a claim, and kills."""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from bench.workflow.servers import Times, call, served, workflow
from workflow_server.projects.doctor import examine

CHURN = Path(__file__).parents[2] / "tests" / "workflow_server" / "store" / "worker.py"


async def creates(data: Path, folder: Path, processes: int, each: int) -> dict[str, Any]:
    """So many servers, each asked for ``each`` creates at the same time."""
    taken: list[float] = []

    async def ask(number: int, session: Any) -> list[str]:
        ids = []
        for count in range(each):
            begun = time.perf_counter()
            answer = await call(session, "create_work_item", title=f"Item {count} of server {number}")
            taken.append((time.perf_counter() - begun) * 1000)
            ids.append(answer["id"])
        return ids

    async with AsyncExitStack() as stack:
        sessions = [
            await stack.enter_async_context(served(sys.executable, workflow(data), folder))
            for _ in range(processes)
        ]
        await call(sessions[0], "list_work_items")
        begun = time.perf_counter()
        ids = await asyncio.gather(*(ask(number, session) for number, session in enumerate(sessions)))
        seconds = time.perf_counter() - begun
    acknowledged = [one for group in ids for one in group]
    stored = _stored(data)
    taken.sort()
    return {
        "acknowledged": len(acknowledged),
        "stored": len(stored & set(acknowledged)),
        "per second": len(acknowledged) / seconds,
        "times": Times(taken[len(taken) // 2], taken[int(len(taken) * 0.95)], len(taken)),
    }


async def claims(data: Path, folder: Path, processes: int, rounds: int) -> dict[str, int]:
    """So many servers of one name claim one item at the same moment, again and again; how many rounds
    had one winner.
    """
    right = 0
    async with AsyncExitStack() as stack:
        sessions = [
            await stack.enter_async_context(served(sys.executable, workflow(data), folder))
            for _ in range(processes)
        ]
        for number in range(rounds):
            item = (await call(sessions[0], "create_work_item", title=f"Round {number}"))["id"]
            answers = await asyncio.gather(
                *(call(session, "claim_work_item", id=item) for session in sessions)
            )
            right += sum(answer["claimed"] for answer in answers) == 1
    return {"rounds": rounds, "with one winner": right}


async def kills(data: Path, rounds: int) -> dict[str, int]:
    """Kill one of two writers at a random moment; count acknowledged events that are not there, and bad
    files.
    """
    dice = random.Random(11)
    file = data / "projects" / "shared.sqlite3"
    acknowledged: list[str] = []
    unsound = 0
    for _ in range(rounds):
        writers = [
            await asyncio.create_subprocess_exec(
                sys.executable, str(CHURN), str(data), "churn", stdout=asyncio.subprocess.PIPE
            )
            for _ in range(2)
        ]
        for writer in writers:
            assert writer.stdout is not None
            await writer.stdout.readline()
        await asyncio.sleep(dice.random() * 0.05)
        for writer in dice.sample(writers, 2):
            writer.send_signal(signal.SIGKILL)
            assert writer.stdout is not None
            rest = (await writer.stdout.read()).decode()
            acknowledged += [
                line.split()[0] for line in rest.splitlines(keepends=True) if line.endswith("\n")
            ]
            await writer.wait()
        unsound += _unsound(file)
    connection = sqlite3.connect(file)
    known = {row[0] for row in connection.execute("SELECT id FROM event")}
    connection.row_factory = sqlite3.Row
    problems = len(examine(connection)["problems"])
    connection.close()
    lost = len(set(acknowledged) - known)
    return {"rounds": rounds, "acknowledged": len(acknowledged), "lost": lost, "unsound": unsound + problems}


def _unsound(file: Path) -> int:
    connection = sqlite3.connect(file)
    verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    connection.close()
    return int(verdict != "ok")


def _stored(data: Path) -> set[str]:
    connection = sqlite3.connect(data / "projects" / "bench.sqlite3")
    found = {row[0] for row in connection.execute("SELECT id FROM item")}
    connection.close()
    return found
