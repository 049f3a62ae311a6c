"""A plan that is sent twice: what it says comes first, is counted, and keeps to the size of an answer."""

from __future__ import annotations

from typing import Any

from .conftest import Connect


def plan_of(count: int) -> list[dict[str, Any]]:
    return [
        {"key": f"k{number}", "title": f"Move the {number}th part of the billing module"}
        for number in range(count)
    ]


async def test_the_same_plan_again_is_told_in_one_line_first_with_all_its_ids(connect: Connect) -> None:
    async with connect() as tools:
        first = await tools("create_work_items", items=plan_of(200))
        again = await tools("create_work_items", items=plan_of(200))
        assert again["warnings"][0].startswith("sent_twice: you made a plan of the same 200 titles")
        assert first["event"] in again["warnings"][0]
        assert f"undo(event={again['event']})" in again["warnings"][0]
        assert len(again["warnings"]) == 1
        assert (again["created"], len(again["items"])) == (200, 200)
        assert all(item["id"] for item in again["items"])
        text = await tools.text("create_work_items", items=plan_of(200))
        told, counted = text.splitlines()[:2]
        assert told.startswith("! sent_twice:")
        assert counted == "created 200 items in tests"
        assert text.count("sent_twice") == 1
        undone = await tools.text("undo", event=again["event"])
        assert "200 items deleted" in undone
        assert "nothing changed" not in undone
        assert len(undone) < 500
        assert len(text) < 10_000


async def test_a_plan_that_was_taken_back_may_be_sent_again_without_a_word(connect: Connect) -> None:
    async with connect() as tools:
        first = await tools("create_work_items", items=plan_of(20))
        await tools("undo", event=first["event"])
        again = await tools("create_work_items", items=plan_of(20))
        assert again["warnings"] == []


async def test_items_that_look_like_those_of_another_plan_are_counted_in_one_line(connect: Connect) -> None:
    async with connect() as tools:
        first = await tools("create_work_items", items=plan_of(20))
        other = [*plan_of(12), {"title": "Something that nobody has thought of yet"}]
        again = await tools("create_work_items", items=other)
        (told,) = again["warnings"]
        assert told.startswith(
            f"possible_duplicate: 12 look like items of an earlier plan ({first['event']})"
        )
        assert f"undo(event={again['event']}) takes this one back" in told
        few = await tools("create_work_items", items=[*plan_of(1), {"title": "Quite another thing to do"}])
        assert "warnings" in few["items"][0]


async def test_a_plan_with_a_key_is_made_once(connect: Connect) -> None:
    async with connect() as tools:
        first = await tools("create_work_items", items=plan_of(50), idempotency_key="billing")
        again = await tools("create_work_items", items=plan_of(50), idempotency_key="billing")
        assert [item["id"] for item in again["items"]] == [item["id"] for item in first["items"]]
        assert (first["created"], again["created"], again["found"]) == (50, 0, 50)
        (told,) = again["warnings"]
        assert told.startswith("already_created: 50 items")
        assert (await tools("list_work_items"))["total_count"] == 50
        text = await tools.text("create_work_items", items=plan_of(50), idempotency_key="billing")
        assert text.startswith("created 0 items in tests; 50 found by idempotency_key, not created again")
