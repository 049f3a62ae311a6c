"""The pages of both servers in a host built on the official app bridge, which checks every message."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.client import advertise
from mcp.server.apps import APP_MIME_TYPE, EXTENSION_ID
from mcp.types import TextResourceContents
from playwright.async_api import FrameLocator, Page, async_playwright, expect
from tests.browser.conftest import CHROMIUM

from codebase_server.doors.mcp import server as codebase
from codebase_server.service import CodebaseService
from codebase_server.settings import load
from workflow_server.doors.application import Application
from workflow_server.doors.mcp.server import make_server
from workflow_server.settings import Settings

pytestmark = [pytest.mark.node, pytest.mark.timeout(420)]
SIZE = {"width": 1100, "height": 720}


class Shown:
    """A page of a server in the host, with what the host was asked for."""

    def __init__(self, client: Client, page: Page, port: int) -> None:
        self.client, self.page, self.port = client, page, port
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda told: self.problems.append(told.text) if told.type == "error" else None)

    async def call(self, name: str, arguments: dict[str, Any]) -> Any:
        answer = await self.client.call_tool(name, arguments)
        return answer.model_dump(by_alias=True, exclude_none=True, mode="json")

    async def render(self, tool: str, arguments: dict[str, Any]) -> FrameLocator:
        address = f"http://localhost:{self.port}/sandbox.html"
        told = await self.page.evaluate(
            "([tool, args, url, size]) => render(tool, args, url, size)", [tool, arguments, address, SIZE]
        )
        assert told["name"]
        return self.page.frame_locator("iframe").frame_locator("iframe")

    async def heard(self) -> list[Any]:
        heard: list[Any] = await self.page.evaluate("heard")
        return heard

    async def keep(self, name: str) -> None:
        if folder := os.environ.get("TANDEM_ARTEFACTS"):
            await self.page.screenshot(path=Path(folder) / f"{name}.png")


@asynccontextmanager
async def in_host(server: Any, port: int) -> AsyncIterator[Shown]:
    asks = [advertise(EXTENSION_ID, {"mimeTypes": [APP_MIME_TYPE]})]
    async with Client(server, extensions=asks) as client, async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 1140, "height": 760})
        shown = Shown(client, page, port)
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}

        async def read(tool: str) -> str:
            meta = tools[tool].meta
            assert meta is not None
            (content,) = (await client.read_resource(meta["ui"]["resourceUri"])).contents
            assert isinstance(content, TextResourceContents)
            assert content.mime_type == APP_MIME_TYPE
            return content.text

        await page.expose_function("mcpRead", read)
        await page.expose_function("mcpCall", shown.call)
        await page.goto(f"http://127.0.0.1:{port}/host.html")
        yield shown
        await browser.close()


async def test_the_board_moves_items_and_the_item_page_ticks_and_claims(
    tmp_path: Path, host_port: int
) -> None:
    application = Application(Settings(data_dir=tmp_path, project="tests", bridge=False))
    async with in_host(make_server(application), host_port) as shown:
        made = await shown.call(
            "create_work_item",
            {"title": "Shown in a host", "description": "**Deep**", "acceptance_criteria": ["it is seen"]},
        )
        item_id = made["structuredContent"]["id"]

        async def stored() -> Any:
            answer = await shown.call("get_work_item", {"ids": [item_id]})
            return answer["structuredContent"]["items"][0]

        board = await shown.render("list_work_items", {})
        card = board.locator(f'.card[data-id="{item_id}"]')
        await expect(card).to_be_visible()
        assert await board.locator("html").get_attribute("data-theme") == "dark"
        await card.drag_to(board.locator(".column.active"))
        await expect(board.locator(f'.column.active .card[data-id="{item_id}"]')).to_be_visible()
        await expect(board.locator(".notice")).to_be_visible()
        assert (await stored())["status"] == "active"
        await shown.keep("host-board")
        for view in ("Tree", "Dependencies", "Timeline", "Statistics"):
            await board.get_by_role("link", name=view).click()
        await expect(board.locator("figure").first).to_be_visible()
        await board.get_by_role("link", name="Timeline").click()
        await expect(board.locator(".event").first).to_contain_text("planned → active")

        item = await shown.render("get_work_item", {"ids": [item_id]})
        await expect(item.locator(".item h1")).to_have_text("Shown in a host")
        await expect(item.locator(".text strong").first).to_have_text("Deep")
        await item.get_by_label("it is seen").click()
        await item.get_by_role("button", name="Tick").click()
        await expect(item.get_by_label("it is seen")).to_be_checked()
        await item.get_by_role("button", name="Claim").click()
        await expect(item.locator(".who")).to_contain_text("held by")
        await item.locator("summary", has_text="History").click()
        await expect(item.locator(".event")).to_have_count(4)
        read = await stored()
        assert read["acceptance_criteria"][0]["done"] is True
        assert read["claim"]
        await shown.keep("host-item")
        heard = await shown.heard()
        assert {"list_work_items", "update_work_item", "claim_work_item"} <= {*filter(_is_text, heard)}
        assert all(0 < told[1] <= 900 for told in heard if told[0] == "height"), "the host can give that much"
        assert shown.problems == []
    await application.service.close()


async def test_results_are_shown_and_searched_again(tmp_path: Path, host_port: int) -> None:
    root = tmp_path / "root"
    (root / "src").mkdir(parents=True)
    (root / "src" / "paint.py").write_text("def paint_wall(wall):\n    return wall  # <b>wet</b>\n")
    (root / "src" / "sand.py").write_text("def sand_floor(floor):\n    return floor\n")
    environment = {"CODEBASE_ROOT": str(root), "CODEBASE_DATA_DIR": str(tmp_path / "data")}
    service = CodebaseService(load({}, environment, tmp_path / "none.toml"), environment={})
    service.index_repository()
    async with in_host(codebase.build(service), host_port) as shown:
        results = await shown.render("search_code", {"query": "paint wall"})
        await expect(results.locator("article h2").first).to_have_text("paint_wall")
        await expect(results.locator("article pre").first).to_contain_text("<b>wet</b>")
        await expect(results.locator(".tree")).to_contain_text("paint.py")
        assert await results.locator("article b").count() == 0
        await results.get_by_role("searchbox").fill("sand floor")
        await results.get_by_role("searchbox").press("Enter")
        await expect(results.locator("article h2").first).to_have_text("sand_floor")
        await shown.keep("host-results")
        assert "search_code" in await shown.heard()
        assert shown.problems == []
    service.close()


def _is_text(told: Any) -> bool:
    return isinstance(told, str)
