"""History is append-only and says who, when, through which door, what before and after, at which version."""

from __future__ import annotations

import sqlite3

import pytest
from tests.workflow_server.desk import Desk

from bridge.agreed.errors import TandemError


async def test_an_event_says_who_when_where_and_what(desk: Desk) -> None:
    item = await desk.create("First", labels=["a"])
    desk.clock.pass_(minutes=3)
    await desk.as_("bo", "board").update(item["id"], title="Second", add_labels=["b"])
    created, updated = (await desk.service.history(desk.call, id=item["id"]))["events"]
    assert (created["action"], created["before"], created["version"]) == ("create", None, 1)
    assert created["after"] is not None
    assert created["after"]["title"] == "First"
    assert (updated["actor"], updated["client"], updated["door"]) == ("bo", "other-client 2", "board")
    assert updated["at"] == "2026-03-02T09:03:00.000Z"
    assert updated["before"] == {"title": "First", "labels": ["a"]}
    assert updated["after"] == {"title": "Second", "labels": ["a", "b"]}
    assert updated["version"] == 2


async def test_a_project_is_followed_by_cursor_without_gaps(desk: Desk) -> None:
    for number in range(7):
        await desk.create(f"Item {number}")
    seen: list[str] = []
    cursor = 0
    while True:
        answer = await desk.service.history(desk.call, since=cursor, limit=3)
        if not answer["events"]:
            break
        seen += [event["item_id"] for event in answer["events"]]
        cursor = answer["next_cursor"]
    assert seen == list(reversed(await desk.ids()))
    await desk.create("One more")
    assert len((await desk.service.history(desk.call, since=cursor))["events"]) == 1


async def test_a_large_event_is_never_cut_in_two(desk: Desk) -> None:
    await desk.create("Before")
    await desk.plan(*({"key": str(n), "title": f"Item {n}"} for n in range(50)))
    first = await desk.service.history(desk.call, since=0, limit=10)
    assert [event["action"] for event in first["events"]] == ["create"]
    second = await desk.service.history(desk.call, since=first["next_cursor"], limit=10)
    assert len(second["events"]) == 50


async def test_events_can_neither_be_changed_nor_deleted(desk: Desk) -> None:
    await desk.create()
    _, store = await desk.service.open_store(desk.call)
    for statement in (
        "UPDATE event SET actor = 'x'",
        "DELETE FROM event",
        "UPDATE change SET after = ''",
        "DELETE FROM change",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            await store.write(lambda connection, sql=statement: connection.execute(sql))  # type: ignore[misc]


async def test_bad_cursors_and_limits_are_named(desk: Desk) -> None:
    with pytest.raises(TandemError, match="`limit` is 0"):
        await desk.service.history(desk.call, limit=0)
    with pytest.raises(TandemError, match="`since` is -1"):
        await desk.service.history(desk.call, since=-1)


async def test_the_newest_events_are_read_backwards_page_by_page(desk: Desk) -> None:
    items = [await desk.create(f"Item {number}") for number in range(5)]
    plan = await desk.service.create_work_items(desk.call, [{"title": f"Step {n}"} for n in range(4)])
    newest = await desk.service.newest_history(desk.call, limit=3)
    assert {event["item_id"] for event in newest["events"]} == {item["id"] for item in plan["items"]}
    assert len(newest["events"]) == 4, "one event larger than the page is told whole"
    seen: list[str] = []
    older = newest["older"]
    while older:
        page = await desk.service.newest_history(desk.call, before=older, limit=2)
        seen = [event["item_id"] for event in page["events"]] + seen
        older = page["older"]
    assert seen == [item["id"] for item in items]


async def test_without_a_cursor_the_newest_are_told_in_the_order_of_time_and_how_many_there_are(
    desk: Desk,
) -> None:
    item = await desk.create("First")
    for number in range(5):
        await desk.update(item["id"], note=f"note {number}")
    for id_ in (None, item["id"]):
        answer = await desk.service.history(desk.call, id=id_, limit=2)
        assert [event["after"]["note"]["text"] for event in answer["events"] if event["after"]] == [
            "note 3",
            "note 4",
        ]
        assert answer["total_count"] == 6
        assert answer["next_cursor"] == await desk.service.head(desk.call)
        oldest = await desk.service.history(desk.call, id=id_, since=0, limit=1)
        assert oldest["events"][0]["action"] == "create"
