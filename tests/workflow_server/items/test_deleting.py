"""Deleting is soft, takes the subtree, tells what else it touches, and is reversible exactly."""

from __future__ import annotations

import pytest
from tests.workflow_server.desk import Desk

from bridge.agreed.errors import TandemError


async def test_a_delete_takes_the_subtree_and_says_what_it_touches(desk: Desk) -> None:
    top = await desk.create("Top")
    child = await desk.create("Child", parent_id=top["id"])
    waiting = await desk.create("Waiting", blocked_by=[child["id"]])
    linked = await desk.create("Linked", links=[{"kind": "relates_to", "id": top["id"]}])
    answer = await desk.service.delete_work_item(desk.call, top["id"])
    assert set(answer["deleted"]) == {top["id"], child["id"]}
    told = " ".join(answer["touches"])
    assert f"{waiting['id']} 'Waiting' no longer waits for {child['id']}" in told
    assert f"{linked['id']} 'Linked' has a link to {top['id']}" in told
    assert f"now ready: {waiting['id']}" in told
    assert set(await desk.ids()) == {waiting["id"], linked["id"]}
    assert await desk.ids(text="child") == []


async def test_a_deleted_item_can_still_be_read_and_says_how_to_get_it_back(desk: Desk) -> None:
    item = await desk.create("Gone")
    await desk.service.delete_work_item(desk.call, item["id"])
    stored = await desk.get(item["id"])
    assert stored["deleted_at"] == "2026-03-02T09:00:00.000Z"
    assert any("restore=true" in warning for warning in stored["warnings"])
    with pytest.raises(TandemError, match="was deleted"):
        await desk.update(item["id"], title="New")


async def test_restoring_brings_back_exactly_what_that_delete_took(desk: Desk) -> None:
    top = await desk.create("Top")
    early = await desk.create("Deleted before", parent_id=top["id"])
    child = await desk.create("Child", parent_id=top["id"])
    waiting = await desk.create("Waiting", blocked_by=[child["id"]])
    await desk.service.delete_work_item(desk.call, early["id"])
    await desk.service.delete_work_item(desk.call, top["id"])
    answer = await desk.service.delete_work_item(desk.call, top["id"], restore=True)
    assert set(answer["restored"]) == {top["id"], child["id"]}
    assert (await desk.get(early["id"]))["deleted_at"] is not None
    assert (await desk.get(waiting["id"]))["ready"] is False
    assert await desk.ids(text="child") == [child["id"]]


async def test_a_child_is_not_restored_under_a_deleted_parent(desk: Desk) -> None:
    top = await desk.create("Top")
    child = await desk.create("Child", parent_id=top["id"])
    await desk.service.delete_work_item(desk.call, child["id"])
    await desk.service.delete_work_item(desk.call, top["id"])
    with pytest.raises(TandemError, match=f"Restore {top['id']} first"):
        await desk.service.delete_work_item(desk.call, child["id"], restore=True)


async def test_deleting_twice_is_no_error(desk: Desk) -> None:
    item = await desk.create()
    await desk.service.delete_work_item(desk.call, item["id"])
    again = await desk.service.delete_work_item(desk.call, item["id"])
    assert (again["deleted"], again["event"]) == ([], None)
    assert "already deleted" in again["warnings"][0]


async def test_unknown_ids_say_what_an_id_looks_like(desk: Desk) -> None:
    with pytest.raises(TandemError, match="wi_abc2def") as refused:
        await desk.service.delete_work_item(desk.call, "TASK-1")
    assert refused.value.code == "work_item_not_found"


async def test_what_was_deleted_is_listed_the_latest_first_and_what_moved_away_is_not(desk: Desk) -> None:
    parent = await desk.create("Parent")
    child = await desk.create("Child", parent_id=parent["id"])
    kept, gone = await desk.create("Kept"), await desk.create("Gone")
    moved = await desk.create("Moved")
    await desk.service.create_project(desk.call, "other")
    await desk.service.update_work_items(desk.call, [moved["id"]], {}, to_project="other")
    await desk.service.delete_work_item(desk.call, parent["id"])
    desk.clock.pass_(minutes=5)
    await desk.service.delete_work_item(desk.call, gone["id"])
    answer = await desk.page(view="deleted")
    assert answer["items"][0]["id"] == gone["id"]
    assert {row["id"] for row in answer["items"]} == {gone["id"], parent["id"], child["id"]}
    assert (answer["total_count"], answer["items"][0].get("deleted_at")) == (3, "2026-03-02T09:05:00.000Z")
    await desk.service.delete_work_item(desk.call, gone["id"], restore=True)
    assert gone["id"] not in await desk.ids(view="deleted")
    assert set(await desk.ids()) == {kept["id"], gone["id"]}
