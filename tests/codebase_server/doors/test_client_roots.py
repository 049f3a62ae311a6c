"""A server that was started for no root asks the client for its roots, once it needs one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.client.context import ClientRequestContext
from mcp.shared.exceptions import MCPError
from mcp.types import ListRootsResult, Root, TextContent
from pydantic import FileUrl

from codebase_server.doors.mcp import server as door
from codebase_server.doors.mcp.calls import folder_of
from codebase_server.service import CodebaseService
from codebase_server.settings import load

pytestmark = pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")


@pytest.fixture
def rootless(tmp_path: Path) -> CodebaseService:
    """A service in a folder that is no repository."""
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    settings = load({}, {"CODEBASE_DATA_DIR": str(tmp_path / "data")}, tmp_path / "none.toml")
    return CodebaseService(settings, working_folder=nowhere, environment={})


async def asked(service: CodebaseService, roots: Any = None) -> tuple[bool, str]:
    options: dict[str, Any] = {"list_roots_callback": roots} if roots else {}
    async with Client(door.build(service), mode="legacy", **options) as client:
        result = await client.call_tool("index_status", {})
    (content,) = result.content
    assert isinstance(content, TextContent)
    return bool(result.is_error), content.text


async def test_the_first_call_asks_for_roots_and_uses_what_is_offered(
    rootless: CodebaseService, repository: Path
) -> None:
    seen = 0

    async def offer(context: ClientRequestContext) -> ListRootsResult:
        nonlocal seen
        seen += 1
        return ListRootsResult(roots=[Root(uri=FileUrl(repository.as_uri()))])

    refused, text = await asked(rootless, offer)
    assert not refused, text
    assert f"root {repository}" in text
    assert not (await asked(rootless, offer))[0]
    assert seen == 1, "what was offered is remembered"
    rootless.close()


async def test_without_roots_the_error_names_the_way_out(rootless: CodebaseService) -> None:
    refused, text = await asked(rootless)
    assert refused
    assert "--root" in text

    async def none(context: ClientRequestContext) -> ListRootsResult:
        return ListRootsResult(roots=[])

    async def failing(context: ClientRequestContext) -> ListRootsResult:
        raise MCPError(-32603, "not now")

    for roots in (none, failing):
        refused, text = await asked(rootless, roots)
        assert refused
        assert "--root" in text
    rootless.close()


@pytest.mark.parametrize(
    ("uri", "folder"),
    [
        ("file:///src/a", "/src/a"),
        ("file://localhost/src/a%20b", "/src/a b"),
        ("file:///C:/src", "C:/src"),
        ("file://server/share", None),
        ("https://example.org/src", None),
        ("", None),
    ],
)
def test_only_folders_of_this_machine_are_roots(uri: str, folder: str | None) -> None:
    assert folder_of(uri) == (Path(folder) if folder else None)
