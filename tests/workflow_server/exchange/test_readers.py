"""Other trackers' files, written here as those trackers write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from workflow_server.exchange.foreign import ForeignItem, UnreadableFile
from workflow_server.exchange.readers import backlog, read_foreign
from workflow_server.exchange.readers.front_matter import split_front_matter
from workflow_server.exchange.writers import as_csv


def read(path: Path, text: str | Any) -> dict[str, ForeignItem]:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
    return {item.key: item for item in read_foreign(path).items}


def test_issues_of_beads_keep_their_edges_and_what_has_no_place_here(tmp_path: Path) -> None:
    issues = [
        {"id": "bd-1", "title": "Epic", "issue_type": "epic", "status": "open", "priority": 1},
        {
            "id": "bd-1.1",
            "title": "Fix it",
            "description": "What",
            "design": "How",
            "acceptance_criteria": "- [x] one\n- two",
            "status": "in_progress",
            "issue_type": "bug",
            "assignee": "ann",
            "labels": ["core"],
            "external_ref": "gh-9",
            "dependencies": [
                {"issue_id": "bd-1.1", "depends_on_id": "bd-1", "type": "parent-child"},
                {"issue_id": "bd-1.1", "depends_on_id": "bd-2", "type": "blocks"},
                {"issue_id": "bd-1.1", "depends_on_id": "bd-3", "type": "discovered-from"},
                {"issue_id": "bd-1.1", "depends_on_id": "bd-4", "type": "conditional-blocks"},
            ],
            "comments": [{"author": "bob", "text": "Seen", "created_at": "2026-01-02T03:04:05Z"}],
        },
        {"id": "bd-2", "title": "Gone", "status": "tombstone", "delete_reason": "batch delete"},
    ]
    path = tmp_path / "issues.jsonl"
    path.write_text("\n".join(json.dumps(issue) for issue in issues) + "\n")
    file = read_foreign(path)
    epic, fix = file.items
    assert (epic.item_type, epic.priority) == ("project", 1)
    assert (fix.status, fix.priority, fix.parent) == ("active", 0, "bd-1")
    assert (fix.blocked_by, fix.links) == (("bd-2",), (("discovered_from", "bd-3"),))
    assert fix.description == "What\n\n## Design\n\nHow"
    assert fix.criteria == (("one", True), ("two", False))
    assert fix.labels == ("core", "bug")
    assert fix.notes == ("bob 2026-01-02T03:04:05Z: Seen",)
    assert fix.rest["external_ref"] == "gh-9"
    assert fix.rest["dependencies"][0]["type"] == "conditional-blocks", "what has no place is kept, not lost"
    assert file.left_out == ("bd-2: deleted there (batch delete)",)


BACKLOG_TASK = """---
id: TASK-7
title: 'It''s: a title'
status: In Progress
assignee:
  - '@ann'
created_date: '2026-01-02 10:00'
labels: [cli, "two words"]
dependencies:
  - task-3
parent_task_id: TASK-1
references:
  - src/app.py
  - 'https://example.org/7'
priority: high
---

## Description

<!-- SECTION:DESCRIPTION:BEGIN -->
What it is.
<!-- SECTION:DESCRIPTION:END -->

## Acceptance Criteria
<!-- AC:BEGIN -->
- [x] #1 It starts
- [ ] #2 It stops
<!-- AC:END -->

## Implementation Plan

First this.

## Implementation Notes

Was hard.
"""


def test_tasks_of_backlog_come_from_their_front_matter_and_sections(tmp_path: Path) -> None:
    folder = tmp_path / "backlog"
    (folder / "archive").mkdir(parents=True)
    (folder / "archive" / "task-0 - Old.md").write_text("old")
    (folder / "tasks").mkdir()
    (folder / "tasks" / "task-7 - It-s.md").write_text(BACKLOG_TASK)
    (folder / "tasks" / "readme.md").write_text("no task")
    file = read_foreign(tmp_path)
    (item,) = file.items
    assert (item.key, item.title, item.status, item.priority) == ("task-7", "It's: a title", "active", 1)
    assert (item.parent, item.blocked_by, item.assignee) == ("task-1", ("task-3",), "ann")
    assert item.labels == ("cli", "two words")
    assert item.criteria == (("It starts", True), ("It stops", False))
    assert item.description == "What it is.\n\n## Implementation Plan\n\nFirst this."
    assert item.notes == ("Was hard.",)
    assert item.references == ("src/app.py",)
    assert item.rest["references"] == ["https://example.org/7"]
    assert item.rest["created_date"] == "2026-01-02 10:00"
    assert len(file.left_out) == 2


def test_backlog_keeps_what_has_no_place_of_its_own(tmp_path: Path) -> None:
    (tmp_path / ".backlog" / "tasks").mkdir(parents=True)
    (tmp_path / ".backlog" / "tasks" / "task-1.md").write_text(
        "---\nid: task-1\nstatus: Simmering\nassignee: [ann, '@bo']\nreferences: [src/a.py]\n---\nText.\n"
    )
    (item,) = read_foreign(tmp_path, "backlog").items
    assert (item.title, item.status, item.assignee) == ("task-1", "planned", "ann")
    assert item.rest["status"] == "Simmering", "a status of one's own"
    assert item.rest["assignee"] == ["ann", "bo"], "an item has one assignee: all of them are kept"
    assert "references" not in item.rest
    assert item.references == ("src/a.py",)


def test_a_folder_without_tasks_is_no_backlog(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="has no `tasks` folder, nor has a `backlog` folder in it"):
        backlog.read(tmp_path)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("plain", "plain"),
        ("'it''s'", "it's"),
        ('"a \\"b\\""', 'a "b"'),
        (">-\n  folded\n  text", "folded text"),
        ("|\n  two\n  lines", "two\nlines"),
        ("[a, 'b, c']", ["a", "b, c"]),
        ("\n  - a\n  - b", ["a", "b"]),
        ("[]", []),
        ("", ""),
        ("no", "no"),
        ("~", ""),
    ],
)
def test_front_matter_means_what_its_yaml_means(written: str, meant: object) -> None:
    fields, body = split_front_matter(f"---\nid: x\nvalue: {written}\nlast: y\n---\nbody")
    assert fields == {"id": "x", "value": meant, "last": "y"}
    assert body == "body"


@pytest.mark.parametrize(
    ("text", "fields", "body"),
    [
        ("no fence at all", {}, "no fence at all"),
        ("---\nid: x\nnever closed", {}, "---\nid: x\nnever closed"),
        ("---\njust words\nid: x\n---\nbody", {"id": "x"}, "body"),
        ("---\n---\n", {}, ""),
    ],
)
def test_front_matter_that_is_none_stays_in_the_body(text: str, fields: object, body: str) -> None:
    assert split_front_matter(text) == (fields, body)


def test_a_status_of_one_s_own_is_kept_whatever_the_tool(tmp_path: Path) -> None:
    beads = tmp_path / "issues.jsonl"
    beads.write_text(
        json.dumps(
            {"id": "bd-1", "title": "A", "status": "brewing", "acceptance_criteria": "- [ ]\n- [x] one\n-"}
        )
        + "\n"
    )
    (item,) = read_foreign(beads, "beads").items
    assert (item.status, item.rest["status"], item.criteria) == ("planned", "brewing", (("one", True),))
    tasks = tmp_path / "tasks.json"
    tasks.write_text(json.dumps({"tasks": [{"id": 1, "title": "A", "status": "brewing"}]}))
    (item,) = read_foreign(tasks, "taskmaster").items
    assert (item.status, item.rest["status"]) == ("planned", "brewing")
    tasks.write_text("[1]")
    with pytest.raises(UnreadableFile, match="is not an object with `tasks`"):
        read_foreign(tasks, "taskmaster")


def test_tasks_of_task_master_are_told_apart_by_their_tag(tmp_path: Path) -> None:
    tasks = [
        {"id": 1, "title": "One", "status": "done", "priority": "high"},
        {
            "id": 2,
            "title": "Two",
            "description": "Short",
            "details": "Long",
            "testStrategy": "Try it",
            "status": "pending",
            "dependencies": [1],
            "complexity": 7,
            "subtasks": [
                {"id": 1, "title": "Two one", "status": "in-progress", "dependencies": []},
                {"id": 2, "title": "Two two", "status": "review", "dependencies": [1, "1"]},
            ],
        },
    ]
    items = read(tmp_path / "tasks.json", {"master": {"tasks": tasks}, "later": {"tasks": tasks[:1]}})
    assert set(items) == {"master/1", "master/2", "master/2.1", "master/2.2", "later/1"}
    two, sub = items["master/2"], items["master/2.2"]
    assert (two.blocked_by, two.labels, two.rest) == (("master/1",), ("master",), {"complexity": 7})
    assert "## Test strategy\n\nTry it" in two.description
    assert (sub.parent, sub.item_type, sub.status) == ("master/2", "subtask", "active")
    assert sub.blocked_by == ("master/2.1", "master/2.1")
    assert set(read(tmp_path / "old.json", {"tasks": tasks[:1]})) == {"master/1"}


def test_issues_of_github_come_without_pull_requests_and_say_what_the_file_lacks(tmp_path: Path) -> None:
    issues = [
        {
            "number": 5,
            "title": "It breaks",
            "body": None,
            "state": "closed",
            "state_reason": "not_planned",
            "labels": [{"name": "P1"}, {"name": "bug"}],
            "assignees": [{"login": "ann"}, {"login": "bob"}],
            "milestone": {"title": "1.0", "due_on": "2026-05-01T00:00:00Z"},
            "html_url": "https://example.org/5",
            "comments": 3,
        },
        {"number": 6, "title": "A change", "state": "open", "pull_request": {"url": "x"}},
        {
            "number": 7,
            "title": "By gh",
            "state": "OPEN",
            "labels": [],
            "comments": [{"author": {"login": "c"}, "body": "Hm"}],
        },
    ]
    path = tmp_path / "issues.json"
    path.write_text(json.dumps(issues))
    file = read_foreign(path)
    five, seven = file.items
    assert (five.key, five.status, five.priority, five.assignee) == ("#5", "cancelled", 1, "ann")
    assert five.due == "2026-05-01T00:00:00Z"
    assert five.rest["assignees"] == ["ann", "bob"]
    assert (seven.status, seven.notes) == ("planned", ("c: Hm",))
    pulls, comments = file.left_out
    assert pulls == "pull requests are not issues: 1"
    assert comments.startswith("#5: its 3 comments are not in the file")


def test_a_checklist_is_items_below_its_headings_and_indents(tmp_path: Path) -> None:
    text = (
        "# Plan\n\nWords.\n\n## Build\n- [ ] Walls\n  with a door\n    - [x] Bricks\n    - [~] Straw\n"
        "- [ ] Roof\n"
        "## Empty\n```\n- [ ] not this\n```\n* [/] Paint\n"
    )
    items = read(tmp_path / "plan.md", text)
    assert [item.title for item in items.values()] == [
        "Plan",
        "Build",
        "Empty",
        "Walls",
        "Bricks",
        "Straw",
        "Roof",
        "Paint",
    ]
    by_title = {item.title: item for item in items.values()}
    assert by_title["Build"].parent == by_title["Plan"].key
    assert by_title["Walls"].parent == by_title["Build"].key
    assert by_title["Walls"].description == "with a door"
    assert (by_title["Bricks"].parent, by_title["Bricks"].status) == (by_title["Walls"].key, "completed")
    assert (by_title["Straw"].status, by_title["Paint"].status) == ("cancelled", "active")
    assert by_title["Roof"].parent == by_title["Build"].key


def test_text_of_a_check_list_that_is_no_box_describes_or_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "plan.md"
    path.write_text(
        "Before all.\n\n# Plan\nWhy we do it.\n\n- plain bullet\n> - [ ] quoted task\n- [ ] Walls\n"
        "  with a door\n\nAfter the box.\n## Appendix\nNobody's words.\nMore.\n"
    )
    file = read_foreign(path)
    items = {item.title: item for item in file.items}
    assert items["Plan"].description == (
        "Why we do it.\n\n- plain bullet\n> - [ ] quoted task\n\nAfter the box."
    )
    assert items["Walls"].description == "with a door"
    assert file.left_out == (
        "text under no heading (line 1)",
        "heading 'Appendix' has no box below it: its text (lines 13-14)",
    )


def test_a_table_is_read_by_the_names_of_its_columns(tmp_path: Path) -> None:
    text = (
        "Key;Summary;Status;Priority;Type;Labels;Depends on;Story points\n"
        "A-1;First;In Progress;High;Bug;x, y;;3\nA-2;Second;Odd;;;;A-1;\n;;;;;;;\n"
    )
    items = read(tmp_path / "export.csv", text)
    first, second = items["A-1"], items["A-2"]
    assert (first.title, first.status, first.priority, first.labels) == (
        "First",
        "active",
        1,
        ("x", "y", "bug"),
    )
    assert first.rest == {"Story points": "3"}
    assert (second.blocked_by, second.status, second.rest) == (("A-1",), "planned", {"status": "Odd"})


def test_columns_of_one_name_are_read_together(tmp_path: Path) -> None:
    """As every export of Jira has them."""
    text = (
        "Summary,Issue key,Issue id,Parent,Labels,Labels,Inward issue link (Blocks),Comment,Comment,"
        "Due date\n"
        "Whole,ABC-1,10001,,backend,urgent,,First,Second,31/Jan/25 12:00 AM\n"
        "Part,ABC-2,10002,10001,,api,ABC-1,,Only,2/Feb/25 5:30 PM\n"
    )
    items = read(tmp_path / "jira.csv", text)
    whole, part = items["ABC-1"], items["ABC-2"]
    assert (whole.labels, part.labels) == (("backend", "urgent"), ("api",))
    assert (part.parent, part.blocked_by) == ("ABC-1", ("ABC-1",))
    assert (whole.notes, part.notes) == (("First", "Second"), ("Only",))
    assert (whole.due, part.due) == ("2025-01-31", "2025-02-02T17:30:00.000Z")
    assert whole.rest["Issue id"] == "10001"


def test_a_parent_is_found_under_the_names_that_trackers_have_for_it(tmp_path: Path) -> None:
    linear = "ID,Title,Parent issue,UUID\nENG-1,Top,,u-1\nENG-2,Below,ENG-1,u-2\n"
    assert read(tmp_path / "linear.csv", linear)["ENG-2"].parent == "ENG-1"
    epic = "Issue key,Summary,Parent,Epic Link\nE-1,Top,,\nE-2,Below,,E-1\n"
    assert read(tmp_path / "epic.csv", epic)["E-2"].parent == "E-1"


@pytest.mark.parametrize(
    ("written", "due"),
    [
        ("31/Jan/25", "2025-01-31"),
        ("Jan 31, 2025", "2025-01-31"),
        ("31 January 2025", "2025-01-31"),
        ("2025/01/31", "2025-01-31"),
        ("2025-01-31", "2025-01-31"),
        ("01/31/2025", None),
        ("01/02/2025", None),
        ("31/Foo/25", None),
        ("31/Feb/25", None),
        ("soon", None),
    ],
)
def test_dates_that_can_be_read_in_one_way_are_read_and_others_kept_and_told(
    tmp_path: Path, written: str, due: str | None
) -> None:
    path = tmp_path / "dates.csv"
    path.write_text(f'Key,Title,Due date\nA-1,One,"{written}"\n')
    file = read_foreign(path)
    (item,) = file.items
    assert item.due == due
    if due is None:
        assert item.rest == {"Due date": written}
        assert file.left_out[0].startswith(f"row 2 (A-1), column Due date: '{written}' is no date")
    else:
        assert (item.rest, file.left_out) == ({}, ())


def test_a_table_that_was_exported_is_read_back_as_it_was(tmp_path: Path) -> None:
    row: dict[str, Any] = {
        **dict.fromkeys(("status_reason", "parent_id", "assignee", "due", "defer_until"), None),
        **{
            name: []
            for name in ("blocked_by", "links", "labels", "entity_references", "acceptance_criteria", "notes")
        },
        "metadata": {},
        "item_type": "task",
        "status": "planned",
        "priority": 2,
        "created_at": "",
        "updated_at": "",
    }
    titles = ["-1 is no index", "'-1 is none either", "=SUM(A1)", "'tis plain"]
    written = [{**row, "id": f"wi_{n}", "title": title, "description": ""} for n, title in enumerate(titles)]
    written[0]["description"] = "long " * 50_000
    items = read(tmp_path / "export.csv", as_csv(written))
    assert [items[f"wi_{n}"].title for n in range(len(titles))] == titles
    assert items["wi_0"].description == ("long " * 50_000).strip()


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.jsonl", '{"id": "bd-1", "title": "x"}\n{broken', "line 2"),
        ("a.jsonl", '{"name": "x"}', "not an issue of beads"),
        ("a.json", '{"tasks": {}}', "tasks"),
        ("a.json", '[{"name": "x"}]', "entry 0"),
        ("a.json", "{", "line 1"),
        ("a.md", "no boxes", "- [ ]"),
        ("a.csv", "colour\nred\n", "colour"),
        ("a.xyz", "", "--format"),
    ],
)
def test_a_file_of_another_kind_is_refused_with_the_place(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read(tmp_path / name, text)
    assert told in refused.value.text


def test_a_file_that_is_not_there_and_one_that_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read_foreign(tmp_path / "nothing.csv")
    assert refused.value.code == "file_not_found"
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UnreadableFile, match="UTF-8"):
        read_foreign(tmp_path / "a.csv")


def test_issues_say_their_repository_their_author_and_what_the_file_lacks(tmp_path: Path) -> None:
    issue = {
        "number": 7,
        "title": "Crash",
        "html_url": "https://github.com/owner/name/issues/7",
        "user": {"login": "ann"},
        "comments": 3,
    }
    (tmp_path / "issues.json").write_text(json.dumps([issue]))
    found = read_foreign(tmp_path / "issues.json")
    (item,) = found.items
    assert item.key == "owner/name#7"
    assert item.rest["author"] == "ann"
    assert "3 comments are not in the file" in found.left_out[0]


def test_rows_of_a_table_may_name_each_other_by_their_titles(tmp_path: Path) -> None:
    text = "title,parent,blocked by\nGoal,,\nStep,Goal,Other\nOther,,\nTwice,,\nTwice,,\nLast,Twice,\n"
    items = read(tmp_path / "export.csv", text)
    assert (items["row 3"].parent, items["row 3"].blocked_by) == ("row 2", ("row 4",))
    assert items["row 7"].parent == "Twice", "two rows have that title: it is reported, not guessed"


@pytest.mark.parametrize(
    ("place", "text", "source"),
    [
        (".taskmaster/tasks/tasks.json", '{"master": {"tasks": [{"id": 1, "title": "A"}]}}', "taskmaster"),
        (".beads/issues.jsonl", '{"id": "b-1", "title": "A"}\n', "beads"),
    ],
)
def test_a_projects_folder_is_enough(tmp_path: Path, place: str, text: str, source: str) -> None:
    file = tmp_path / place
    file.parent.mkdir(parents=True)
    file.write_text(text)
    assert read_foreign(tmp_path).source == source


def test_what_jira_calls_an_epic_and_a_sub_task_are_types_here_and_its_comments_are_notes(
    tmp_path: Path,
) -> None:
    text = (
        "Issue key,Summary,Issue Type,Parent,Comment,Comment\n"
        "J-1,Whole,Epic,,,\n"
        "J-2,Part,Sub-task,J-1,02/Jan/26 3:04 PM;ann;Seen,03/Jan/26 9:00 AM;bo;Done\n"
        "J-3,Other,Story,,,\n"
    )
    items = read(tmp_path / "jira.csv", text)
    assert [(item.item_type, item.labels) for item in items.values()] == [
        ("project", ()), ("subtask", ()), ("task", ("story",))
    ]  # fmt: skip
    assert items["J-2"].notes == ("02/Jan/26 3:04 PM;ann;Seen", "03/Jan/26 9:00 AM;bo;Done")
    assert "Comment" not in items["J-2"].rest


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("completed", ("Done", "Released", "shipped", "Verified", "done \u2705", "CLOSED")),
        (
            "cancelled",
            ("Won't Fix", "Won\u2019t do", "Invalid", "Obsolete", "Abandoned", "Archived", "wontfix"),
        ),
        ("active", ("Code Review", "In QA", "Ready-for-QA", "Testing", "WIP", "work_in_progress")),
        ("blocked", ("Paused", "Icebox", "Waiting for customer", "On hold")),
        ("planned", ("Triage", "Selected for Development", "Not started", "Frobnicating")),
    ],
)
def test_a_status_is_known_by_its_letters(tmp_path: Path, status: str, words: tuple[str, ...]) -> None:
    rows = "\n".join(f'{number},Item,"{word}"' for number, word in enumerate(words))
    found = read(tmp_path / "t.csv", f"id,title,status\n{rows}\n")
    assert {item.status for item in found.values()} == {status}
    assert [item.rest.get("status") for item in found.values() if item.rest] == [
        word for word in words if word == "Frobnicating"
    ]


def test_what_was_closed_without_being_done_is_cancelled_for_the_reason_that_is_told(tmp_path: Path) -> None:
    found = read(
        tmp_path / "jira.csv",
        "Issue key,Summary,Status,Resolution\nA-1,One,Closed,Won't Do\nA-2,Two,Done,Duplicate\n"
        "A-3,Three,Closed,Done\nA-4,Four,Closed,\nA-5,Five,Open,Won't Do\n",
    )
    assert {key: (item.status, item.status_reason) for key, item in found.items()} == {
        "A-1": ("cancelled", "Won't Do"),
        "A-2": ("cancelled", "Duplicate"),
        "A-3": ("completed", None),
        "A-4": ("completed", None),
        "A-5": ("planned", None),
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_table_is_read_in_the_encodings_that_spreadsheets_save(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("id;title\r\n1;T\u00fcr \u20ac \u2013 pr\u00fcfen\r\n".encode(encoding))
    found = read_foreign(path)
    assert [item.title for item in found.items] == ["T\u00fcr \u20ac \u2013 pr\u00fcfen"]
    assert [told[:24] for told in found.left_out] == (
        ["it is not UTF-8 and was "] if encoding == "cp1252" else []
    )


def test_other_files_that_are_no_utf_8_are_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "issues.jsonl"
    path.write_bytes('{"id": "1", "title": "T\u00fcr"}'.encode("cp1252"))
    with pytest.raises(UnreadableFile, match=r"is not UTF-8 text \(byte 23\)\. Save it as UTF-8\."):
        read_foreign(path)
    path.write_bytes('{"id": "1", "title": "T\u00fcr"}'.encode("utf-16"))
    assert read_foreign(path).items[0].title == "T\u00fcr"
