"""A proxy before the real codebase server misbehaves; nothing written is lost, each fault is told."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress

import psutil
import pytest
from tests.bridge.client import strangers
from tests.bridge.client.strangers import answering, http, listening
from tests.scenarios.conftest import Server
from tests.workflow_server.references.linked import LinkedDesk, index, only_detail

UNAVAILABLE = "code_search_unavailable: codebase-mcp server not reachable"
Misdeed = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


class Proxy:
    """Passes each request to the codebase server, and does with its answer what ``misdeed`` says."""

    def __init__(self, codebase: Server) -> None:
        self._port = int(codebase.url.rsplit(":", 1)[1])
        self.misdeed: Misdeed | None = None

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        )
        body = await reader.readexactly(length)
        # The codebase server checks the Host header: it is the proxy that is asked under another port.
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"host:")]
        lines.insert(1, b"Host: 127.0.0.1:%d" % self._port)
        upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", self._port)
        upstream.write(b"\r\n".join(lines) + body)
        answer = await upstream_reader.read()
        upstream.close()
        with suppress(ConnectionError):
            if self.misdeed is not None:
                await self.misdeed(answer, writer)
            else:
                writer.write(answer)
            await writer.drain()


async def halfway(answer: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(answer[: len(answer) - 40])
    await writer.drain()


async def garbled(answer: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(answer.replace(b'"state"', b'"stale"'))


async def late(answer: bytes, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(5)
    writer.write(answer)


async def swapped(answer: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(answer.replace(b"src/door.py::login", b"src/door.py::LOGIN"))


async def half_and_never_more(answer: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(answer[: len(answer) // 2])
    await writer.drain()
    await asyncio.sleep(5)


@pytest.mark.parametrize(
    ("misdeed", "words"),
    [
        (halfway, "answered nonsense: the body ended early"),
        (garbled, "answered nonsense: state is missing in references[0]"),
        (late, "timed out after 300 ms while waiting for an answer"),
        (swapped, "answered nonsense: references[0].ref is 'src/door.py::LOGIN'"),
        (half_and_never_more, "timed out after 300 ms while reading the answer"),
    ],
)
async def test_a_link_made_through_a_fault_is_kept_and_resolved_when_it_is_over(
    codebase: Server, open_linked: Callable[..., LinkedDesk], misdeed: Misdeed, words: str
) -> None:
    proxy = Proxy(codebase)
    async with listening(proxy) as url:
        proxy.misdeed = misdeed
        item = await open_linked(url, codebase.token, timeout_ms=300).create(
            "Through the fire", entity_references=["src/door.py::login"]
        )
        (warning,) = item["warnings"]
        assert warning.startswith(f"{UNAVAILABLE} ({words}")
        assert "kept as given" in warning
        assert item["entity_references"] == ["src/door.py::login"]
        assert only_detail(item)["state"] == "unchecked"

        proxy.misdeed = None
        seen = await open_linked(url, codebase.token, timeout_ms=2_000).get(item["id"])
        assert seen["warnings"] == []
        assert seen["valid_references"] == ["src/door.py::login"]


@pytest.mark.parametrize("name", ["500", "a page", "redirect", "black hole"])
async def test_a_check_through_a_fault_changes_nothing(
    codebase: Server, open_linked: Callable[..., LinkedDesk], name: str
) -> None:
    behaviour = {
        "500": answering(http("500 No", length=0)),
        "a page": answering(http(kind="text/html", length=0)),
        "redirect": answering(http("301 Moved", more="Location: http://127.0.0.1:1/\r\n", length=0)),
        "black hole": strangers.black_hole,
    }[name]
    good = open_linked()
    item = await good.create(entity_references=["src/door.py::login", "src/meter.py::Meter.add"])
    async with listening(behaviour) as url:
        poor = open_linked(url, timeout_ms=100)
        through = await poor.get(item["id"])
        assert through["warnings"][0].startswith(UNAVAILABLE)
        assert [detail["last"]["state"] for detail in through["reference_details"]] == ["valid", "valid"]
        await poor.update(item["id"], title="Renamed meanwhile")
    after = await good.get(item["id"])
    assert after["title"] == "Renamed meanwhile"
    assert after["valid_references"] == item["valid_references"]
    assert after["version"] == item["version"] + 1


async def test_fifty_callers_through_a_flapping_proxy_lose_nothing(
    codebase: Server, open_linked: Callable[..., LinkedDesk]
) -> None:
    proxy = Proxy(codebase)
    async with listening(proxy) as url:
        desk = open_linked(url, codebase.token, timeout_ms=300)
        created: list[str] = []

        async def work(number: int) -> None:
            for round_ in range(3):
                item = await desk.create(f"{number}.{round_}", entity_references=["src/door.py::login"])
                created.append(item["id"])

        async def flap() -> None:
            while True:
                proxy.misdeed = None if proxy.misdeed else halfway
                await asyncio.sleep(0.1)

        flapping = asyncio.create_task(flap())
        await asyncio.gather(*(work(number) for number in range(50)))
        flapping.cancel()
        proxy.misdeed = None
    good = open_linked()
    assert len(set(created)) == 150
    for start in range(0, 150, 50):
        answer = await good.service.get_work_items(good.call, created[start : start + 50])
        assert all(item["valid_references"] == ["src/door.py::login"] for item in answer["items"])


async def test_with_nothing_to_check_a_dead_server_is_still_told(
    open_linked: Callable[..., LinkedDesk],
) -> None:
    desk = open_linked(f"http://127.0.0.1:{strangers.free_port()}")
    item = await desk.create("No references at all")
    (warning,) = item["warnings"]
    assert warning.startswith(f"{UNAVAILABLE} (refused: nobody listens at http://127.0.0.1:")
    assert "Start it where the code is" in warning
    assert (await desk.get(item["id"]))["warnings"][0].startswith(UNAVAILABLE)


async def test_an_index_rebuilt_in_the_middle_of_checks_never_lies(
    codebase: Server, open_linked: Callable[..., LinkedDesk]
) -> None:
    desk = open_linked()
    references = ["src/door.py::login", "src/door.py::logout", "src/meter.py::Meter.add"]
    item = await desk.create(entity_references=references)
    rebuilding = asyncio.create_task(asyncio.to_thread(index, codebase, force=True))
    seen: set[str] = set()
    while not rebuilding.done():
        found = await desk.get(item["id"])
        seen.update(detail["state"] for detail in found["reference_details"])
        assert found["entity_references"] == references
    await rebuilding
    assert seen <= {"valid", "unchecked"}
    assert (await desk.get(item["id"]))["valid_references"] == references


@pytest.mark.soak
@pytest.mark.timeout(300)
async def test_a_minute_of_flapping_under_fifty_callers_leaks_nothing(
    codebase: Server, open_linked: Callable[..., LinkedDesk]
) -> None:
    process = psutil.Process()
    proxy = Proxy(codebase)
    async with listening(proxy) as url:
        desk = open_linked(url, codebase.token, timeout_ms=300)
        item = await desk.create(entity_references=["src/door.py::login"])
        descriptors, tasks = process.num_fds(), len(asyncio.all_tasks())
        until = time.monotonic() + 60
        outcomes: Counter[str] = Counter()

        async def work() -> None:
            while time.monotonic() < until:
                seen = await desk.get(item["id"])
                outcomes["warned" if seen["warnings"] else "answered"] += 1
                await asyncio.sleep(0.05)

        async def flap() -> None:
            misdeeds = itertools.cycle([None, halfway, garbled, half_and_never_more])
            while time.monotonic() < until:
                proxy.misdeed = next(misdeeds)
                await asyncio.sleep(0.1)

        await asyncio.gather(flap(), *(work() for _ in range(50)))
        assert outcomes["answered"] > 0
        assert outcomes["warned"] > 0
        # answers that are held back for five seconds are still under way
        patience = time.monotonic() + 60
        while len(asyncio.all_tasks()) > tasks + 1 or process.num_fds() > descriptors + 2:
            left = f"{len(asyncio.all_tasks())} tasks of {tasks}, {process.num_fds()} files of {descriptors}"
            assert time.monotonic() < patience, left
            await asyncio.sleep(0.05)
        proxy.misdeed = None
        assert (await desk.get(item["id"]))["warnings"] == []
