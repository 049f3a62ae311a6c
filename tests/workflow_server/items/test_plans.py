"""Whole plans in one call: local keys, one transaction, errors that name the item and store nothing."""

from __future__ import annotations

from typing import Any

import pytest
from tests.workflow_server.desk import Desk

from bridge.agreed.errors import TandemError


async def test_keys_name_parents_blockers_and_links_in_any_order(desk: Desk) -> None:
    made = await desk.plan(
        {"key": "test", "title": "Test it", "parent_id": "epic", "blocked_by": ["build"]},
        {
            "key": "build",
            "title": "Build it",
            "parent_id": "epic",
            "links": [{"kind": "relates_to", "id": "test"}],
        },
        {"key": "epic", "title": "Epic"},
    )
    test, build, epic = (
        await desk.get(made["test"]["id"]),
        await desk.get(made["build"]["id"]),
        await desk.get(made["epic"]["id"]),
    )
    assert test["path"] == [epic["id"], test["id"]]
    assert test["blocked_by"] == [build["id"]]
    assert build["links"] == [{"kind": "relates_to", "id": test["id"]}]
    assert await desk.ids(view="ready") == [build["id"]]
    assert "2 open children" in epic["why_blocked"][0]


async def test_a_plan_is_one_event_that_can_be_undone(desk: Desk) -> None:
    answer = await desk.service.create_work_items(
        desk.call, [{"title": "One", "key": "a"}, {"title": "Two", "parent_id": "a"}]
    )
    assert (await desk.page())["total_count"] == 2
    await desk.service.undo(desk.call, event=answer["event"])
    assert (await desk.page())["total_count"] == 0


async def test_a_dry_run_checks_everything_and_stores_nothing(desk: Desk) -> None:
    made = await desk.plan(
        {"key": "a", "title": "One"}, {"key": "b", "title": "Two", "blocked_by": ["a"]}, dry_run=True
    )
    assert made["b"]["blocked_by"] == ["a"], "an id would be another one when the plan is carried out"
    assert (made["a"]["id"], made["b"]["id"]) == ("", "")
    assert (await desk.page())["total_count"] == 0
    assert await desk.service.head(desk.call) == 0
    with pytest.raises(TandemError, match="closes a cycle"):
        await desk.plan({"key": "a", "title": "One", "blocked_by": ["a"]}, dry_run=True)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"key": "b", "title": ""}, "`items[1].title` must not be empty"),
        ({"key": "b"}, "`items[1].title` is missing"),
        (
            {"key": "b", "title": "B", "blocked_by": ["c"]},
            "items[1] (key 'b'): Work item 'c' named by `blocked_by`",
        ),
        ({"key": "b", "title": "B", "item_type": "x"}, "`items[1].item_type` is 'x'"),
        ({"key": "a", "title": "B"}, "`items[1].key` is 'a', which an earlier item"),
        (
            {"key": "b", "title": "B", "status": "completed", "acceptance_criteria": ["x"]},
            "items[1] (key 'b'):",
        ),
        ({"key": "b", "title": "B", "colour": 1}, "`items[1].colour` is not a field"),
        (
            {"key": "b", "title": "B", "idempotency_key": "once"},
            "`items[1].idempotency_key` is 'once', which items[0] has.",
        ),
        (
            {"key": "b", "title": "B", "item_type": "deployment", "metadata": {"environment": "x"}},
            "`items[1].metadata` does not fit",
        ),
    ],
)
async def test_an_error_names_the_item_and_stores_nothing(
    desk: Desk, bad: dict[str, Any], words: str
) -> None:
    with pytest.raises(TandemError) as refused:
        await desk.plan({"key": "a", "title": "A", "idempotency_key": "once"}, bad)
    assert words in refused.value.message
    assert (await desk.page())["total_count"] == 0


async def test_cycles_inside_a_plan_are_shown_by_key(desk: Desk) -> None:
    with pytest.raises(TandemError) as refused:
        await desk.plan(
            {"key": "a", "title": "A", "blocked_by": ["b"]},
            {"key": "b", "title": "B", "blocked_by": ["c"]},
            {"key": "c", "title": "C", "blocked_by": ["a"]},
        )
    assert refused.value.code == "dependency_cycle"
    assert set(refused.value.details["cycle"]) == {"a", "b", "c"}
    with pytest.raises(TandemError, match="each other's parents"):
        await desk.plan(
            {"key": "a", "title": "A", "parent_id": "b"}, {"key": "b", "title": "B", "parent_id": "a"}
        )


async def test_an_item_that_waits_for_what_is_below_it_waits_for_it_anyhow(desk: Desk) -> None:
    """Other trackers write so of an epic; as a blocker a child could never be started."""
    answer = await desk.service.create_work_items(
        desk.call,
        [
            {"key": "epic", "title": "Epic", "blocked_by": ["task", "step", "other"]},
            {"key": "task", "title": "Task", "parent_id": "epic"},
            {"key": "step", "title": "Step", "parent_id": "task"},
            {"key": "other", "title": "Other"},
        ],
    )
    epic, _, _, other = (one["id"] for one in answer["items"])
    assert answer["warnings"] == [
        "An item is finished after all below it: left out of its blocked_by: 'task', 'step'."
    ]
    assert (await desk.get(epic))["blocked_by"] == [other]
    with pytest.raises(TandemError, match="closes a cycle"):
        await desk.plan(
            {"key": "a", "title": "A"}, {"key": "b", "title": "B", "parent_id": "a", "blocked_by": ["a"]}
        )


async def test_a_cycle_through_stored_items_is_found(desk: Desk) -> None:
    """The plan puts new work under an epic and makes it wait for something that waits for the epic."""
    epic = await desk.create("Epic")
    after = await desk.create("After the epic", blocked_by=[epic["id"]])
    with pytest.raises(TandemError, match="closes a cycle") as refused:
        await desk.plan({"key": "a", "title": "A", "parent_id": epic["id"], "blocked_by": [after["id"]]})
    assert epic["id"] in refused.value.details["cycle"]
    through_two = [
        {"key": "c", "title": "C", "parent_id": epic["id"], "blocked_by": ["d"]},
        {"key": "d", "title": "D", "blocked_by": [after["id"]]},
    ]
    with pytest.raises(TandemError, match="closes a cycle"):
        await desk.plan(*through_two)


async def test_two_hundred_items_fit_and_one_more_does_not(desk: Desk) -> None:
    items = [
        {"key": f"k{n}", "title": f"Step {n}", "blocked_by": [f"k{n - 1}"] if n else []} for n in range(200)
    ]
    await desk.plan(*items)
    assert (await desk.page(view="blocked"))["total_count"] == 199
    with pytest.raises(TandemError, match="at most 200"):
        await desk.plan(*items, {"title": "One more"})


async def test_a_retried_plan_makes_only_what_the_first_try_did_not(desk: Desk) -> None:
    first = await desk.plan({"key": "a", "title": "A", "idempotency_key": "plan-a"})
    again = await desk.plan(
        {"key": "a", "title": "A", "idempotency_key": "plan-a"},
        {"key": "b", "title": "B", "blocked_by": ["a"], "idempotency_key": "plan-b"},
    )
    assert again["a"]["id"] == first["a"]["id"]
    assert again["b"]["blocked_by"] == [first["a"]["id"]]
    assert (await desk.page())["total_count"] == 2
    third = await desk.plan({"key": "b", "title": "B", "blocked_by": ["a"], "idempotency_key": "plan-b"})
    assert third["b"]["id"] == again["b"]["id"]


@pytest.mark.parametrize("query", [{"view": "ready"}, {"sort": "priority"}])
async def test_items_of_a_plan_come_in_its_order(desk: Desk, query: dict[str, Any]) -> None:
    titles = [f"Step {number}" for number in range(40)]
    await desk.plan(*({"key": title, "title": title} for title in titles))
    assert [row["title"] for row in await desk.rows(limit=200, **query)] == titles
    claimed = await desk.claim()
    assert claimed["item"] is not None
    assert claimed["item"]["title"] == "Step 0"
