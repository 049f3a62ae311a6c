"""Servers over stdio, spoken to with the SDK's client, and what a call to them takes."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

EMPTY = Path(__file__).parents[1] / "startup" / "empty_server.py"


@asynccontextmanager
async def served(
    command: str, arguments: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> AsyncIterator[ClientSession]:
    """A session with a server for the time of an ``async with``; its log goes to ``server.log`` in
    ``folder``.
    """
    parameters = StdioServerParameters(
        command=command, args=list(arguments), cwd=str(folder), env={**os.environ, **(environment or {})}
    )
    with (folder / "server.log").open("a") as log:
        async with (
            stdio_client(parameters, errlog=log) as (read, write),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            yield session


def workflow(data: Path, project: str = "bench") -> list[str]:
    """Arguments of a workflow-server on ``data``, without a bridge."""
    return ["-m", "workflow_server", "--data-dir", str(data), "--project", project, "--no-bridge"]


async def call(session: ClientSession, tool: str, **arguments: Any) -> Any:
    """Call a tool; its structured content, or its text read as JSON where it has none. A refusal raises."""
    result = await session.call_tool(tool, arguments)
    text = "".join(getattr(part, "text", "") for part in result.content)
    if result.is_error:
        raise RuntimeError(f"{tool}: {text}")
    return result.structured_content if result.structured_content is not None else text


async def answered_text(session: ClientSession, tool: str, **arguments: Any) -> str:
    """The text of an answer: what a model reads."""
    result = await session.call_tool(tool, arguments)
    return "".join(getattr(part, "text", "") for part in result.content)


@dataclass(frozen=True)
class Times:
    """Milliseconds of repeated calls."""

    p50: float
    p95: float
    count: int

    def above(self, floor: float) -> Times:
        """The same without what an empty tool takes."""
        return Times(max(0.0, self.p50 - floor), max(0.0, self.p95 - floor), self.count)


async def timed(count: int, work: Callable[[int], Awaitable[object]], warming: int = 5) -> Times:
    """Run ``work`` so many times, one after the other."""
    for number in range(warming):
        await work(-1 - number)
    taken = []
    for number in range(count):
        begun = time.perf_counter()
        await work(number)
        taken.append((time.perf_counter() - begun) * 1000)
    taken.sort()
    return Times(taken[len(taken) // 2], taken[min(len(taken) - 1, int(len(taken) * 0.95))], len(taken))


async def empty_round_trip(folder: Path, count: int = 200) -> Times:
    """What an empty tool on the same SDK takes: the floor below every figure."""
    async with served(sys.executable, [str(EMPTY)], folder) as session:
        return await timed(count, lambda _: session.call_tool("nothing", {}), warming=20)


def sync_time(folder: Path, count: int = 100) -> Times:
    """What this disk takes to make 4 KB durable: no durable write can be faster."""
    taken = []
    with (folder / "sync").open("wb") as file:
        for _ in range(count):
            file.write(bytes(4096))
            file.flush()
            begun = time.perf_counter()
            os.fsync(file.fileno())
            taken.append((time.perf_counter() - begun) * 1000)
    taken.sort()
    return Times(taken[count // 2], taken[int(count * 0.95)], count)


def tokens(text: str) -> int:
    """Tokens of o200k_base, or characters by four where the encoding is not at hand offline."""
    try:
        import tiktoken

        return len(tiktoken.get_encoding("o200k_base").encode(text))
    except Exception:  # any failure to load means no encoding here
        return len(text) // 4


def compact(value: object) -> str:
    """JSON as it goes over the wire."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
