"""A real codebase server that is busy, killed and started again, frozen, or seen by a clock that jumps."""

from __future__ import annotations

import asyncio
import itertools
import signal
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.scenarios.conftest import Server, World
from tests.workflow_server.desk import HandClock
from tests.workflow_server.references.linked import LinkedDesk, index, linked_world

from bridge.agreed.resolution import ReferenceQuery, ResolveResponse
from bridge.client.faults import Fault
from bridge.client.probe import Probe
from workflow_server.records import Patience
from workflow_server.references import References

UNAVAILABLE = "code_search_unavailable: codebase-mcp server not reachable"
GIVEN = ["src/door.py::login", "src/meter.py::Meter.add", "notes.md"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A world of its own for each test: its server is treated badly."""
    with linked_world(tmp_path / "restless") as made:
        yield made


@pytest.fixture
def codebase(world: World) -> Server:
    server = world.start_codebase()
    index(server)
    return server


def told(item: Mapping[str, Any]) -> set[str]:
    return {detail["state"] for detail in item["reference_details"]}


def held() -> tuple[int, int]:
    return psutil.Process().num_fds(), len(asyncio.all_tasks())


async def left_behind(before: tuple[int, int]) -> tuple[int, int]:
    """Handles and tasks beyond those before, once they are few enough or after 10 s: ends take a moment."""
    for _ in range(100):
        now = held()
        over = (now[0] - before[0], now[1] - before[1])
        if over[0] <= 2 and over[1] <= 0:
            break
        await asyncio.sleep(0.1)
    return over


async def unhurried(ask: Callable[[], Awaitable[Any]]) -> Any:
    """The answer once it has no warning: a breaker is probed again within 5 s."""
    for _ in range(100):
        answer = await ask()
        if not answer["warnings"]:
            break
        await asyncio.sleep(0.1)
    return answer


async def test_a_server_that_is_merely_indexing_neither_fails_a_call_nor_makes_it_lie(
    world: World, codebase: Server, open_linked: Callable[..., LinkedDesk]
) -> None:
    """Four thousand functions arrive at once: every call succeeds, is right or says that nobody could be
    asked, and nothing is left behind.
    """
    desk = open_linked(timeout_ms=300)
    item = await desk.create("Watched", entity_references=GIVEN)
    for number in range(200):
        world.write(
            f"src/many_{number}.py",
            "".join(f"def f_{number}_{n}(x):\n    return x * {n} + {number}\n\n\n" for n in range(20)),
        )
    await desk.get(item["id"])
    before = held()
    indexing = asyncio.create_task(asyncio.to_thread(index, codebase, force=True))
    made: list[str] = []
    for number in itertools.count():
        created = await desk.create(f"Meanwhile {number}", entity_references=["src/door.py::login"])
        made.append(created["id"])
        for seen in (created, await desk.get(item["id"])):
            assert told(seen) <= {"valid", "unchecked"}
            assert all(warning.startswith(UNAVAILABLE) for warning in seen["warnings"]), seen["warnings"]
        assert (await desk.get(item["id"]))["entity_references"] == GIVEN
        if indexing.done():
            break
        await asyncio.sleep(0.05)
    await indexing
    for start in range(0, len(made), 50):
        answer = await unhurried(partial(desk.service.get_work_items, desk.call, made[start : start + 50]))
        assert all(one["valid_references"] == ["src/door.py::login"] for one in answer["items"])
    assert (await unhurried(lambda: desk.get(item["id"])))["valid_references"] == GIVEN
    handles, tasks = await left_behind(before)
    assert handles <= 2
    assert tasks <= 0


async def test_killed_and_started_again_under_fire_it_is_found_again_and_nothing_leaks(
    world: World, codebase: Server, open_linked: Callable[..., LinkedDesk]
) -> None:
    desk = open_linked(timeout_ms=300)
    item = await desk.create("Watched", entity_references=GIVEN)
    await desk.get(item["id"])
    before = held()
    stop = asyncio.Event()
    made: list[str] = []

    async def work(name: str) -> None:
        for number in itertools.count():
            if stop.is_set():
                return
            made.append((await desk.create(f"{name} {number}", entity_references=GIVEN))["id"])
            assert told(await desk.get(item["id"])) <= {"valid", "unchecked"}
            await asyncio.sleep(0.02)

    workers = [asyncio.create_task(work(f"worker {number}")) for number in range(10)]
    server = codebase
    for how in (signal.SIGKILL, signal.SIGTERM):
        await asyncio.sleep(0.3)
        await asyncio.to_thread(server.kill, how)
        await asyncio.sleep(0.3)
        server = await asyncio.to_thread(world.start_codebase)
    await asyncio.sleep(0.3)
    stop.set()
    await asyncio.gather(*workers)
    stored = await desk.page(limit=1)
    assert stored["total_count"] == len(set(made)) + 1
    assert (await unhurried(lambda: desk.get(item["id"])))["valid_references"] == GIVEN
    handles, tasks = await left_behind(before)
    assert handles <= 2
    assert tasks <= 0


async def test_a_frozen_server_costs_the_deadline_once_and_is_found_again_when_it_wakes(
    codebase: Server, open_linked: Callable[..., LinkedDesk]
) -> None:
    """Stopped as a whole, as a suspended laptop or a debugger does: its port still accepts."""
    desk = open_linked(timeout_ms=300)
    item = await desk.create("Watched", entity_references=GIVEN)
    codebase.process.send_signal(signal.SIGSTOP)
    try:
        for _ in range(20):
            seen = await desk.get(item["id"])
            assert told(seen) == {"unchecked"}
            assert [detail["last"]["state"] for detail in seen["reference_details"]] == ["valid"] * 3
            assert seen["warnings"][0].startswith(f"{UNAVAILABLE} (timed out after 300 ms")
    finally:
        codebase.process.send_signal(signal.SIGCONT)
    assert (await unhurried(lambda: desk.get(item["id"])))["valid_references"] == GIVEN


@pytest.mark.parametrize("leap", [timedelta(days=-400), timedelta(hours=-1), timedelta(days=400)])
async def test_a_jump_of_the_wall_clock_changes_no_state(
    codebase: Server, world: World, tmp_path: Path, leap: timedelta
) -> None:
    moments = itertools.chain([datetime.now(UTC)], itertools.repeat(datetime.now(UTC) + leap))
    references = References(Probe(folder=world.runtime, timeout_ms=2_000), now=lambda: next(moments))
    clock = HandClock()
    desk = LinkedDesk(tmp_path / "data", clock, references, world.repository)
    item = await desk.create("Watched", entity_references=GIVEN)
    clock.now += leap
    seen = await desk.get(item["id"])
    assert seen["valid_references"] == GIVEN
    assert seen["warnings"] == []
    await desk.update(item["id"], note="still writable")
    assert (await desk.service.check_references(desk.call))["counts"]["valid"] == 3
    await desk.service.close()


async def test_a_leap_of_the_steady_clock_as_after_a_suspend_ends_in_an_answer_or_a_time_out(
    codebase: Server, world: World
) -> None:
    """An hour passes between two looks at the clock: no call hangs, none raises, and the next one is good."""
    elapsed: Iterator[float] = itertools.chain([0.0, 3600.0, 3600.0, 7200.0], itertools.repeat(10_000.0))
    probe = Probe(folder=world.runtime, timeout_ms=2_000, clock=lambda: next(elapsed))
    asked = [ReferenceQuery("src/door.py::login", root=str(world.repository))]
    outcomes = [await probe.resolve(asked) for _ in range(2)]
    for outcome in outcomes:
        assert isinstance(outcome, ResolveResponse | Fault)
    for _ in range(50):
        last = await probe.resolve(asked)
        if isinstance(last, ResolveResponse):
            break
        elapsed = itertools.repeat(20_000.0)
    assert isinstance(last, ResolveResponse)
    assert last.references[0].state == "valid"


async def test_a_check_of_the_whole_project_has_the_patience_that_other_calls_have_not(
    codebase: Server, open_linked: Callable[..., LinkedDesk]
) -> None:
    """The breaker that spares other calls is open, and the server busy: who checks waits, within bounds."""
    desk = open_linked(timeout_ms=300)
    item = await desk.create("Watched", entity_references=GIVEN)
    codebase.process.send_signal(signal.SIGSTOP)
    try:
        assert told(await desk.get(item["id"])) == {"unchecked"}
        (warning,) = (await desk.service.check_references(desk.call, patience=Patience(0.6)))["warnings"]
        assert warning.startswith(f"{UNAVAILABLE} (timed out after")
        waiting = asyncio.create_task(desk.service.check_references(desk.call, patience=Patience(60)))
        await asyncio.sleep(0.5)
        assert not waiting.done()
        assert told(await desk.get(item["id"])) == {"unchecked"}, "a read does not wait with it"
    finally:
        codebase.process.send_signal(signal.SIGCONT)
    answer = await waiting
    assert (answer["counts"]["valid"], answer["warnings"]) == (3, [])


async def test_nobody_is_waited_for_where_nobody_listens_unless_a_start_is_awaited(
    open_linked: Callable[..., LinkedDesk], codebase: Server, world: World
) -> None:
    desk = open_linked(timeout_ms=300)
    await desk.create("Watched", entity_references=GIVEN)
    await asyncio.to_thread(codebase.kill, signal.SIGTERM)
    asked = desk.service.check_references(desk.call, patience=Patience(3600))
    (warning,) = (await asked)["warnings"]
    assert "refused" in warning
    waiting = asyncio.create_task(
        desk.service.check_references(desk.call, patience=Patience(120, for_a_start=True))
    )
    await asyncio.to_thread(world.start_codebase)
    assert (await waiting)["counts"]["valid"] == 3
