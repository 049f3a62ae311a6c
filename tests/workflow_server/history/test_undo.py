"""Undo takes back any change, is an event itself, and never overwrites what came later."""

from __future__ import annotations

from typing import Any

import pytest
from tests.workflow_server.desk import Desk

from bridge.agreed.errors import TandemError

RECORDED = (
    "title", "status", "priority", "parent_id", "path", "description", "labels", "assignee", "blocked_by",
    "links", "entity_references", "acceptance_criteria", "due", "defer_until", "metadata", "completed_at",
    "deleted_at", "note_count", "ready",
)  # fmt: skip


async def state(desk: Desk, *ids: str) -> list[dict[str, Any]]:
    """What undo must bring back of these items."""
    items = [await desk.get(id) for id in ids]  # noqa: A001
    return [{name: item[name] for name in RECORDED} for item in items]  # type: ignore[literal-required]


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "New", "priority": 0, "description": "d", "due": "2026-05-01", "assignee": "bo"},
        {"add_labels": ["x"], "remove_labels": ["a"]},
        {"metadata": {"a": 2, "b": None, "c": [1]}},
        {"acceptance_criteria": ["other"]},
        {"criteria": [{"index": 0, "done": True, "evidence": "e"}]},
        {"status": "cancelled", "status_reason": "no longer wanted"},
        {"status": "completed", "criteria": [{"index": 0, "done": True}]},
        {"note": "a thought"},
        {"blocked_by": []},
        {"add_links": [{"kind": "relates_to", "id": "BLOCKER"}]},
        {"entity_references": ["b.py"]},
        {"parent_id": "BLOCKER", "blocked_by": []},
    ],
)
async def test_any_update_is_taken_back_and_brought_back(desk: Desk, changes: dict[str, Any]) -> None:
    blocker = await desk.create("Blocker")
    item = await desk.create(
        labels=["a"], metadata={"a": 1, "b": 1}, acceptance_criteria=["c"], entity_references=["a.py"],
        blocked_by=[] if changes.get("status") == "completed" else [blocker["id"]],
    )  # fmt: skip
    given: dict[str, Any] = {
        name: blocker["id"] if value == "BLOCKER" else [{"kind": "relates_to", "id": blocker["id"]}]
        if name == "add_links" else value
        for name, value in changes.items()
    }  # fmt: skip
    ids = (item["id"], blocker["id"])
    before = await state(desk, *ids)
    await desk.update(item["id"], **given)
    after = await state(desk, *ids)
    assert after != before
    undone = await desk.service.undo(desk.call, id=item["id"])
    assert await state(desk, *ids) == before
    await desk.service.undo(desk.call, event=undone["event"])
    assert await state(desk, *ids) == after


async def test_undo_of_a_plan_a_delete_with_descendants_and_a_move(desk: Desk) -> None:
    plan = await desk.service.create_work_items(
        desk.call,
        [
            {"key": "a", "title": "A"},
            {"key": "b", "title": "B", "parent_id": "a"},
            {"title": "C", "parent_id": "b"},
        ],
    )
    ids = [item["id"] for item in plan["items"]]
    elsewhere = await desk.create("Elsewhere")
    planned = await state(desk, *ids)
    deleted = await desk.service.delete_work_item(desk.call, ids[0])
    await desk.service.undo(desk.call, event=deleted["event"])
    assert await state(desk, *ids) == planned
    moved = await desk.update(ids[1], parent_id=elsewhere["id"])
    assert (await desk.get(ids[2]))["path"] == [elsewhere["id"], ids[1], ids[2]]
    await desk.service.undo(desk.call, event=moved["event"])
    assert await state(desk, *ids) == planned
    undone = await desk.service.undo(desk.call, event=plan["event"])
    assert await desk.ids() == [elsewhere["id"]]
    await desk.service.undo(desk.call, event=undone["event"])
    assert await state(desk, *ids) == planned


async def test_a_later_change_of_the_same_field_is_not_overwritten(desk: Desk) -> None:
    item = await desk.create()
    first = await desk.update(item["id"], title="Two", priority=0)
    later = await desk.as_("bo").update(item["id"], title="Three")
    with pytest.raises(TandemError) as refused:
        await desk.service.undo(desk.call, event=first["event"])
    assert refused.value.code == "undo_conflict"
    assert refused.value.details["events"] == [later["event"]]
    assert "bo changed title" in refused.value.message
    assert (await desk.get(item["id"]))["priority"] == 0


async def test_later_changes_of_other_fields_and_other_list_entries_stay(desk: Desk) -> None:
    item = await desk.create(labels=["a"], metadata={"x": 1})
    first = await desk.update(item["id"], add_labels=["b"], metadata={"x": 2})
    await desk.update(item["id"], add_labels=["c"], metadata={"y": 3}, priority=0)
    await desk.service.undo(desk.call, event=first["event"])
    stored = await desk.get(item["id"])
    assert (stored["labels"], stored["metadata"], stored["priority"]) == (["a", "c"], {"y": 3, "x": 1}, 0)


async def test_an_event_is_undone_once_and_the_error_names_the_undo(desk: Desk) -> None:
    item = await desk.create()
    changed = await desk.update(item["id"], title="Two")
    undone = await desk.service.undo(desk.call, event=changed["event"])
    with pytest.raises(TandemError, match=str(undone["event"])) as refused:
        await desk.service.undo(desk.call, event=changed["event"])
    assert refused.value.code == "already_undone"
    history = (await desk.service.history(desk.call, id=item["id"]))["events"]
    assert history[-1]["undoes"] == changed["event"]
    assert history[-2]["undone_by"] == undone["event"]


async def test_the_last_change_twice_is_a_toggle_and_never_deletes_the_item(desk: Desk) -> None:
    item = await desk.create()
    await desk.update(item["id"], title="Two")
    titles = []
    for _ in range(4):
        await desk.service.undo(desk.call, id=item["id"])
        titles.append((await desk.get(item["id"]))["title"])
    assert titles == ["Work", "Two", "Work", "Two"]


async def test_a_creation_with_others_below_it_is_not_taken_back(desk: Desk) -> None:
    answer = await desk.service.create_work_item(desk.call, {"title": "Parent"})
    child = await desk.create("Child", parent_id=answer["item"]["id"])
    with pytest.raises(TandemError, match=child["id"]):
        await desk.service.undo(desk.call, event=answer["event"])


async def test_claims_are_not_undone_but_released(desk: Desk) -> None:
    item = await desk.create()
    await desk.update(item["id"], title="Two")
    await desk.claim(item["id"])
    events = (await desk.service.history(desk.call, id=item["id"]))["events"]
    with pytest.raises(TandemError, match="action=release"):
        await desk.service.undo(desk.call, event=events[-1]["event"])
    await desk.service.undo(desk.call, id=item["id"])
    assert (await desk.get(item["id"]))["title"] == "Work"


async def test_keys_of_metadata_are_taken_back_one_by_one_until_one_was_changed_again(desk: Desk) -> None:
    item = (await desk.create("Data", metadata={"a": 1, "b": 1}))["id"]
    first = (await desk.update(item, metadata={"a": 2}))["event"]
    await desk.update(item, metadata={"c": 3})
    await desk.service.undo(desk.call, event=first)
    assert (await desk.get(item))["metadata"] == {"a": 1, "b": 1, "c": 3}
    second = (await desk.update(item, metadata={"b": 2}))["event"]
    await desk.update(item, metadata={"b": 3})
    with pytest.raises(TandemError, match="metadata"):
        await desk.service.undo(desk.call, event=second)
    assert (await desk.get(item))["metadata"]["b"] == 3


async def test_what_is_to_be_undone_must_be_said(desk: Desk) -> None:
    with pytest.raises(TandemError, match="only one of them"):
        await desk.service.undo(desk.call)
    with pytest.raises(TandemError, match="not in this project") as refused:
        await desk.service.undo(desk.call, event="ev_aaaaaaaaaa")
    assert refused.value.code == "event_not_found"


async def test_undo_past_a_claim_says_which_change_it_takes_and_why_it_cannot(desk: Desk) -> None:
    item = await desk.create("Held")
    await desk.update(item["id"], status="active")
    set_back = await desk.update(item["id"], status="planned")
    await desk.claim(item["id"])
    with pytest.raises(TandemError) as refused:
        await desk.service.undo(desk.call, id=item["id"])
    assert refused.value.code == "undo_conflict"
    assert "Of claims undo takes none back" in refused.value.message
    assert str(set_back["event"]) in refused.value.message
    assert "a claim by ann" in refused.value.message
    assert "Release the claim first" in refused.value.hint


async def test_taking_back_a_note_says_that_it_changed_and_so_does_bringing_it_again(desk: Desk) -> None:
    item = await desk.create()
    await desk.update(item["id"], note="seen")
    for left in (0, 1):
        undone = await desk.service.undo(desk.call, id=item["id"])
        assert (undone["items"][0]["changed"], undone["warnings"]) == (["note"], [])
        assert (await desk.get(item["id"]))["note_count"] == left
