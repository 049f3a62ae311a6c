"""Each tool over MCP, in both protocol eras: what it answers, and how small."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_server.doors.operations import OPERATIONS
from workflow_server.doors.text import budget

from .conftest import Connect, Era


async def test_create_answers_id_version_and_status_only(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        made = await tools("create_work_item", title="New task", labels=["red"])
        assert set(made) == {"id", "version", "status", "created", "project", "warnings"}
        assert made["id"].startswith("wi_")
        assert (made["version"], made["status"], made["created"], made["project"]) == (
            1,
            "planned",
            True,
            "tests",
        )
        item = (await tools("get_work_item", ids=[made["id"]]))["items"][0]
        assert (item["title"], item["item_type"], item["labels"]) == ("New task", "task", ["red"])
        assert (item["entity_references"], item["metadata"]) == ([], {})


async def test_a_retried_create_finds_the_first_item(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        first = await tools("create_work_item", title="Once", idempotency_key="k1")
        again = await tools("create_work_item", title="Once", idempotency_key="k1")
        assert (again["id"], again["created"]) == (first["id"], False)
        assert (await tools("list_work_items"))["total_count"] == 1


async def test_a_plan_is_made_with_local_keys(connect: Connect, era: Era) -> None:
    plan = [
        {"key": "goal", "title": "Goal"},
        {"key": "build", "title": "Build it", "parent_id": "goal", "blocked_by": ["think"]},
        {"key": "think", "title": "Think", "parent_id": "goal"},
    ]
    async with connect(era) as tools:
        rehearsed = await tools("create_work_items", items=plan, dry_run=True)
        assert rehearsed["dry_run"]
        assert (await tools("list_work_items"))["total_count"] == 0
        made = {each["key"]: each["id"] for each in (await tools("create_work_items", items=plan))["items"]}
        item = (await tools("get_work_item", ids=[made["build"]]))["items"][0]
        assert (item["parent_id"], item["blocked_by"]) == (made["goal"], [made["think"]])
        ready = await tools("list_work_items", view="ready")
        assert [row["id"] for row in ready["items"]] == [made["think"]]


async def test_a_plan_with_a_fault_stores_nothing(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        told = await tools.refused(
            "create_work_items", items=[{"title": "Good"}, {"title": "Bad", "blocked_by": ["nobody"]}]
        )
        assert "nobody" in told
        assert (await tools("list_work_items"))["total_count"] == 0


async def test_get_says_what_is_missing(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        made = await tools("create_work_item", title="Here")
        answer = await tools("get_work_item", ids=[made["id"], "wi_aaaaaaa"])
        assert [item["id"] for item in answer["items"]] == [made["id"]]
        assert [each["id"] for each in answer["missing"]] == ["wi_aaaaaaa"]


async def test_list_pages_with_a_cursor_and_true_totals(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        await tools("create_work_items", items=[{"title": f"Task {number}"} for number in range(30)])
        first = await tools("list_work_items", limit=20)
        rest = await tools("list_work_items", limit=20, cursor=first["next_cursor"])
        ids = [row["id"] for row in first["items"] + rest["items"]]
        assert (len(ids), len(set(ids)), first["total_count"], rest["next_cursor"]) == (30, 30, 30, None)
        assert "description" not in first["items"][0]


async def test_max_tokens_shortens_the_page_and_the_cursor_goes_on_behind_it(
    connect: Connect, era: Era
) -> None:
    async with connect(era) as tools:
        await tools(
            "create_work_items", items=[{"title": f"Task {number} " + "x" * 60} for number in range(25)]
        )
        text = await tools.text("list_work_items", max_tokens=150)
        assert budget.nominal_tokens(text) <= 150
        seen: list[str] = []
        cursor: dict[str, Any] = {}
        while True:
            page = await tools("list_work_items", max_tokens=150, **cursor)
            seen += [row["id"] for row in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert (len(seen), len(set(seen))) == (25, 25)


async def test_update_appends_ticks_and_completes(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        made = await tools(
            "create_work_item", title="Do it", acceptance_criteria=["it works"], assignee="ann"
        )
        told = await tools.refused("update_work_item", ids=[made["id"]], status="completed")
        assert "it works" in told
        assert "override_reason" in told
        tick = {"index": 0, "done": True, "evidence": "tests/test_it.py"}
        done = await tools(
            "update_work_item",
            ids=[made["id"]],
            status="completed",
            criteria=[tick],
            note="Done.",
            assignee="",
        )
        (row,) = done["items"]
        assert (row["id"], row["version"], row["status"]) == (made["id"], 2, "completed")
        item = (await tools("get_work_item", ids=[made["id"]], include=["notes", "history"]))["items"][0]
        assert item["acceptance_criteria"][0]["evidence"] == "tests/test_it.py"
        assert item["assignee"] is None
        assert [note["text"] for note in item["notes"]] == ["Done."]
        assert [event["actor"] for event in item["history"]] == ["test-host", "test-host"]
        assert item["history"][0]["client"] == "test-host 1.2"


async def test_a_stale_version_is_a_conflict_that_says_who_changed_what(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        made = await tools("create_work_item", title="Old")
        await tools("update_work_item", ids=[made["id"]], title="New", expected_version=1)
        told = await tools.refused("update_work_item", ids=[made["id"]], title="Newer", expected_version=1)
        assert "test-host" in told
        assert "title" in told


async def test_a_claim_is_won_once_and_comes_with_all_that_is_needed(connect: Connect, era: Era) -> None:
    async with connect(era) as tools, connect(era) as window:
        await tools("create_work_item", title="Later", priority=3)
        await tools(
            "create_work_item", title="First", priority=0, description="Do this.", acceptance_criteria=["x"]
        )
        won = await tools("claim_work_item", lease_minutes=5)
        assert won["claimed"]
        assert won["claim_token"]
        assert won["item"]["title"] == "First"
        assert won["item"]["description"] == "Do this."
        lost = await window("claim_work_item", id=won["item"]["id"])
        assert not lost["claimed"]
        assert "test-host" in lost["reason"]
        assert lost["claim_token"] is None
        await tools("claim_work_item", id=won["item"]["id"], action="release", claim_token=won["claim_token"])
        assert (await tools("claim_work_item", id=won["item"]["id"]))["claimed"]


async def test_delete_restore_and_undo(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        parent = (await tools("create_work_item", title="Parent"))["id"]
        child = (await tools("create_work_item", title="Child", parent_id=parent))["id"]
        gone = await tools("delete_work_item", id=parent)
        assert gone["deleted"] == [parent, child]
        assert (await tools("list_work_items"))["total_count"] == 0
        await tools("delete_work_item", id=parent, restore=True)
        assert (await tools("list_work_items"))["total_count"] == 2
        await tools("update_work_item", ids=[child], title="Renamed")
        undone = await tools("undo", id=child)
        assert (await tools("get_work_item", ids=[child]))["items"][0]["title"] == "Child"
        await tools("undo", event=undone["event"])
        assert (await tools("get_work_item", ids=[child]))["items"][0]["title"] == "Renamed"


async def test_a_type_checks_metadata(connect: Connect, era: Era) -> None:
    schema = {"type": "object", "properties": {"level": {"enum": ["low", "high"]}}, "required": ["level"]}
    async with connect(era) as tools:
        defined = await tools("define_item_type", name="risk", schema=schema, description="What may go wrong")
        assert (defined["name"], defined["version"]) == ("risk", 1)
        told = await tools.refused(
            "create_work_item", title="R", item_type="risk", metadata={"level": "huge"}
        )
        assert "level" in told
        assert "low" in told
        assert "high" in told
        await tools("create_work_item", title="R", item_type="risk", metadata={"level": "low"})
        found = await tools("list_work_items", metadata={"level": "low"})
        assert found["total_count"] == 1


async def test_projects_are_apart_and_named_in_every_answer(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        await tools("create_work_item", title="Here")
        await tools("manage_projects", action="create", name="other")
        there = await tools("list_work_items", project="other")
        assert (there["project"], there["total_count"]) == ("other", 0)
        await tools("manage_projects", action="select", name="other")
        made = await tools("create_work_item", title="There")
        assert made["project"] == "other"
        names = {each["name"] for each in (await tools("manage_projects"))["projects"]}
        assert names == {"tests", "other"}
        figures = (await tools("manage_projects", action="statistics", name="tests"))["statistics"]
        assert figures["counts"]["planned"] == 1
        assert "1 planned" in await tools.text("manage_projects", action="statistics", name="tests")


@pytest.mark.parametrize("name", OPERATIONS)
async def test_every_tool_says_what_it_is(connect: Connect, name: str) -> None:
    async with connect() as tools:
        (tool,) = [each for each in (await tools.client.list_tools()).tools if each.name == name]
        assert tool.title
        assert tool.description
        assert tool.annotations
        assert tool.output_schema
        assert tool.annotations.open_world_hint is False
        assert tool.annotations.read_only_hint == (OPERATIONS[name].effect == "reads")


async def test_a_retried_plan_finds_the_items_of_the_first(connect: Connect, era: Era) -> None:
    plan = [
        {"key": "goal", "title": "Goal", "idempotency_key": "g"},
        {"title": "Part", "parent_id": "goal", "idempotency_key": "p"},
    ]
    async with connect(era) as tools:
        first = await tools("create_work_items", items=plan)
        again = await tools("create_work_items", items=[*plan, {"title": "More", "parent_id": "goal"}])
        assert [row["id"] for row in again["items"]][:2] == [row["id"] for row in first["items"]]
        assert (await tools("list_work_items"))["total_count"] == 3


async def test_a_project_of_which_all_is_done_is_listed_and_archived(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        item = await tools("create_work_item", title="The only one")
        await tools("update_work_item", ids=[item["id"]], status="completed")
        (listed,) = (await tools("manage_projects"))["projects"]
        assert (listed["open"], listed["total"]) == (0, 1)
        archived = await tools("manage_projects", action="archive", name="tests")
        assert archived["projects"][0]["archived"]
        assert "0 open of 1 archived" in await tools.text("manage_projects")


async def test_listing_projects_names_the_one_in_use(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        assert (await tools("manage_projects"))["project"] == ""  # not there yet, and a list makes none
        await tools("create_work_item", title="First")
        assert (await tools("manage_projects"))["project"] == "tests"
        assert "* tests" in await tools.text("manage_projects")


async def test_an_item_has_its_last_notes_unasked_and_all_when_asked(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        item = (await tools("create_work_item", title="Talked about"))["id"]
        assert (await tools("get_work_item", ids=[item]))["items"][0]["notes"] == []
        for number in range(7):
            await tools("update_work_item", ids=[item], note=f"note {number}")
        shown = (await tools("get_work_item", ids=[item]))["items"][0]
        assert [note["text"] for note in shown["notes"]] == [f"note {number}" for number in range(2, 7)]
        assert shown["note_count"] == 7
        assert "notes, the last 5 of 7:" in await tools.text("get_work_item", ids=[item])
        whole = (await tools("get_work_item", ids=[item], include=["notes"]))["items"][0]
        assert len(whole["notes"]) == 7


async def test_who_made_an_item_is_a_name(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        item = (await tools("create_work_item", title="Made by whom"))["id"]
        shown = (await tools("get_work_item", ids=[item]))["items"][0]
        assert shown["created_by"] == "test-host"
        assert shown["created_via"] == {"client": "test-host 1.2", "door": "mcp"}


async def test_claims_choose_by_assignee_and_by_code(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        await tools("create_work_item", title="Of nobody", priority=0)
        mine = await tools(
            "create_work_item", title="Mine", assignee="ann", entity_references=["src/app.py::run"]
        )
        assert (await tools("claim_work_item", assignee="ben"))["claimed"] is False
        claimed = await tools("claim_work_item", assignee="ann", reference="src/app.py")
        assert claimed["item"]["id"] == mine["id"]


async def test_a_dependency_is_said_back_in_words(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        first = (await tools("create_work_item", title="First"))["id"]
        second = await tools("create_work_item", title="Second", blocked_by=[first])
        assert second["blocked_by"] == [first]
        third = (await tools("create_work_item", title="Third"))["id"]
        told = await tools.text("update_work_item", ids=[third], add_blocked_by=[second["id"]])
        assert f"{third} v2 planned; changed blocked_by; waits for {second['id']}" in told
        freed = await tools("update_work_item", ids=[third], remove_blocked_by=[second["id"]])
        assert freed["items"][0]["blocked_by"] == []


async def test_an_agent_takes_back_what_it_archived(connect: Connect) -> None:
    async with connect() as tools:
        await tools("manage_projects", action="create", name="Old")
        await tools("manage_projects", action="archive", name="Old")
        assert "restore=true" in await tools.refused("create_work_item", title="No", project="Old")
        back = await tools("manage_projects", action="archive", name="Old", restore=True)
        assert "archived" not in back["projects"][0]
        assert (await tools("create_work_item", title="Yes", project="Old"))["created"]
        assert "archive" in await tools.refused("manage_projects", action="select", name="Old", restore=True)


async def test_a_plan_names_the_event_that_takes_all_of_it_back(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        rehearsed = await tools("create_work_items", items=[{"title": "One"}], dry_run=True)
        assert rehearsed["event"] is None
        made = await tools("create_work_items", items=[{"title": "One"}, {"title": "Two"}])
        assert made["event"].startswith("ev_")
        await tools("undo", event=made["event"])
        assert (await tools("list_work_items"))["total_count"] == 0
        told = await tools.text("create_work_items", items=[{"title": "One"}])
        assert "undo with event ev_" in told.splitlines()[-1]


async def test_a_project_that_is_made_is_not_marked_as_the_one_in_use(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        await tools("create_work_item", title="Here")
        made = await tools.text("manage_projects", action="create", name="extra")
        assert made.splitlines()[0] == "  extra 0 open of 0"
        assert "action=select" in made
        assert (await tools.text("manage_projects", action="archive", name="extra")).startswith("  extra")
        assert "* tests" in await tools.text("manage_projects")
        assert (await tools.text("manage_projects", action="select", name="tests")).startswith("* tests")


async def test_a_priority_may_be_written_as_answers_write_it(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        made = await tools("create_work_item", title="First", priority="P1")
        plan = await tools("create_work_items", items=[{"title": "Second", "priority": "p0"}])
        second = plan["items"][0]["id"]
        items = (await tools("get_work_item", ids=[made["id"], second]))["items"]
        assert [item["priority"] for item in items] == [1, 0]
        await tools("update_work_item", ids=[second], priority="P4")
        assert "P9" in await tools.refused("update_work_item", ids=[second], priority="P9")
        assert (await tools("get_work_item", ids=[second]))["items"][0]["priority"] == 4


async def test_what_is_held_and_by_whom_can_be_asked(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        for title in ("Free", "Held"):
            await tools("create_work_item", title=title)
        held = (await tools("claim_work_item", text="Held", lease_minutes=5))["item"]["id"]
        page = await tools("list_work_items", view="claimed")
        assert [(row["id"], row["claimed_by"]) for row in page["items"]] == [(held, "test-host")]


async def test_an_update_says_what_its_references_resolved_to(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        item = (await tools("create_work_item", title="x", entity_references=["a.py::old"]))["id"]
        answer = await tools("update_work_item", ids=[item], add_entity_references=["b.py::new"])
        assert [one["ref"] for one in answer["items"][0]["references"]] == ["b.py::new"]
        text = await tools.text("update_work_item", ids=[item], add_entity_references=["c.py::more"])
        assert " c.py::more" in text
        assert "a.py" not in text


async def test_one_place_that_many_items_refer_to_is_told_once(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        plan = [{"title": f"Item {n}", "entity_references": ["src/nosuch.py::x"]} for n in range(30)]
        ids = [item["id"] for item in (await tools("create_work_items", items=plan))["items"]]
        lines = (await tools.text("check_references")).splitlines()
        (line,) = [line for line in lines if "src/nosuch.py::x" in line]
        assert line.startswith(f"{ids[0]}, {ids[1]}, {ids[2]} and 27 more ")


async def test_no_changes_of_criteria_are_no_fault(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        item = (await tools("create_work_item", title="Plain"))["id"]
        answer = await tools("update_work_item", ids=[item], criteria=[], status="completed")
        assert answer["items"][0]["status"] == "completed"


async def test_null_empties_what_can_be_empty(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        made = await tools(
            "create_work_item",
            title="Held",
            assignee="ada",
            due="2027-01-01",
            labels=["red"],
            description="x",
        )
        told = await tools(
            "update_work_item", ids=[made["id"]], title="Free", assignee=None, labels=None, description=None
        )
        assert not told["warnings"]
        item = (await tools("get_work_item", ids=[made["id"]]))["items"][0]
        assert (item["title"], item["assignee"], item["labels"], item["description"]) == (
            "Free",
            None,
            [],
            "",
        )
        assert item["due"].startswith("2027-01-01")


async def test_null_for_every_argument_that_is_not_used_changes_nothing_else(
    connect: Connect, era: Era
) -> None:
    """Hosts that fill in all that their model left out."""
    every = dict.fromkeys(OPERATIONS["update_work_item"].checker.schema["properties"])
    async with connect(era) as tools:
        made = await tools("create_work_item", title="Held", assignee="ada", labels=["red"])
        told = await tools("update_work_item", **{**every, "ids": [made["id"]], "title": "Renamed"})
        assert not told["warnings"]
        item = (await tools("get_work_item", ids=[made["id"]]))["items"][0]
        assert (item["title"], item["assignee"], item["labels"]) == ("Renamed", "ada", ["red"])


async def test_null_that_may_mean_left_out_is_told(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        made = await tools("create_work_item", title="Held", assignee="ada")
        told = await tools("update_work_item", ids=[made["id"]], title="New", assignee=None, note=None)
        assert told["warnings"] == [
            "null_ignored: `assignee` stayed as before: beside null for `note`, which empties nothing, null "
            'was taken for left out. To empty: `assignee`: "".'
        ]
        assert (await tools("get_work_item", ids=[made["id"]]))["items"][0]["assignee"] == "ada"


async def test_null_in_an_item_of_a_plan_or_a_criterion_is_left_out(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        made = await tools(
            "create_work_items",
            items=[
                {
                    "title": "Planned",
                    "parent_id": None,
                    "labels": None,
                    "acceptance_criteria": [{"text": "done", "evidence": None}],
                }
            ],
        )
        identifier = made["items"][0]["id"]
        ticks = [{"index": 0, "done": True, "evidence": None, "text": None}]
        await tools("update_work_item", ids=[identifier], criteria=ticks)
        item = (await tools("get_work_item", ids=[identifier]))["items"][0]
        assert item["acceptance_criteria"] == [{"text": "done", "done": True, "evidence": None}]
