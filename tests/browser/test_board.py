"""What a person does on the board, in a real browser: every flow, by mouse, touch and keyboard."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect
from tests.workflow_server.doors.web import Web, serving

from .conftest import VIEWS, Opened

Add = Callable[..., dict[str, Any]]
Keep = Callable[[Any, str], None]


def status_of(web: Web, item: dict[str, Any]) -> str:
    status: str = web.ask("GET", f"/mcp/work_items/{item['id']}").json()["status"]
    return status


def card(page: Page, item: dict[str, Any], status: str = "") -> Any:
    column = f".column.{status} " if status else ""
    return page.locator(f'{column}.card[data-id="{item["id"]}"]')


def middle(page: Page, selector: str) -> tuple[float, float]:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + min(box["height"] / 2, 120)


def pick_up(page: Page, item: dict[str, Any], status: str) -> None:
    """Press on the card and carry it over the column, without letting go."""
    # cards that come into view take their real height a few frames later, and those below them move
    card(page, item).scroll_into_view_if_needed()
    card(page, item).hover()  # waits until the card is at rest
    page.mouse.down()
    page.mouse.move(*middle(page, f".column.{status}"), steps=8)
    expect(page.locator(".card.held")).to_have_attribute("data-id", item["id"])


def drag(page: Page, item: dict[str, Any], status: str) -> None:
    pick_up(page, item, status)
    page.mouse.up()


def test_a_card_is_dragged_to_another_column_and_the_move_can_be_undone(
    web: Web, add: Add, open_board: Opened, keep: Keep
) -> None:
    item = add("Move me")
    add("Stay here", priority=0)
    page = open_board()
    drag(page, item, "active")
    expect(card(page, item, "active")).to_be_visible()
    page.wait_for_selector(".notice")
    assert status_of(web, item) == "active"
    keep(page, "board")
    page.get_by_role("button", name="Undo").click()
    expect(card(page, item, "planned")).to_be_visible()
    assert status_of(web, item) == "planned"
    assert "#/item" not in page.url, "a drag must not open the item"


def test_a_finger_that_rests_on_a_card_drags_it(web: Web, add: Add, open_board: Opened) -> None:
    item = add("By touch")
    page = open_board(has_touch=True)
    touch = page.context.new_cdp_session(page)
    x, y = middle(page, f'.card[data-id="{item["id"]}"]')
    to_x, to_y = middle(page, ".column.active")

    def send(kind: str, *points: dict[str, float]) -> None:
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    send("touchStart", {"x": x, "y": y})
    page.wait_for_selector(".ghost")
    for share in (0.3, 0.6, 1.0):
        send("touchMove", {"x": x + (to_x - x) * share, "y": y + (to_y - y) * share})
    page.wait_for_selector(".column.active.over")
    send("touchEnd")
    expect(card(page, item, "active")).to_be_visible()
    page.wait_for_selector(".notice")
    assert status_of(web, item) == "active"


def test_a_card_moves_by_keyboard_and_keeps_the_focus(web: Web, add: Add, open_board: Opened) -> None:
    item = add("By keys")
    page = open_board()
    card(page, item).locator("a").focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(card(page, item, "active")).to_be_visible()
    page.wait_for_selector(".notice")
    expect(page.locator(f'.card[data-id="{item["id"]}"]:focus-within')).to_be_attached()
    assert status_of(web, item) == "active"
    assert "active" in page.locator("#spoken").inner_text()


def test_escape_drops_a_card_where_it_was(web: Web, add: Add, open_board: Opened) -> None:
    item = add("Not now")
    page = open_board()
    pick_up(page, item, "completed")
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(page.locator(".ghost")).to_have_count(0)
    assert status_of(web, item) == "planned"


def test_completing_what_is_open_asks_for_a_reason(
    web: Web, add: Add, open_board: Opened, keep: Keep
) -> None:
    item = add("Half done", acceptance_criteria=["it is shown"])
    page = open_board()
    drag(page, item, "completed")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("it is shown")
    keep(page, "gate")
    dialog.get_by_role("button", name="Cancel").click()
    expect(card(page, item, "planned")).to_be_visible()
    assert status_of(web, item) == "planned"
    drag(page, item, "completed")
    dialog.get_by_label("Complete it anyway").fill("shown elsewhere")
    dialog.get_by_role("button", name="Complete anyway").click()
    expect(card(page, item, "completed")).to_be_visible()
    assert status_of(web, item) == "completed"


def test_a_change_by_an_agent_shows_in_every_window_without_a_reload(
    web: Web, add: Add, open_board: Opened
) -> None:
    item = add("Watched")
    first, second = open_board(), open_board()
    for page in (first, second):
        expect(card(page, item, "planned")).to_be_visible()
    web.ask("PATCH", f"/mcp/work_items/{item['id']}", {"status": "active", "title": "Watched closely"})
    fresh = add("Brand new")
    for page in (first, second):
        expect(card(page, item, "active")).to_contain_text("Watched closely")
        expect(card(page, fresh)).to_be_visible()


def test_a_new_item_from_the_dialog(web: Web, open_board: Opened) -> None:
    page = open_board()
    page.get_by_role("button", name="New item").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Title").fill("Made by hand")
    dialog.get_by_label("Description").fill("With **care**")
    dialog.get_by_label("Priority").select_option("0")
    dialog.get_by_label("Code it is about").fill("src/a.py::f\nsrc/b.py:3")
    dialog.get_by_role("button", name="Create").click()
    expect(page.locator(".card", has_text="Made by hand")).to_be_visible()
    (row,) = web.ask("GET", "/mcp/work_items").json()["items"]
    item = web.ask("GET", f"/mcp/work_items/{row['id']}").json()
    assert (item["description"], item["priority"]) == ("With **care**", 0)
    assert item["entity_references"] == ["src/a.py::f", "src/b.py:3"]
    assert item["created_via"]["door"] == "board"


def test_the_item_page_edits_ticks_notes_and_takes_back(
    web: Web, add: Add, open_board: Opened, keep: Keep
) -> None:
    item = add("Whole", description="Old words", acceptance_criteria=["it reads well"])
    page = open_board(f"item/{item['id']}")
    page.get_by_role("button", name="Edit the description").click()
    page.get_by_label("Description, Markdown").fill("# New\n\n- [x] words\n\n`code`")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".text h3", has_text="New")).to_be_visible()
    page.get_by_label("it reads well").click()
    page.get_by_role("dialog").get_by_label("Evidence").fill("read aloud")
    page.get_by_role("dialog").get_by_role("button", name="Tick").click()
    expect(page.locator(".evidence")).to_have_text("read aloud")
    page.get_by_label("New note").fill("A *note*.")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".notes article em")).to_have_text("note")
    page.locator('[data-field="status"]').select_option("completed")
    expect(page.locator('[data-field="status"]')).to_have_value("completed")
    keep(page, "item")
    page.get_by_role("button", name="Undo last change").click()
    expect(page.locator('[data-field="status"]')).to_have_value("planned")
    page.get_by_text("History").click()
    expect(page.locator(".events li").first).to_contain_text("took back")
    stored = web.ask("GET", f"/mcp/work_items/{item['id']}").json()
    assert stored["acceptance_criteria"][0]["evidence"] == "read aloud"
    assert stored["description"].startswith("# New")


def test_two_people_who_edit_one_field_see_both_texts(
    web: Web, add: Add, open_board: Opened, keep: Keep
) -> None:
    item = add("Shared", description="First")
    page = open_board(f"item/{item['id']}")
    page.get_by_role("button", name="Edit the description").click()
    editor = page.get_by_label("Description, Markdown")
    editor.fill("Mine")
    web.ask("PATCH", f"/mcp/work_items/{item['id']}", {"description": "Theirs"})
    expect(page.locator(".notice")).to_contain_text("changed elsewhere")
    expect(editor).to_have_value("Mine")
    page.get_by_role("button", name="Save").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Theirs")
    expect(dialog).to_contain_text("Mine")
    keep(page, "conflict")
    dialog.get_by_role("button", name="Use mine").click()
    expect(page.locator(".text")).to_contain_text("Mine")
    assert web.ask("GET", f"/mcp/work_items/{item['id']}").json()["description"] == "Mine"


def test_search_and_filters_choose_what_is_shown(add: Add, open_board: Opened) -> None:
    wanted = add(
        "Find the needle", labels=["hay"], description="somewhere deep", entity_references=["src/hay.py::f"]
    )
    add("Something else")
    page = open_board()
    expect(page.locator(".card")).to_have_count(2)
    page.get_by_label("Search").fill("deep")
    expect(page.locator(".card")).to_have_count(1)
    expect(card(page, wanted)).to_be_visible()
    page.get_by_label("Search").fill("")
    expect(page.locator(".card")).to_have_count(2)
    page.get_by_label("Filter by label").fill("hay")
    expect(page.locator(".card")).to_have_count(1)
    page.get_by_label("Filter by label").fill("")
    page.get_by_label("Filter by path").fill("src/hay.py")
    expect(page.locator(".card")).to_have_count(1)
    page.locator("main").click()
    page.keyboard.press("/")
    expect(page.get_by_label("Search")).to_be_focused()


def test_tree_graph_timeline_and_figures(web: Web, add: Add, open_board: Opened, keep: Keep) -> None:
    top = add("Goal", item_type="project")
    first = add("First step", parent_id=top["id"])
    add("Second step", parent_id=top["id"], blocked_by=[first["id"]])
    page = open_board("tree")
    expect(page.locator(".tree .row").first).to_contain_text("Goal")
    expect(page.locator(".tree .row", has_text="Second step")).to_be_visible()
    keep(page, "tree")
    page.get_by_role("link", name="Dependencies").click()
    expect(page.locator("svg .node")).to_have_count(2)
    expect(page.locator("svg .node.is-ready")).to_contain_text("First step")
    expect(page.locator("svg .node.critical")).to_have_count(2)
    keep(page, "graph")
    page.get_by_role("link", name="Timeline").click()
    expect(page.locator(".event")).to_have_count(3)
    web.ask("PATCH", f"/mcp/work_items/{first['id']}", {"status": "active"})
    expect(page.locator(".event").first).to_contain_text("planned → active")
    keep(page, "timeline")
    page.get_by_role("link", name="Statistics").click()
    for name in ("Throughput", "Cycle time", "Cumulative flow", "Health of code references"):
        expect(page.locator("figure", has_text=name).locator("svg")).to_be_visible()
    flow = page.locator("figure", has_text="Cumulative flow").locator("tbody tr").last
    assert flow.locator("td").all_inner_texts() == ["0", "0", "0", "1", "2"]
    keep(page, "statistics")


def test_projects_are_switched_and_kept_in_the_address(web: Web, add: Add, open_board: Opened) -> None:
    item = add("Here")
    web.ask("POST", "/mcp/projects", {"name": "other"})
    web.ask("POST", "/mcp/work_items?project=other", {"title": "There"})
    page = open_board()
    expect(card(page, item)).to_be_visible()
    page.get_by_label("Project").select_option("other")
    expect(page.locator(".card", has_text="There")).to_be_visible()
    expect(card(page, item)).to_have_count(0)
    page.reload()
    expect(page.locator(".card", has_text="There")).to_be_visible()


def test_a_restart_of_the_server_is_told_and_survived(
    tmp_path: Path, web: Web, add: Add, open_board: Opened
) -> None:
    add("Before")
    page = open_board()
    port = web.url.rsplit(":", 1)[1]
    web.process.send_signal(signal.SIGTERM)
    web.process.wait(timeout=20)
    expect(page.locator(".live")).to_have_text("not connected")
    expect(page.get_by_role("alert")).to_contain_text("does not answer")
    with serving(tmp_path, "--port", port) as again:
        made = again.ask("POST", "/mcp/work_items", {"title": "Meanwhile"}).json()
        expect(page.locator(".live")).to_have_text("live", timeout=20_000)
        expect(page.get_by_role("alert")).to_have_count(0)
        expect(card(page, made)).to_be_visible()


def test_ten_thousand_items_do_not_become_ten_thousand_elements(web: Web, open_board: Opened) -> None:
    for start in range(0, 10_000, 200):
        items = [{"title": f"Item {number}"} for number in range(start, start + 200)]
        assert web.ask("POST", "/mcp/work_items/batch", {"items": items}).status_code == 201
    page = open_board()
    expect(page.locator(".counted")).to_have_text("10000 items", timeout=60_000)
    expect(page.locator(".column.planned .count")).to_have_text("10000")
    assert page.locator(".card").count() < 400
    page.locator(".column.planned .more").scroll_into_view_if_needed()
    expect(page.locator(".card").nth(100)).to_be_attached()


def test_on_a_phone_nothing_is_wider_than_the_screen(add: Add, open_board: Opened, keep: Keep) -> None:
    item = add("A long word: " + "w" * 150, description="`" + "c" * 300 + "`", labels=["l" * 40])
    page = open_board(viewport={"width": 360, "height": 740})
    for view in (*VIEWS, f"item/{item['id']}"):
        page.goto(page.url.split("#")[0] + f"#/{view}")
        page.wait_for_timeout(150)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, view
        keep(page, f"phone-{view.split('/')[0]}")


def test_every_column_can_be_dropped_on_however_far_one_has_scrolled(
    web: Web, add: Add, open_board: Opened
) -> None:
    web.ask("POST", "/mcp/work_items/batch", {"items": [{"title": f"Item {n}"} for n in range(80)]})
    last = add("The last", priority=4)
    page = open_board()
    expect(page.locator(".column.planned .count")).to_have_text("81")
    page.locator(".column.planned .cards").evaluate("e => e.scrollTo(0, e.scrollHeight)")
    expect(card(page, last)).to_be_attached()
    page.locator(".column.planned .cards").evaluate("e => e.scrollTo(0, e.scrollHeight)")
    drag(page, last, "active")
    expect(card(page, last, "active")).to_be_visible()
    page.wait_for_selector(".notice")
    assert status_of(web, last) == "active"


def test_the_filters_of_the_tool_are_those_of_the_board(add: Add, open_board: Opened) -> None:
    goal = add("Goal", item_type="project")
    part = add("Repair the login form", parent_id=goal["id"], metadata={"size": 3})
    like = add("Repair the login page", status="active")
    add("Something else")
    page = open_board()
    expect(page.locator(".card")).to_have_count(4)
    page.get_by_role("button", name="More filters").click()
    page.get_by_label("Filter by part of").fill(goal["id"])
    expect(page.locator(".card")).to_have_count(1)
    expect(card(page, part).locator(".crumb")).to_have_count(0)
    page.get_by_role("button", name="Clear").click()
    expect(card(page, part).locator(".crumb")).to_have_text("Goal")
    page.get_by_label("Filter by metadata").fill("size=3")
    expect(page.locator(".card")).to_have_count(1)
    page.get_by_role("button", name="Clear").click()
    page.get_by_label("Filter by status").select_option("active")
    expect(page.locator(".card")).to_have_count(1)
    page.get_by_role("button", name="Clear").click()
    card(page, part).locator("a").click()
    page.get_by_role("button", name="More like this").click()
    expect(card(page, like)).to_be_visible()
    expect(page.locator(".card", has_text="Something else")).to_have_count(0)


def test_a_filter_chosen_a_moment_ago_is_cleared_too_and_leads_nobody_away(
    add: Add, open_board: Opened
) -> None:
    part = add("Repair the login form")
    page = open_board()
    page.get_by_role("button", name="More filters").click()
    page.get_by_label("Filter by status").select_option("planned")
    expect(page.get_by_role("button", name="Clear")).to_be_visible()
    page.evaluate(
        """() => {
            const status = document.querySelector("select[name=status]");
            status.value = "active";
            status.dispatchEvent(new Event("change"));
            [...document.querySelectorAll("button")].find((one) => one.textContent === "Clear").click();
            document.querySelector(".card a").click();
        }"""
    )
    more = page.get_by_role("button", name="More like this")
    expect(more).to_be_visible()
    page.wait_for_timeout(600)  # longer than the pause after which a filter is taken
    expect(more).to_be_visible()
    page.get_by_role("link", name="Board", exact=True).click()
    expect(card(page, part)).to_be_visible()


def test_the_timeline_begins_with_the_newest_of_many(web: Web, open_board: Opened) -> None:
    for start in range(0, 600, 200):
        items = [{"title": f"Item {number}"} for number in range(start, start + 200)]
        plan = web.ask("POST", "/mcp/work_items/batch", {"items": items}).json()
    first = plan["items"][0]["id"]
    web.ask("PATCH", f"/mcp/work_items/{first}", {"status": "active"})
    page = open_board("timeline")
    expect(page.locator(".event").first).to_contain_text("planned → active")
    expect(page.locator(".event").nth(1)).to_contain_text("planned 200 items")
    page.get_by_role("button", name="Older").click()
    expect(page.locator(".event")).to_have_count(3)
    web.ask("PATCH", f"/mcp/work_items/{first}", {"note": "Seen."})
    expect(page.locator(".event").first).to_contain_text("Seen.")
    # what was read of older pages stays
    expect(page.locator(".event")).to_have_count(4)


LINES_BEHIND_BOXES = """() => {
    const boxes = [...document.querySelectorAll('.node')].map((node) => {
        const [x, y] = node.getAttribute('transform').match(/[\\d.]+/g).map(Number);
        const { width, height } = node.querySelector('rect').getBBox();
        return { left: x, right: x + width, top: y, bottom: y + height };
    });
    const hidden = (path) => {
        for (let at = 0; at < path.getTotalLength(); at += 12) {
            const { x, y } = path.getPointAtLength(at);
            const inside = (box) => box.left + 2 < x && x < box.right - 2 && box.top < y && y < box.bottom;
            if (boxes.some(inside)) return true;
        }
        return false;
    };
    return [...document.querySelectorAll('.edges path')].filter(hidden).length;
}"""


def test_a_line_that_passes_a_layer_runs_beside_its_boxes(
    web: Web, add: Add, open_board: Opened, keep: Keep
) -> None:
    """Behind the box it would look as if the item in the middle waited for the first."""
    prices = add("Round prices")
    stock = add("Reserve stock")
    language = add("Confirmations", blocked_by=[prices["id"]])
    add("Tell customers", blocked_by=[language["id"], stock["id"]])
    page = open_board("graph")
    expect(page.locator(".node")).to_have_count(4)
    assert page.locator(".edges path").count() == 3
    assert page.evaluate(LINES_BEHIND_BOXES) == 0
    keep(page, "graph-passing")


def test_five_hundred_dependent_items_can_be_read(web: Web, open_board: Opened, keep: Keep) -> None:
    ids: list[str] = []
    for layer in range(10):
        items = [
            {
                "title": f"Step {layer} {n} with a long title",
                "blocked_by": ids[-50:][n : n + 2] + ids[-150:-100][n : n + n % 5 // 4],
            }
            for n in range(50)
        ]
        ids += [
            item["id"] for item in web.ask("POST", "/mcp/work_items/batch", {"items": items}).json()["items"]
        ]
    page = open_board("graph")
    expect(page.locator(".node")).to_have_count(500)
    expect(page.locator(".node.critical")).to_have_count(10)
    expect(page.locator(".node.is-ready")).to_have_count(50)
    outside = page.evaluate(
        """() => [...document.querySelectorAll('.node')].filter((node) => {
            const box = node.querySelector('rect').getBBox();
            return [...node.querySelectorAll('text')].some((text) => text.getBBox().width + 15 > box.width);
        }).length"""
    )
    assert outside == 0, "titles end inside their boxes"
    assert page.evaluate(LINES_BEHIND_BOXES) == 0
    page.locator(f'.node[data-id="{ids[120]}"]').hover()
    lit = page.locator(".node.lit").count()
    assert 5 < lit < 200, "what it waits for and what waits for it stand out from the rest"
    keep(page, "graph-500")


def test_nothing_is_asked_of_any_other_place(web: Web, add: Add, open_board: Opened) -> None:
    item = add("Alone", description="![picture](https://example.org/a.png) https://example.org")
    page = open_board()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for view in (*VIEWS, f"item/{item['id']}"):
        page.goto(f"{web.url}/#/{view}")
        page.reload()
        page.wait_for_selector(".live.is-live")
    assert asked
    assert [url for url in asked if not url.startswith(web.url)] == []
    policy = web.ask("GET", "/").headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


def test_a_window_stays_with_its_project_when_the_server_is_started_anew_for_another(
    web: Web, add: Add, open_board: Opened
) -> None:
    item = add("Stay with me")
    page = open_board()
    expect(card(page, item)).to_be_visible()
    web.ask("POST", "/mcp/projects", {"name": "elsewhere"})
    page.wait_for_url("**/?project=tests#/board")
    web.process.send_signal(signal.SIGTERM)
    web.process.wait(timeout=60)
    port = web.url.rsplit(":", 1)[1]
    with serving(web.folder, "--port", port, WORKFLOW_PROJECT="elsewhere"):
        page.wait_for_selector(".live.is-live")
        page.keyboard.press("n")
        page.get_by_label("Title").fill("Into my own project")
        page.get_by_role("button", name="Create").click()
        expect(page.locator(".card", has_text="Into my own project")).to_be_visible()
        titles = [row["title"] for row in web.ask("GET", "/mcp/work_items?project=tests").json()["items"]]
        assert "Into my own project" in titles


def test_a_search_from_an_items_page_shows_what_it_finds_and_escape_leaves_it(
    web: Web, add: Add, open_board: Opened
) -> None:
    first, second = add("Mend the gate"), add("Paint the fence")
    page = open_board(f"item/{first['id']}")
    expect(page.locator("h1", has_text="Mend the gate")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("fence")
    expect(card(page, second)).to_be_visible()
    expect(card(page, first)).to_have_count(0)
    page.keyboard.type(" paint")  # the search keeps the focus while the page changes below it
    expect(page.get_by_role("searchbox")).to_have_value("fence paint")
    page.keyboard.press("Escape")
    expect(page.get_by_role("searchbox")).to_have_value("")
    expect(card(page, first)).to_be_visible()
    page.keyboard.press("4")
    page.wait_for_url("**#/timeline")
    expect(page.get_by_role("searchbox")).to_have_value("")


def test_what_is_around_an_item_is_named_by_its_title_also_while_a_filter_leaves_it_out(
    web: Web, add: Add, open_board: Opened
) -> None:
    first = add("Mend the gate", labels=["wood"])
    add("Paint the gate", blocked_by=[first["id"]])
    page = open_board("board")
    page.get_by_placeholder("label").fill("wood")
    expect(page.locator(".card")).to_have_count(1)
    late = add("Oil the gate", blocked_by=[first["id"]])
    page.goto(f"{web.url}/?project=tests#/item/{first['id']}")
    waiting = page.locator(".relations")
    expect(waiting).to_contain_text("Paint the gate")
    expect(waiting).to_contain_text("Oil the gate")
    expect(waiting).not_to_contain_text(late["id"])


def test_refusals_speak_of_what_the_board_has_and_go_with_escape_or_another_view(
    web: Web, add: Add, open_board: Opened, keep: Keep
) -> None:
    item = add("Unfinished", acceptance_criteria=["it holds"])
    page = open_board()
    tool_words = re.compile(r"criteria=|override_reason|work_item|`project`")

    drag(page, item, "completed")
    page.get_by_role("button", name="Cancel").click()
    told = page.locator(".notice.error")
    expect(told).to_contain_text("complete it anyway with a reason")
    assert not tool_words.search(told.inner_text())
    keep(page, "refusal")
    page.keyboard.press("Escape")
    expect(told).to_have_count(0)
    drag(page, item, "completed")
    page.get_by_role("button", name="Cancel").click()
    expect(told).to_be_visible()
    page.get_by_role("link", name="Timeline").click()
    expect(told).to_have_count(0)
    page.goto(f"{web.url}/#/item/wi_aaaaaaa")
    missing = page.locator("article.item")
    expect(missing).to_contain_text("search for it here")
    assert not tool_words.search(missing.inner_text())


def test_the_path_filter_finds_a_file_by_the_end_of_its_path(add: Add, open_board: Opened) -> None:
    found = [
        add(f"About {path}", entity_references=[path])
        for path in (
            "security.py",
            "src/shop/security.py::check",
            "src/shop/security.py:3",
            "src/security.py",
        )
    ]
    other = add("About another", entity_references=["src/insecurity.py"])
    page = open_board()
    expect(page.locator(".card")).to_have_count(5)
    page.get_by_placeholder("path").fill("security.py")
    expect(page.locator(".card")).to_have_count(len(found))
    expect(card(page, other)).to_have_count(0)
    page.get_by_placeholder("path").fill("shop/security.py")
    expect(page.locator(".card")).to_have_count(2)
    page.get_by_placeholder("path").fill("shop")
    expect(page.locator(".card")).to_have_count(2)
