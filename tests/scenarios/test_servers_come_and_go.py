"""Either server may be missing, killed or restarted; the other notices no more than a warning."""

from __future__ import annotations

import time
from typing import Any

from mcp import Client

from .conftest import World, wait_until

UNAVAILABLE = "code_search_unavailable: codebase-mcp server not reachable"


def test_workflow_continues_when_codebase_is_down(world: World) -> None:
    workflow = world.start_workflow()
    answer = workflow.request("POST", "/mcp/work_items", {"title": "New task"})
    assert answer.status_code == 201
    item = answer.json()
    assert item["title"] == "New task"
    assert item["item_type"] == "task"
    assert item["status"] == "planned"
    assert item["entity_references"] == []
    assert item["metadata"] == {}
    assert item["created_at"]
    assert item["updated_at"]
    assert any(warning.startswith(UNAVAILABLE) for warning in item["warnings"]), item["warnings"]
    assert workflow.request("GET", f"/mcp/work_items/{item['id']}").json()["title"] == "New task"


def test_codebase_continues_when_workflow_is_down(world: World) -> None:
    codebase = world.start_codebase()
    answer = codebase.request("POST", "/mcp/search", {"query": "authentication"})
    assert answer.status_code == 200
    body = answer.json()
    assert body["results"]
    first = body["results"][0]
    wanted = {"chunk_id", "file_path", "content", "start_line", "end_line", "similarity_score"}
    assert wanted <= first.keys()
    assert 0 <= first["similarity_score"] <= 1
    assert body["total_count"] >= len(body["results"])
    assert body["latency_ms"] >= 0


def test_the_warning_goes_when_the_codebase_server_returns(world: World) -> None:
    workflow = world.start_workflow()
    item = workflow.request("POST", "/mcp/work_items", {"title": "Wait for the index"}).json()
    assert any(warning.startswith(UNAVAILABLE) for warning in item["warnings"])

    codebase = world.start_codebase()

    seen = workflow.request("GET", f"/mcp/work_items/{item['id']}").json()
    assert seen["warnings"] == []
    codebase.kill()
    seen = workflow.request("GET", f"/mcp/work_items/{item['id']}").json()
    assert any(warning.startswith(UNAVAILABLE) for warning in seen["warnings"])


def test_a_text_reference_given_while_nobody_listened_is_resolved_later(world: World) -> None:
    workflow = world.start_workflow()
    reference = "src/auth.py::authenticate"
    item = workflow.request(
        "POST", "/mcp/work_items", {"title": "Later", "entity_references": [reference]}
    ).json()
    assert item["entity_references"] == [reference]
    assert item["valid_references"] == []

    codebase = world.start_codebase()
    wait_until(lambda: _finds(codebase, "authenticate"), "the index is built")

    seen = workflow.request("GET", f"/mcp/work_items/{item['id']}").json()
    assert seen["valid_references"] == [reference], seen
    assert seen["reference_details"][0]["symbol"] == "authenticate"


def test_both_killed_in_the_middle_of_work_lose_nothing_acknowledged(world: World) -> None:
    codebase, workflow = world.start_codebase(), world.start_workflow()
    acknowledged: list[str] = []
    deadline = time.monotonic() + 2.0
    while time.monotonic() < deadline or len(acknowledged) <= 20:  # a busy machine may take longer
        answer = workflow.request("POST", "/mcp/work_items", {"title": f"Item {len(acknowledged)}"})
        assert answer.status_code == 201
        acknowledged.append(answer.json()["id"])
        if len(acknowledged) == 20:
            world.write("src/more.py", "def added_while_running() -> int:\n    return 1\n")
    codebase.kill()
    workflow.kill()

    codebase, workflow = world.start_codebase(), world.start_workflow()
    for item_id in acknowledged:
        assert workflow.request("GET", f"/mcp/work_items/{item_id}").status_code == 200, item_id
    wait_until(lambda: _finds(codebase, "added_while_running"), "the file written before the kill is found")


def _finds(codebase: Any, name: str) -> bool:
    body = codebase.request("POST", "/mcp/search", {"query": name}).json()
    return any(hit["symbol"] == name for hit in body["results"])


async def test_tools_succeed_with_a_warning_over_mcp_when_codebase_is_missing(world: World) -> None:
    for mode in ("legacy", "auto"):
        async with Client(world.stdio("workflow_server"), mode=mode) as workflow:
            made = await workflow.call_tool("create_work_item", {"title": f"Alone, {mode}"})
            assert not made.is_error
            assert made.structured_content is not None
            warnings = made.structured_content["warnings"]
            assert any(warning.startswith(UNAVAILABLE) for warning in warnings), warnings


async def test_with_the_bridge_off_nothing_is_said_of_it(world: World) -> None:
    async with Client(world.stdio("workflow_server", BRIDGE="off")) as workflow:
        made = await workflow.call_tool("create_work_item", {"title": "Alone by choice"})
        assert made.structured_content is not None
        assert made.structured_content["warnings"] == []
