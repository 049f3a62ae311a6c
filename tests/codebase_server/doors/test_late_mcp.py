"""The routes do not wait for the MCP SDK, and stand without it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from bridge.hosting.server import HostedServer
from bridge.hosting.toolset import ToolSet
from codebase_server.doors.http.late import LateMcp

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "t", "version": "1"},
    },
}


def test_the_door_can_open_without_the_sdk() -> None:
    check = "import sys, codebase_server.doors.http.app; sys.exit('mcp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


@asynccontextmanager
async def client_of(late: LateMcp) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=[Route("/mcp", endpoint=late)])
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with late.running(), httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


async def test_it_is_made_once_by_the_first_who_ask() -> None:
    made = []

    def make() -> HostedServer:
        made.append(1)
        return HostedServer("late", tools=ToolSet(), version="1")

    headers = {"Accept": "application/json, text/event-stream"}
    async with client_of(LateMcp(make)) as client:
        assert made == []
        for _ in range(2):
            answer = await client.post("/mcp", json=INITIALIZE, headers=headers)
            assert answer.status_code == 200
            assert '"serverInfo"' in answer.text
    assert made == [1]


async def test_a_server_that_cannot_be_made_is_told_to_each_who_asks(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def make() -> HostedServer:
        raise ImportError("no such module")

    async with client_of(LateMcp(make)) as client:
        for _ in range(2):
            assert (await client.post("/mcp", json=INITIALIZE)).status_code == 500
    assert "MCP could not be made" in caplog.text
