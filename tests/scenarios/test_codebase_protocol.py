"""codebase-server as hosts meet it: both eras, three transports, many requests at once, a busy index."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import anyio
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from tests.unhurried import unhurried

from codebase_server.doors.mcp import server as mcp_server
from codebase_server.service import CodebaseService
from codebase_server.settings import load

from .conftest import World

Mode = Literal["legacy", "auto"]
MODES: tuple[Mode, ...] = ("legacy", "auto")
TOOLS = ["search_code", "get_chunks", "find_symbol", "outline", "index_status", "index_repository"]


async def use_every_tool(client: Client) -> None:
    """What any host may do, on any transport."""
    assert [tool.name for tool in (await client.list_tools()).tools] == TOOLS
    done = await record(client, "index_repository", {})
    assert done["files"] == 2
    found = await record(client, "search_code", {"query": "end a session early"})
    assert found["results"][0]["symbol"] == "revoke_session"
    chunk_id = found["results"][0]["chunk_id"]
    read = await record(client, "get_chunks", {"chunk_ids": [chunk_id]})
    assert read["chunks"][0]["state"] == "valid"
    named = await record(client, "find_symbol", {"name": "revoke_session", "usages": True})
    assert named["results"][0]["chunk_id"] == chunk_id
    assert (await record(client, "outline", {"path": "src"}))["entries"]
    assert (await record(client, "index_status", {}))["state"] == "ready"


async def record(client: Client, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    found: dict[str, Any] | None = result.structured_content
    assert found is not None
    return found


@pytest.mark.parametrize("mode", MODES)
async def test_every_tool_over_stdio(world: World, mode: Mode) -> None:
    async with Client(world.stdio("codebase_server"), mode=mode) as client:
        await use_every_tool(client)


@pytest.mark.parametrize("mode", MODES)
async def test_every_tool_over_http(world: World, mode: Mode) -> None:
    server = world.start_codebase()
    async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {server.token}"}, timeout=60) as http:
        transport = streamable_http_client(server.url + "/mcp", http_client=http)
        async with Client(transport, mode=mode) as client:
            await use_every_tool(client)


@pytest.mark.parametrize("mode", MODES)
async def test_every_tool_in_memory(world: World, mode: Mode, tmp_path: Path) -> None:
    environment = {"CODEBASE_ROOT": str(world.repository), "CODEBASE_DATA_DIR": str(tmp_path / "data")}
    service = CodebaseService(load({}, environment, tmp_path / "none.toml"), environment={})
    try:
        async with Client(mcp_server.build(service), mode=mode) as client:
            await use_every_tool(client)
    finally:
        service.close()


async def test_a_hundred_requests_at_once_on_one_connection(world: World) -> None:
    async with Client(world.stdio("codebase_server"), mode="legacy") as client:
        await record(client, "index_repository", {})
        answers: list[dict[str, Any]] = []

        async def ask(number: int) -> None:
            answers.append(await record(client, "search_code", {"query": f"session {number}"}))

        async with anyio.create_task_group() as tasks:
            for number in range(100):
                tasks.start_soon(ask, number)
        assert len(answers) == 100
        assert {answer["index"]["generation"] for answer in answers} == {answers[0]["index"]["generation"]}


async def test_progress_only_grows_and_ends_with_the_answer(world: World) -> None:
    for number in range(400):
        world.write(f"src/made_{number}.py", f"def made_{number}(a):\n    return a + {number}\n")
    told: list[float] = []

    async def told_of(progress: float, total: float | None, message: str | None) -> None:
        told.append(progress)

    async with Client(world.stdio("codebase_server"), mode="legacy") as client:
        result = await client.call_tool("index_repository", {}, progress_callback=told_of)
        assert not result.is_error
    assert told == sorted(set(told)), "no step is told twice and none goes back"


async def test_pings_are_answered_in_the_middle_of_an_index(world: World) -> None:
    for number in range(1500):
        body = "\n\n".join(f"def f{number}_{part}(a):\n    return a * {part}" for part in range(10))
        world.write(f"src/many_{number}.py", body)
    async with Client(world.stdio("codebase_server"), mode="legacy") as client:
        finished = anyio.Event()
        pings = 0

        async def index() -> None:
            await record(client, "index_repository", {})
            finished.set()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(index)
            while not finished.is_set():
                with anyio.fail_after(10):
                    await client.session.send_ping()
                pings += 1
                await anyio.sleep(0.01)
        assert pings > 5, "the loop was free while the index was built"


def test_a_broken_line_and_an_unknown_method_harm_nobody(world: World) -> None:
    """Raw lines over stdio, as no SDK would send them."""
    import subprocess

    parameters = world.stdio("codebase_server")
    lines = [
        b"this is not json",
        b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25",'
        b'"capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}',
        b'{"jsonrpc":"2.0","method":"notifications/initialized"}',
        b'{"jsonrpc":"2.0","id":2,"method":"no/such/method","params":{}}',
        b"\xff\xfe{}",
        b'{"jsonrpc":"2.0","id":3,"method":"ping"}',
    ]
    with subprocess.Popen(
        [parameters.command, *unhurried("codebase_server")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=parameters.env,
        cwd=parameters.cwd,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"\n".join(lines) + b"\n")
        process.stdin.flush()
        answers: dict[int, dict[str, Any]] = {}
        while 3 not in answers:
            message = json.loads(process.stdout.readline())
            if isinstance(message.get("id"), int):
                answers[message["id"]] = message
        process.stdin.close()
        assert process.wait(timeout=60) == 0
    assert answers[1]["result"]["serverInfo"]["name"] == "codebase"
    assert answers[2]["error"]["code"] == -32601
    assert answers[3]["result"] == {}
