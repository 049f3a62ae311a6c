"""Texts from items never become markup or script, and the board can be used by everybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.workflow_server.doors.web import Web

from .conftest import VIEWS, Opened

ATTACKS = (
    "<img src=x onerror=window.hit=1>",
    "<script>window.hit=1</script>",
    "<svg/onload=window.hit=1>",
    '"><iframe srcdoc="<script>parent.hit=1</script>">',
    "[x](javascript:window.hit=1)",
    "`</code><img src=x onerror=window.hit=1>`",
    "```html\n</pre><script>window.hit=1</script>\n```",
    "javascript:window.hit=1",
    "</title><script>window.hit=1</script>",
)


def test_no_text_becomes_a_script_in_any_view(web: Web, open_board: Opened) -> None:
    ids = [attacked(web, attack) for attack in ATTACKS]
    page = open_board()
    for view in (*VIEWS, *(f"item/{item_id}" for item_id in ids)):
        page.goto(f"{web.url}/#/{view}")
        if view.startswith("item/"):
            page.wait_for_selector(".item h1")
            page.get_by_text("History").click()
            page.wait_for_selector(".event")
        else:
            page.wait_for_timeout(200)
        assert page.evaluate("window.hit") is None, view
        strange = "main img, main iframe, main script, [onerror], [onload], a[href^='javascript:']"
        assert page.locator(strange).count() == 0, view


LONGEST = 100_000
BUSY = {
    "blanks below a pipe": "|\n" + " " * (LONGEST - 10) + "x",
    "brackets": "[" * LONGEST,
    "labels": "[a](" * (LONGEST // 4),
    "quotes": ">" * LONGEST,
    "lists in lists": "".join(f"{'  ' * level}- x\n" for level in range(300)),
    "fences": "```\n" * (LONGEST // 4),
    "ticks": "".join("`" * count + "a" for count in range(1, 440)),
    "a ruler of bars": "|\n" + "-|" * 49_000 + "x",
}


@pytest.mark.parametrize("name", BUSY)
def test_no_text_keeps_the_window_busy_or_the_item_from_being_shown(
    web: Web, open_board: Opened, name: str
) -> None:
    """Whoever wrote a text may have made it for that; some of these took a minute each, or ended the view."""
    made = web.ask("POST", "/mcp/work_items", {"title": "Busy", "description": BUSY[name]}).json()
    web.ask("PATCH", f"/mcp/work_items/{made['id']}", {"note": BUSY[name]})
    page = open_board()
    page.goto(f"{web.url}/#/item/{made['id']}")
    page.wait_for_selector(".item h1", timeout=20_000)
    assert page.locator(".item h1").inner_text().startswith("Busy")
    assert page.evaluate("document.querySelector('.item .text').childElementCount")


def attacked(web: Web, attack: str) -> str:
    """An item with the attack in every field that takes a text."""
    parent = web.ask("POST", "/mcp/work_items", {"title": f"Above {attack}", "item_type": "project"}).json()
    fields = {
        "title": f"Title {attack}",
        "description": f"Text {attack}\n\n> {attack}\n\n- {attack}\n\n# {attack}"
        f"\n\n| {attack} | b |\n|---|---|\n| {attack} | c |",
        "labels": [attack.replace(",", " ")[:40]],
        "assignee": attack[:60],
        "status": "blocked",
        "status_reason": attack,
        "parent_id": parent["id"],
        "blocked_by": [web.ask("POST", "/mcp/work_items", {"title": attack}).json()["id"]],
        "acceptance_criteria": [{"text": attack, "done": True, "evidence": attack}],
        "entity_references": [f"src/{' '.join(attack.split()).replace('::', '')}.py"],
        "metadata": {"field": attack, attack[:30]: {"nested": attack}},
    }
    made = web.ask("POST", "/mcp/work_items", fields)
    assert made.status_code == 201, made.text
    item_id: str = made.json()["id"]
    web.ask("PATCH", f"/mcp/work_items/{item_id}", {"note": attack}, headers={"X-Tandem-Actor": "someone"})
    return item_id


TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


GOOD = {"page-has-heading-one", "empty-table-header", "empty-heading", "heading-order", "label-title-only"}
"""Good practice beyond the standard that is kept as well."""


def violations(page: Any) -> list[Any]:
    """What axe finds against WCAG 2.2 AA, of any weight, and serious breaches of other good practice."""
    standard = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}}).response["violations"]
    other = Axe().run(page).response["violations"]
    found = standard + [
        each for each in other if each["impact"] in ("serious", "critical") or each["id"] in GOOD
    ]
    return [(each["id"], each["help"], [node["html"][:160] for node in each["nodes"][:3]]) for each in found]


@pytest.fixture
def furnished(web: Web) -> dict[str, Any]:
    """An item with every part, and others around it."""
    top = web.ask("POST", "/mcp/work_items", {"title": "Goal", "item_type": "project"}).json()
    first = web.ask(
        "POST", "/mcp/work_items", {"title": "First", "parent_id": top["id"], "due": "2020-01-01"}
    ).json()
    whole = {
        "title": "Whole",
        "description": "# Head\n\nText with `code`, a [link](https://example.org) and\n\n"
        "```python\ndef f(): return 'x' # why\n```",
        "labels": ["one"],
        "assignee": "ann",
        "parent_id": top["id"],
        "blocked_by": [first["id"]],
        "acceptance_criteria": ["open", {"text": "met", "done": True, "evidence": "seen"}],
        "entity_references": ["src/a.py::f"],
        "metadata": {"size": 3},
        "priority": 0,
    }
    item: dict[str, Any] = web.ask("POST", "/mcp/work_items", whole).json()
    web.ask("PATCH", f"/mcp/work_items/{item['id']}", {"note": "A note."})
    taken = web.ask("PATCH", f"/mcp/work_items/{item['id']}", {"priority": 1}).json()["event"]
    web.ask("POST", "/mcp/undo", {"event": taken})
    text = {"description": "Text", "acceptance_criteria": ["open"], "due": "2020-01-01"}
    item["deleted"] = web.ask("POST", "/mcp/work_items", {"title": "Given up", **text}).json()["id"]
    return item


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(
    web: Web, furnished: dict[str, Any], open_board: Opened, scheme: str, keep: Callable[[Any, str], None]
) -> None:
    page = open_board(color_scheme=scheme)
    web.ask("DELETE", f"/mcp/work_items/{furnished['deleted']}")
    for view in (*VIEWS, "help/not_done", f"item/{furnished['deleted']}", f"item/{furnished['id']}"):
        page.goto(f"{web.url}/#/{view}")
        page.wait_for_timeout(300)
        keep(page, f"{scheme}-{view.split('/')[0]}")
        assert violations(page) == [], view
    page.get_by_text("History").click()
    page.wait_for_selector(".event")
    assert violations(page) == [], "history"
    page.get_by_role("button", name="New item", exact=True).click()
    assert violations(page) == [], "dialog"
    keep(page, f"{scheme}-dialog")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Keys and help").click()
    assert violations(page) == [], "keys"
    keep(page, f"{scheme}-keys")
    page.keyboard.press("Escape")
    web.ask("POST", "/mcp/projects", {"name": "empty"})
    for view in VIEWS:
        page.goto(f"{web.url}/?project=empty#/{view}")
        page.wait_for_timeout(300)
        assert violations(page) == [], f"empty {view}"


def test_everything_is_reached_and_told_without_a_mouse(
    web: Web, furnished: dict[str, Any], open_board: Opened
) -> None:
    page = open_board()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the work"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.locator(".column.planned .card a").first.focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.className") == "title"
    page.keyboard.press("Enter")
    page.wait_for_selector(".item h1")
    assert page.evaluate("document.activeElement.id") == "main"
