"""What changed since yesterday, what did ann do: history and lists by actor and time, through every door."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.workflow_server.desk import Desk

from bridge.agreed.errors import TandemError
from workflow_server.doors.text.answers import as_text
from workflow_server.doors.text.events import event_line
from workflow_server.store import clock

NOW = "2026-03-02T09:00:00.000Z"


async def days_of_work(desk: Desk) -> tuple[str, str, str]:
    """One item made by ann three days ago, one by bo yesterday, one by ann now; bo touched the first."""
    first = (await desk.create("Login"))["id"]
    desk.clock.pass_(days=2)
    second = (await desk.as_("bo").create("Logout"))["id"]
    desk.clock.pass_(hours=20)
    await desk.as_("bo").update(first, priority=0)
    third = (await desk.create("Tokens"))["id"]
    return first, second, third


async def told(desk: Desk, **choice: object) -> list[tuple[str, str]]:
    answer = await desk.service.history(desk.call, **choice)  # type: ignore[arg-type]  # the service checks it
    assert answer["total_count"] == len(answer["events"])
    return [(event["actor"], event["item_id"]) for event in answer["events"]]


async def test_the_history_is_read_from_a_moment_on(desk: Desk) -> None:
    first, second, third = await days_of_work(desk)
    assert await told(desk, since="1d") == [("bo", second), ("bo", first), ("ann", third)]
    assert await told(desk, since="19h") == [("bo", first), ("ann", third)]
    assert await told(desk, since="2026-03-05T04:00Z") == [("bo", first), ("ann", third)]
    assert len(await told(desk, since="2026-01-01")) == 4


async def test_the_history_is_read_of_one_actor(desk: Desk) -> None:
    first, second, third = await days_of_work(desk)
    assert await told(desk, actor="Bo") == [("bo", second), ("bo", first)]
    assert await told(desk, actor="ann", since="19h") == [("ann", third)]
    assert await told(desk, id=first, actor="bo") == [("bo", first)]
    assert await told(desk, actor="nobody") == []
    back = await desk.service.newest_history(desk.call, actor="ann", limit=1)
    assert [event["item_id"] for event in back["events"]] == [third]
    older = await desk.service.newest_history(desk.call, actor="ann", before=back["older"])
    assert ([event["item_id"] for event in older["events"]], older["older"]) == ([first], 0)


async def test_a_list_tells_what_was_changed_since_then_and_by_whom_the_newest_change_first(
    desk: Desk,
) -> None:
    first, second, third = await days_of_work(desk)
    assert await desk.ids(changed_since="19h") == [third, first]
    assert await desk.ids(changed_by="BO") == [first, second]
    assert await desk.ids(changed_since="19h", changed_by="bo") == [first]
    assert await desk.ids(changed_since="19h", text="login") == [first]


@pytest.mark.parametrize("given", ["soon", "", "-3", "2026-13-01", "99999d99"])
async def test_what_names_no_moment_is_refused_with_the_forms_there_are(desk: Desk, given: str) -> None:
    for ask in (desk.service.history(desk.call, since=given), desk.page(changed_since=given)):
        with pytest.raises(TandemError) as refused:
            await ask
        assert refused.value.code == "invalid_argument"
    if given == "soon":
        assert "yesterday, 2h, 3d" in refused.value.hint


def test_a_moment_is_named_as_people_do() -> None:
    assert clock.past("2h", NOW) == "2026-03-02T07:00:00.000Z"
    assert clock.past("90 min ago", NOW) == "2026-03-02T07:30:00.000Z"
    assert clock.past("1w", NOW) == "2026-02-23T09:00:00.000Z"
    assert clock.past("2026-03-01", NOW) == "2026-03-01T00:00:00.000Z"
    assert clock.past("2026-03-01t10:00+02:00", NOW) == "2026-03-01T08:00:00.000Z"
    today, yesterday = (clock.parse(clock.past(day, NOW)).astimezone() for day in ("today", "Yesterday"))
    assert (today.hour, yesterday.hour) == (0, 0), "where this machine is"
    assert today.date() == datetime(2026, 3, 2, 9, tzinfo=UTC).astimezone().date()
    assert (today.date() - yesterday.date()).days == 1


async def test_a_line_of_an_item_with_many_fields_still_says_which_item(desk: Desk) -> None:
    await desk.create(
        "Imported", description="long", labels=["a"], assignee="bo", due="2026-04-01", metadata={"key": 1}
    )
    (event,) = (await desk.service.history(desk.call))["events"]
    line = event_line(event)
    assert "title: Imported" in line
    assert "assignee: bo" in line
    assert "more fields" in line


async def test_the_undo_of_a_deletion_says_that_the_item_is_there_again(desk: Desk) -> None:
    item = (await desk.create("Here"))["id"]
    gone = await desk.service.delete_work_item(desk.call, item)
    back = await desk.service.undo(desk.call, id=item)
    assert back["items"][0]["changed"] == ["restored"]
    assert "planned; restored" in as_text("undo", back)
    assert "deleted_at" not in as_text("undo", back)
    again = await desk.service.undo(desk.call, event=back["event"])
    assert again["items"][0]["changed"] == ["deleted"]
    assert gone["deleted"] == [item]
