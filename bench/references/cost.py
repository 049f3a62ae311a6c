"""What looking at references adds to a call."""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import psutil

from bench.references.world import codebase, index, tracker
from bridge.client.probe import Probe

_FILES = 200
_PER_FILE = 50
_CODE = '''def work_{file}_{number}(items, rate):
    """Step {number} of part {file}."""
    total = sum(item.price for item in items if item.part == {number})
    if total > {file}:
        total = round(total * (1 + rate), 2)
    return total, {number}


'''


def write_repository(folder: Path) -> list[str]:
    """A repository of 10,000 functions; their references."""
    references = []
    for file in range(_FILES):
        path = folder / "src" / f"part_{file}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(_CODE.format(file=file, number=number) for number in range(_PER_FILE)))
        references += [f"src/part_{file}.py::work_{file}_{number}" for number in range(_PER_FILE)]
    return references


async def p50(count: int, work: Callable[[], Awaitable[Any]]) -> tuple[float, float]:
    """Median and 95th percentile of so many calls, in milliseconds."""
    for _ in range(5):
        await work()
    taken = []
    for _ in range(count):
        begun = time.perf_counter()
        await work()
        taken.append((time.perf_counter() - begun) * 1000)
    taken.sort()
    return taken[count // 2], taken[int(count * 0.95)]


async def measure(world: Path, rounds: int) -> None:
    """Print the table."""
    repository = world / "repository"
    references = write_repository(repository)
    data = world / "workflow"
    with codebase(repository, world) as server:
        await index(server)
        probe = Probe(folder=server.runtime, timeout_ms=5_000)
        async with tracker(data, repository, probe) as (service, call):
            plans = [
                [
                    {"title": f"Item {n}", "entity_references": references[5 * n : 5 * n + 5]}
                    for n in range(start, start + 200)
                ]
                for start in range(0, 2_000, 200)
            ]
            for plan in plans:
                await service.create_work_items(call, cast("Any", plan))
            many = await service.create_work_item(
                call, {"title": "Twenty", "entity_references": cast("Any", references[:10_000:500])}
            )
            wanted = many["item"]["id"]
            print("| get of an item with 20 references | p50 ms | p95 ms |\n|---|---|---|")
            await _get(data, repository, None, wanted, rounds, "without a bridge")
            await _get(data, repository, Probe(folder=server.runtime), wanted, rounds, "bridge up")
            await _get_open(data, repository, wanted, rounds)
            process = psutil.Process(server.pid)
            begun, spent = time.perf_counter(), _cpu(process)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            answer = await service.check_references(call)
            seconds, cpu = time.perf_counter() - begun, _cpu(process) - spent
            grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
            total = sum(answer["counts"].values())
            print(
                f"\ncheck_references over {total:,} references in 2,001 items: {seconds:.2f} s "
                f"({cpu:.2f} s of processor in both processes), "
                f"peak memory grew by {grown:.0f} MB, states {answer['counts']}"
            )


def _cpu(server: psutil.Process) -> float:
    """Processor seconds of this process and of the server so far."""
    times = server.cpu_times()
    return time.process_time() + times.user + times.system


async def _get(
    data: Path, repository: Path, probe: Probe | None, wanted: str, rounds: int, name: str
) -> None:
    async with tracker(data, repository, probe) as (service, call):
        median, high = await p50(rounds, lambda: service.get_work_items(call, [wanted]))
    print(f"| {name} | {median:.2f} | {high:.2f} |", flush=True)


async def _get_open(data: Path, repository: Path, wanted: str, rounds: int) -> None:
    """With a listener that never answers: the first call opens the breaker, the others find it open."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    frozen = time.monotonic()
    begun = time.perf_counter()
    async with tracker(data, repository, Probe(url=url, clock=lambda: frozen)) as (service, call):
        await service.get_work_items(call, [wanted])
        first = (time.perf_counter() - begun) * 1000
        median, high = await p50(rounds, lambda: service.get_work_items(call, [wanted]))
    server.close()
    print(f"| nobody answers, first call | {first:.0f} | |")
    print(f"| nobody answers, breaker open | {median:.2f} | {high:.2f} |", flush=True)
