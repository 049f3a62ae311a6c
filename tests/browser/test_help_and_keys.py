"""What a person finds who does not know how to go on: the section behind an error, and the keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect
from tests.workflow_server.doors.web import Web, serving

from .conftest import Opened

Add = Callable[..., dict[str, Any]]
PAGE = Path(__file__).parents[2] / "docs" / "troubleshooting.md"


def test_an_error_names_its_section_and_the_board_opens_there(web: Web, add: Add, open_board: Opened) -> None:
    item = add("Not finished", acceptance_criteria=["It holds"])
    page = open_board(f"item/{item['id']}")
    notice = page.locator(".notice.error")
    for _ in range(2):
        page.locator('[data-field="status"]').select_option("completed")
        page.locator("dialog").get_by_role("button", name="Cancel").click()
        expect(notice).to_have_count(1)  # said twice, shown once
    expect(notice).to_contain_text("criteri")
    notice.get_by_role("link", name="What to do").click()
    section = page.locator(".help .wanted")
    expect(section).to_have_text("not_done")
    expect(section).to_be_in_viewport()
    expect(section).to_be_focused()
    # a link within the page leads to a section as well
    page.locator(".help").get_by_role("link", name="what to do").first.click()
    expect(page.locator(".help .wanted")).to_be_in_viewport()
    assert page.locator(".help").inner_text().count("](") == 0, "no link is left as its text"


def test_every_answer_that_refuses_says_where_it_is_explained(web: Web, open_board: Opened) -> None:
    page = open_board()
    for path in ("/mcp/work_items/wi_aaaaaaa", "/mcp/work_items?limit=9999", "/nowhere"):
        answer = web.ask("GET", path).json()
        key = answer["see"].removeprefix("docs/troubleshooting.md#")
        assert key == answer["error"]
        page.goto(f"{web.url}/#/help/{key}")
        expect(page.locator(".help .wanted")).to_have_text(key)


def test_a_warning_about_code_leads_to_its_section(tmp_path: Path, chromium: Any) -> None:
    """The server of this test asks about code, and nobody answers."""
    with serving(tmp_path, BRIDGE="on") as web:
        fields = {"title": "About code", "entity_references": ["src/a.py::f"]}
        item = web.ask("POST", "/mcp/work_items", fields).json()
        page = chromium.new_page()
        page.goto(web.link)
        page.wait_for_selector("nav a")
        page.goto(f"{web.url}/#/item/{item['id']}")
        warning = page.locator(".warnings p").first
        expect(warning).to_contain_text("code_search_unavailable")
        warning.get_by_role("link", name="What to do").click()
        expect(page.locator(".help .wanted")).to_have_text("code_search_unavailable")
        page.close()


def test_single_keys_do_what_is_done_often(add: Add, open_board: Opened) -> None:
    add("Here")
    page = open_board()
    page.keyboard.press("2")
    expect(page.locator(".tree")).to_be_visible()
    page.keyboard.press("1")
    expect(page.locator(".columns")).to_be_visible()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search")).to_be_focused()
    page.keyboard.type("n?2")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator(".columns")).to_be_visible()
    page.get_by_role("searchbox", name="Search").fill("")
    page.locator("main").focus()
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="New item")).to_be_visible()
    expect(page.get_by_label("Title")).to_be_focused()
    page.keyboard.press("Escape")


def test_single_keys_are_listed_and_can_be_switched_off(open_board: Opened) -> None:
    """Whoever speaks into the computer must not trigger them (WCAG 2.1.4)."""
    page = open_board()
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    page.get_by_label("Use the first four").uncheck()
    page.get_by_role("button", name="Done").click()
    page.keyboard.press("n")
    page.keyboard.press("2")
    page.wait_for_timeout(200)
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator(".columns")).to_be_visible()
    page.reload()
    page.wait_for_selector(".live.is-live")
    page.keyboard.press("n")
    page.wait_for_timeout(200)
    expect(page.locator("dialog")).to_have_count(0)
    page.get_by_role("button", name="Keys and help").click()
    page.get_by_label("Use the first four").check()
    page.get_by_role("button", name="Done").click()
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="New item")).to_be_visible()


def test_the_page_behind_the_board_is_that_of_the_documentation(web: Web) -> None:
    answer = web.ask("GET", "/docs/troubleshooting.md")
    assert answer.headers["content-type"].startswith("text/markdown")
    assert answer.text == PAGE.read_text("utf-8")


def test_an_empty_project_says_how_to_begin(web: Web, open_board: Opened) -> None:
    page = open_board()
    page.get_by_role("button", name="Make the first item").click()
    page.get_by_label("Title").fill("The very first")
    page.get_by_role("button", name="Create").click()
    expect(page.locator(".column.planned .card")).to_contain_text("The very first")
    expect(page.get_by_text("Nothing here yet.")).to_have_count(0)


def test_filters_that_leave_nothing_can_be_cleared_where_it_is_said(add: Add, open_board: Opened) -> None:
    add("Findable")
    page = open_board()
    for view in ("board", "tree"):
        page.locator(f'nav [data-view="{view}"]').click()
        page.get_by_role("searchbox", name="Search").fill("nosuchword")
        expect(page.get_by_text("Nothing matches.")).to_be_visible()
        page.get_by_role("button", name="Clear the filters").click()
        expect(page.locator("main").get_by_role("link", name="Findable")).to_be_visible()


def test_an_id_is_copied_for_an_agent(add: Add, open_board: Opened) -> None:
    item = add("Told to an agent")
    page = open_board(f"item/{item['id']}", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name=f"Copy {item['id']}").click()
    expect(page.locator(".notice")).to_contain_text(item["id"])
    assert page.evaluate("navigator.clipboard.readText()") == item["id"]
