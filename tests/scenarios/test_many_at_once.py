"""A hundred requests at the same time on one connection, to both servers, over stdio and HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from .conftest import World

REQUESTS = 100


@asynccontextmanager
async def connected(world: World, server: str, transport: str) -> AsyncIterator[Client]:
    """One connection of a host to a real server process."""
    if transport == "stdio":
        async with Client(world.stdio(f"{server}_server"), mode="legacy") as client:
            yield client
        return
    door = world.start_codebase() if server == "codebase" else world.start_workflow()
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {door.token}"}, timeout=120) as http,
        Client(streamable_http_client(door.url + "/mcp", http_client=http), mode="legacy") as client,
    ):
        yield client


async def record(client: Client, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert result.structured_content is not None
    found: dict[str, Any] = result.structured_content
    return found


@pytest.mark.parametrize("transport", ["stdio", "http"])
async def test_each_of_a_hundred_searches_gets_its_own_answer(world: World, transport: str) -> None:
    words = ("authenticate", "revoke_session", "hash_password")
    answers: dict[int, dict[str, Any]] = {}
    async with connected(world, "codebase", transport) as client:
        await record(client, "index_repository", {})

        async def ask(number: int) -> None:
            answers[number] = await record(client, "find_symbol", {"name": words[number % 3]})

        async with anyio.create_task_group() as tasks:
            for number in range(REQUESTS):
                tasks.start_soon(ask, number)
    assert {number: answer["results"][0]["symbol"] for number, answer in answers.items()} == {
        number: words[number % 3] for number in range(REQUESTS)
    }


@pytest.mark.parametrize("transport", ["stdio", "http"])
async def test_a_hundred_writes_and_claims_are_each_done_once(world: World, transport: str) -> None:
    made: dict[int, str] = {}
    winners: list[str] = []
    async with connected(world, "workflow", transport) as client:

        async def create(number: int) -> None:
            made[number] = (await record(client, "create_work_item", {"title": f"Item {number}"}))["id"]

        async with anyio.create_task_group() as tasks:
            for number in range(REQUESTS):
                tasks.start_soon(create, number)
        assert len(set(made.values())) == REQUESTS
        read = await record(client, "get_work_item", {"ids": [made[number] for number in range(20)]})
        assert [item["title"] for item in read["items"]] == [f"Item {number}" for number in range(20)]

        async def claim() -> None:
            answer = await record(client, "claim_work_item", {"id": made[0]})
            if answer["claimed"]:
                winners.append(answer["claim_token"])

        async with anyio.create_task_group() as tasks:
            for _ in range(REQUESTS):
                tasks.start_soon(claim)
        (item,) = (await record(client, "get_work_item", {"ids": [made[0]]}))["items"]
    assert len(winners) == 1
    assert item["version"] == 2
