"""An application over a folder of its own, and its MCP server reached in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from mcp import Client
from mcp.types import CallToolResult, Implementation, TextContent

from workflow_server.doors.application import Application
from workflow_server.doors.mcp.server import make_server
from workflow_server.settings import Settings

Era = Literal["legacy", "auto"]
ERAS: tuple[Era, ...] = ("legacy", "auto")


class Tools:
    """The tools of one connected client, called by name; an answer that is an error fails unless it is
    expected.
    """

    def __init__(self, client: Client) -> None:
        self.client = client

    async def __call__(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """The record that the tool answers."""
        result = await self.client.call_tool(tool, arguments)
        assert not result.is_error, text_of(result)
        assert result.structured_content is not None
        record: dict[str, Any] = result.structured_content
        return record

    async def text(self, tool: str, /, **arguments: Any) -> str:
        """The text that a model reads."""
        result = await self.client.call_tool(tool, arguments)
        assert not result.is_error, text_of(result)
        return text_of(result)

    async def refused(self, tool: str, /, **arguments: Any) -> str:
        """The text of the refusal."""
        result = await self.client.call_tool(tool, arguments)
        assert result.is_error, f"{tool} was not refused: {text_of(result)}"
        return text_of(result)


def text_of(result: CallToolResult) -> str:
    """The one text of a result."""
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


Connect = Callable[..., AbstractAsyncContextManager[Tools]]


@pytest.fixture
def application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Application:
    """References stay text here; what the bridge does is tested with it."""
    monkeypatch.delenv("CLAUDE_PROJECT_DIR", raising=False)
    return Application(Settings(data_dir=tmp_path / "data", project="tests", bridge=False))


@pytest.fixture
def connect(application: Application) -> Connect:
    """`async with connect(era) as tools`: opened inside the test, since a client must close where it
    was opened.
    """

    @asynccontextmanager
    async def connected(era: Era = "auto", **options: Any) -> AsyncIterator[Tools]:
        server = make_server(application)
        info = Implementation(name="test-host", version="1.2")
        async with Client(server, mode=era, client_info=info, **options) as client:
            yield Tools(client)
        await application.service.close()

    return connected


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> Era:
    """Both protocol eras that the SDK speaks."""
    chosen: Era = request.param
    return chosen
