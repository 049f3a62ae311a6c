"""An item says of each reference whether its code is still there."""

from __future__ import annotations

from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from .conftest import AUTH, Server, World, without_function

NAMES = ("authenticate", "revoke_session", "hash_password")


def chunk_id_of(codebase: Server, name: str) -> str:
    """The id of the chunk that defines `name`, asked as a script would."""
    answer = codebase.request("POST", "/mcp/search", {"query": name, "limit": 10})
    assert answer.status_code == 200, answer.text
    hits = [hit for hit in answer.json()["results"] if hit["symbol"] == name]
    assert len(hits) == 1, answer.text
    found: str = hits[0]["chunk_id"]
    return found


def index(codebase: Server) -> None:
    """Call `index_repository` through the server's MCP door; it answers when the result is published."""

    async def call() -> None:
        headers = {"Authorization": f"Bearer {codebase.token}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=30) as http,
            Client(streamable_http_client(f"{codebase.url}/mcp", http_client=http)) as client,
        ):
            answer = await client.call_tool("index_repository", {})
            assert not answer.is_error, answer

    anyio.run(call)


def create(workflow: Server, references: list[str]) -> dict[str, Any]:
    answer = workflow.request(
        "POST", "/mcp/work_items", {"title": "Harden the login", "entity_references": references}
    )
    assert answer.status_code == 201, answer.text
    item: dict[str, Any] = answer.json()
    return item


def test_a_deleted_function_makes_the_only_reference_stale(world: World) -> None:
    codebase, workflow = world.start_codebase(), world.start_workflow()
    chunk_id = chunk_id_of(codebase, "revoke_session")
    item = create(workflow, [chunk_id])
    assert item["valid_references"] == [chunk_id]
    assert item["warnings"] == []

    world.write("src/auth.py", without_function(AUTH, "revoke_session"))
    index(codebase)

    gone = codebase.request("GET", f"/mcp/chunks/{chunk_id}")
    assert gone.status_code == 404
    body = gone.json()
    assert (body["error"], body["message"]) == ("chunk_not_found", f"Chunk '{chunk_id}' not found")

    read = workflow.request("GET", f"/mcp/work_items/{item['id']}")
    assert read.status_code == 200
    seen = read.json()
    assert seen["entity_references"] == [chunk_id]
    assert seen["valid_references"] == []
    assert seen["stale_references"] == [chunk_id]
    expected = (
        f"Entity reference '{chunk_id}' not found in codebase-mcp. Code may have been deleted or re-indexed."
    )
    assert any(warning.startswith(expected) for warning in seen["warnings"]), seen["warnings"]
    (detail,) = seen["reference_details"]
    assert detail["state"] == "stale"
    assert "sessions.pop" in str(detail), "the item must still show the code it was about"


def test_of_three_references_one_is_stale(world: World) -> None:
    codebase, workflow = world.start_codebase(), world.start_workflow()
    ids = {name: chunk_id_of(codebase, name) for name in NAMES}
    item = create(workflow, list(ids.values()))

    world.write("src/auth.py", without_function(AUTH, "hash_password"))
    index(codebase)

    seen = workflow.request("GET", f"/mcp/work_items/{item['id']}").json()
    lost = ids["hash_password"]
    assert seen["entity_references"] == list(ids.values())
    assert seen["stale_references"] == [lost]
    assert seen["valid_references"] == [ids["authenticate"], ids["revoke_session"]]
    expected = f"Entity reference '{lost}' not found in codebase-mcp. 2 of 3 entity references remain valid."
    assert expected in seen["warnings"]


def test_a_revert_makes_the_reference_valid_again(world: World) -> None:
    codebase, workflow = world.start_codebase(), world.start_workflow()
    chunk_id = chunk_id_of(codebase, "authenticate")
    item = create(workflow, [chunk_id])
    world.write("src/auth.py", without_function(AUTH, "authenticate"))
    index(codebase)
    assert workflow.request("GET", f"/mcp/work_items/{item['id']}").json()["stale_references"] == [chunk_id]

    world.write("src/auth.py", AUTH)
    index(codebase)

    seen = workflow.request("GET", f"/mcp/work_items/{item['id']}").json()
    assert (seen["valid_references"], seen["stale_references"]) == ([chunk_id], [])


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_the_same_through_mcp_with_both_servers_launched_by_a_host(world: World, mode: Any) -> None:
    async with (
        Client(world.stdio("codebase_server"), mode=mode) as codebase,
        Client(world.stdio("workflow_server"), mode=mode) as workflow,
    ):
        await codebase.call_tool("index_repository", {})
        found = await codebase.call_tool("find_symbol", {"name": "revoke_session"})
        assert found.structured_content is not None
        chunk_id = found.structured_content["results"][0]["chunk_id"]
        made = await workflow.call_tool(
            "create_work_item", {"title": "Sessions end", "entity_references": [chunk_id]}
        )
        assert made.structured_content is not None
        item_id = made.structured_content["id"]

        world.write("src/auth.py", without_function(AUTH, "revoke_session"))
        await codebase.call_tool("index_repository", {})

        lost = await codebase.call_tool("get_chunks", {"chunk_ids": [chunk_id]})
        assert lost.structured_content is not None
        assert lost.structured_content["chunks"][0]["state"] == "stale"
        read = await workflow.call_tool("get_work_item", {"ids": [item_id]})
        assert read.structured_content is not None
        (item,) = read.structured_content["items"]
        assert item["stale_references"] == [chunk_id]
        assert item["entity_references"] == [chunk_id]
