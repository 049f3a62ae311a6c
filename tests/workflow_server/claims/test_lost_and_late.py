"""Answers that were lost, tokens that came late, and work that others mean to do."""

from __future__ import annotations

from typing import Any

import pytest
from tests.workflow_server.desk import Desk, HandClock

from bridge.agreed.errors import TandemError


async def lapsed(desk: Desk, clock: HandClock) -> tuple[str, str]:
    """An item whose lease of ann's has ended, and her token."""
    item = await desk.create("Held")
    token = (await desk.claim(item["id"], lease_minutes=5))["claim_token"]
    assert token is not None
    clock.pass_(minutes=6)
    return item["id"], token


@pytest.mark.parametrize("after", ["completed", "reopened", "claimed"])
async def test_a_late_token_does_not_go_over_what_others_did_since(
    desk: Desk, clock: HandClock, after: str
) -> None:
    item, token = await lapsed(desk, clock)
    bob = desk.as_("bob")
    if after == "claimed":
        await bob.claim(item)
    else:
        await bob.update(item, status="completed")
    if after == "reopened":
        await bob.update(item, status="planned")
    before = await desk.get(item)
    with pytest.raises(TandemError) as refused:
        await desk.update(item, status="active", claim_token=token)
    assert refused.value.code == "claim_lost"
    assert "bob" in refused.value.message
    if after == "completed":
        assert "Your lease ended at 2026-03-02T09:05:00.000Z; bob completed it at" in refused.value.message
    assert await desk.get(item) == before


async def test_a_note_with_a_late_token_is_kept_and_told(desk: Desk, clock: HandClock) -> None:
    item, token = await lapsed(desk, clock)
    await desk.as_("bob").update(item, status="completed")
    answer = await desk.update(item, note="what I found", claim_token=token)
    assert any("Your lease ended" in told and "bob completed it" in told for told in answer["warnings"])
    assert [note["text"] for note in (await desk.get(item, "notes"))["notes"]] == ["what I found"]
    assert (await desk.update(item, note="and more", claim_token=token))["warnings"] == []
    with pytest.raises(TandemError, match="bob completed it"):
        await desk.update(item, status="active", claim_token=token)


async def test_ones_own_work_under_the_claim_makes_its_token_not_late(desk: Desk) -> None:
    item = (await desk.create())["id"]
    token = (await desk.claim(item))["claim_token"]
    await desk.update(item, status="completed", claim_token=token)
    answer = await desk.update(item, status="active", claim_token=token)
    assert not any("claim on" in told for told in answer["warnings"])


async def test_a_token_that_proves_nothing_is_told(desk: Desk) -> None:
    item = (await desk.create())["id"]
    answer = await desk.update(item, note="x", claim_token="ct_nonsense")
    assert any("that of no claim that runs" in told for told in answer["warnings"])


async def test_the_history_does_not_show_by_what_a_token_is_known_again(desk: Desk) -> None:
    item = (await desk.create())["id"]
    await desk.claim(item)
    events = (await desk.service.history(desk.call, id=item))["events"]
    assert "key" not in str(events)


async def test_a_claim_is_given_to_one_caller_also_of_one_name(desk: Desk) -> None:
    item = (await desk.create())["id"]
    assert (await desk.claim(item))["claimed"]
    again = await desk.claim(item)  # agents of one host share its connection and its name
    assert (again["claimed"], again["claim_token"]) == (False, None)


async def test_what_is_said_of_a_missing_token_is_true(desk: Desk) -> None:
    item = (await desk.create())["id"]
    await desk.claim(item, lease_minutes=30)
    with pytest.raises(TandemError) as refused:
        await desk.claim(item, action="release")
    assert "only under its holder's name" in refused.value.hint
    with pytest.raises(TandemError):
        await desk.as_("bob").update(item, status="planned")
    await desk.update(item, status="planned")
    assert (await desk.get(item))["claim"] is None


async def test_the_same_note_again_at_once_is_kept_once(desk: Desk, clock: HandClock) -> None:
    item = (await desk.create())["id"]
    await desk.update(item, note="seen")
    again = await desk.update(item, note="seen", priority=0)
    assert any(told.startswith("note_repeated:") for told in again["warnings"])
    await desk.as_("bob").update(item, note="seen")
    clock.pass_(minutes=2)
    await desk.as_("bob").update(item, note="seen")
    stored = await desk.get(item, "notes")
    assert ([note["by"] for note in stored["notes"]], stored["priority"]) == (["ann", "bob", "bob"], 0)


async def test_active_without_a_claim_is_told_and_is_offered_to_others_last(
    desk: Desk, clock: HandClock
) -> None:
    urgent, calm = await desk.create("Urgent", priority=0), await desk.create("Calm", priority=3)
    answer = await desk.update(urgent["id"], status="active")
    assert any(f"claim_work_item(id={urgent['id']})" in told for told in answer["warnings"])
    bob = desk.as_("bob")
    assert (await bob.claim())["item"]["id"] == calm["id"]  # type: ignore[index]
    last = await bob.claim()
    assert last["item"]["id"] == urgent["id"]  # type: ignore[index]
    assert any("ann set" in told and "without claiming it" in told for told in last["warnings"])


async def test_work_set_active_long_ago_or_by_oneself_comes_in_its_turn(desk: Desk, clock: HandClock) -> None:
    urgent, calm = await desk.create("Urgent", priority=0), await desk.create("Calm", priority=3)
    await desk.update(urgent["id"], status="active")
    mine = await desk.claim()
    assert (mine["item"]["id"], mine["warnings"]) == (urgent["id"], [])  # type: ignore[index]
    await desk.update(calm["id"], status="active")
    await desk.create("Idle", priority=4)
    clock.pass_(hours=2)
    assert (await desk.as_("bob").claim())["item"]["id"] == calm["id"]  # type: ignore[index]


async def test_work_assigned_to_somebody_else_is_offered_last_and_with_a_word(desk: Desk) -> None:
    theirs = await desk.create("Theirs", priority=0, assignee="bob")
    mine = await desk.create("Mine", priority=2, assignee="Ann")
    free = await desk.create("Free", priority=3)
    claims: list[dict[str, Any]] = [dict(await desk.claim()) for _ in range(3)]
    assert [claim["item"]["id"] for claim in claims] == [mine["id"], free["id"], theirs["id"]]
    assert [len(claim["warnings"]) for claim in claims] == [0, 0, 1]
    assert "is assigned to bob" in claims[2]["warnings"][0]


async def test_asked_for_by_assignee_the_best_of_theirs_comes_first(desk: Desk) -> None:
    await desk.create("Later", priority=3, assignee="bob")
    first = await desk.create("First", priority=0, assignee="bob")
    claim = await desk.claim(filters={"assignee": "bob"})
    assert claim["item"]["id"] == first["id"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("held", "wanted", "overlap"),
    [
        ("mm.py", "mm.py::Square.area", True),
        ("mm.py::Square.area", "mm.py", True),
        ("mm.py", "mm.py:3-9", True),
        ("./mm.py", "mm.py::Square.area", True),
        ("mm.py", "mm.py", True),
        ("mm.py::Square.area", "mm.py::Circle.area", False),
        ("mm.py", "other.py::Square.area", False),
        ("mm.py", "sub/mm.py", False),
    ],
)
async def test_a_file_overlaps_with_all_that_is_in_it(
    desk: Desk, held: str, wanted: str, overlap: bool
) -> None:
    first = await desk.create("Held", entity_references=[held])
    other = await desk.create("Wanted", entity_references=[wanted])
    await desk.claim(first["id"])
    bob = desk.as_("bob")
    best = await bob.claim(avoid_overlap=True)
    assert best["claimed"] is not overlap
    if overlap:
        one = await bob.claim(other["id"])
        assert any(told.startswith("overlap:") for told in one["warnings"])


async def test_parent_id_means_the_whole_tree_for_work_that_can_be_done(desk: Desk) -> None:
    plan = await desk.plan(
        {"key": "epic", "title": "Epic"},
        {"key": "story", "title": "Story", "parent_id": "epic"},
        {"key": "step", "title": "Step", "parent_id": "story"},
        {"key": "late", "title": "Late", "parent_id": "story", "blocked_by": ["step"]},
    )
    epic, step, late = plan["epic"]["id"], plan["step"]["id"], plan["late"]["id"]
    await desk.create("Beside")
    assert await desk.ids(parent_id=epic, view="ready") == [step]
    assert late in await desk.ids(parent_id=epic, view="blocked")
    assert await desk.ids(parent_id=epic) == [plan["story"]["id"]]
    claim = await desk.claim(filters={"parent_id": epic})
    assert claim["item"]["id"] == step  # type: ignore[index]
    assert await desk.ids(parent_id=epic, view="claimed") == [step]
    none = await desk.claim(filters={"parent_id": epic})
    assert "1 is claimed" in str(none["reason"])
