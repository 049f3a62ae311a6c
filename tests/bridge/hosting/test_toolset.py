"""Tools over the SDK: the record, a terse text, and errors a model can act on, in both protocol eras."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from mcp import Client
from mcp.server.mcpserver.context import Context
from mcp_types import CallToolResult, TextContent
from pydantic import Field
from typing_extensions import TypedDict

from bridge.agreed.errors import TandemError
from bridge.hosting import logs
from bridge.hosting.server import HostedServer
from bridge.hosting.toolset import READS, Answer, ToolSet


class Sum(TypedDict):
    total: int


def server() -> HostedServer:
    tools = ToolSet()

    @tools.tool(title="Add", annotations=READS, output=Sum, render=lambda record: f"= {record['total']}")
    async def add(a: int, b: Annotated[int, Field(ge=0)] = 1, *, ctx: Context[Any, Any]) -> Sum:
        """Add two numbers."""
        if a == 13:
            raise TandemError("unlucky", "13 is not added.", "Use 14.", details={"a": a})
        if a == 99:
            raise ValueError("the inside story")
        await ctx.report_progress(1, 1)
        return {"total": a + b}

    @tools.tool(title="Where", annotations=READS, meta={"ui": {"resourceUri": "ui://x"}})
    def where() -> Answer:
        """Say on which thread this runs."""
        same = threading.current_thread() is threading.main_thread()
        return Answer({"main": same}, "main" if same else "worker", meta={"more": 1})

    return HostedServer("demo", tools=tools, version="1.2.3")


@pytest.fixture(params=["legacy", "auto"])
def mode(request: pytest.FixtureRequest) -> Literal["legacy", "auto"]:
    era: Literal["legacy", "auto"] = request.param
    return era


def text_of(result: Any) -> str:
    (block,) = result.content
    assert isinstance(block, TextContent)
    return block.text


async def test_the_text_is_the_rendering_and_the_record_stands_beside_it(mode: Any) -> None:
    async with Client(server(), mode=mode) as client:
        result = await client.call_tool("add", {"a": 2})
        assert (text_of(result), result.structured_content) == ("= 3", {"total": 3})


async def test_a_typed_error_is_told_to_the_model_with_its_hint(mode: Any) -> None:
    async with Client(server(), mode=mode) as client:
        result = await client.call_tool("add", {"a": 13})
        assert result.is_error
        assert text_of(result) == "13 is not added. Use 14."
        assert result.structured_content == {
            "error": "unlucky", "message": "13 is not added.", "hint": "Use 14.", "a": 13,
            "see": "docs/troubleshooting.md#unlucky",
        }  # fmt: skip


async def test_an_unforeseen_error_stays_inside_and_goes_to_the_log(mode: Any, tmp_path: Path) -> None:
    file = logs.configure("demo", folder=tmp_path)
    assert file is not None
    async with Client(server(), mode=mode) as client:
        result = await client.call_tool("add", {"a": 99})
    assert result.is_error
    assert "inside story" not in text_of(result)
    assert text_of(result).endswith(f"The traceback is in {file}.")
    assert "ValueError: the inside story" in file.read_text()


async def test_unknown_arguments_and_tools_are_answered_with_the_known_ones(mode: Any) -> None:
    async with Client(server(), mode=mode) as client:
        wrong = await client.call_tool("add", {"a": 1, "c": 2})
        assert text_of(wrong) == "Unknown argument `c`. Valid arguments: a, b."
        unknown = await client.call_tool("ad", {})
        assert text_of(unknown) == "Unknown tool `ad`. Did you mean `add`? Valid tools: add, where."
        assert wrong.is_error
        assert unknown.is_error


async def test_plain_functions_run_in_a_thread_and_answers_carry_meta(mode: Any) -> None:
    async with Client(server(), mode=mode) as client:
        result = await client.call_tool("where", {})
        assert text_of(result) == "worker"
        assert result.meta is not None
        assert result.meta["more"] == 1
        assert result.structured_content is None


async def test_what_is_published(mode: Any) -> None:
    async with Client(server(), mode=mode) as client:
        add, where = (await client.list_tools()).tools
    assert (add.name, add.title, add.description) == ("add", "Add", "Add two numbers.")
    assert add.input_schema["properties"].keys() == {"a", "b"}
    assert add.output_schema == {
        "type": "object",
        "properties": {"total": {"type": "integer"}},
        "required": ["total"],
    }
    assert add.annotations is not None
    assert add.annotations.read_only_hint is True
    assert where.meta == {"ui": {"resourceUri": "ui://x"}}


async def test_a_result_that_is_made_already_passes_as_it_is(mode: Any) -> None:
    tools = ToolSet()
    made = CallToolResult(content=[TextContent(type="text", text="made")], is_error=True)

    @tools.tool(title="Made", annotations=READS)
    def ready() -> CallToolResult:
        """Answer with a result of one's own."""
        return made

    async with Client(HostedServer("demo", tools=tools, version="1"), mode=mode) as client:
        result = await client.call_tool("ready", {})
    assert (text_of(result), result.is_error) == ("made", True)
