"""A program of its own that works on a project: the tests start several and kill some.

``worker.py DATA create COUNT``: create items, writing each acknowledged id on a line.
``worker.py DATA claim``: for each id read from stdin, claim it and write ``won`` or ``lost``.
``worker.py DATA churn``: create, complete and delete without end, writing every acknowledged event.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from workflow_server.records import Actor, Call
from workflow_server.service import WorkflowService

CALL = Call(Actor(f"worker-{os.getpid()}", "worker 1"), "shared")


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


async def create(service: WorkflowService, count: int) -> None:
    for number in range(count):
        answer = await service.create_work_item(CALL, {"title": f"Item {number} of {os.getpid()}"})
        say(answer["item"]["id"])


async def claim(service: WorkflowService) -> None:
    say("ready")
    for line in iter(sys.stdin.readline, ""):
        answer = await service.claim_work_item(CALL, id=line.strip())
        say("won" if answer["claimed"] else "lost")


async def churn(service: WorkflowService) -> None:
    while True:
        made = await service.create_work_items(
            CALL, [{"key": "a", "title": "First"}, {"title": "Second", "blocked_by": ["a"]}]
        )
        first, second = (item["id"] for item in made["items"])
        say(made["event"], first, second)
        done = await service.update_work_items(CALL, [first], {"status": "completed", "note": "done"})
        say(done["event"], first)
        gone = await service.delete_work_item(CALL, second)
        say(gone["event"], second)


async def main() -> None:
    data, mode, *rest = sys.argv[1:]
    service = WorkflowService(Path(data))
    try:
        if mode == "create":
            await create(service, int(rest[0]))
        elif mode == "claim":
            await claim(service)
        else:
            await churn(service)
    finally:
        await service.close()


asyncio.run(main())
