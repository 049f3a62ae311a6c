"""What a person sees is of the project, the filters and the day that he thinks it is."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect
from tests.workflow_server.doors.web import Web

from .conftest import VIEWS, Opened

Add = Callable[..., dict[str, Any]]


def many(web: Web, number: int, **fields: Any) -> None:
    for start in range(0, number, 200):
        items = [{"title": f"Item {at}", **fields} for at in range(start, min(start + 200, number))]
        assert web.ask("POST", "/mcp/work_items/batch", {"items": items}).status_code == 201


def test_back_and_forward_go_through_projects_as_through_views(
    web: Web, add: Add, open_board: Opened
) -> None:
    add("Here")
    web.ask("POST", "/mcp/projects", {"name": "other"})
    web.ask("POST", "/mcp/work_items?project=other", {"title": "There"})
    page = open_board()
    page.get_by_role("link", name="Tree").click()
    page.get_by_label("Project").select_option("other")
    expect(page.locator(".tree")).to_contain_text("There")
    page.get_by_role("link", name="Board", exact=True).click()
    expect(page.locator(".card")).to_contain_text("There")
    page.go_back()
    expect(page.locator(".tree")).to_contain_text("There")
    page.go_back()
    expect(page.locator(".tree")).to_contain_text("Here")
    expect(page.get_by_label("Project")).to_have_value("tests")
    page.get_by_role("button", name="New item").click()
    page.get_by_label("Title").fill("Into what is shown")
    page.get_by_role("button", name="Create").click()
    expect(page.locator(".tree")).to_contain_text("Into what is shown")
    assert web.ask("GET", "/mcp/work_items?project=tests").json()["total_count"] == 2
    page.go_forward()
    expect(page.locator(".tree")).to_contain_text("There")
    expect(page.get_by_label("Project")).to_have_value("other")


def test_every_item_that_can_be_started_is_marked_so(web: Web, add: Add, open_board: Opened) -> None:
    many(web, 450)
    last = add("The last of them", priority=4)
    add("Must wait", blocked_by=[last["id"]], priority=0)
    page = open_board()
    expect(page.locator(".counted")).to_have_text("452 items")
    page.get_by_label("Search").fill("the last")
    expect(page.locator(".card")).to_have_count(1)
    expect(page.locator(".card .ready")).to_have_count(1)
    page.get_by_label("Search").fill("must wait")
    expect(page.locator(".card")).to_contain_text("Must wait")
    expect(page.locator(".card .ready")).to_have_count(0)
    web.ask("PATCH", f"/mcp/work_items/{last['id']}", {"status": "completed"})
    expect(page.locator(".card .ready")).to_have_count(1)


def test_a_search_while_pages_are_still_read_is_answered_and_refused_by_nobody(
    web: Web, add: Add, open_board: Opened
) -> None:
    many(web, 600)
    add("Needle")
    page = open_board()

    def slowly(route: Any) -> None:
        page.wait_for_timeout(150)
        route.continue_()

    refused: list[str] = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
    page.route("**/mcp/work_items?*", slowly)
    page.reload()
    page.wait_for_selector(".card")
    # typed in between two pages
    page.evaluate(
        """() => {
            const search = document.querySelector('input[type=search]');
            search.value = 'needle';
            search.dispatchEvent(new Event('input', { bubbles: true }));
        }"""
    )
    expect(page.locator(".card")).to_have_count(1)
    expect(page.locator(".counted")).to_have_text("1 item")
    assert refused == []
    assert page.locator(".notice").count() == 0


def test_views_of_the_whole_project_say_that_filters_do_not_choose_in_them(
    add: Add, open_board: Opened
) -> None:
    add("One", labels=["wood"])
    add("Other")
    page = open_board()
    page.get_by_label("Filter by label").fill("wood")
    expect(page.locator(".card")).to_have_count(1)
    for view in ("Timeline", "Statistics"):
        page.get_by_role("link", name=view).click()
        expect(page.get_by_role("note")).to_contain_text("the whole project")
        expect(page.locator(".counted")).to_be_hidden()
    page.get_by_role("link", name="Timeline").click()
    expect(page.locator(".events")).to_contain_text("Other")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".whole")).to_be_hidden()


def test_a_deleted_item_is_restored_on_its_page(web: Web, add: Add, open_board: Opened) -> None:
    goal = add("Goal", item_type="project")
    part = add("Part", parent_id=goal["id"])
    web.ask("DELETE", f"/mcp/work_items/{goal['id']}")
    page = open_board(f"item/{goal['id']}")
    expect(page.locator("h1")).to_have_text("Goal")
    expect(page.get_by_role("note")).to_contain_text("Deleted")
    for name in ("Claim", "Delete", "New item below"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    expect(page.locator('[data-field="status"]')).to_be_disabled()
    expect(page.get_by_label("New note")).to_be_disabled()
    # its texts are read as any other's
    assert page.locator(".halves").evaluate("part => getComputedStyle(part).opacity") == "1"
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("button", name="Delete")).to_be_visible()
    expect(page.locator('[data-field="status"]')).to_be_enabled()
    page.get_by_role("link", name="Board", exact=True).click()
    expect(page.locator(".card", has_text="Part")).to_be_visible()
    assert web.ask("GET", f"/mcp/work_items/{part['id']}").json()["deleted_at"] is None


def test_a_new_item_is_put_below_another_by_its_title(web: Web, add: Add, open_board: Opened) -> None:
    goal = add("Repair the gate", item_type="project")
    page = open_board()
    page.get_by_role("button", name="New item", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Title").fill("Oil the hinges")
    parent = dialog.get_by_label("Part of")
    parent.fill("no such thing")
    parent.press("Enter")
    expect(dialog).to_contain_text("no item's id or title")
    parent.fill("")
    parent.press_sequentially("repair the")
    expect(dialog.locator("datalist option")).to_have_count(1)
    parent.fill("Repair the gate")
    parent.press("Enter")
    expect(dialog.locator(".chip")).to_contain_text("Repair the gate")
    dialog.get_by_label("Labels").fill("wood, iron")
    dialog.get_by_role("button", name="Create").click()
    expect(page.locator(".notice")).to_contain_text("Oil the hinges")
    (made,) = web.ask("GET", f"/mcp/work_items?parent_id={goal['id']}").json()["items"]
    assert (made["title"], made["labels"]) == ("Oil the hinges", ["wood", "iron"])
    page.get_by_role("link", name="Repair the gate").click()
    page.get_by_role("button", name="New item below").click()
    expect(dialog.locator(".chip")).to_contain_text("Repair the gate")


def test_a_due_time_is_told_by_the_readers_day_and_overdue_in_words(
    web: Web, add: Add, open_board: Opened
) -> None:
    """2126-12-24T23:30 in Los Angeles is the next day in UTC."""
    timed = add("By Christmas Eve", due="2126-12-24T23:30:00-08:00")
    day = add("By a day", due="2126-12-24")
    yesterday = dt.datetime.now(dt.UTC) - dt.timedelta(days=3)
    late = add("Too late", due=yesterday.date().isoformat())
    page = open_board(timezone_id="America/Los_Angeles", locale="en-GB")
    for item in (timed, day):
        facts = page.locator(f'.card[data-id="{item["id"]}"] .facts')
        expect(facts).to_contain_text("due 2126-12-24")
        expect(facts).not_to_contain_text("overdue")
    expect(page.locator(f'.card[data-id="{late["id"]}"] .facts')).to_contain_text("overdue")
    page.goto(f"{web.url}/?project=tests#/item/{timed['id']}")
    field = page.get_by_label("Due", exact=True)
    expect(field).to_have_value("2126-12-24")
    expect(page.locator(".facts-form")).to_contain_text("Due at 23:30")
    field.fill("2126-12-31")
    field.press("Enter")
    expect(page.locator(".path")).to_contain_text("version 2")
    stored = web.ask("GET", f"/mcp/work_items/{timed['id']}").json()["due"]
    assert stored.startswith("2127-01-01T07:30"), "another day, the same hour"


def test_every_view_has_one_main_heading_and_a_title_of_its_own(
    web: Web, add: Add, open_board: Opened
) -> None:
    item = add("An item")
    page = open_board()
    titles = set()
    for view in (*VIEWS, "help", f"item/{item['id']}"):
        page.goto(f"{web.url}/?project=tests#/{view}")
        expect(page.locator("h1")).to_have_count(1)
        titles.add(page.title())
    assert len(titles) >= len(VIEWS)


def test_tab_goes_from_column_to_column_and_arrows_within_one(web: Web, add: Add, open_board: Opened) -> None:
    many(web, 80)
    active = add("Under way", status="active")
    page = open_board()
    expect(page.locator(".counted")).to_have_text("81 items")
    first = page.locator(".column.planned .card a").first
    first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".column.planned .card a").nth(1)).to_be_focused()
    page.keyboard.press("End")
    expect(first).not_to_be_focused()
    page.keyboard.press("Home")
    expect(first).to_be_focused()
    for _ in range(2):  # the button that adds to the column, then its card
        page.keyboard.press("Tab")
    expect(page.locator(f'.card[data-id="{active["id"]}"] a')).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(first).to_be_focused()


def test_texts_of_either_direction_stand_as_they_are_written(web: Web, open_board: Opened) -> None:
    title = "مرحبا بالعالم (parser)"
    fields = {"title": title, "description": f"{title}\n\n- {title}", "acceptance_criteria": [title]}
    item = web.ask("POST", "/mcp/work_items", fields).json()
    page = open_board()
    direction = "element => getComputedStyle(element).direction"
    assert page.locator(".card .title").evaluate(direction) == "rtl"
    page.goto(f"{web.url}/?project=tests#/item/{item['id']}")
    page.wait_for_selector(".item h1")
    for selector in (".item h1", ".text p", ".text li", ".criteria li span"):
        assert page.locator(selector).first.evaluate(direction) == "rtl", selector
    page.goto(f"{web.url}/?project=tests#/timeline")
    page.wait_for_selector(".event a")
    assert page.locator(".event a").first.evaluate(direction) == "rtl"


def test_a_search_takes_an_id_and_signs_and_half_a_filter_troubles_nobody(
    web: Web, add: Add, open_board: Opened
) -> None:
    rocket, other = add("Launch the 🚀 (today)"), add("Wait", item_type="research")
    page = open_board()
    expect(page.locator(".card")).to_have_count(2)
    search = page.get_by_label("Search")
    for text in ("🚀", "(", rocket["id"], f" {rocket['id']} "):
        search.fill(text)
        expect(page.locator(".card")).to_have_count(1)
        expect(page.locator(".card")).to_contain_text("Launch")
        search.fill("")
        expect(page.locator(".card")).to_have_count(2)
    search.fill("wi_aaaaaaa")
    expect(page.locator(".nothing")).to_contain_text("Nothing matches")
    search.fill("")
    page.get_by_role("button", name="More filters").click()
    page.get_by_label("Filter by part of").press_sequentially("wi_ab", delay=30)
    page.get_by_label("Filter by type").select_option("research")
    expect(page.locator(".card")).to_have_count(1)
    expect(page.locator(f'.card[data-id="{other["id"]}"]')).to_be_visible()
    assert page.locator(".notice").count() == 0


def test_of_a_reading_that_failed_one_error_is_told_until_one_succeeds(add: Add, open_board: Opened) -> None:
    add("One")
    page = open_board()
    page.get_by_label("Filter by path").fill("src/[")
    page.route("**/mcp/work_items?*", lambda route: route.abort())
    for text in ("o", "on", "one"):
        page.get_by_label("Search").fill(text)
        page.wait_for_timeout(300)
    expect(page.locator(".notice.error")).to_have_count(1)
    page.unroute("**/mcp/work_items?*")
    page.get_by_label("Filter by path").fill("")
    expect(page.locator(".card")).to_have_count(1)
    expect(page.locator(".notice.error")).to_have_count(0)


def test_a_status_is_told_by_its_shape_and_what_is_late_in_words(
    web: Web, add: Add, open_board: Opened
) -> None:
    """Who does not see colours sees what the dots of the tree say."""
    for status in ("planned", "active", "blocked"):
        reason = {"status_reason": "for now"} if status == "blocked" else {}
        add(status, status=status, due="2020-01-01", **reason)
    done = add("completed")
    web.ask("PATCH", f"/mcp/work_items/{done['id']}", {"status": "completed"})
    page = open_board("tree")
    expect(page.locator(".tree .dot")).to_have_count(4)
    shapes = page.locator(".tree .dot").evaluate_all(
        """dots => dots.map((dot) => {
            const { backgroundColor, borderRadius, borderTopWidth } = getComputedStyle(dot);
            return [backgroundColor === 'rgba(0, 0, 0, 0)', borderRadius, borderTopWidth].join();
        })"""
    )
    assert len(set(shapes)) == 4
    expect(page.locator(".tree .late")).to_have_count(3)
    expect(page.locator(".tree .late").first).to_contain_text("overdue")


def test_what_others_do_to_an_item_is_not_waited_for_behind_everything_that_can_be_started(
    web: Web, add: Add, open_board: Opened
) -> None:
    many(web, 450)
    item = add("Looked at")
    page = open_board(f"item/{item['id']}")
    expect(page.locator(".counted")).to_have_text("451 items")
    ready: list[Any] = []

    def never(route: Any) -> None:
        ready.append(route)

    page.route("**/mcp/work_items?*view=ready*", never)
    page.get_by_label("New note").scroll_into_view_if_needed()
    web.ask("DELETE", f"/mcp/work_items/{item['id']}")
    expect(page.get_by_role("button", name="Restore")).to_be_in_viewport()
    page.unroute("**/mcp/work_items?*view=ready*")
    for held in ready:
        held.abort()


def test_filters_stand_in_the_address_and_back_takes_them_back(
    web: Web, add: Add, open_board: Opened, keep: Callable[[Any, str], None]
) -> None:
    add("Mend the gate", labels=["red"])
    add("Paint the gate", labels=["blue"], status="active")
    add("Sweep the yard", labels=["red"])
    page = open_board()
    search = page.get_by_label("Search")
    search.press_sequentially("gate", delay=250)  # slower than the pause, so that each letter is searched for
    expect(page.locator(".card")).to_have_count(2)
    assert "text=gate" in page.url
    page.get_by_label("Filter by status").select_option("active")
    expect(page.locator(".card")).to_have_count(1)
    assert page.url.endswith("?project=tests&text=gate&status=active#/board")
    shared = page.url
    page.go_back()
    expect(page.locator(".card")).to_have_count(2)
    expect(page.get_by_label("Filter by status")).to_have_value("")
    page.go_back()  # all letters were one step
    expect(page.locator(".card")).to_have_count(3)
    expect(search).to_have_value("")
    page.go_forward()
    expect(page.locator(".card")).to_have_count(2)
    expect(search).to_have_value("gate")
    page.goto(shared)
    page.reload()
    expect(page.locator(".card")).to_have_count(1)
    expect(search).to_have_value("gate")
    expect(page.get_by_role("button", name="More filters (1 set)")).to_be_attached()
    keep(page, "filters-in-the-address")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".card")).to_have_count(3)
    assert page.url.endswith("?project=tests#/board")
    page.get_by_role("link", name="Timeline").click()
    search.fill("yard")
    expect(page.locator(".card")).to_have_count(1)
    page.go_back()  # a filter that led to the board is one step with it
    expect(page.locator(".timeline")).to_be_visible()
    expect(search).to_have_value("")


def test_going_on_while_typing_loses_no_letter(web: Web, add: Add, open_board: Opened) -> None:
    add("Mend the gate")
    page = open_board()
    page.get_by_label("Search").fill("gate")
    page.evaluate("location.hash = '#/tree'")
    expect(page.locator(".tree")).to_contain_text("Mend the gate")
    expect(page.get_by_label("Search")).to_have_value("gate")
    page.wait_for_url(re.compile("text=gate"))


def test_why_an_item_waits_names_others_by_title_and_leads_to_them(
    web: Web, add: Add, open_board: Opened, keep: Callable[[Any, str], None]
) -> None:
    first = add("Don't begin 'before' this")
    parent = add("All of it", blocked_by=[first["id"]])
    add("A part", parent_id=parent["id"])
    page = open_board(f"item/{parent['id']}", viewport={"width": 390, "height": 800})
    why = page.locator(".why li")
    expect(why).to_have_text(
        ["it waits for Don't begin 'before' this (planned)", "it has 1 open child: A part"]
    )
    why.first.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Don't begin 'before' this")
    page.go_back()
    expect(why).to_have_count(2)
    keep(page, "why-it-waits")


def test_the_dependencies_say_that_parents_wait_too(
    web: Web, add: Add, open_board: Opened, keep: Callable[[Any, str], None]
) -> None:
    parent = add("All of it")
    first = add("First", parent_id=parent["id"])
    add("Second", parent_id=parent["id"], blocked_by=[first["id"]])
    page = open_board("graph")
    told = page.locator(".graph .told")
    expect(told).to_contain_text(
        "An item that waits only for what is below it is not drawn; the tree shows it."
    )
    keep(page, "graph-without-parents")
    add("Also below", parent_id=first["id"])
    expect(page.locator(".graph .node")).to_have_count(2)
    other = add("Another")
    add("Below another", parent_id=other["id"])
    expect(told).to_contain_text("2 items that wait only for what is below them are not drawn")


def test_a_change_of_many_items_is_one_entry_that_says_what_was_changed(
    web: Web, add: Add, open_board: Opened, keep: Callable[[Any, str], None]
) -> None:
    ids = [add(f"Item {number}")["id"] for number in range(5)]
    answer = web.ask("PATCH", "/mcp/work_items", {"ids": ids, "priority": 0, "add_labels": ["soon"]})
    assert answer.status_code == 200, answer.text
    page = open_board("timeline")
    entry = page.locator(".events li.event").first
    expect(entry).to_contain_text("changed 5 items")
    expect(entry.locator("dl").first).to_have_text("priority2 → 0labels– → soon")
    keep(page, "a-change-of-many")
