"""How long a ping waits in the middle of a full index: asked for are 50 ms.

    python -m bench.latency.ping [--files 1500 | --root FOLDER]

A host pings every 20 ms while codebase-server makes its first index of generated
files, or of a folder that is there, over the same connection. Beside it the same
pings of a server at rest, before and after, which tell what the machine's load adds.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import anyio
from mcp import Client, StdioServerParameters

from bench.startup.world import settings_of

EVERY_S = 0.02
GOAL_MS = 50.0


async def pings(client: Client, until: anyio.Event | None, count: int = 200) -> list[float]:
    """Milliseconds of each ping, sorted: so many, or until the event."""
    times: list[float] = []
    while not until.is_set() if until is not None else len(times) < count:
        begun = time.perf_counter()
        await client.session.send_ping()
        times.append((time.perf_counter() - begun) * 1e3)
        await anyio.sleep(EVERY_S)
    return sorted(times)


async def measured(world: Path, root: Path) -> dict[str, list[float]]:
    """Pings before, in and after the pass over ``root``."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "codebase_server"],
        env={**os.environ, **settings_of(world), "CODEBASE_ROOT": str(root)},
        cwd=str(world),
    )
    async with Client(server, mode="legacy") as client:
        before = await pings(client, None)
        finished = anyio.Event()

        async def index() -> None:
            result = await client.call_tool("index_repository", {})
            assert not result.is_error, result.content
            finished.set()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(index)
            during = await pings(client, finished)
        return {"at rest, before": before, "during the index": during, "after": await pings(client, None)}


def _generated(folder: Path, files: int) -> Path:
    folder.mkdir()
    for number in range(files):
        body = "\n\n".join(f"def f{number}_{part}(a, b):\n    return a * {part}" for part in range(20))
        (folder / f"many_{number}.py").write_text(body)
    return folder


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=1500)
    parser.add_argument("--root", type=Path, help="index this folder instead")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder)
        root = given.root or _generated(world / "repository", given.files)
        what = given.root.name if given.root else f"{given.files:,} files"
        print(f"load average {os.getloadavg()[0]:.0f}, {os.cpu_count()} cores, {what}\n")
        print("| pings | count | median ms | p95 ms | p99 ms | longest ms | over 50 ms |")
        print("|---|---|---|---|---|---|---|")
        for name, times in anyio.run(measured, world, root).items():
            middle, high, higher = (times[int(len(times) * part)] for part in (0.5, 0.95, 0.99))
            late = sum(one > GOAL_MS for one in times)
            figures = f"{middle:.1f} | {high:.1f} | {higher:.1f} | {times[-1]:.1f} | {late}"
            print(f"| {name} | {len(times)} | {figures} |")


if __name__ == "__main__":
    main()
