"""Moving items to another project, with their descendants, notes and history."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

import pytest
from tests.workflow_server.desk import Desk

from bridge.agreed.errors import TandemError
from workflow_server.items import moving
from workflow_server.records import Call, UpdateAnswer


async def move(desk: Desk, project: str, *ids: str) -> UpdateAnswer:
    return await desk.service.update_work_items(desk.call, list(ids), {}, to_project=project)


async def test_a_subtree_moves_with_notes_and_history_and_leaves_a_trace(desk: Desk) -> None:
    await desk.service.create_project(desk.call, "other")
    there = Call(desk.call.actor, "other")
    top = await desk.create("Top", labels=["x"])
    blocker = await desk.create("Stays")
    child = await desk.create("Child", parent_id=top["id"], blocked_by=[blocker["id"]])
    second = await desk.create("Second", parent_id=top["id"], blocked_by=[child["id"]])
    waiting = await desk.create("Waits for the child", blocked_by=[child["id"]])
    await desk.update(child["id"], note="a note", title="Child renamed")
    answer = await move(desk, "other", top["id"])
    assert answer["project"] == "other"
    assert any(f"{child['id']} left behind its blocker {blocker['id']}" in one for one in answer["warnings"])
    moved = await desk.service.get_work_items(
        there, [top["id"], child["id"], second["id"]], include=["notes", "history"]
    )
    assert [item["title"] for item in moved["items"]] == ["Top", "Child renamed", "Second"]
    assert moved["items"][1]["path"] == [top["id"], child["id"]]
    assert moved["items"][1]["notes"][0]["text"] == "a note"
    assert [event["action"] for event in moved["items"][1]["history"]] == ["create", "update", "move"]
    assert moved["items"][2]["blocked_by"] == [child["id"]]
    assert (await desk.get(top["id"]))["deleted_at"] is not None
    assert set(await desk.ids(view="ready")) == {blocker["id"], waiting["id"]}
    with pytest.raises(TandemError, match="was moved to project 'other'"):
        await desk.service.delete_work_item(desk.call, top["id"], restore=True)
    for call in (desk.call, there):
        assert (await desk.service.doctor(call))["problems"] == []


async def test_moving_there_and_back_gives_the_same_item(desk: Desk) -> None:
    await desk.service.create_project(desk.call, "other")
    item = await desk.create("Traveller", metadata={"a": 1})
    await desk.update(item["id"], note="once")
    await move(desk, "other", item["id"])
    desk.call = Call(desk.call.actor, "other")
    await desk.update(item["id"], title="Travelled", note="twice")
    await move(desk, "demo", item["id"])
    desk.call = Call(desk.call.actor, "demo")
    back = await desk.get(item["id"], "notes", "history")
    assert (back["title"], back["deleted_at"], back["metadata"]) == ("Travelled", None, {"a": 1})
    assert [note["text"] for note in back["notes"]] == ["once", "twice"]
    assert (await desk.service.doctor(desk.call))["problems"] == []
    assert await desk.ids(text="travelled") == [item["id"]]


async def test_a_type_goes_along_and_a_wrong_place_is_refused(desk: Desk) -> None:
    await desk.service.create_project(desk.call, "other")
    await desk.service.define_item_type(
        desk.call, "vendor", schema={"properties": {"a": {"type": "integer"}}}
    )
    item = await desk.create("ACME", item_type="vendor", metadata={"a": 1})
    with pytest.raises(TandemError, match="already"):
        await move(desk, "demo", item["id"])
    with pytest.raises(TandemError, match="no project 'nowhere'"):
        await move(desk, "nowhere", item["id"])
    await move(desk, "other", item["id"])
    names = {kind["name"] for kind in await desk.service.item_types(Call(desk.call.actor, "other"))}
    assert "vendor" in names


async def test_undo_brings_a_moved_item_back_with_its_ties_and_undo_sends_it_away_again(desk: Desk) -> None:
    await desk.service.create_project(desk.call, "side")
    there = Call(desk.call.actor, "side")
    top, blocker, friend = await desk.create("Top"), await desk.create("First"), await desk.create("Friend")
    item = await desk.create(
        "Traveller",
        parent_id=top["id"],
        blocked_by=[blocker["id"]],
        links=[{"kind": "relates_to", "id": friend["id"]}],
    )
    waiting = await desk.create("Waits", blocked_by=[item["id"]])
    away = await move(desk, "side", item["id"])
    assert f"{waiting['id']} 'Waits' no longer waits for {item['id']}" in away["warnings"]
    read = await desk.get(item["id"])
    assert "was moved to project 'side'" in read["warnings"][0]
    assert "restore" not in read["warnings"][0]
    with pytest.raises(TandemError, match=r"was moved to project 'side'.*undo") as refused:
        await desk.update(item["id"], title="x")
    assert refused.value.code == "moved_away"
    await desk.service.update_work_items(there, [item["id"]], {"title": "Travelled"})
    back = await desk.service.undo(desk.call, event=await away_event(desk, item["id"]))
    assert (back["project"], back["items"][0]["id"]) == ("demo", item["id"])
    home = await desk.get(item["id"])
    assert (home["title"], home["parent_id"]) == ("Travelled", top["id"])
    assert home["path"] == [top["id"], item["id"]]
    assert home["blocked_by"] == [blocker["id"]]
    assert [link["id"] for link in home["links"]] == [friend["id"]]
    assert home["blocks"] == [waiting["id"]]
    assert waiting["id"] not in await desk.ids(view="ready")
    assert any(f"{item['id']} has its parent {top['id']}" in one for one in back["warnings"])
    again = await desk.service.undo(desk.call, id=item["id"])
    assert again["project"] == "side"
    fetched = await desk.service.undo(there, id=item["id"])
    assert fetched["project"] == "demo"
    assert (await desk.get(item["id"]))["parent_id"] == top["id"]
    for call in (desk.call, there):
        assert (await desk.service.doctor(call))["problems"] == []


async def away_event(desk: Desk, item_id: str) -> str:
    return (await desk.service.history(desk.call, id=item_id))["events"][-1]["event"]


async def test_a_subtree_comes_back_whole_and_a_move_is_taken_back_once(desk: Desk) -> None:
    await desk.service.create_project(desk.call, "side")
    top = await desk.create("Top")
    child = await desk.create("Child", parent_id=top["id"])
    await move(desk, "side", top["id"])
    event = await away_event(desk, child["id"])
    await desk.service.undo(desk.call, event=event)
    assert (await desk.get(child["id"]))["path"] == [top["id"], child["id"]]
    with pytest.raises(TandemError, match="no longer where") as refused:
        await desk.service.undo(desk.call, event=event)
    assert refused.value.code == "already_undone"


async def test_ties_that_stand_no_longer_or_would_close_a_ring_are_left_out(desk: Desk) -> None:
    await desk.service.create_project(desk.call, "side")
    there = Call(desk.call.actor, "side")
    gone, last = await desk.create("Gone"), await desk.create("Last")
    one = await desk.create("One", blocked_by=[gone["id"]])
    middle = await desk.create("Middle", blocked_by=[one["id"]])
    two = await desk.create("Two", blocked_by=[middle["id"], last["id"]])
    await move(desk, "side", one["id"], two["id"])
    await desk.service.delete_work_item(desk.call, gone["id"])
    await desk.service.update_work_items(there, [one["id"]], {"add_blocked_by": [two["id"]]})
    desk.call = there
    back = await move(desk, "demo", one["id"], two["id"])
    desk.call = Call(there.actor, "demo")
    assert any("not restored" in told for told in back["warnings"])
    assert (await desk.get(one["id"]))["blocked_by"] == [two["id"]]
    assert (await desk.get(two["id"]))["blocked_by"] == []
    assert (await desk.service.doctor(desk.call))["problems"] == []


async def test_a_move_that_died_between_its_two_files_is_finished_by_moving_again(desk: Desk) -> None:
    await desk.service.create_project(desk.call, "other")
    item = await desk.create("Traveller")
    _, home = await desk.service.open_store(desk.call)
    _, there = await desk.service.open_store(Call(desk.call.actor, "other"))
    now = item["created_at"]
    parcel = await home.read(lambda file: moving.pack(file, [item["id"]], None, desk.call.actor, now))
    await there.write(lambda file: moving.unpack(file, parcel, "demo", desk.call.actor, now))
    await move(desk, "other", item["id"])
    assert (await desk.get(item["id"]))["deleted_at"] is not None
    desk.call = Call(desk.call.actor, "other")
    assert (await desk.get(item["id"]))["deleted_at"] is None


async def test_what_another_changes_while_an_item_moves_goes_along(
    open_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, other = open_desk("ann"), open_desk("bob")
    await desk.service.create_project(desk.call, "other")
    item = await desk.create("Traveller")
    loop, unpack = asyncio.get_running_loop(), moving.unpack

    def unpack_while_bob_writes(*given: Any) -> Any:
        monkeypatch.setattr(moving, "unpack", unpack)
        writing = other.update(item["id"], title="Renamed by bob")
        asyncio.run_coroutine_threadsafe(writing, loop).result(timeout=60)
        return unpack(*given)

    monkeypatch.setattr(moving, "unpack", unpack_while_bob_writes)
    moved = await move(desk, "other", item["id"])
    assert moved["items"][0]["item"]["title"] == "Renamed by bob"
    assert (await desk.get(item["id"]))["deleted_at"] is not None
    for project in ("demo", "other"):
        assert (await desk.service.doctor(Call(desk.call.actor, project)))["problems"] == []


async def test_what_another_changes_again_and_again_stays_where_it_is(
    open_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, other = open_desk("ann"), open_desk("bob")
    await desk.service.create_project(desk.call, "other")
    item = await desk.create("Traveller")
    child = await desk.create("Goes along", parent_id=item["id"])
    loop, unpack = asyncio.get_running_loop(), moving.unpack
    numbers = itertools.count()

    def unpack_while_bob_writes(*given: Any) -> Any:
        asyncio.run_coroutine_threadsafe(
            other.update(item["id"], note=f"again {next(numbers)}"), loop
        ).result(timeout=60)
        return unpack(*given)

    monkeypatch.setattr(moving, "unpack", unpack_while_bob_writes)
    with pytest.raises(TandemError, match=f"{item['id']} was changed by others during each of") as refused:
        await move(desk, "other", item["id"])
    assert refused.value.code == "version_conflict"
    assert refused.value.hint == "It is where it was. Try again in a moment."
    monkeypatch.setattr(moving, "unpack", unpack)
    family = {item["id"], child["id"]}
    here, there = desk.call, Call(desk.call.actor, "other")
    assert await living(desk, here) == family
    assert await living(desk, there) == set()
    for call in (here, there):
        assert (await desk.service.doctor(call))["problems"] == []
    desk.call = here
    await move(desk, "other", item["id"])
    assert await living(desk, there) == family


async def living(desk: Desk, call: Call) -> set[str]:
    """The items of a project."""
    desk.call = call
    return set(await desk.ids())


@pytest.mark.parametrize(("name", "code"), [("nowhere", "project_not_found"), ("demo", "same_project")])
async def test_a_change_with_a_move_that_cannot_be_done_changes_nothing(
    desk: Desk, name: str, code: str
) -> None:
    item = await desk.create("Title")
    with pytest.raises(TandemError) as refused:
        await desk.service.update_work_items(desk.call, [item["id"]], {"title": "Changed"}, to_project=name)
    assert refused.value.code == code
    assert (await desk.get(item["id"]))["title"] == "Title"


async def test_an_event_of_an_item_that_was_moved_is_taken_back_where_the_item_is(desk: Desk) -> None:
    await desk.service.create_project(desk.call, "other")
    item = await desk.create("Before")
    renamed = await desk.update(item["id"], title="After")
    await move(desk, "other", item["id"])
    with pytest.raises(TandemError, match="was moved to project 'other'") as refused:
        await desk.service.undo(desk.call, event=renamed["event"])
    assert refused.value.code == "moved_away"
    there = Call(desk.call.actor, "other")
    await desk.service.undo(there, event=renamed["event"])
    assert (await desk.service.get_work_items(there, [item["id"]]))["items"][0]["title"] == "Before"


async def test_a_claim_that_ends_with_a_move_is_told(desk: Desk) -> None:
    await desk.service.create_project(desk.call, "other")
    item = await desk.create("Held")
    token = (await desk.claim(item["id"]))["claim_token"]
    answer = await desk.service.update_work_items(
        desk.call, [item["id"]], {}, claim_token=token, to_project="other"
    )
    assert any(
        f"{item['id']} was claimed by ann; the claim, and its token, end" in one for one in answer["warnings"]
    )


async def test_items_that_move_together_stand_as_they_were_made(desk: Desk) -> None:
    await desk.service.create_project(desk.call, "other")
    made = [await desk.create(f"Item {number}") for number in range(12)]
    late = await desk.create("Parent of the first")
    await desk.update(made[0]["id"], parent_id=late["id"])
    await move(desk, "other", *sorted(one["id"] for one in [*made[1:], late]))
    there = await desk.service.list_work_items(
        Call(desk.call.actor, "other"), {"sort": "created", "limit": 50}
    )
    assert [row["title"] for row in there["items"]][::-1] == [
        *(f"Item {number}" for number in range(12)), "Parent of the first"
    ]  # fmt: skip
