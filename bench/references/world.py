"""A codebase server on a repository, and a work tracker in this process that asks it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from bridge.client.probe import Probe
from workflow_server.records import Actor, Call
from workflow_server.references import References
from workflow_server.service import WorkflowService

_START_SECONDS = 60


@dataclass(frozen=True)
class Codebase:
    """A running codebase server: where it is, and where its endpoint file lies."""

    url: str
    token: str
    runtime: Path
    pid: int


@contextmanager
def codebase(repository: Path, folder: Path) -> Iterator[Codebase]:
    """Serve a repository on a free port for the time of a ``with``; all its files lie in ``folder``."""
    runtime = folder / "runtime"
    environment = {
        **os.environ,
        "TANDEM_RUNTIME_DIR": str(runtime),
        "CODEBASE_DATA_DIR": str(folder / "codebase"),
        "CODEBASE_ROOT": str(repository),
        "CODEBASE_HTTP_PORT": "0",
    }
    command = [sys.executable, "-m", "codebase_server", "serve"]
    with (folder / "codebase.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=repository, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        yield _started(process, runtime)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _started(process: subprocess.Popen[bytes], runtime: Path) -> Codebase:
    give_up = time.monotonic() + _START_SECONDS
    while time.monotonic() < give_up:
        for file in runtime.glob("codebase-endpoint*.json"):
            record = json.loads(file.read_text())
            if record["pid"] == process.pid:
                return Codebase(record["url"], record["token"], runtime, process.pid)
        if process.poll() is not None:
            raise RuntimeError(f"codebase-server ended with {process.returncode}; see codebase.log")
        time.sleep(0.1)
    raise RuntimeError("codebase-server did not start")


async def index(server: Codebase) -> Any:
    """Index what is on disk now; answers when it is published."""
    headers = {"Authorization": f"Bearer {server.token}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=600) as http,
        Client(streamable_http_client(f"{server.url}/mcp", http_client=http)) as client,
    ):
        answer = await client.call_tool("index_repository", {})
        if answer.is_error:
            raise RuntimeError(str(answer.content))
        return answer.structured_content


@asynccontextmanager
async def tracker(
    data: Path, repository: Path, probe: Probe | None
) -> AsyncIterator[tuple[WorkflowService, Call]]:
    """A work tracker on ``data`` whose host works in ``repository``; without a probe it asks nobody."""
    references = None if probe is None else References(probe)
    service = WorkflowService(data, references=references, default_project="bench")
    try:
        yield service, Call(Actor("bench"), folders=[repository])
    finally:
        await service.close()
        await asyncio.sleep(0)
