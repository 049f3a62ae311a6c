"""Foreign items stored through the service: the same rules, nothing twice, nothing lost silently."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bridge.agreed.errors import TandemError
from workflow_server.exchange.foreign import ForeignFile, ForeignItem
from workflow_server.exchange.load import load
from workflow_server.exchange.readers import read_foreign
from workflow_server.exchange.writers import all_items, as_csv, not_in_csv

from .conftest import Project


def file(*items: ForeignItem) -> ForeignFile:
    return ForeignFile("elsewhere", items)


async def test_items_arrive_whole_whatever_the_order_of_the_file(project: Project) -> None:
    foreign = file(
        ForeignItem("3", "Waits", blocked_by=("2",), notes=("First.", "Second.")),
        ForeignItem("2", "Child", parent="1", labels=("x",), links=(("relates_to", "1"),), rest={"odd": 7}),
        ForeignItem("1", "Parent", priority=0, criteria=(("holds", False),)),
    )
    report = await load(project.service, project.call, foreign)
    assert (report["created"], report["left_out"], report["kept"]) == (3, [], ["odd (1 items)"])
    items = await project.items()
    assert items["Waits"]["blocked_by"] == [items["Child"]["id"]]
    assert [note["text"] for note in items["Waits"]["notes"]] == ["First.", "Second."]
    assert items["Child"]["parent_id"] == items["Parent"]["id"]
    assert items["Child"]["links"] == [{"kind": "relates_to", "id": items["Parent"]["id"]}]
    assert items["Child"]["metadata"]["imported"] == {"from": "elsewhere", "id": "2", "odd": 7}
    assert {event["door"] for item in items.values() for event in item["history"]} == {"import"}


async def test_edges_by_which_nothing_could_ever_be_started_are_left_out_and_told(project: Project) -> None:
    """Other trackers let an epic wait for its own tasks, a task for its epic, and two epics for each other's
    tasks."""
    foreign = file(
        ForeignItem("e", "Epic", blocked_by=("t", "u")),
        ForeignItem("t", "Task", parent="e"),
        ForeignItem("u", "Under", parent="t", blocked_by=("e", "o")),
        ForeignItem("o", "Other"),
        ForeignItem("f", "Far", blocked_by=("n",)),
        ForeignItem("m", "Member", parent="f"),
        ForeignItem("n", "Next", blocked_by=("m",)),
    )
    report = await load(project.service, project.call, foreign)
    assert report["created"] == 7
    assert sorted(report["left_out"]) == [
        "e: waits for t, which is below it and is finished first anyhow",
        "e: waits for u, which is below it and is finished first anyhow",
        "n: waits for m, which waits for it",
        "u: waits for e, which waits for it",
    ]
    items = await project.items()
    assert items["Under"]["blocked_by"] == [items["Other"]["id"]]
    assert items["Far"]["blocked_by"] == [items["Next"]["id"]]


async def test_a_second_import_makes_only_what_is_new(project: Project) -> None:
    first = ForeignItem("1", "One")
    await load(project.service, project.call, file(first))
    report = await load(
        project.service, project.call, file(first, ForeignItem("2", "Two", blocked_by=("1",)))
    )
    assert (report["created"], report["unchanged"]) == (1, 1)
    items = await project.items()
    assert items["Two"]["blocked_by"] == [items["One"]["id"]]


async def test_a_dry_run_tells_and_stores_nothing(project: Project) -> None:
    report = await load(project.service, project.call, file(ForeignItem("1", "One")), dry_run=True)
    assert (report["created"], report["dry_run"]) == (1, True)
    assert await project.items() == {}


async def test_what_was_stored_before_a_refusal_has_its_notes_and_is_closed(project: Project) -> None:
    closed = ForeignItem("0", "Closed", status="completed", criteria=(("open", False),), notes=("Noted.",))
    good = [ForeignItem(str(number), f"Item {number}") for number in range(1, 200)]
    bad = ForeignItem("200", "Bad", item_type="nosuch")
    with pytest.raises(TandemError, match="nosuch"):
        await load(project.service, project.call, file(closed, *good, bad))
    stored = (await project.items())["Closed"]
    assert stored["status"] == "completed"
    assert [note["text"] for note in stored["notes"]] == ["Noted."]


async def test_more_than_a_plan_holds_keeps_its_edges(project: Project) -> None:
    chain = [
        ForeignItem(str(n), f"Item {n}", blocked_by=(str(n + 1),) if n < 449 else ()) for n in range(450)
    ]
    report = await load(project.service, project.call, file(*chain))
    assert report["created"] == 450
    found = await project.service.list_work_items(project.call, {"view": "ready", "limit": 200})
    assert [row["title"] for row in found["items"]] == ["Item 449"]


async def test_what_is_closed_there_with_something_open_is_closed_here_with_a_reason(
    project: Project,
) -> None:
    foreign = file(
        ForeignItem("1", "Done", status="completed", criteria=(("never ticked", False),)),
        ForeignItem("2", "Closed parent", status="completed"),
        ForeignItem("3", "Open child", parent="2"),
        ForeignItem("4", "Really done", status="completed", criteria=(("ticked", True),)),
    )
    await load(project.service, project.call, foreign)
    items = await project.items()
    assert [items[title]["status"] for title in ("Done", "Closed parent", "Really done")] == ["completed"] * 3
    reasons = [event.get("override_reason") for event in items["Done"]["history"]]
    assert reasons[-1] == "closed in elsewhere as it is"
    assert len(items["Really done"]["history"]) == 1


async def test_circles_and_loose_ends_are_reported_not_fatal(project: Project) -> None:
    foreign = file(
        ForeignItem("1", "One", blocked_by=("2",)),
        ForeignItem("2", "Two", blocked_by=("1", "nowhere"), parent="2"),
        ForeignItem("3", "Three", parent="4"),
        ForeignItem("4", "Four", parent="3"),
        ForeignItem("5", "Five", parent="gone"),
    )
    report = await load(project.service, project.call, foreign)
    assert report["created"] == 5
    told = "\n".join(report["left_out"])
    for words in ("nowhere, which is not in the file", "circle", "parent gone", "which waits for it"):
        assert words in told


async def test_deeper_than_eight_levels_is_hung_higher(project: Project) -> None:
    deep = [ForeignItem(str(n), f"Level {n}", parent=str(n - 1) if n else None) for n in range(10)]
    report = await load(project.service, project.call, file(*deep))
    assert report["created"] == 10
    assert len(report["left_out"]) == 2
    items = await project.items()
    assert max(len(item["path"]) for item in items.values()) == 8


async def test_a_trackers_own_field_named_id_does_not_hide_the_item_from_a_second_import(
    project: Project,
) -> None:
    item = ForeignItem("#1", "One", rest={"id": 2_345_678, "from": "there"})
    await load(project.service, project.call, file(item))
    report = await load(project.service, project.call, file(item))
    assert (report["created"], report["unchanged"]) == (0, 1)
    kept = (await project.items())["One"]["metadata"]["imported"]
    assert kept == {"from": "elsewhere", "id": "#1", "elsewhere_id": 2_345_678, "elsewhere_from": "there"}


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ({"due": "soon"}, "invalid_argument"),
        ({"item_type": "nosuch"}, "invalid_argument"),
        ({"notes": ("x" * 100_001,)}, "invalid_argument"),
        ({"title": "t" * 501}, "invalid_argument"),
    ],
)
async def test_a_dry_run_refuses_what_an_import_refuses_in_the_files_own_words(
    project: Project, bad: dict[str, Any], code: str, dry_run: bool
) -> None:
    odd = ForeignItem(**{"key": "ABC-2", "title": "Bad", "place": "row 3", **bad})
    foreign = ForeignFile("csv", (ForeignItem("ABC-1", "Good"), odd), columns={"due": "Due date"})
    with pytest.raises(TandemError) as refused:
        await load(project.service, project.call, foreign, dry_run=dry_run)
    assert refused.value.code == code
    assert "ABC-2 (row 3" in refused.value.message
    assert "items[" not in refused.value.message
    if "due" in bad:
        assert '`due` of ABC-2 (row 3, column "Due date") is "soon"' in refused.value.message
    assert await project.items() == {}


async def test_a_dry_run_of_more_than_a_plan_holds_knows_of_edges_between_its_parts(project: Project) -> None:
    chain = [
        ForeignItem(str(n), f"Item {n}", blocked_by=(str(n + 1),) if n < 249 else ()) for n in range(250)
    ]
    report = await load(project.service, project.call, file(*chain), dry_run=True)
    assert report["created"] == 250


async def test_what_a_file_says_anew_of_an_item_that_is_here_is_told_field_by_field(project: Project) -> None:
    first = file(ForeignItem("1", "One", labels=("a",), notes=("Hm",)), ForeignItem("2", "Two"))
    await load(project.service, project.call, first)
    here = (await project.items())["One"]
    await project.service.update_work_items(project.call, [here["id"]], {"priority": 0, "note": "Ours"})
    again = await load(project.service, project.call, first)
    assert (again["unchanged"], again["changed"]) == (2, [])  # what was changed here is no change of the file
    later = file(
        ForeignItem("1", "Uno", status="completed", labels=("b",), notes=("Hm", "Done"), description="Why"),
        ForeignItem("2", "Two", parent="1", blocked_by=("3",)),
        ForeignItem("3", "Three"),
    )
    for dry_run in (True, False):
        report = await load(project.service, project.call, later, dry_run=dry_run)
        assert (report["created"], report["updated"], report["unchanged"]) == (1, 0, 0)
        one, two = report["changed"]
        assert one == (
            f'1 ({here["id"]}): title "One" → "Uno", status "planned" → "completed", description, labels b, '
            "1 new note"
        )
        assert "): parent 1" in two
    assert (await project.items())["One"]["status"] == "planned"
    assert (await load(project.service, project.call, later))["changed"][1].endswith(
        "): parent 1, waits for 3"
    )


async def test_edges_that_an_import_cannot_keep_are_no_change(project: Project) -> None:
    deep = [ForeignItem(str(n), f"Level {n}", parent=str(n - 1) if n else None) for n in range(10)]
    ring = [ForeignItem("a", "A", blocked_by=("b",)), ForeignItem("b", "B", blocked_by=("a",), parent="b")]
    closed = ForeignItem(
        "c", "C", status="completed", criteria=(("open", False),), due="2026-01-02T03:04:05+01:00"
    )
    foreign = file(*deep, *ring, closed)
    await load(project.service, project.call, foreign)
    report = await load(project.service, project.call, foreign)
    assert (report["unchanged"], report["changed"]) == (13, [])


async def test_an_id_that_comes_twice_in_a_file_is_reported(project: Project) -> None:
    twice = file(ForeignItem("1", "One"), ForeignItem("1", "Uno", place="row 3"))
    report = await load(project.service, project.call, twice)
    assert report["created"] == 1
    assert report["left_out"] == ["1 (row 3): 'Uno' has the id of an item before it, 'One'"]


async def test_what_is_put_off_elsewhere_is_not_ready_here_and_the_report_tells_it(
    project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "issues.jsonl"
    issues = [
        {"id": "bd-1", "title": "Later", "status": "deferred"},
        {"id": "bd-2", "title": "In June", "status": "deferred", "defer_until": "2099-06-01T00:00:00Z"},
        {"id": "bd-3", "title": "Stays", "status": "pinned"},
        {"id": "bd-4", "title": "Now", "status": "open"},
        {"id": "bd-5", "title": "Looked at", "status": "review"},
        {"id": "bd-6", "title": "Whatever", "status": "frobnicating"},
    ]
    path.write_text("\n".join(map(json.dumps, issues)))
    report = await load(project.service, project.call, read_foreign(path))
    assert report["told"] == [
        "status deferred became blocked (1 item)",
        "status frobnicating is not known here and became planned (1 item)",
        "status pinned became blocked (1 item)",
        "status review became active (1 item)",
    ]
    items = await project.items()
    assert {title for title, item in items.items() if item["ready"]} == {"Looked at", "Now", "Whatever"}
    assert (items["Later"]["status"], items["Later"]["status_reason"]) == ("blocked", "deferred in beads")
    assert (items["In June"]["status"], items["In June"]["defer_until"]) == (
        "planned",
        "2099-06-01T00:00:00.000Z",
    )
    again = await load(project.service, project.call, read_foreign(path))
    assert (again["unchanged"], again["changed"], again["told"]) == (6, [], [])


async def test_what_task_master_defers_is_not_ready_and_what_it_closed_too_early_is_told(
    project: Project, tmp_path: Path
) -> None:
    tasks = [
        {"id": 1, "title": "Deferred", "status": "deferred"},
        {"id": 2, "title": "Done", "status": "done",
         "subtasks": [{"id": 1, "title": "Left", "status": "pending"}]},
    ]  # fmt: skip
    path = tmp_path / "tasks.json"
    path.write_text(json.dumps({"master": {"tasks": tasks}}))
    rehearsed = await load(project.service, project.call, read_foreign(path), dry_run=True)
    report = await load(project.service, project.call, read_foreign(path))
    assert (
        report["told"]
        == rehearsed["told"]
        == [
            "status deferred became blocked (1 item)",
            "closed there although something of them is open, and so here (1 item): master/2",
        ]
    )
    items = await project.items()
    assert (items["Deferred"]["ready"], items["Done"]["status"]) == (False, "completed")


async def test_items_leave_as_they_were_planned_and_a_table_brings_back_what_it_has(
    project: Project, tmp_path: Path
) -> None:
    plan: list[dict[str, Any]] = [
        {"key": "a", "title": "First", "status": "blocked", "status_reason": "no key yet"},
        {"key": "b", "title": "Second", "defer_until": "2099-06-01T00:00:00Z",
         "labels": ["a;b", "c,d"], "links": [{"kind": "relates_to", "id": "a"}]},
        {"key": "a1", "title": "Below the first", "parent_id": "a", "labels": ["one"],
         "acceptance_criteria": [{"text": "ticked", "done": True}, "open"]},
        *({"title": f"Job {number}", "parent_id": "b"} for number in range(20)),
    ]  # fmt: skip
    await project.service.create_work_items(project.call, plan)  # type: ignore[arg-type]
    items = await all_items(project.service, project.call)
    jobs = [f"Job {number}" for number in range(20)]
    assert [item["title"] for item in items] == ["First", "Below the first", "Second", *jobs]
    assert not_in_csv(items) == []
    path = tmp_path / "all.csv"
    path.write_text(as_csv(items))
    await project.service.create_project(project.call, "other")
    other = project.named("other")
    await load(other.service, other.call, read_foreign(path))
    back = await other.items()
    assert back["First"]["status_reason"] == "no key yet"
    second, below = back["Second"], back["Below the first"]
    assert (second["defer_until"], second["labels"]) == ("2099-06-01T00:00:00.000Z", ["a;b", "c,d"])
    assert second["links"] == [{"kind": "relates_to", "id": back["First"]["id"]}]
    assert [(one["text"], one["done"]) for one in below["acceptance_criteria"]] == [
        ("ticked", True), ("open", False)
    ]  # fmt: skip
    assert [item["title"] for item in await all_items(other.service, other.call)][3:] == jobs


async def test_notes_evidence_and_metadata_come_back_from_a_table(project: Project, tmp_path: Path) -> None:
    rich: Any = {
        "title": "Rich",
        "metadata": {"team": "core", "size": {"points": 3}, "branch": "=main"},
        "acceptance_criteria": ["unproved", {"text": "holds", "done": True, "evidence": "PR 12;\nreviewed"}],
    }
    made = await project.service.create_work_item(project.call, rich)
    plain = await project.service.create_work_item(project.call, {"title": "Plain", "item_type": "research"})
    for identifier, note in (
        (made["item"]["id"], "seen, and\nlong"),
        (made["item"]["id"], "again"),
        (plain["item"]["id"], "once; only"),
    ):  # fmt: skip
        await project.service.update_work_items(project.call, [identifier], {"note": note})
    path = tmp_path / "all.csv"
    path.write_text(as_csv(await all_items(project.service, project.call)))
    await project.service.create_project(project.call, "other")
    other = project.named("other")
    report = await load(other.service, other.call, read_foreign(path))
    back = {item["title"]: item for item in await all_items(other.service, other.call)}
    assert [note["text"] for note in back["Rich"]["notes"]] == ["seen, and\nlong", "again"]
    assert [note["text"] for note in back["Plain"]["notes"]] == ["once; only"]
    assert [(one["text"], one["done"], one["evidence"]) for one in back["Rich"]["acceptance_criteria"]] == [
        ("unproved", False, None), ("holds", True, "PR 12;\nreviewed")
    ]  # fmt: skip
    metadata = back["Rich"]["metadata"]
    assert metadata.pop("imported")["id"] == made["item"]["id"]
    assert metadata == rich["metadata"]
    assert report["kept"] == ["created_at (2 items)", "updated_at (2 items)"]
    # what was imported once is so again, and says where it came from at first
    path.write_text(as_csv(await all_items(other.service, other.call)))
    await project.service.create_project(project.call, "third")
    third = project.named("third")
    await load(third.service, third.call, read_foreign(path))
    imported = (await third.items())["Rich"]["metadata"]["imported"]
    assert imported["imported"]["id"] == made["item"]["id"]


async def test_a_table_of_others_with_such_columns_is_no_riddle(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text('title,metadata,evidence\nFirst,v2,photo\nSecond,"[1]",\n')
    report = await load(project.service, project.call, read_foreign(path))
    assert report["kept"] == ["evidence (1 items)", "metadata (2 items)"]
    assert (await project.items())["First"]["metadata"]["imported"]["metadata"] == "v2"


async def test_links_to_items_of_a_later_plan_are_kept_and_those_to_nowhere_are_told(
    project: Project, tmp_path: Path
) -> None:
    rows = [f"k{number},Item {number}," for number in range(1, 300)]
    path = tmp_path / "long.csv"
    path.write_text(
        "key,title,links\n" + "\n".join(["k0,Item 0,relates_to k299;duplicates gone", *rows]) + "\n"
    )
    rehearsed = await load(project.service, project.call, read_foreign(path), dry_run=True)
    report = await load(project.service, project.call, read_foreign(path))
    told = ["k0: its link duplicates gone leads to what is not in the file"]
    assert report["left_out"] == rehearsed["left_out"] == told
    items = {item["title"]: item for item in await all_items(project.service, project.call)}
    assert items["Item 0"]["links"] == [{"kind": "relates_to", "id": items["Item 299"]["id"]}]


async def test_what_a_table_has_no_column_for_is_told_when_it_is_written(project: Project) -> None:
    made = await project.service.create_work_item(
        project.call, {"title": "Rich", "metadata": {"team": "core"}, "acceptance_criteria": ["holds"]}
    )
    await project.service.update_work_items(
        project.call,
        [made["item"]["id"]],
        {"note": "seen", "criteria": [{"index": 0, "evidence": "src/a.py"}]},
    )
    (told,) = not_in_csv(await all_items(project.service, project.call))
    assert told.startswith("not_in_csv: who wrote notes of 1 item(s), and all history")
    assert "export --format jsonl" in told
