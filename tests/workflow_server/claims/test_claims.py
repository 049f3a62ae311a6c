"""Claims: one holder, proven by a token; leases that end only when asked for; late writers refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.workflow_server.desk import Desk

from bridge.agreed.errors import TandemError


async def test_the_best_ready_item_goes_to_one_caller_with_everything_to_start(desk: Desk) -> None:
    blocker = await desk.create("Design")
    item = await desk.create("Build", blocked_by=[blocker["id"]], acceptance_criteria=["runs"], priority=0)
    await desk.update(blocker["id"], status="completed", note="see the sketch")
    await desk.update(item["id"], note="start with the parser")
    won = await desk.claim()
    assert won["claimed"]
    assert won["claim_token"]
    assert won["item"] is not None
    assert won["item"]["id"] == item["id"]
    assert won["item"]["status"] == "active"
    assert won["item"]["notes"][0]["text"] == "start with the parser"
    assert won["item"]["acceptance_criteria"][0]["text"] == "runs"
    assert [row["id"] for row in won["unblocked_by"]] == [blocker["id"]]
    lost = await desk.claim()
    assert (lost["claimed"], lost["claim_token"], lost["item"]) == (False, None, None)
    assert "1 is claimed" in str(lost["reason"])


async def test_two_windows_of_one_host_share_a_name_and_never_an_item(open_desk: Callable[..., Desk]) -> None:
    one, two = open_desk("ann"), open_desk("ann")
    item = await one.create()
    won = await one.claim(item["id"])
    lost = await two.claim(item["id"])
    assert (won["claimed"], lost["claimed"]) == (True, False)
    assert "ann (test-client 1) holds it through mcp since 2026-03-02" in str(lost["reason"])
    for action in ("release", "renew"):
        with pytest.raises(TandemError, match="`claim_token` is missing"):
            await two.claim(item["id"], action=action)
        with pytest.raises(TandemError) as refused:
            await two.claim(item["id"], action=action, claim_token="ct_guess")
        assert refused.value.code == "claim_lost"


async def test_claiming_again_with_the_token_is_the_same_claim(desk: Desk) -> None:
    item = await desk.create()
    won = await desk.claim(item["id"], lease_minutes=10)
    desk.clock.pass_(minutes=5)
    again = await desk.claim(item["id"], claim_token=won["claim_token"])
    assert again["claimed"]
    assert again["claim_token"] == won["claim_token"]
    assert again["lease_until"] == "2026-03-02T09:15:00.000Z"


async def test_the_token_is_shown_to_the_winner_alone_and_stored_nowhere(desk: Desk) -> None:
    item = await desk.create()
    token = str((await desk.claim(item["id"]))["claim_token"])
    seen = [
        await desk.get(item["id"], "history"),
        await desk.page(),
        await desk.service.history(desk.call),
        await desk.as_("bo").claim(item["id"]),
    ]
    assert token not in str(seen)
    backup = await desk.service.backup(desk.call)
    with open(backup["file"], "rb") as file:  # noqa: ASYNC230, PTH123
        assert token.encode() not in file.read()


async def test_a_claim_without_a_lease_never_lapses(desk: Desk) -> None:
    item = await desk.create()
    await desk.claim(item["id"])
    desk.clock.pass_(days=1000)
    assert not (await desk.as_("bo").claim(item["id"]))["claimed"]
    assert await desk.ids(view="ready") == []


async def test_a_lease_lapses_at_the_given_time_and_the_item_is_offered_again(desk: Desk) -> None:
    item = await desk.create()
    await desk.claim(item["id"], lease_minutes=10)
    desk.clock.pass_(minutes=9)
    assert not (await desk.as_("bo").claim())["claimed"]
    desk.clock.pass_(minutes=1)
    taken = await desk.as_("bo").claim()
    assert taken["item"] is not None
    assert taken["item"]["id"] == item["id"]


async def test_any_write_of_the_holder_renews_the_lease(desk: Desk) -> None:
    item = await desk.create()
    token = (await desk.claim(item["id"], lease_minutes=10))["claim_token"]
    for _ in range(5):
        desk.clock.pass_(minutes=8)
        await desk.update(item["id"], note="still at it", claim_token=token)
    assert not (await desk.as_("bo").claim(item["id"]))["claimed"]


async def test_somebody_elses_write_neither_takes_nor_renews_a_lease(desk: Desk) -> None:
    item = await desk.create()
    await desk.claim(item["id"], lease_minutes=10)
    with pytest.raises(TandemError) as refused:
        await desk.as_("bo").update(item["id"], title="Mine")
    assert refused.value.code == "claimed"
    bo = desk.as_("bo")
    with pytest.raises(TandemError, match="is claimed"):
        await bo.service.delete_work_item(bo.call, item["id"])
    with pytest.raises(TandemError, match="is claimed"):
        await bo.service.undo(bo.call, id=item["id"])
    desk.clock.pass_(minutes=10)
    await desk.as_("bo").update(item["id"], title="Free again")


async def test_a_late_writer_whose_lease_has_passed_to_another_is_refused(desk: Desk) -> None:
    item = await desk.create()
    late = (await desk.claim(item["id"], lease_minutes=5))["claim_token"]
    desk.clock.pass_(minutes=6)
    await desk.as_("bo").claim(item["id"])
    with pytest.raises(TandemError, match=r"bo .*holds it") as refused:
        await desk.update(item["id"], status="completed", claim_token=late)
    assert refused.value.code == "claim_lost"
    assert (await desk.get(item["id"]))["status"] == "active"


async def test_a_lapsed_lease_that_nobody_took_is_still_the_holders(desk: Desk) -> None:
    item = await desk.create()
    token = (await desk.claim(item["id"], lease_minutes=5))["claim_token"]
    desk.clock.pass_(minutes=6)
    await desk.update(item["id"], note="slow, but here", claim_token=token)
    assert not (await desk.as_("bo").claim(item["id"]))["claimed"]


async def test_release_gives_the_item_back_as_it_was(desk: Desk) -> None:
    item = await desk.create()
    token = (await desk.claim(item["id"]))["claim_token"]
    answer = await desk.claim(item["id"], action="release", claim_token=token)
    assert answer["item"] is not None
    assert (answer["item"]["status"], answer["item"]["claim"], answer["item"]["ready"]) == (
        "planned",
        None,
        True,
    )
    again = await desk.claim(item["id"], action="release", claim_token=token)
    assert "was not claimed" in str(again["reason"])


async def test_a_plain_update_never_arms_a_lease(desk: Desk) -> None:
    item = await desk.create()
    await desk.update(item["id"], status="active", assignee="ann")
    assert (await desk.get(item["id"]))["claim"] is None
    await desk.claim(item["id"])
    await desk.update(item["id"], note="working")
    claim = (await desk.get(item["id"]))["claim"]
    assert claim is not None
    assert claim["lease_until"] is None


async def test_completing_ends_the_claim(desk: Desk) -> None:
    item = await desk.create()
    token = (await desk.claim(item["id"]))["claim_token"]
    await desk.update(item["id"], status="completed", claim_token=token)
    assert (await desk.get(item["id"]))["claim"] is None
    await desk.update(item["id"], note="one more thing", claim_token=token)


async def test_an_item_that_is_not_ready_is_refused_with_the_reasons(desk: Desk) -> None:
    blocker = await desk.create("Blocker")
    item = await desk.create("Waits", blocked_by=[blocker["id"]])
    lost = await desk.claim(item["id"])
    assert not lost["claimed"]
    assert f"waits for {blocker['id']}" in str(lost["reason"])


async def test_filters_choose_among_the_ready(desk: Desk) -> None:
    await desk.create("Other", priority=0)
    mine = await desk.create("Mine", labels=["api"], metadata={"team": "core"})
    won = await desk.claim(filters={"label": ["api"], "metadata": {"team": "core"}, "text": "mine"})
    assert won["item"] is not None
    assert won["item"]["id"] == mine["id"]
    for nothing in ({"label": ["nowhere"]}, {"item_type": ["research"]}, {"parent_id": mine["id"]}):
        none = await desk.claim(filters=nothing)
        assert none["reason"] is not None
        assert none["reason"].startswith("No open item matches (")


async def test_overlap_is_warned_about_and_can_be_avoided(desk: Desk) -> None:
    busy = await desk.create("Busy", entity_references=["src/a.py::parse"], priority=0)
    same = await desk.create("Same code", entity_references=["src/a.py::parse"], priority=1)
    other = await desk.create("Other code", entity_references=["src/b.py::render"], priority=2)
    await desk.claim(busy["id"])
    apart = await desk.claim(avoid_overlap=True)
    assert apart["item"] is not None
    assert apart["item"]["id"] == other["id"]
    near = await desk.claim()
    assert near["item"] is not None
    assert near["item"]["id"] == same["id"]
    assert any("overlap" in warning and busy["id"] in warning for warning in near["warnings"])


async def test_where_all_that_is_ready_overlaps_nothing_is_claimed_and_the_pairs_are_named(
    desk: Desk,
) -> None:
    busy = await desk.create("Busy", entity_references=["src/a.py::parse"])
    await desk.claim(busy["id"])
    same = await desk.create("Same code", entity_references=["src/a.py::parse"])
    for answer in (await desk.claim(avoid_overlap=True), await desk.claim(same["id"], avoid_overlap=True)):
        assert (answer["claimed"], answer["item"]) == (False, None)
        assert answer["reason"] is not None
        assert answer["reason"].startswith(
            f"The only ready item that matches is about the code of claimed work: {same['id']} 'Same code' "
            f"with {busy['id']} 'Busy', which ann holds."
        )
    more = [await desk.create(f"More {n}", entity_references=["src/a.py::parse"]) for n in range(3)]
    reason = (await desk.claim(avoid_overlap=True))["reason"]
    assert reason is not None
    assert reason.startswith("All 4 ready items that match are about the code of claimed work:")
    assert "; and 1 more. Wait for it" in reason
    assert (await desk.get(more[0]["id"]))["status"] == "planned"


@pytest.mark.parametrize("minutes", [0, -1, "5", True, 10**9])
async def test_a_senseless_lease_is_refused(desk: Desk, minutes: object) -> None:
    item = await desk.create()
    with pytest.raises(TandemError, match="lease_minutes"):
        await desk.claim(item["id"], lease_minutes=minutes)


async def test_the_words_for_a_senseless_lease_name_the_bounds(desk: Desk) -> None:
    item = await desk.create()
    with pytest.raises(TandemError) as refused:
        await desk.claim(item["id"], lease_minutes=0)
    assert refused.value.text == "`lease_minutes` is 0. It must be above 0 and at most 43200."
    with pytest.raises(TandemError):
        await desk.claim(item["id"], lease_minutes=43_201)
    assert (await desk.claim(item["id"], lease_minutes=43_200))["claimed"]


async def test_renewing_by_name_of_the_action_starts_the_lease_anew(desk: Desk) -> None:
    item = await desk.create()
    token = (await desk.claim(item["id"], lease_minutes=10))["claim_token"]
    desk.clock.pass_(minutes=9)
    renewed = await desk.claim(item["id"], action="renew", claim_token=token)
    assert (renewed["claimed"], renewed["lease_until"]) == (True, "2026-03-02T09:19:00.000Z")
    longer = await desk.claim(item["id"], action="renew", claim_token=token, lease_minutes=60)
    assert longer["lease_until"] == "2026-03-02T10:09:00.000Z"
    desk.clock.pass_(minutes=1)
    again = await desk.claim(item["id"], claim_token=token, lease_minutes=5)
    assert again["lease_until"] == "2026-03-02T09:15:00.000Z", "claiming again takes the length given"
    for action in ("renew", "release"):
        with pytest.raises(TandemError) as lost:
            await desk.claim(item["id"], action=action, claim_token="ct_guess")
        assert "ann (test-client 1) holds it through mcp" in lost.value.message


async def test_history_tells_who_claimed_renewed_and_released_and_for_how_long(desk: Desk) -> None:
    item = await desk.create()
    token = (await desk.claim(item["id"], lease_minutes=10))["claim_token"]
    desk.clock.pass_(minutes=1)
    bo = desk.as_("bo", door="cli")
    await bo.claim(item["id"], action="renew", claim_token=token)
    await bo.claim(item["id"], action="release", claim_token=token)
    told: list[dict[str, Any]] = [dict(event) for event in (await desk.get(item["id"], "history"))["history"]]
    events = {event["action"]: event for event in told}
    claim, renew, release = events["claim"], events["renew"], events["release"]
    assert (claim["before"]["claim"], claim["after"]["claim"]) == (None, {"by": "ann", "lease_minutes": 10})
    holder = {"by": "ann", "at": "2026-03-02T09:00:00.000Z"}
    first, second = ({**holder, "lease_until": f"2026-03-02T09:{minute}:00.000Z"} for minute in (10, 11))
    assert (renew["before"]["claim"], renew["after"]["claim"]) == (first, {"by": "ann", "lease_minutes": 10})
    assert (release["before"]["claim"], release["after"]["claim"]) == (second, {"by": "ann"})
    assert [event["actor"] for event in (claim, renew, release)] == ["ann", "bo", "bo"]
    assert (release["before"]["status"], release["after"]["status"]) == ("active", "planned")


async def test_a_release_without_a_token_and_an_action_that_is_none_say_what_to_do(desk: Desk) -> None:
    item = await desk.create()
    await desk.claim(item["id"])
    with pytest.raises(TandemError) as missing:
        await desk.claim(item["id"], action="release")
    assert missing.value.text == (
        "`claim_token` is missing. "
        "Pass the claim_token that the claim answered; it proves who holds the item. "
        "Setting its status to planned gives it back without one; while a lease runs, only under its "
        "holder's name."
    )
    with pytest.raises(TandemError) as unknown:
        await desk.claim(item["id"], action="steal")
    assert unknown.value.text == '`action` is "steal". It must be one of: claim, renew, release.'
    assert unknown.value.details["field"] == "action"


async def test_a_claim_whose_holder_is_gone_is_given_back_by_planning_the_item_again(desk: Desk) -> None:
    """Hosts end and forget their tokens; without a lease nothing else would ever free the item."""
    item = await desk.create("Held")
    token = (await desk.claim(item["id"]))["claim_token"]
    bo = desk.as_("bo", door="cli")
    refused = await bo.claim(item["id"])
    told_why = str(refused["reason"])
    assert told_why.endswith("Setting its status to planned gives it back, if its holder is gone.")
    await bo.update(item["id"], status="planned")
    told: dict[str, Any] = dict((await desk.get(item["id"], "history"))["history"][-1])
    assert (told["actor"], told["before"]["claim"]["by"], told["after"]["claim"]) == ("bo", "ann", None)
    assert (await bo.claim(item["id"]))["claimed"] is True
    with pytest.raises(TandemError) as late:
        await desk.update(item["id"], claim_token=token, note="Still at it.")
    assert late.value.code == "claim_lost"


async def test_planning_again_frees_what_is_planned_and_held_but_goes_over_no_lease(desk: Desk) -> None:
    item = await desk.create("Held")
    token = (await desk.claim(item["id"], lease_minutes=10))["claim_token"]
    bo = desk.as_("bo")
    with pytest.raises(TandemError) as running:
        await bo.update(item["id"], status="planned")
    assert running.value.code == "claimed"
    assert "gives it back" not in str((await bo.claim(item["id"]))["reason"]), "that would be refused"
    await desk.update(item["id"], claim_token=token, status="blocked")
    assert "claim" in await desk.get(item["id"]), "a holder who is stuck still holds it"
    await desk.update(item["id"], claim_token=token, status="planned")
    assert (await desk.get(item["id"])).get("claim") is None


async def test_releasing_what_nobody_holds_is_no_error(desk: Desk) -> None:
    item = await desk.create()
    told = await desk.claim(item["id"], action="release", claim_token="ct_any")
    assert (told["claimed"], told["reason"]) == (False, f"{item['id']} was not claimed.")


async def test_why_nothing_is_ready_counts_each_reason(desk: Desk) -> None:
    assert (await desk.claim())["reason"] == "No open item matches."
    held = await desk.create("Held")
    await desk.claim(held["id"])
    parent = await desk.create("Parent")
    await desk.create("Waiting", parent_id=parent["id"], blocked_by=[held["id"]])
    await desk.create("Waiting too", blocked_by=[held["id"]])
    await desk.create("Later", defer_until="2026-04-01")
    assert (await desk.claim())["reason"] == (
        "None of the 5 open items that match is ready: 2 wait for something "
        "(list_work_items view=blocked says what), 1 is claimed, 1 is deferred, 1 has open children."
    )
    assert (await desk.claim(filters={"label": ["none such"]}))["reason"] == (
        "No open item matches (label [\"none such\"]). No item has the label 'none such'."
    )
    unheard = await desk.claim(filters={"text": "unheard-of"})
    assert unheard["reason"] == 'No open item matches (text "unheard-of").'
    assert (await desk.claim(filters={"text": "too"}))["reason"] == (
        "None of the 1 open items that match is ready: 1 waits for something "
        "(list_work_items view=blocked says what)."
    )
    desk.clock.pass_(days=60)
    assert (await desk.claim())["claimed"], "what was deferred is ready when its day has come"


async def test_work_under_a_lease_overlaps_until_the_lease_has_run_out(desk: Desk) -> None:
    first = await desk.create("First", entity_references=["src/a.py::login"])
    second = await desk.create("Second", entity_references=["src/a.py::login"])
    third = await desk.create("Third", entity_references=["src/a.py::login"])
    await desk.claim(first["id"], lease_minutes=30)
    assert first["id"] in (await desk.claim(second["id"], lease_minutes=10))["warnings"][0]
    desk.clock.pass_(minutes=31)
    assert (await desk.claim(third["id"]))["warnings"] == []


async def test_overlap_names_the_work_that_holds_the_code(desk: Desk) -> None:
    first = await desk.create("First " + "long " * 20, entity_references=["src/a.py::login"])
    second = await desk.create("Second", entity_references=["src/a.py::login"])
    await desk.claim(first["id"])
    won = await desk.claim(second["id"])
    title = ("First " + "long " * 20)[:60]
    assert won["warnings"] == [
        f"overlap: claimed work is about the same code: {first['id']} '{title}'. Agree on who changes it."
    ]


async def test_overlap_names_each_work_that_holds_the_code(desk: Desk) -> None:
    items = [await desk.create(title, entity_references=["src/a.py::login"]) for title in ("A", "B", "C")]
    for item in items[:2]:
        await desk.claim(item["id"])
    (told,) = (await desk.claim(items[2]["id"]))["warnings"]
    named = [f"{item['id']} '{item['title']}'" for item in items[:2]]
    assert told.removesuffix(". Agree on who changes it.") in {
        f"overlap: claimed work is about the same code: {'; '.join(order)}" for order in (named, named[::-1])
    }


async def test_who_finishes_an_item_over_a_claim_is_told_whose_it_is_and_so_is_the_holder(desk: Desk) -> None:
    item = await desk.create()
    token = (await desk.claim(item["id"]))["claim_token"]
    bo = desk.as_("bo", "cli")
    noted = await bo.update(item["id"], note="may I?")
    (told,) = noted["warnings"]
    assert "ann (test-client 1) holds it through mcp since 2026-03-02" in told
    assert "without its claim_token" in told
    assert "undo" in told
    done = await bo.update(item["id"], status="completed")
    assert done["warnings"] == [told]
    (read,) = (await desk.get(item["id"]))["warnings"]
    assert "bo (other-client 2, cli) changed note at" in read
    assert "completed it at" in read
    assert f"While ann held {item['id']} (you, if you have its claim_token; else another window)" in read
    assert "That claim ended with it." in read
    assert (await bo.get(item["id"]))["warnings"] == []
    after = await desk.update(item["id"], note="still at it", claim_token=token)
    (sure,) = after["warnings"]
    assert sure.startswith(f"While you held {item['id']}: bo (other-client 2, cli) changed note at")
    assert "Your claim ended with that." in sure
    assert (await desk.update(item["id"], note="known now", claim_token=token))["warnings"] == []


@pytest.mark.parametrize("action", ["claim", "renew", "release"])
async def test_the_holder_hears_of_it_with_any_call_that_has_the_token(desk: Desk, action: str) -> None:
    item = await desk.create()
    token = (await desk.claim(item["id"]))["claim_token"]
    await desk.as_("bo").update(item["id"], priority=0)
    answer = await desk.claim(item["id"], action=action, claim_token=token)
    assert "bo (other-client 2, mcp) changed priority" in answer["warnings"][0]
    assert "claim ended" not in answer["warnings"][0], "only the item was changed"


async def test_a_renewal_after_the_item_was_given_back_by_another_says_by_whom(desk: Desk) -> None:
    item = await desk.create()
    token = (await desk.claim(item["id"]))["claim_token"]
    await desk.as_("bo").update(item["id"], status="planned")
    told = r"nobody holds it.*bo \(other-client 2, mcp\) changed status.*Your claim ended with that"
    with pytest.raises(TandemError, match=told):
        await desk.claim(item["id"], action="renew", claim_token=token)


async def test_deleting_and_undoing_over_a_claim_warn_too(desk: Desk) -> None:
    item = await desk.create()
    await desk.update(item["id"], title="Other")
    await desk.claim(item["id"])
    bo = desk.as_("bo")
    undone = await bo.service.undo(bo.call, id=item["id"])
    assert "is claimed: ann" in undone["warnings"][0]
    assert (await desk.service.undo(desk.call, id=item["id"]))["warnings"] == []
    deleted = await bo.service.delete_work_item(bo.call, item["id"])
    assert "is claimed: ann" in deleted["warnings"][0]


@pytest.mark.parametrize("way", ["restore", "undo"])
async def test_what_was_deleted_over_a_claim_comes_back_to_its_holder(desk: Desk, way: str) -> None:
    item = await desk.create()
    token = (await desk.claim(item["id"]))["claim_token"]
    bo = desk.as_("bo")
    deleted = await bo.service.delete_work_item(bo.call, item["id"])
    if way == "restore":
        await bo.service.delete_work_item(bo.call, item["id"], restore=True)
    else:
        await bo.service.undo(bo.call, event=deleted["event"])
    assert (await bo.claim(item["id"]))["claimed"] is False
    assert (await desk.claim(item["id"], action="renew", claim_token=token))["claimed"] is True


async def test_a_person_at_the_shell_who_claimed_there_gives_no_token_and_gets_no_warning(desk: Desk) -> None:
    shell = desk.as_("ann", "cli")
    item = await shell.create()
    await shell.claim(item["id"])
    assert (await shell.update(item["id"], status="completed"))["warnings"] == []


async def test_two_windows_of_one_host_look_alike_and_the_token_tells_them_apart(desk: Desk) -> None:
    item = await desk.create()
    token = (await desk.claim(item["id"]))["claim_token"]
    told = await desk.update(item["id"], status="completed")
    assert "without its claim_token" in told["warnings"][0]
    kept = await desk.update(item["id"], note="was that me?", claim_token=token)
    assert "completed it at" in kept["warnings"][0]


async def test_what_an_item_still_waits_for_is_told_apart_from_what_is_done(desk: Desk) -> None:
    from workflow_server.doors.text.items import item_text

    done, opened = await desk.create("Done"), await desk.create("Open")
    item = await desk.create("Waits", blocked_by=[done["id"], opened["id"]])
    finished = (await desk.update(done["id"], status="completed"))["items"][0]["item"]
    assert f"{item['id']} waited for this" in item_text(finished)
    waiting = await desk.get(item["id"])
    assert waiting["waits_for"] == [opened["id"]]
    assert f"waited for {done['id']}" in item_text(waiting)
    await desk.update(opened["id"], status="completed")
    ready = await desk.get(item["id"])
    assert "waits_for" not in ready
    assert "waited for " + ", ".join(ready["blocked_by"]) in item_text(ready)
    assert "waits" not in item_text(ready).replace("Waits", "")


async def test_what_duplicates_an_open_item_is_not_offered_without_a_word(desk: Desk) -> None:
    first = await desk.create("Login fails", status="active")
    again = await desk.create("Cannot log in", links=[{"kind": "duplicates", "id": first["id"]}], priority=0)
    told = [
        f"duplicates: {again['id']} duplicates {first['id']} 'Login fails', which is active: do the work "
        "once, and cancel the other."
    ]
    assert (await desk.page(view="ready"))["warnings"] == told
    won = await desk.claim()
    assert (won["claimed"], won["warnings"]) == (True, told)
    await desk.claim(again["id"], action="release", claim_token=won["claim_token"])
    await desk.update(first["id"], status="completed")
    assert (await desk.page(view="ready"))["warnings"] == (await desk.claim())["warnings"] == []
