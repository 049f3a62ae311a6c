"""The board inside a host that shows MCP apps: one file, in a sandbox, that has nothing but the host's
messages.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mcp import Client
from mcp.types import TextResourceContents
from playwright.async_api import FrameLocator, Page, async_playwright, expect

from workflow_server.doors.application import Application
from workflow_server.doors.mcp.server import make_server
from workflow_server.settings import Settings

from .conftest import CHROMIUM

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data:; connect-src 'none'"
)
HOST = """<!doctype html><meta charset="utf-8"><title>Host</title>
<iframe sandbox="allow-scripts allow-forms allow-modals" width="1200" height="800"></iframe>
<script>
const frame = document.querySelector("iframe");
const send = (message) => frame.contentWindow.postMessage({ jsonrpc: "2.0", ...message }, "*");
const hostInfo = { name: "test-host", version: "1" };
const hostContext = { theme: "dark" };
window.heard = [];
addEventListener("message", async (event) => {
  if (event.source !== frame.contentWindow) return;
  const { id, method, params } = event.data;
  heard.push(method);
  if (method === "ui/initialize") {
    send({ id, result: { protocolVersion: "2026-01-26", hostInfo, hostCapabilities: {}, hostContext } });
  }
  if (method === "ui/open-link") {
    heard.push(params.url);
    send({ id, result: {} });
  }
  if (method === "tools/call") {
    send({ id, result: JSON.parse(await mcpCall(params.name, JSON.stringify(params.arguments))) });
  }
  if (method === "ui/notifications/initialized" && window.first) {
    send({ method: "ui/notifications/tool-result", params: window.first });
  }
});
window.show = (html, first) => { window.first = first; frame.srcdoc = html; };
</script>"""


@asynccontextmanager
async def hosted(folder: Path) -> AsyncIterator[Hosted]:
    """A host around a server of its own; what the page complains of fails the test at the end."""
    application = Application(Settings(data_dir=folder, project="tests", bridge=False))
    async with Client(make_server(application), mode="legacy") as client, async_playwright() as driver:
        (content,) = (await client.read_resource("ui://workflow/board")).contents
        assert isinstance(content, TextResourceContents)
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        host = Hosted(client, page, content.text)
        await page.expose_function("mcpCall", host.call)
        await page.set_content(HOST)
        yield host
        assert problems == []
        await browser.close()
    await application.service.close()


class Hosted:
    """The host's page, its client, and what a test asks of them."""

    def __init__(self, client: Client, page: Page, html: str) -> None:
        self.client, self.page, self.html = client, page, html

    async def call(self, name: str, arguments: str) -> str:
        """A tool called as the page calls it: JSON in, JSON out."""
        result = await self.client.call_tool(name, json.loads(arguments))
        return result.model_dump_json(by_alias=True, exclude_none=True)

    async def record(self, name: str, **arguments: Any) -> dict[str, Any]:
        """A tool called as an agent calls it."""
        result = await self.client.call_tool(name, arguments)
        record: dict[str, Any] | None = result.structured_content
        assert record is not None
        assert not result.is_error, record
        return record

    async def framed(self, first: Any = None) -> FrameLocator:
        """Show the board; with ``first``, the answer of a tool that it was shown for."""
        policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        html = self.html.replace("<head>", f"<head>{policy}")
        await self.page.evaluate("([html, first]) => show(html, first)", [html, first])
        return self.page.frame_locator("iframe")


async def test_the_board_reads_and_moves_items_through_the_hosts_tools(tmp_path: Path) -> None:
    async with hosted(tmp_path) as host:
        made = await host.record("create_work_item", title="Shown in a host", description="Deep")
        item_id = made["id"]
        board = await host.framed()
        card = board.locator(f'.card[data-id="{item_id}"] a')
        await expect(card).to_have_text("Shown in a host")
        assert await board.locator("html").get_attribute("data-theme") == "dark"
        await card.focus()
        await host.page.keyboard.press("Alt+ArrowRight")
        await expect(board.locator(f'.column.active .card[data-id="{item_id}"]')).to_be_visible()
        await expect(board.locator(".notice")).to_be_visible()
        read = await host.record("get_work_item", ids=[item_id])
        assert read["items"][0]["status"] == "active"

        # the answer of a get opens that item
        first = json.loads(await host.call("get_work_item", json.dumps({"ids": [item_id]})))
        item = await host.framed(first)
        await expect(item.locator(".item h1")).to_have_text("Shown in a host")
        await expect(item.locator(".item .text").first).to_contain_text("Deep")
        assert "ui/notifications/size-changed" in await host.page.evaluate("heard")


async def test_the_timeline_in_a_host_goes_back_to_the_first_event(tmp_path: Path) -> None:
    """No tool tells the history of a project: it is put together from items, page by page, in order."""
    async with hosted(tmp_path) as host:
        plan = [{"title": f"Planned {number}"} for number in range(20)]
        planned = (await host.record("create_work_items", items=plan))["items"]
        for number in range(11):
            await host.record("create_work_item", title=f"Alone {number}")
        # an item of the oldest event is also the one of the newest
        await host.record("update_work_item", ids=[planned[0]["id"]], note="Seen again")
        board = await host.framed()
        await expect(board.locator(".column.planned .card")).to_have_count(31)
        await board.locator('[data-view="timeline"]').click()
        events = board.locator(".event p")
        await expect(events.first).to_contain_text("Planned 0")
        shown = await events.all_inner_texts()
        assert not [one for one in shown if " planned " in one], "it is not known yet what lies between"
        older = board.get_by_role("button", name="Older")
        for _ in range(50):
            if await older.is_hidden():
                break
            count = await events.count()
            await older.click()
            await host.page.wait_for_timeout(200)
            assert await events.count() >= count
        await expect(older).to_be_hidden()
        told = await events.all_inner_texts()
        assert len(told) == 13, "the note, eleven items of their own, the plan"
        assert [f"Alone {10 - number}" in text for number, text in enumerate(told[1:12])] == [True] * 11
        assert "20 items" in told[12]


async def test_links_stay_in_the_page_or_are_the_hosts_to_open(tmp_path: Path) -> None:
    """A page that a host made from a text has the host's address: a link to a part of it would lead away."""
    async with hosted(tmp_path) as host:
        made = await host.record(
            "create_work_item", title="Linked", description="See https://example.org/plan"
        )
        board = await host.framed()
        for view in ("tree", "graph", "statistics", "timeline", "board"):
            await board.locator(f'[data-view="{view}"]').click()
            await expect(board.locator("body")).to_have_attribute("data-view", view)
        await board.locator(f'.card[data-id="{made["id"]}"] a').click()
        await expect(board.locator(".item h1")).to_have_text("Linked")
        await board.get_by_role("link", name="https://example.org/plan").click()
        await expect(board.locator(".item h1")).to_have_text("Linked")
        assert "https://example.org/plan" in await host.page.evaluate("heard")


async def test_a_refusal_in_a_host_names_the_section_that_the_host_cannot_show(tmp_path: Path) -> None:
    async with hosted(tmp_path) as host:
        board = await host.framed()
        await expect(board.locator(".live.is-live")).to_be_visible()
        await board.locator("html").evaluate("() => { location.hash = '#/item/wi_aaaaaaa'; }")
        told = board.locator(".item")
        await expect(told).to_contain_text("See docs/troubleshooting.md#work_item_not_found")
        await expect(told.get_by_role("link", name="What to do")).to_have_count(0)
