"""An undo by `id` is about that item alone, and no undo deletes work that was done since, unless forced."""

from __future__ import annotations

import random
from typing import Any

import pytest
from tests.workflow_server.desk import Desk

from bridge.agreed.errors import TandemError

from .test_undo import state


async def planned(desk: Desk, count: int = 4) -> tuple[list[str], str]:
    """A flat plan: its ids and its event."""
    plan = await desk.service.create_work_items(desk.call, [{"title": f"T{n}"} for n in range(count)])
    return [item["id"] for item in plan["items"]], str(plan["event"])


async def test_undo_of_an_untouched_item_of_a_plan_takes_back_that_item_alone(desk: Desk) -> None:
    ids, plan = await planned(desk)
    others = await state(desk, *ids[1:])
    undone = await desk.service.undo(desk.call, id=ids[0])
    assert sorted(await desk.ids()) == sorted(ids[1:])
    assert await state(desk, *ids[1:]) == others
    assert "1 item deleted" in undone["told"]
    assert "3 other items of that event stay" in undone["told"]
    for one in ids[1:]:
        (event,) = (await desk.service.history(desk.call, id=one))["events"]
        assert "undone_by" not in event
    of_it = (await desk.service.history(desk.call, id=ids[0]))["events"]
    assert of_it[0]["undone_by"] == of_it[1]["event"] == undone["event"]
    rest = await desk.service.undo(desk.call, event=plan)
    assert await desk.ids() == []
    assert "3 items deleted" in rest["told"]
    with pytest.raises(TandemError) as refused:
        await desk.service.undo(desk.call, event=plan)
    assert refused.value.code == "already_undone"
    await desk.service.undo(desk.call, event=undone["event"])
    assert await desk.ids() == ids[:1]


@pytest.mark.parametrize("work", ["completed", "note", "claim", "waits", "links", "title"])
async def test_a_plan_that_was_worked_on_is_not_taken_back_unless_forced(desk: Desk, work: str) -> None:
    ids, plan = await planned(desk)
    bob = desk.as_("bob")
    if work == "completed":
        await bob.update(ids[0], status="completed")
    elif work == "claim":
        await bob.claim(ids[0])
    elif work == "waits":
        await bob.create("Later", blocked_by=[ids[0]])
    elif work == "links":
        await bob.create("Beside", links=[{"kind": "relates_to", "id": ids[0]}])
    else:
        change: dict[str, Any] = {work: "something"}
        await bob.update(ids[0], **change)
    with pytest.raises(TandemError) as refused:
        await desk.service.undo(desk.call, event=plan)
    assert refused.value.code == "undo_conflict"
    assert "deletes 4 items, of which 1 was worked on since" in refused.value.message
    assert ids[0] in refused.value.message
    assert "force=true" in refused.value.hint
    assert refused.value.details["count"] == 1
    assert set(ids) <= set(await desk.ids(limit=200))
    forced = await desk.service.undo(desk.call, event=plan, force=True)
    assert not set(ids) & set(await desk.ids())
    await desk.service.undo(desk.call, event=forced["event"])
    assert set(ids) <= set(await desk.ids(limit=200))


async def test_work_that_was_taken_back_again_is_no_work(desk: Desk) -> None:
    ids, plan = await planned(desk)
    done = await desk.update(ids[0], status="completed")
    await desk.service.undo(desk.call, event=done["event"])
    token = (await desk.claim(ids[1]))["claim_token"]
    await desk.claim(ids[1], action="release", claim_token=token)
    await desk.service.undo(desk.call, event=plan)
    assert await desk.ids() == []


async def test_a_plan_brought_back_and_worked_on_is_not_taken_away_with_its_undo(desk: Desk) -> None:
    ids, plan = await planned(desk)
    gone = await desk.service.undo(desk.call, event=plan)
    back = await desk.service.undo(desk.call, event=gone["event"])
    await desk.update(ids[2], status="completed")
    with pytest.raises(TandemError, match=ids[2]):
        await desk.service.undo(desk.call, event=back["event"])
    assert len(await desk.ids()) == 4


@pytest.mark.parametrize("work", ["claim", "waits"])
async def test_one_item_that_others_rely_on_is_not_unmade(desk: Desk, work: str) -> None:
    ids, _ = await planned(desk)
    if work == "claim":
        await desk.as_("bob").claim(ids[0])
    else:
        await desk.as_("bob").create("Later", blocked_by=[ids[0]])
    with pytest.raises(TandemError, match="it was worked on since") as refused:
        await desk.service.undo(desk.call, id=ids[0])
    assert f"delete_work_item(id={ids[0]})" in refused.value.hint
    await desk.service.undo(desk.call, id=ids[0], force=True)
    assert ids[0] not in await desk.ids()
    assert set(ids[1:]) <= set(await desk.ids())


async def test_of_a_bulk_update_one_items_part_is_taken_back_whatever_became_of_the_others(
    desk: Desk,
) -> None:
    ids, _ = await planned(desk)
    bulk = await desk.update(ids, priority=0, add_labels=["x"])
    await desk.as_("bob").update(ids[0], priority=3)
    with pytest.raises(TandemError) as refused:
        await desk.service.undo(desk.call, event=bulk["event"])
    assert f"of {ids[0]}" in refused.value.hint
    assert "undo by its `id`" in refused.value.hint
    await desk.service.undo(desk.call, id=ids[1])
    now = {row["id"]: (row["priority"], row.get("labels", [])) for row in await desk.rows()}
    assert now == {ids[0]: (3, ["x"]), ids[1]: (2, []), ids[2]: (0, ["x"]), ids[3]: (0, ["x"])}


async def test_no_advice_to_undo_a_later_event_that_changed_others_too(desk: Desk) -> None:
    ids, _ = await planned(desk)
    first = await desk.update(ids[0], priority=0)
    later = await desk.update(ids, priority=1)
    with pytest.raises(TandemError) as refused:
        await desk.service.undo(desk.call, event=first["event"])
    assert str(later["event"]) in refused.value.message
    assert str(later["event"]) not in refused.value.hint


async def test_what_was_deleted_together_comes_back_together(desk: Desk) -> None:
    top = await desk.create("Top")
    below = await desk.create("Below", parent_id=top["id"])
    await desk.service.delete_work_item(desk.call, top["id"])
    for there in (True, False):
        await desk.service.undo(desk.call, id=top["id"])
        assert sorted(await desk.ids()) == (sorted([top["id"], below["id"]]) if there else [])


async def test_the_line_that_tells_stays_short_however_many_items_it_is_about(desk: Desk) -> None:
    _, plan = await planned(desk, 200)
    undone = await desk.service.undo(desk.call, event=plan)
    assert "the plan by ann" in undone["told"]
    assert "200 items deleted" in undone["told"]
    assert "and 197 more" in undone["told"]
    assert len(undone["told"]) < 300


@pytest.mark.parametrize("seed", range(25))
async def test_whatever_is_undone_in_whatever_parts_only_those_parts_change_and_come_back(
    desk: Desk, seed: int
) -> None:
    """Random bulk changes, then undos by id and by event in random order: an undo by id changes no other
    item, and undoing the undos, the newest first, ends where they began.
    """
    draw = random.Random(seed)
    ids, plan = await planned(desk)
    events = [plan]
    for number in range(draw.randint(0, 3)):
        chosen = draw.sample(ids, draw.randint(1, 4))
        change: dict[str, Any] = draw.choice([
            {"priority": draw.randint(0, 1)}, {"add_labels": [f"l{number}"]}, {"title": f"New {number}"},
            {"note": "seen"},
        ])  # fmt: skip
        if (event := (await desk.update(chosen, **change))["event"]) is not None:
            events.append(event)

    async def all_states() -> dict[str, dict[str, Any]]:
        answer = await desk.service.get_work_items(desk.call, ids)
        alive = [item["id"] for item in answer["items"] if not item["deleted_at"]]
        gone: dict[str, dict[str, Any]] = {one: {} for one in ids if one not in alive}
        return gone | dict(zip(alive, await state(desk, *alive), strict=True))

    at_first = await all_states()
    undos = []
    for _ in range(draw.randint(1, 6)):
        before = await all_states()
        one = draw.choice(ids)
        asked: dict[str, Any] = draw.choice([{"id": one}, {"event": draw.choice(events)}])
        try:
            undone = await desk.service.undo(desk.call, force=draw.random() < 0.5, **asked)
        except TandemError:
            assert await all_states() == before
            continue
        undos.append(undone["event"])
        if "id" in asked:
            now = await all_states()
            assert {other: now[other] for other in ids if other != one} == {
                other: before[other] for other in ids if other != one
            }
    for event in reversed(undos):
        await desk.service.undo(desk.call, event=event, force=True)
    assert await all_states() == at_first
