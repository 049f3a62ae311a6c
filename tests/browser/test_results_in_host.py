"""The search results inside a host that shows MCP apps: one file in a sandbox, hostile code shown as text."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from mcp import Client
from mcp.types import TextResourceContents
from playwright.async_api import async_playwright, expect

from codebase_server.doors.mcp import server as mcp_server
from codebase_server.service import CodebaseService
from codebase_server.settings import load

from .conftest import CHROMIUM
from .test_app_in_host import HOST, POLICY

HOSTILE = '''def dangerous():
    """</script><img src=x onerror="document.title='owned'">"""
    return "<b>not bold</b>"  # called by nobody


def caller():
    return dangerous()
'''


async def test_results_are_shown_searched_again_and_told_to_the_chat(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "src").mkdir(parents=True)
    (root / "src" / "danger.py").write_text(HOSTILE)
    (root / "src" / "paint.py").write_text("def paint_wall(wall):\n    return wall\n")
    environment = {"CODEBASE_ROOT": str(root), "CODEBASE_DATA_DIR": str(tmp_path / "data")}
    service = CodebaseService(load({}, environment, tmp_path / "none.toml"), environment={})
    service.index_repository()
    async with Client(mcp_server.build(service), mode="legacy") as client, async_playwright() as driver:
        listed = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert listed["search_code"].meta is not None
        assert listed["search_code"].meta["ui"]["resourceUri"] == "ui://codebase/results"
        (content,) = (await client.read_resource("ui://codebase/results")).contents
        assert isinstance(content, TextResourceContents)
        assert content.mime_type == "text/html;profile=mcp-app"
        assert "http://" not in content.text.replace("http://www.w3.org", "")

        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)

        async def call(name: str, arguments: str) -> str:
            result = await client.call_tool(name, json.loads(arguments))
            return result.model_dump_json(by_alias=True, exclude_none=True)

        await page.expose_function("mcpCall", call)
        await page.set_content(HOST)
        first: Any = json.loads(await call("search_code", '{"query": "dangerous"}'))
        policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        html = content.text.replace("<head>", f"<head>{policy}")
        await page.evaluate("([html, first]) => show(html, first)", [html, first])
        app = page.frame_locator("iframe")

        await expect(app.locator("article h2").first).to_have_text("dangerous")
        await expect(app.locator(".tree")).to_contain_text("danger.py")
        await expect(app.locator("article pre").first).to_contain_text("<b>not bold</b>")
        assert await app.locator("article b").count() == 0, "code is text, whatever it holds"
        assert await app.locator("article img").count() == 0
        assert await app.locator("pre .keyword").count() > 0
        assert await app.locator("html").get_attribute("data-theme") == "dark"

        await app.get_by_role("button", name="Usages").first.click()
        await expect(app.locator(".usages")).to_contain_text("return dangerous()")
        await app.get_by_role("searchbox").fill("paint wall")
        await page.keyboard.press("Enter")
        await expect(app.locator("article h2").first).to_have_text("paint_wall")
        heard = await page.evaluate("heard")
        assert {"ui/initialize", "ui/notifications/initialized", "ui/notifications/size-changed"} <= set(
            heard
        )
        assert problems == []
        if folder := os.environ.get("TANDEM_ARTEFACTS"):
            await page.screenshot(path=Path(folder) / "codebase-results.png")
        await browser.close()
    service.close()
