"""A board in a real Chromium over a real server, and one more client of the same project beside it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.workflow_server.doors.web import Web, serving

# A starved machine draws late: how long a test waits says nothing of how fast the board is, bench/ does.
PATIENCE_MS = 30_000

try:
    import playwright.async_api as asynchronous
    import playwright.sync_api as playwright
except ImportError:  # `tests/conftest.py` refuses a run that asks for this group without it
    collect_ignore_glob = ["test_*.py"]
else:
    for waiting in (asynchronous.expect, playwright.expect):
        waiting.set_options(timeout=PATIENCE_MS)

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
VIEWS = ("board", "tree", "graph", "timeline", "statistics")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One browser for a module: while it is open playwright's event loop runs and no other may, so that a
    module of asynchronous tests must find it closed. Without a browser this fails: it was asked for by name.
    """
    assert CHROMIUM, "the browser group needs Chromium: apt-get install chromium"
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with serving(tmp_path) as started:
        yield started


@pytest.fixture
def add(web: Web) -> Callable[..., dict[str, Any]]:
    """Make an item as another client would."""

    def create(title: str, **fields: Any) -> dict[str, Any]:
        answer = web.ask("POST", "/mcp/work_items", {"title": title, **fields})
        assert answer.status_code == 201, answer.text
        item: dict[str, Any] = answer.json()
        return item

    return create


Opened = Callable[..., Any]


@pytest.fixture
def open_board(chromium: Any, web: Web) -> Iterator[Opened]:
    """Open a window of the board, signed in; its errors fail the test at the end."""
    problems: list[str] = []
    contexts = []

    def opened(view: str = "board", **options: Any) -> Any:
        context = chromium.new_context(**{"viewport": {"width": 1300, "height": 850}, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text) if _is_fault(message) else None)
        link = (
            web.link if len(contexts) == 1 else f"{web.url}{web.ask('POST', '/mcp/tickets').json()['path']}"
        )
        page.goto(link)
        page.wait_for_selector("nav a")
        page.goto(f"{web.url}/#/{view}")
        page.wait_for_selector(".live.is-live")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


def _is_fault(message: Any) -> bool:
    """Errors of scripts and of the security policy; a refused request is told by the page itself."""
    return message.type == "error" and "Failed to load resource" not in message.text


@pytest.fixture
def keep(request: pytest.FixtureRequest) -> Callable[[Any, str], None]:
    """Keep a picture of a page, for looking at: in TANDEM_ARTEFACTS when that names a folder."""

    def picture(page: Any, name: str) -> None:
        folder = os.environ.get("TANDEM_ARTEFACTS")
        if folder:
            target = Path(folder) / f"{name}.png"
            target.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=str(target), full_page=True)

    return picture
