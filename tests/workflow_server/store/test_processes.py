"""Several real processes on one project: nothing acknowledged is lost, and a claim has one winner."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from tests.workflow_server.desk import Desk, HandClock

from workflow_server.projects.doctor import examine
from workflow_server.records import Call

ENDURANCE = [pytest.mark.soak, pytest.mark.timeout(1800)]
WORKER = Path(__file__).with_name("worker.py")


@pytest.fixture
async def shared(tmp_path: Path, clock: HandClock) -> Desk:
    """A closed desk whose folder holds the project ``shared``."""
    desk = Desk(tmp_path / "data", clock)
    await desk.service.create_project(desk.call, "shared")
    await desk.service.close()
    desk.call = Call(desk.call.actor, "shared")
    return desk


def start(folder: Path, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(WORKER), str(folder), *map(str, arguments)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def stop(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def findings(file: Path) -> list[str]:
    connection = sqlite3.connect(file)
    connection.row_factory = sqlite3.Row
    try:
        return examine(connection)["problems"]
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("processes", "creates"),
    [(4, 25), pytest.param(8, 500, marks=ENDURANCE)],
)
async def test_every_create_acknowledged_by_any_process_is_stored_once(
    tmp_path: Path, shared: Desk, processes: int, creates: int
) -> None:
    workers = [start(tmp_path / "data", "create", creates) for _ in range(processes)]
    outputs = await asyncio.gather(*(asyncio.to_thread(worker.communicate) for worker in workers))
    assert [(worker.returncode, errors) for worker, (_, errors) in zip(workers, outputs, strict=True)] == [
        (0, "")
    ] * processes
    acknowledged = [line for output, _ in outputs for line in output.split()]
    assert len(acknowledged) == len(set(acknowledged)) == processes * creates
    assert (await shared.page())["total_count"] == processes * creates
    _, store = await shared.service.open_store(shared.call)
    stored = await store.read(
        lambda connection: {row[0] for row in connection.execute("SELECT id FROM item")}
    )
    assert stored == set(acknowledged)
    assert findings(store.path) == []
    await shared.service.close()


@pytest.mark.parametrize(
    ("processes", "rounds"),
    [(6, 15), pytest.param(16, 1000, marks=ENDURANCE)],
)
async def test_exactly_one_process_wins_a_claim_in_every_round(
    tmp_path: Path, shared: Desk, processes: int, rounds: int
) -> None:
    workers = [start(tmp_path / "data", "claim") for _ in range(processes)]
    try:
        for worker in workers:
            assert worker.stdout is not None
            assert await asyncio.to_thread(worker.stdout.readline) == "ready\n"
        for _ in range(rounds):
            item = await shared.create()
            for worker in workers:
                assert worker.stdin is not None
                worker.stdin.write(f"{item['id']}\n")
                worker.stdin.flush()
            answers = [worker.stdout.readline().strip() for worker in workers if worker.stdout]
            assert sorted(answers) == ["lost"] * (processes - 1) + ["won"]
            history = await shared.service.history(shared.call, id=item["id"])
            assert [event["action"] for event in history["events"]] == ["create", "claim"]
    finally:
        for worker in workers:
            stop(worker)
        await shared.service.close()


@pytest.mark.parametrize("rounds", [5, pytest.param(500, marks=ENDURANCE)])
async def test_whatever_was_acknowledged_survives_kill_9(tmp_path: Path, shared: Desk, rounds: int) -> None:
    dice = random.Random(7)
    file = tmp_path / "data" / "projects" / "shared.sqlite3"
    acknowledged: list[list[str]] = []
    for _ in range(rounds):
        writers = [start(tmp_path / "data", "churn") for _ in range(2)]
        doomed = dice.choice(writers)
        assert doomed.stdout is not None
        lines = [doomed.stdout.readline().split() for _ in range(dice.randrange(1, 12))]
        doomed.kill()
        rest, _ = doomed.communicate()
        lines += [line.split() for line in rest.splitlines(keepends=True) if line.endswith("\n")]
        for other in writers:
            if other is not doomed:
                assert other.stdout is not None
                lines.append(other.stdout.readline().split())
                stop(other)
        assert all(lines)
        acknowledged += lines
        assert findings(file) == []
    connection = sqlite3.connect(file)
    known = {row[0] for row in connection.execute("SELECT id FROM event")}
    items = {row[0] for row in connection.execute("SELECT id FROM item")}
    connection.close()
    assert {line[0] for line in acknowledged} <= known
    assert {identifier for line in acknowledged for identifier in line[1:]} <= items
    assert await shared.create("Life goes on")
    await shared.service.close()


async def test_many_processes_may_open_a_new_project_at_once(tmp_path: Path, clock: HandClock) -> None:
    """The first use of a data folder by several hosts at the same moment."""
    desk = Desk(tmp_path / "data", clock)
    await desk.service.list_projects(desk.call)
    await desk.service.close()
    desks = [Desk(tmp_path / "data", clock, f"host-{number}", project="fresh") for number in range(6)]
    items = await asyncio.gather(*(one.create(f"From {number}") for number, one in enumerate(desks)))
    assert {row["id"] for row in await desks[0].rows()} == {item["id"] for item in items}
    for one in desks:
        await one.service.close()
