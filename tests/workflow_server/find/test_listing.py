"""Lists: brief rows, true totals, pages that neither repeat nor lose under writes."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from tests.workflow_server.desk import Desk

from bridge.agreed.errors import TandemError
from workflow_server.find.listing import page


async def test_rows_are_brief_and_empty_fields_are_left_out(desk: Desk) -> None:
    await desk.create("Plain", description="long " * 100)
    (row,) = await desk.rows()
    assert set(row) == {"id", "title", "item_type", "status", "priority", "version", "updated_at"}


async def test_filters_combine(desk: Desk) -> None:
    parent = await desk.create("Parent", assignee="bo")
    child = await desk.create(
        "Child",
        parent_id=parent["id"],
        labels=["API", "x"],
        assignee="bo",
        item_type="research",
        status="active",
    )
    assert await desk.ids(label=["api"]) == [child["id"]]
    assert await desk.ids(label=["nope", "x"]) == [child["id"]]
    assert await desk.ids(parent_id=parent["id"]) == [child["id"]]
    assert await desk.ids(parent_id="none") == [parent["id"]]
    assert await desk.ids(assignee="none") == []
    assert await desk.ids(assignee="bo", status=["active"], item_type=["research"]) == [child["id"]]
    assert await desk.ids(assignee="bo", status=["completed", "planned"]) == [parent["id"]]


@pytest.mark.parametrize("sort", ["priority", "created", "updated", "due", "title"])
async def test_every_sort_pages_through_all_items_once(desk: Desk, sort: str) -> None:
    for number in range(23):
        desk.clock.pass_(seconds=number % 3)
        await desk.create(
            f"Item {number % 7}",
            priority=number % 5,
            due=f"2026-04-{number % 9 + 1:02}" if number % 4 else None,
        )
    seen: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        answer = await desk.page(sort=sort, limit=5, **cursor)
        assert answer["total_count"] == 23
        seen += [row["id"] for row in answer["items"]]
        if answer["next_cursor"] is None:
            break
        cursor = {"cursor": answer["next_cursor"]}
    assert len(seen) == len(set(seen)) == 23
    whole = [row["id"] for row in await desk.rows(sort=sort, limit=200)]
    assert seen == whole


@pytest.mark.parametrize("query", [{}, {"sort": "priority"}, {"text": "work"}])
async def test_pages_are_stable_under_writes(desk: Desk, query: dict[str, Any]) -> None:
    """Items made, deleted and edited between two pages shift nothing: those that stay are shown exactly
    once.
    """
    made = [(await desk.create(f"Work {number}"))["id"] for number in range(30)]
    seen: Counter[str] = Counter()
    cursor: dict[str, Any] = {}
    turn = 0
    while True:
        answer = await desk.page(limit=4, **query, **cursor)
        seen.update(row["id"] for row in answer["items"])
        if answer["next_cursor"] is None:
            break
        cursor = {"cursor": answer["next_cursor"]}
        turn += 1
        await desk.create(f"Work that came later {turn}", priority=turn % 5)
        await desk.service.delete_work_item(desk.call, made[turn])
        await desk.update(made[15], description=f"work again {turn}")
    assert max(seen.values()) == 1
    stayed = set(made) - set(made[1 : turn + 1])
    assert stayed <= seen.keys()


async def test_a_cursor_belongs_to_its_query(desk: Desk) -> None:
    for number in range(3):
        await desk.create(f"Item {number}")
    cursor = (await desk.page(limit=1))["next_cursor"]
    with pytest.raises(TandemError, match="other filters or another sort"):
        await desk.page(limit=1, cursor=cursor, status=["planned"])
    with pytest.raises(TandemError, match="no cursor"):
        await desk.page(cursor="abc")
    assert len((await desk.page(limit=2, cursor=cursor))["items"]) == 2


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"limit": 201}, "1 to 200"),
        ({"limit": 0}, "1 to 200"),
        ({"view": "done"}, "all, ready, blocked"),
        ({"status": ["done"]}, "planned, active"),
        ({"status": "active"}, "must be a list"),
        ({"item_type": ["taks"]}, "Did you mean `task`"),
        ({"parent_id": "wi_nothere"}, "not in this project"),
        ({"text": "...!"}, "no word"),
        ({"text": "a", "similar_to": "b"}, "cannot be combined"),
        ({"lable": ["x"]}, "Did you mean `label`"),
        ({"sort": "size"}, "relevance, priority"),
    ],
)
async def test_bad_queries_say_what_is_valid(desk: Desk, query: dict[str, Any], words: str) -> None:
    with pytest.raises(TandemError, match=words):
        await desk.page(**query)


async def test_items_are_found_by_the_code_they_are_about(desk: Desk) -> None:
    item = await desk.create("Parser", entity_references=["src/parse/lexer.py::Lexer.next", "docs/a.md"])
    other = await desk.create("Other", entity_references=["src/render.py"])
    assert await desk.ids(reference="src/parse/lexer.py::Lexer.next") == [item["id"]]
    assert await desk.ids(reference="src/render.py") == [other["id"]]
    assert await desk.ids(reference="src/none.py") == []


async def test_a_plain_list_begins_with_what_is_open_and_pages_through_all_once(desk: Desk) -> None:
    made = [(await desk.create(f"Item {number}"))["id"] for number in range(7)]
    for number in (6, 5, 3, 0):
        await desk.update(made[number], status="completed")
    wanted = [made[number] for number in (4, 2, 1, 6, 5, 3, 0)]
    assert await desk.ids() == wanted
    seen: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        answer = await desk.page(limit=2, **cursor)
        assert answer["total_count"] == 7
        seen += [row["id"] for row in answer["items"]]
        if answer["next_cursor"] is None:
            break
        cursor = {"cursor": answer["next_cursor"]}
    assert seen == wanted
    assert await desk.ids(sort="created") == made[::-1]
    assert await desk.ids(status=["completed"]) == [made[number] for number in (6, 5, 3, 0)]
    assert await desk.ids(limit=3, assignee="none") == wanted[:3]


async def test_what_only_waits_for_its_time_is_named_beside_what_is_ready(desk: Desk) -> None:
    now = await desk.create("Now")
    later = await desk.create("Later", defer_until="2026-12-24")
    page = await desk.page(view="ready")
    assert [row["id"] for row in page["items"]] == [now["id"]]
    assert page["warnings"] == [
        f"deferred: not shown, and startable but for their time: {later['id']} until 2026-12-24."
    ]
    assert (await desk.page(view="ready", label=["none"]))["warnings"][-1].startswith("no_match")
    assert (await desk.page(view="blocked"))["warnings"] == []


async def test_what_is_ready_is_found_without_reading_all_that_is_not(desk: Desk) -> None:
    await desk.create("Now")
    _, store = await desk.service.open_store(desk.call)

    def plans(connection: Any) -> list[str]:
        asked: list[str] = []
        connection.set_trace_callback(asked.append)
        page(connection, {"view": "ready"}, "2026-11-01T00:00:00Z")
        connection.set_trace_callback(None)
        return [row["detail"] for sql in asked for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")]

    walked = [told for told in await store.read(plans) if told.startswith("SCAN item")]
    assert walked
    assert all("item_ready" in told for told in walked), walked
