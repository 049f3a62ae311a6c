"""What two people and an agent do to one item at the same time, and how an item is tied to others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect
from tests.workflow_server.doors.web import Web

from .conftest import Opened

Add = Callable[..., dict[str, Any]]


def test_what_is_being_typed_outlives_changes_by_others(web: Web, add: Add, open_board: Opened) -> None:
    item = add("Shared", description="First", assignee="ann")
    page = open_board(f"item/{item['id']}")
    page.get_by_label("New note").fill("Half a thou")
    page.get_by_label("Assignee", exact=True).fill("bo")
    page.get_by_label("Assignee", exact=True).focus()
    web.ask("PATCH", f"/mcp/work_items/{item['id']}", {"title": "Shared by two", "priority": 0})
    expect(page.locator(".item h1")).to_have_text("Shared by two")
    expect(page.get_by_label("New note")).to_have_value("Half a thou")
    expect(page.get_by_label("Assignee", exact=True)).to_have_value("bo")
    expect(page.get_by_label("Assignee", exact=True)).to_be_focused()
    # another field was changed meanwhile: that is no conflict, and nobody is asked
    page.keyboard.press("Enter")
    expect(page.locator(".path")).to_contain_text("version 3")
    assert page.get_by_role("dialog").count() == 0
    read = web.ask("GET", f"/mcp/work_items/{item['id']}").json()
    assert (read["assignee"], read["priority"], read["title"]) == ("bo", 0, "Shared by two")


def test_a_fact_that_both_changed_is_a_conflict(web: Web, add: Add, open_board: Opened) -> None:
    item = add("Shared", assignee="ann")
    page = open_board(f"item/{item['id']}")
    field = page.get_by_label("Assignee", exact=True)
    field.fill("bo")
    web.ask("PATCH", f"/mcp/work_items/{item['id']}", {"assignee": "chidi"})
    expect(page.locator(".path")).to_contain_text("version 2")
    expect(field).to_have_value("bo")
    field.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("chidi")
    dialog.get_by_role("button", name="Keep theirs").click()
    expect(field).to_have_value("chidi")
    assert web.ask("GET", f"/mcp/work_items/{item['id']}").json()["assignee"] == "chidi"


def test_an_item_whose_holder_is_gone_is_taken_back(web: Web, add: Add, open_board: Opened) -> None:
    item = add("Held")
    claimed = web.ask("POST", f"/mcp/work_items/{item['id']}/claim", {}).json()
    page = open_board(f"item/{item['id']}")
    expect(page.locator(".buttons")).to_contain_text("held by")
    expect(page.locator(".why")).to_have_count(0)  # being held is no reason to be warned of
    page.get_by_role("button", name="Take back").click()
    page.get_by_role("dialog").get_by_role("button", name="Take back").click()
    expect(page.get_by_role("button", name="Claim", exact=True)).to_be_visible()
    read = web.ask("GET", f"/mcp/work_items/{item['id']}").json()
    assert (read["status"], read.get("claim")) == ("planned", None)
    page.get_by_role("button", name="Claim", exact=True).click()
    expect(page.get_by_role("button", name="Release")).to_be_visible()
    late = {"note": "Still at it.", "claim_token": claimed["claim_token"]}
    assert web.ask("PATCH", f"/mcp/work_items/{item['id']}", late).status_code == 409


def test_a_refused_note_is_not_lost(web: Web, add: Add, open_board: Opened) -> None:
    item = add("Noted")
    page = open_board(f"item/{item['id']}")
    long = "n" * 100_001
    page.get_by_label("New note").fill(long)
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".notice.error")).to_be_visible()
    expect(page.get_by_label("New note")).to_have_value(long)


def test_items_are_tied_to_others_by_their_titles(web: Web, add: Add, open_board: Opened) -> None:
    first, goal, item = add("Lay the ground"), add("The goal", item_type="project"), add("Build on it")
    page = open_board(f"item/{item['id']}")

    def choose(label: str, title: str) -> None:
        field = page.get_by_label(label, exact=True)
        field.press_sequentially(title)
        expect(page.locator(f'datalist[id="{field.get_attribute("list")}"] option')).to_have_count(1)
        field.press("Enter")

    choose("Waits for", "Lay the ground")
    expect(page.locator(".chip a", has_text="Lay the ground")).to_be_visible()
    choose("Part of", "The goal")
    expect(page.locator(".path")).to_contain_text("The goal")
    page.get_by_label("Kind of link").select_option("relates_to")
    choose("Item to link", "Lay the ground")
    expect(page.locator(".relations li", has_text="relates to")).to_be_visible()
    read = web.ask("GET", f"/mcp/work_items/{item['id']}").json()
    assert (read["parent_id"], read["blocked_by"]) == (goal["id"], [first["id"]])
    assert read["links"] == [{"kind": "relates_to", "id": first["id"]}]
    for verb in ("No longer wait for", "Unlink", "Take it out of"):
        page.get_by_role("button", name=verb).click()
        expect(page.get_by_role("button", name=verb)).to_have_count(0)
    read = web.ask("GET", f"/mcp/work_items/{item['id']}").json()
    assert (read["parent_id"], read["blocked_by"], read["links"]) == (None, [], [])


def test_code_and_metadata_are_added_and_taken_away(web: Web, add: Add, open_board: Opened) -> None:
    item = add("With code", metadata={"size": 3, "team": "web"})
    page = open_board(f"item/{item['id']}")
    page.get_by_label("Code to name").fill("tests/test_a.py::test_f")
    page.get_by_label("What the code is to it").select_option("test")
    page.locator(".references").get_by_role("button", name="Add").click()
    expect(page.locator(".reference")).to_contain_text("test_a.py::test_f")
    page.get_by_role("button", name="Edit the metadata").click()
    page.get_by_role("dialog").get_by_role("textbox").fill('{"size": 5}')
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.locator(".metadata dd")).to_have_text(["5"])
    read = web.ask("GET", f"/mcp/work_items/{item['id']}").json()
    assert read["metadata"] == {"size": 5}
    assert read["entity_references"] == ["tests/test_a.py::test_f"]
    assert read["reference_details"][0]["role"] == "test"


def test_markdown_is_shown_as_it_is_meant(add: Add, open_board: Opened) -> None:
    text = "| a | b |\n|---|--:|\n| `x` | 1 |\n\n---\n\n1. one\n   - deeper\n\n~~~py\nx = 1  # why\n~~~\n"
    item = add("Described", description=text)
    page = open_board(f"item/{item['id']}")
    shown = page.locator(".text").first
    expect(shown.locator("table td code")).to_have_text("x")
    expect(shown.locator("td.right")).to_have_text("1")
    expect(shown.locator("hr")).to_have_count(1)
    expect(shown.locator("ol ul li")).to_have_text("deeper")
    expect(shown.locator("pre .code-comment")).to_have_text("# why")
