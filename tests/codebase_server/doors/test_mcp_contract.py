"""What a host reads of this server: names, arguments, costs, resources and prompts."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS, TextContent, TextResourceContents

from codebase_server import __version__
from codebase_server.doors.mcp import server as mcp_server
from codebase_server.service import CodebaseService

SNAPSHOT = Path(__file__).parent / "tools.json"
CHARACTERS_PER_TOKEN = 4.0
"""Fewer than the 4.2 measured for these very texts with o200k, so the bound is on the safe side."""


async def listed(service: CodebaseService) -> list[dict[str, Any]]:
    async with Client(mcp_server.build(service), mode="legacy") as client:
        tools = (await client.list_tools()).tools
    return [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in tools]


def tokens(value: object) -> float:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":"))) / CHARACTERS_PER_TOKEN


async def test_the_tools_are_those_of_the_snapshot(service: CodebaseService) -> None:
    """A change here is a change of contract: read the diff, then rewrite with TANDEM_SNAPSHOT=1."""
    found = json.dumps(await listed(service), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if os.environ.get("TANDEM_SNAPSHOT"):
        SNAPSHOT.write_text(found)
    assert found == SNAPSHOT.read_text()


async def test_listing_the_tools_is_cheap(service: CodebaseService) -> None:
    tools = await listed(service)
    assert len(tools) == 6
    brief = [{key: tool[key] for key in ("name", "description", "inputSchema")} for tool in tools]
    assert tokens(brief) <= 1300
    full = [{**one, "outputSchema": tool["outputSchema"]} for one, tool in zip(brief, tools, strict=True)]
    assert tokens(full) <= 3500


async def test_schemas_are_flat_and_closed(service: CodebaseService) -> None:
    for tool in await listed(service):
        written = json.dumps([tool["inputSchema"], tool["outputSchema"]])
        assert "$ref" not in written
        assert "$defs" not in written
        assert tool["inputSchema"]["additionalProperties"] is False
        assert tool["description"]
        assert tool["title"]


async def test_only_indexing_is_not_read_only(service: CodebaseService) -> None:
    writing = [tool["name"] for tool in await listed(service) if not tool["annotations"]["readOnlyHint"]]
    assert writing == ["index_repository"]


async def test_the_server_says_who_it_is_and_how_to_use_it(service: CodebaseService) -> None:
    async with Client(mcp_server.build(service), mode="legacy") as client:
        assert client.server_info is not None
        assert (client.server_info.name, client.server_info.version) == ("codebase", __version__)
        assert client.instructions is not None
        assert "search_code" in client.instructions


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_resources_give_a_chunk_and_the_status(indexed: CodebaseService, mode: Any) -> None:
    chunk_id = indexed.find_symbol("revoke_session")["results"][0]["chunk_id"]
    async with Client(mcp_server.build(indexed), mode=mode) as client:
        (chunk,) = (await client.read_resource(f"codebase://chunk/{chunk_id}")).contents
        assert isinstance(chunk, TextResourceContents)
        assert chunk.text.startswith("def revoke_session(")
        (status,) = (await client.read_resource("codebase://status")).contents
        assert isinstance(status, TextResourceContents)
        assert json.loads(status.text)["index"]["files"] == 3


async def test_prompts_carry_their_argument_and_name_tools(service: CodebaseService) -> None:
    async with Client(mcp_server.build(service), mode="legacy") as client:
        names = [prompt.name for prompt in (await client.list_prompts()).prompts]
        assert names == ["explain", "plan_change"]
        made = await client.get_prompt("explain", {"what": "the login"})
    (message,) = made.messages
    assert isinstance(message.content, TextContent)
    assert "the login" in message.content.text
    assert "search_code" in message.content.text


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_a_resource_that_is_not_there_is_wrong_parameters_and_named(
    indexed: CodebaseService, mode: Any
) -> None:
    async with Client(mcp_server.build(indexed), mode=mode) as client:
        with pytest.raises(
            MCPError, match=r"Chunk 'c_aaaaaaaaaaaa' not found\. This index never had it\."
        ) as told:
            await client.read_resource("codebase://chunk/c_aaaaaaaaaaaa")
    assert told.value.code == INVALID_PARAMS


@pytest.mark.parametrize("mode", ["legacy", "auto"])
@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        (
            "explains",
            {"what": "x"},
            "Unknown prompt `explains`. Did you mean `explain`? Valid prompts: explain, ",
        ),
        ("explain", {}, "Prompt `explain` needs `what`."),
        ("explain", {"what": " "}, "Prompt `explain` needs `what`."),
    ],
)
async def test_a_wrong_prompt_is_told_in_both_eras(
    service: CodebaseService, mode: Any, name: str, arguments: dict[str, str], words: str
) -> None:
    async with Client(mcp_server.build(service), mode=mode) as client:
        with pytest.raises(MCPError) as told:
            await client.get_prompt(name, arguments)
    assert told.value.code == INVALID_PARAMS
    assert words in str(told.value)


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_even_a_short_pass_tells_its_progress_up_to_the_end(
    indexed: CodebaseService, mode: Any
) -> None:
    told: list[tuple[float, float | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, total))

    async with Client(mcp_server.build(indexed), mode=mode) as client:
        for force in (False, True):
            told.clear()
            answer = await client.call_tool("index_repository", {"force": force}, progress_callback=hear)
            assert not answer.is_error
            assert told[-1] == (3, 3)
            assert told == sorted(set(told)), "progress only grows"


async def test_results_are_an_app_of_one_file_that_fetches_nothing(service: CodebaseService) -> None:
    async with Client(mcp_server.build(service), mode="legacy") as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        uri = (tools["search_code"].meta or {})["ui"]["resourceUri"]
        (page,) = (await client.read_resource(uri)).contents
    assert isinstance(page, TextResourceContents)
    assert page.mime_type == "text/html;profile=mcp-app"
    assert "/*results." not in page.text, "style and script stand in it"
    head = page.text.partition("<script>")[0]
    assert "<style>" in head
    for fetched in ('src="', 'href="', "@import", "url("):
        assert fetched not in head
