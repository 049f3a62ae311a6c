"""Ready, blocked and why: one decision, told in sentences, the same in every view."""

from __future__ import annotations

import pytest
from tests.workflow_server.desk import Desk

from bridge.agreed.errors import TandemError


async def reasons(desk: Desk, id: str) -> list[str]:  # noqa: A002
    return (await desk.service.why_blocked(desk.call, id))["reasons"]


async def test_order_is_priority_then_age_then_what_unblocks_most(desk: Desk) -> None:
    old = await desk.create("Old and normal")
    desk.clock.pass_(minutes=1)
    made = await desk.plan(
        {"key": "few", "title": "Frees one"},
        {"key": "many", "title": "Frees two"},
        {"key": "x", "title": "X", "blocked_by": ["many", "few"]},
        {"key": "y", "title": "Y", "blocked_by": ["many"]},
    )
    desk.clock.pass_(minutes=1)
    urgent = await desk.create("Urgent", priority=0)
    assert await desk.ids(view="ready") == [urgent["id"], old["id"], made["many"]["id"], made["few"]["id"]]


async def test_a_parents_blocker_blocks_its_children(desk: Desk) -> None:
    blocker = await desk.create("Blocker")
    parent = await desk.create("Parent", blocked_by=[blocker["id"]])
    child = await desk.create("Child", parent_id=parent["id"])
    grandchild = await desk.create("Grandchild", parent_id=child["id"])
    assert await desk.ids(view="ready") == [blocker["id"]]
    (why,) = await reasons(desk, grandchild["id"])
    assert why == f"its ancestor {parent['id']} 'Parent' waits for {blocker['id']} 'Blocker' (planned)"
    await desk.update(blocker["id"], status="completed")
    assert await desk.ids(view="ready") == [grandchild["id"]]


async def test_containers_with_open_children_are_not_offered(desk: Desk) -> None:
    epic = await desk.create("Epic")
    child = await desk.create("Child", parent_id=epic["id"])
    assert await desk.ids(view="ready") == [child["id"]]
    await desk.update(child["id"], status="cancelled")
    assert await desk.ids(view="ready") == [epic["id"]]


async def test_deferred_items_and_their_children_wait_for_the_day(desk: Desk) -> None:
    epic = await desk.create("Later", defer_until="2026-03-03")
    child = await desk.create("Child", parent_id=epic["id"])
    assert await desk.ids(view="ready") == []
    assert await reasons(desk, child["id"]) == [
        f"its ancestor {epic['id']} 'Later' is deferred until 2026-03-03"
    ]
    desk.clock.pass_(days=1)
    assert await desk.ids(view="ready") == [child["id"]]


async def test_a_cancelled_or_deleted_blocker_no_longer_blocks(desk: Desk) -> None:
    first, second = await desk.create("First"), await desk.create("Second")
    item = await desk.create("Item", blocked_by=[first["id"], second["id"]])
    await desk.update(first["id"], status="cancelled")
    await desk.service.delete_work_item(desk.call, second["id"])
    assert await desk.ids(view="ready") == [item["id"]]
    await desk.service.delete_work_item(desk.call, second["id"], restore=True)
    await desk.update(first["id"], status="planned")
    assert len(await reasons(desk, item["id"])) == 2


async def test_every_reason_is_told_at_once(desk: Desk) -> None:
    blocker = await desk.create("Blocker")
    item = await desk.create("Item", blocked_by=[blocker["id"]], defer_until="2027-01-01", status="blocked",
                             status_reason="no key")  # fmt: skip
    child = await desk.create("Child", parent_id=item["id"])
    assert await reasons(desk, item["id"]) == [
        f"it waits for {blocker['id']} 'Blocker' (planned)",
        "its status is blocked: no key",
        f"it has 1 open child: {child['id']}",
        "it is deferred until 2027-01-01",
    ]
    row = next(row for row in await desk.rows(view="blocked") if row["id"] == item["id"])
    assert row["why_blocked"] == await reasons(desk, item["id"])


async def test_blocked_by_reads_as_waits_for(desk: Desk) -> None:
    """No `blocks` argument exists, so a dependency cannot be turned round by mistake."""
    first = await desk.create("First")
    with pytest.raises(TandemError, match=r"`blocks` is not a field.*Did you mean `blocked_by`"):
        await desk.create("Second", blocks=[first["id"]])


async def test_dependency_cycles_are_drawn(desk: Desk) -> None:
    a = await desk.create("A")
    b = await desk.create("B", blocked_by=[a["id"]])
    c = await desk.create("C", blocked_by=[b["id"]])
    with pytest.raises(TandemError) as refused:
        await desk.update(a["id"], add_blocked_by=[c["id"]])
    assert refused.value.code == "dependency_cycle"
    assert refused.value.details["cycle"] == [a["id"], c["id"], b["id"], a["id"]]
    assert (
        f"{a['id']} 'A' waits for {c['id']} 'C' waits for {b['id']} 'B' waits for {a['id']} 'A'"
        in refused.value.text
    )
    with pytest.raises(TandemError, match="cannot wait for or link to itself"):
        await desk.update(a["id"], add_blocked_by=[a["id"]])


async def test_a_child_whose_end_the_parent_waits_for_cannot_start(desk: Desk) -> None:
    """The parent waits for the child, and a child may not start before its parent: neither ever would."""
    child = await desk.create("Child")
    parent = await desk.create("Parent", blocked_by=[child["id"]])
    with pytest.raises(TandemError) as refused:
        await desk.update(child["id"], parent_id=parent["id"])
    assert refused.value.code == "dependency_cycle"
    assert refused.value.details["cycle"] == [child["id"], parent["id"], child["id"]]
    assert refused.value.hint.startswith("Remove one of these dependencies first")
    between = await desk.create("Between", blocked_by=[child["id"]])
    later = await desk.create("Later", blocked_by=[between["id"]])
    with pytest.raises(TandemError) as refused:
        await desk.update(child["id"], parent_id=later["id"])
    assert refused.value.details["cycle"] == [child["id"], later["id"], between["id"], child["id"]]


async def test_what_has_a_child_that_waits_for_an_item_cannot_go_below_that_item(desk: Desk) -> None:
    """It would end only after its child, the child after the item, and the item after all below it."""
    above, middle = await desk.create("Above"), await desk.create("Middle")
    below = await desk.create("Below", parent_id=middle["id"], blocked_by=[above["id"]])
    with pytest.raises(TandemError) as refused:
        await desk.update(middle["id"], parent_id=above["id"])
    assert refused.value.code == "dependency_cycle"
    assert {above["id"], below["id"]} <= set(refused.value.details["cycle"])
    assert refused.value.message.startswith(f"{middle['id']} cannot become a child of {above['id']}")
    await desk.update(below["id"], remove_blocked_by=[above["id"]])
    await desk.update(middle["id"], parent_id=above["id"])


async def test_waiting_for_ones_own_parent_or_child_is_a_deadlock(desk: Desk) -> None:
    parent = await desk.create("Parent")
    child = await desk.create("Child", parent_id=parent["id"])
    for waiting, blocker in ((child, parent), (parent, child)):
        with pytest.raises(TandemError, match="closes a cycle"):
            await desk.update(waiting["id"], add_blocked_by=[blocker["id"]])
    with pytest.raises(TandemError, match="closes a cycle"):
        await desk.create("Child that waits", parent_id=parent["id"], blocked_by=[parent["id"]])


async def test_two_epics_whose_children_wait_for_each_others_epic_deadlock(desk: Desk) -> None:
    one, two = await desk.create("One"), await desk.create("Two")
    in_one = await desk.create("In one", parent_id=one["id"])
    in_two = await desk.create("In two", parent_id=two["id"], blocked_by=[one["id"]])
    with pytest.raises(TandemError, match="closes a cycle"):
        await desk.update(in_one["id"], add_blocked_by=[two["id"]])
    await desk.update(in_two["id"], blocked_by=[])
    await desk.update(in_one["id"], add_blocked_by=[two["id"]])


async def test_a_cycle_may_not_sleep_in_deleted_items(desk: Desk) -> None:
    a = await desk.create("A")
    b = await desk.create("B", blocked_by=[a["id"]])
    await desk.service.delete_work_item(desk.call, b["id"])
    c = await desk.create("C")
    await desk.update(c["id"], blocked_by=[])
    await desk.service.delete_work_item(desk.call, b["id"], restore=True)
    await desk.update(c["id"], add_blocked_by=[b["id"]])
    await desk.service.delete_work_item(desk.call, b["id"])
    with pytest.raises(TandemError, match="closes a cycle"):
        await desk.update(a["id"], add_blocked_by=[c["id"]])
