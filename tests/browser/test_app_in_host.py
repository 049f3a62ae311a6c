"""The board inside a host that shows MCP apps: one file, in a sandbox, that has nothing but the host's
messages.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mcp import Client
from mcp.types import TextResourceContents
from playwright.async_api import async_playwright, expect

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
  if (method === "tools/call") {
    send({ id, result: JSON.parse(await mcpCall(params.name, JSON.stringify(params.arguments))) });
  }
  if (method === "ui/notifications/initialized" && window.first) {
    send({ method: "ui/notifications/tool-result", params: window.first });
  }
});
window.show = (html, first) => { window.first = first; frame.srcdoc = html; };
</script>"""


async def test_the_board_reads_and_moves_items_through_the_hosts_tools(tmp_path: Path) -> None:
    application = Application(Settings(data_dir=tmp_path, project="tests", bridge=False))
    async with Client(make_server(application), mode="legacy") as client, async_playwright() as driver:
        made = await client.call_tool("create_work_item", {"title": "Shown in a host", "description": "Deep"})
        assert made.structured_content is not None
        item_id = made.structured_content["id"]
        (content,) = (await client.read_resource("ui://workflow/board")).contents
        assert isinstance(content, TextResourceContents)
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)

        async def call(name: str, arguments: str) -> str:
            result = await client.call_tool(name, json.loads(arguments))
            return result.model_dump_json(by_alias=True, exclude_none=True)

        async def framed(html: str, first: Any = None) -> Any:
            policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
            await page.evaluate(
                "([html, first]) => show(html, first)", [html.replace("<head>", f"<head>{policy}"), first]
            )
            return page.frame_locator("iframe")

        await page.expose_function("mcpCall", call)
        await page.set_content(HOST)
        board = await framed(content.text)
        card = board.locator(f'.card[data-id="{item_id}"] a')
        await expect(card).to_have_text("Shown in a host")
        assert await board.locator("html").get_attribute("data-theme") == "dark"
        await card.focus()
        await page.keyboard.press("Alt+ArrowRight")
        await expect(board.locator(f'.column.active .card[data-id="{item_id}"]')).to_be_visible()
        await expect(board.locator(".notice")).to_be_visible()
        read = await client.call_tool("get_work_item", {"ids": [item_id]})
        assert read.structured_content is not None
        assert read.structured_content["items"][0]["status"] == "active"

        # the answer of a get opens that item
        first = json.loads(await call("get_work_item", json.dumps({"ids": [item_id]})))
        item = await framed(content.text, first)
        await expect(item.locator(".item h1")).to_have_text("Shown in a host")
        await expect(item.locator(".item .text").first).to_contain_text("Deep")
        assert "ui/notifications/size-changed" in await page.evaluate("heard")
        assert problems == []
        await browser.close()
    await application.service.close()
