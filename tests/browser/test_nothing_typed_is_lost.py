"""What a person has typed or chosen is stored, or it is said that it is not and stands there to be sent."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page, expect
from tests.workflow_server.doors.web import Web, serving

from .conftest import Opened

Add = Callable[..., dict[str, Any]]


def stop(page: Page, web: Web) -> None:
    """Kill the server, and wait until the page has seen it."""
    web.process.send_signal(signal.SIGKILL)
    web.process.wait(timeout=60)
    expect(page.locator(".live")).to_have_text("not connected")


@contextmanager
def again(page: Page, web: Web) -> Iterator[Web]:
    """Start the server anew where it was, and wait until the page has seen it."""
    with serving(web.folder, "--port", web.url.rsplit(":", 1)[1]) as other:
        expect(page.locator(".live")).to_have_text("live")
        yield other


def read(web: Web, item: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = web.ask("GET", f"/mcp/work_items/{item['id']}").json()
    return found


def test_a_fact_changed_while_the_server_is_away_is_told_as_not_saved_and_tried_again(
    web: Web, add: Add, open_board: Opened, keep: Callable[[Page, str], None]
) -> None:
    item = add("Changed in a tunnel", labels=["one"])
    page = open_board(f"item/{item['id']}")
    priority, labels = page.locator('[data-field="priority"]'), page.get_by_label("Labels", exact=True)
    told = page.locator(".unsaved")
    stop(page, web)
    priority.select_option("0")
    expect(told).to_contain_text("Changed in a tunnel: priority 0 – most urgent")
    # what is not stored does not look as if it were
    expect(priority).to_have_value("2")
    labels.fill("one, two words")
    labels.press("Enter")
    expect(told).to_contain_text("labels “one”, “two words”")
    keep(page, "not-saved")
    page.get_by_role("link", name="Tree").click()
    expect(told).to_be_visible()
    told.get_by_role("button", name="Try again").click()
    expect(page.locator("#spoken")).to_have_text("Still not saved")
    expect(told.locator("li")).to_have_count(2)
    with again(page, web) as other:
        told.get_by_role("button", name="Try again").click()
        expect(told).to_be_hidden()
        stored = read(other, item)
        assert (stored["priority"], stored["labels"]) == (0, ["one", "two words"])
        page.go_back()
        expect(priority).to_have_value("0")


def test_what_somebody_else_set_meanwhile_is_not_overwritten_by_trying_again(
    web: Web, add: Add, open_board: Opened
) -> None:
    item = add("Both", assignee="ann")
    page = open_board(f"item/{item['id']}")
    stop(page, web)
    page.get_by_label("Assignee", exact=True).fill("bo")
    page.keyboard.press("Enter")
    expect(page.locator(".unsaved")).to_contain_text("assignee “bo”")
    with again(page, web) as other:
        other.ask("PATCH", f"/mcp/work_items/{item['id']}", {"assignee": "chidi"})
        page.get_by_role("button", name="Try again").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("chidi")
        dialog.get_by_role("button", name="Keep theirs").click()
        expect(page.locator(".unsaved")).to_be_hidden()
        assert read(other, item)["assignee"] == "chidi"


def test_a_card_moved_while_the_server_is_away_goes_back_and_can_be_moved_again(
    web: Web, add: Add, open_board: Opened
) -> None:
    item = add("Carried")
    page = open_board()
    stop(page, web)
    page.locator(".card a").focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator(".unsaved")).to_contain_text("Carried: status active")
    expect(page.locator(".column.planned .card")).to_have_count(1)
    with again(page, web) as other:
        page.get_by_role("button", name="Try again").click()
        expect(page.locator(".column.active .card")).to_have_count(1)
        assert read(other, item)["status"] == "active"


def test_a_note_and_a_description_stay_in_their_fields_and_are_sent_again(
    web: Web, add: Add, open_board: Opened
) -> None:
    item = add("Described", description="Old")
    page = open_board(f"item/{item['id']}")
    stop(page, web)
    page.get_by_label("New note").fill("Thought of on the way.")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".notice.error")).to_contain_text("Not saved: The server does not answer")
    expect(page.get_by_label("New note")).to_have_value("Thought of on the way.")
    page.get_by_role("button", name="Edit the description").click()
    page.get_by_label("Description, Markdown").fill("New")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Description, Markdown")).to_have_value("New")
    with again(page, web) as other:
        page.locator(".notice.error").get_by_role("button", name="Try again").click()
        expect(page.locator(".text").first).to_have_text("New")
        page.get_by_role("button", name="Add note").click()
        expect(page.locator(".notes article")).to_contain_text("Thought of on the way.")
        assert read(other, item)["description"] == "New"
        assert len(read(other, item)["notes"]) == 1


def test_a_note_whose_answer_was_lost_is_not_stored_twice(web: Web, add: Add, open_board: Opened) -> None:
    item = add("Noted")
    page = open_board(f"item/{item['id']}")

    def lose_the_answer(route: Any) -> None:
        if route.request.method == "PATCH":
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/mcp/work_items/*", lose_the_answer)
    page.get_by_label("New note").fill("Once.")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".notice.error")).to_contain_text("Not saved")
    page.unroute("**/mcp/work_items/*")
    page.locator(".notice.error").get_by_role("button", name="Try again").click()
    expect(page.get_by_label("New note")).to_have_value("")
    expect(page.locator(".notes article")).to_have_count(1)
    assert len(read(web, item)["notes"]) == 1


def test_a_new_items_text_outlives_escape_a_reload_and_a_refusal(web: Web, open_board: Opened) -> None:
    page = open_board()
    new, dialog = page.get_by_role("button", name="New item", exact=True), page.get_by_role("dialog")
    new.click()
    dialog.get_by_label("Title").fill("Half a thought")
    dialog.get_by_label("Description").fill("that took a while")
    page.keyboard.press("Escape")
    expect(page.locator(".notice")).to_contain_text("is kept")
    page.reload()
    page.wait_for_selector(".live.is-live")
    new.click()
    expect(dialog.get_by_label("Title")).to_have_value("Half a thought")
    expect(dialog.get_by_label("Description")).to_have_value("that took a while")
    dialog.get_by_label("Type").fill("no such type")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_role("alert").last).to_contain_text("no such type")
    expect(dialog.get_by_label("Title")).to_have_value("Half a thought")
    dialog.get_by_label("Type").fill("task")
    dialog.get_by_role("button", name="Create").click()
    expect(page.locator(".card")).to_contain_text("Half a thought")
    new.click()
    expect(dialog.get_by_label("Title")).to_have_value("")
    dialog.get_by_label("Title").fill("Not wanted")
    dialog.get_by_role("button", name="Cancel").click()
    new.click()
    dialog.get_by_role("button", name="Start afresh").click()
    expect(dialog.get_by_label("Title")).to_have_value("")


def test_a_new_item_is_made_once_the_server_is_back(web: Web, open_board: Opened) -> None:
    page = open_board()
    stop(page, web)
    page.get_by_role("button", name="New item", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Title").fill("Thought of meanwhile")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_role("alert").last).to_contain_text("does not answer")
    with again(page, web):
        dialog.get_by_role("button", name="Create").click()
        expect(page.locator(".card")).to_contain_text("Thought of meanwhile")


def test_an_edit_given_up_and_a_note_not_sent_are_there_when_one_comes_back(
    web: Web, add: Add, open_board: Opened
) -> None:
    item = add("Edited", description="As it was")
    page = open_board(f"item/{item['id']}")
    text = page.get_by_label("Description, Markdown")
    page.get_by_label("New note").fill("To be sent later")
    page.get_by_role("button", name="Edit the description").click()
    text.fill("Three paragraphs")
    page.keyboard.press("Escape")
    expect(page.locator(".text").first).to_have_text("As it was")
    page.get_by_role("link", name="Board", exact=True).click()
    page.locator(".card a").click()
    expect(page.get_by_label("New note")).to_have_value("To be sent later")
    page.get_by_role("button", name="Edit the description").click()
    expect(text).to_have_value("Three paragraphs")
    page.get_by_role("button", name="Take the stored text").click()
    expect(text).to_have_value("As it was")


def test_metadata_that_is_no_json_stays_to_be_put_right(web: Web, add: Add, open_board: Opened) -> None:
    item = add("Measured", metadata={"size": 3})
    page = open_board(f"item/{item['id']}")
    page.get_by_role("button", name="Edit the metadata").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill('{"size": 5')
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("not JSON")
    dialog.get_by_role("textbox").fill('{"size": 5}')
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator(".metadata dd")).to_have_text("5")
    assert read(web, item)["metadata"] == {"size": 5}


def test_a_refused_fact_stays_in_its_field(web: Web, add: Add, open_board: Opened) -> None:
    item = add("Labelled")
    page = open_board(f"item/{item['id']}")
    labels = page.get_by_label("Labels", exact=True)
    labels.fill("good, " + "x" * 500)
    labels.press("Enter")
    expect(page.locator(".notice.error")).to_be_visible()
    expect(labels).to_have_value("good, " + "x" * 500)
    labels.fill("good")
    labels.press("Enter")
    expect(page.locator(".path")).to_contain_text("version 2")
    assert read(web, item)["labels"] == ["good"]


def test_a_change_that_waits_for_its_answer_does_not_look_stored(
    web: Web, add: Add, open_board: Opened
) -> None:
    item = add("Waiting")
    page = open_board(f"item/{item['id']}")
    web.process.send_signal(signal.SIGSTOP)
    try:
        page.locator('[data-field="priority"]').select_option("0")
        expect(page.locator(".live")).to_have_text("saving…")
    finally:
        web.process.send_signal(signal.SIGCONT)
    expect(page.locator(".live")).to_have_text("live")
    assert read(web, item)["priority"] == 0


def test_what_was_said_of_the_servers_absence_goes_when_it_is_back(
    web: Web, add: Add, open_board: Opened
) -> None:
    item = add("There again")
    page = open_board(f"item/{item['id']}")
    stop(page, web)
    page.get_by_label("New note").fill("Later.")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".notice.error")).to_have_count(1)
    with again(page, web):
        page.get_by_role("button", name="Add note").click()
        expect(page.locator(".notes article")).to_have_count(1)
        expect(page.locator(".notice.error")).to_have_count(0)


def test_a_view_opened_while_the_server_is_away_is_read_when_it_is_back(
    web: Web, add: Add, open_board: Opened
) -> None:
    add("Made before")
    page = open_board()
    stop(page, web)
    page.get_by_role("link", name="Timeline").click()
    expect(page.locator(".notice.error")).to_have_count(1)
    expect(page.get_by_role("button", name="Older")).to_be_hidden()
    with again(page, web):
        expect(page.locator(".event")).to_contain_text("Made before")
        expect(page.locator(".notice.error")).to_have_count(0)


def test_a_conflict_is_told_in_words_and_the_keyboard_stays_where_it_was(
    web: Web, add: Add, open_board: Opened
) -> None:
    item = add("Shared", labels=["one"])
    page = open_board(f"item/{item['id']}")
    page.get_by_role("button", name="Edit the title").click()
    page.get_by_label("Title", exact=True).fill("Mine")
    web.ask("PATCH", f"/mcp/work_items/{item['id']}", {"title": "Theirs"})
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Since you opened it")
    for strange in (item["id"], "version", "ev_"):
        expect(dialog).not_to_contain_text(strange)
    dialog.get_by_role("button", name="Use mine").click()
    expect(page.locator("h1")).to_have_text("Mine")
    expect(page.get_by_role("button", name="Edit the title")).to_be_focused()
    page.get_by_role("button", name="Delete").focus()
    web.ask("PATCH", f"/mcp/work_items/{item['id']}", {"priority": 0})
    expect(page.locator('[data-field="priority"]')).to_have_value("0")
    assert page.evaluate("document.activeElement.id") == "main"
