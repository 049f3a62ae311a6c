"""The compact text beside each structured answer: what is there is told, what is not there is not."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_server.doors.text import answers
from workflow_server.doors.text.answers import planned
from workflow_server.doors.text.events import event_line, event_lines
from workflow_server.doors.text.items import item_text, reference_line, reference_lines
from workflow_server.doors.text.rows import page, row

ITEM: dict[str, Any] = {"id": "wi_aaaaaaa", "status": "active", "priority": 1, "title": "Build it"}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"item_type": "research"}, "(research)"),
        ({"labels": ["red", "late"]}, "#red #late"),
        ({"criteria": "1/3"}, "[1/3]"),
        ({"assignee": "ann"}, "@ann"),
        ({"claimed_by": "bo"}, "claimed by bo"),
        ({"due": "2031-05-01"}, "due 2031-05-01"),
        (
            {"why_blocked": ["waits for wi_b", "deferred"], "blocked_by": ["wi_b"]},
            "— waits for wi_b; deferred",
        ),
        ({"blocked_by": ["wi_b", "wi_c"]}, "waits for wi_b, wi_c"),
        ({"similarity": 0.871}, "~0.87"),
        ({"snippet": "the\n  words  around"}, "| the words around"),
        ({"title": "x" * 300}, "x" * 120 + "…"),
    ],
)
def test_a_row_tells_what_is_not_the_default(more: dict[str, Any], told: str) -> None:
    plain = row(ITEM)
    assert plain == "wi_aaaaaaa active P1 Build it"
    assert told in row(ITEM | more)
    assert told not in plain


def test_a_page_counts_and_names_the_next_one() -> None:
    whole = page({"items": [ITEM], "total_count": 1, "project": "p"})
    assert whole.splitlines()[0] == "1 item in p"
    part = page({"items": [ITEM], "total_count": 9, "project": "p", "next_cursor": "c2"})
    assert part.splitlines() == ["1 of 9 items in p", row(ITEM), "next_cursor: c2"]


def test_a_check_tells_what_was_relinked() -> None:
    told = answers.checked(
        {
            "project": "p",
            "counts": {"valid": 0, "stale": 0},
            "references": [],
            "relinked": [{"id": "wi_aaaaaaa", "ref": "a.py::f", "to": "accept"}],
        }
    )
    assert told.splitlines() == [
        "no references in p",
        "relinked 1",
        "  wi_aaaaaaa a.py::f → accept",
    ]


def test_a_type_tells_what_it_breaks_and_who_was_migrated() -> None:
    told = answers.defined({"name": "bug", "version": 3, "breaking": ["severity is required"], "migrated": 4})
    assert told.splitlines() == ["type bug version 3", "severity is required", "4 items were given defaults"]
    assert answers.defined({"name": "bug", "version": 1}) == "type bug version 1"


def test_statistics_tell_times_and_weeks_where_there_are_any() -> None:
    figures: dict[str, Any] = {
        "project": "p",
        "counts": {"planned": 2, "completed": 3},
        "ready": 1, "blocked": 1, "claimed": 0, "overdue": 0,
        "cycle_hours": {"items": 3, "median": 2.0, "p90": 7.25},
        "lead_hours": {"items": 0},
        "open_by_age": {"week": 2},
        "completed_per_week": {"2031-W02": 3},
    }  # fmt: skip
    told = answers.statistics(figures)
    assert "cycle hours: median 2.0, 9 of 10 within 7.2 (3 items)" in told
    assert "lead hours" not in told
    assert "completed per week: 2031-W02 3" in told
    assert "completed per week" not in answers.statistics(figures | {"completed_per_week": {}})


def test_projects_are_marked_where_they_are_in_use_archived_or_unwell() -> None:
    told = answers.projects(
        {
            "project": "b",
            "projects": [
                {"name": "a", "open": 1, "total": 2, "archived": True},
                {"name": "b", "total": None, "problem": "the file is damaged"},
            ],
        }
    )
    assert told.splitlines() == ["  a 1 open of 2 archived", "* b ! the file is damaged"]
    assert answers.projects({"projects": []}) == "no projects yet"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"claimed": False, "reason": "held by bo"}, "not claimed: held by bo"),
        ({"claimed": False}, "not claimed: nothing is ready"),
        ({"claimed": True, "claim_token": "t", "lease_until": "2031", "item": None}, "lease until 2031"),
        ({"claimed": True, "claim_token": "t", "reason": "renewed", "item": None}, "renewed"),
        ({"claimed": True, "item": None, "unblocked_by": [ITEM]}, "made ready by:\n  wi_aaaaaaa active P1"),
    ],
)
def test_a_claim_tells_why_until_when_and_what_made_it_ready(answer: dict[str, Any], told: str) -> None:
    assert told in answers.claimed({"project": "p", **answer})


@pytest.mark.parametrize(
    ("action", "before", "after", "told"),
    [
        ("create", None, {"title": "Build it", "priority": 1}, "create wi_a: title: Build it, priority: 1"),
        ("update", {"due": None}, {"due": "2031-05-01"}, "update wi_a: due – → 2031-05-01"),
        ("update", None, {"note": {"id": 2, "text": "Tried both."}}, "update wi_a: note 2: Tried both."),
        (
            "claim",
            {"status": "planned", "claim": None},
            {"status": "active", "claim": {"by": "ann", "lease_minutes": 30.0}},
            "claim wi_a: status planned → active, claim – → ann for 30 min",
        ),
        (
            "relink",
            {"entity_references": ["py/billing.py::convert", "py/billing.py::retry", "a.py"]},
            {"entity_references": ["py/billing.py::convert", "py/billing.py::again", "a.py"]},
            "relink wi_a: entity_references − py/billing.py::retry, + py/billing.py::again",
        ),
        (
            "update",
            {"labels": [f"label-{place}" for place in range(9)]},
            {"labels": [f"label-{place}" for place in reversed(range(9))]},
            "update wi_a: labels in another order",
        ),
        (
            "relink",
            {"entity_references": ["a.py::f"]},
            {"entity_references": ["a.py::f"]},
            "relink wi_a: entity_references the same, with their code as it is now",
        ),
        ("release", {"claim": {"by": "ann", "at": "2031"}}, {"claim": {"by": "ann"}}, "claim ann → –"),
        (
            "complete",
            {"status": "active", "completed_at": None, "claim": {"by": "ann", "at": "2031"}},
            {"status": "completed", "completed_at": "2031", "claim": None},
            "complete wi_a: status active → completed, claim ann → –",
        ),
    ],
)
def test_history_is_told_in_the_words_of_who_reads_it(
    action: str, before: dict[str, Any] | None, after: dict[str, Any], told: str
) -> None:
    event = {"event": "ev_a", "at": "2031", "actor": "ann", "door": "mcp", "item_id": "wi_a"}
    line = event_line(event | {"action": action, "before": before, "after": after})
    assert line.endswith(told)


@pytest.mark.parametrize(
    ("ref", "told"),
    [
        ("src/a.py::Shop.pay", "changed src/a.py::Shop.pay: lines 10-20, 91% alike"),
        ("src/a.py:12", "changed src/a.py:12: lines 10-20 Shop.pay, 91% alike"),
        ("c_aaaaaaaaaaaa", "changed c_aaaaaaaaaaaa: src/a.py:10-20 Shop.pay, 91% alike"),
        ("src/b.py::Shop.pay", "changed src/b.py::Shop.pay: src/a.py:10-20 Shop.pay, 91% alike"),
    ],
)
def test_a_reference_is_told_without_what_it_says_itself(ref: str, told: str) -> None:
    place = {"file_path": "src/a.py", "start_line": 10, "end_line": 20, "symbol": "Shop.pay"}
    detail = {
        "ref": ref,
        "state": "changed",
        "similarity": 0.91,
        "reason": "Same chunk, other code.",
        **place,
    }
    assert reference_line(detail) == told
    assert reference_line({**detail, "reason": "Read a second time."}) == f"{told}; Read a second time."


def test_a_file_that_changed_is_told_by_its_name_alone() -> None:
    detail = {"ref": "a.py", "state": "changed", "file_path": "a.py", "start_line": 1, "end_line": 700}
    assert reference_line({**detail, "reason": "Same path, other content."}) == "changed a.py"


def test_a_change_of_criteria_is_told_criterion_by_criterion() -> None:
    was = [{"text": "--help shows it", "done": False, "evidence": None}, {"text": "fast", "done": True}]
    is_now = [
        {"text": "--help shows it", "done": True, "evidence": "ran it"},
        {"text": "fast", "done": False},
        {"text": "documented", "done": False},
    ]
    event = {
        "event": "ev_a", "at": "t", "actor": "ann", "door": "mcp", "action": "update", "item_id": "wi_a",
        "before": {"acceptance_criteria": was}, "after": {"acceptance_criteria": is_now},
    }  # fmt: skip
    told = event_line(event)
    assert "criterion 0 ticked, evidence ran it; criterion 1 unticked; criterion 2 added: documented" in told


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ("is_any_import", "99% alike, renamed from is_import"),
        ("Lines.is_import", "99% alike, moved from is_import"),
    ],
)
def test_changed_code_of_another_name_says_so_and_is_never_all_alike(now: str, told: str) -> None:
    line = reference_line(
        {
            "ref": "a.py::is_import", "state": "changed", "similarity": 0.999,
            "file_path": "a.py", "symbol": now, "start_line": 1, "end_line": 2,
            "was": {"file_path": "a.py", "symbol": "is_import", "start_line": 1, "end_line": 2},
        }
    )  # fmt: skip
    assert told in line


def test_what_was_given_back_does_not_read_like_a_refusal() -> None:
    told = answers.claimed({"claimed": False, "item": ITEM, "reason": "released"})
    assert told.splitlines() == ["released", row(ITEM)]
    told = answers.claimed({"claimed": False, "item": None, "reason": "held by bo"})
    assert told == "not claimed: held by bo"


def test_code_that_is_kept_is_not_shown_as_code_that_is_there() -> None:
    item = {
        "id": "wi_a",
        "version": 1,
        "item_type": "task",
        "status": "planned",
        "priority": 2,
        "title": "Look",
        "reference_details": [
            {"ref": "a.py::f", "state": "valid", "content": "def f(): ..."},
            {"ref": "b.py::g", "state": "stale", "code": "def g(): ..."},
            {"ref": "c.py::h", "state": "unchecked", "code": "def h(): ..."},
        ],
    }
    titles = [line for line in item_text(item).splitlines() if line.startswith("--- ")]
    assert titles == [
        "--- a.py::f",
        "--- b.py::g, gone: as it was last known",
        "--- c.py::h, not checked: as it was last known",
    ]


def test_why_several_could_not_be_checked_is_said_once() -> None:
    details = [{"ref": f"a.py:{line}", "state": "unchecked", "reason": "No index."} for line in (1, 2)]
    assert reference_lines(details) == ["unchecked a.py:1; No index.", "unchecked a.py:2; as above"]


def test_a_plan_that_is_tried_again_says_what_it_made_and_what_was_there() -> None:
    made = {"key": "a", "id": "wi_aaaaaaa", "title": "A", "status": "planned"}
    known = {**made, "key": "b", "warnings": ["already_created: idempotency_key 'b' made wi_aaaaaaa"]}
    text = planned({"project": "demo", "items": [made, known], "event": None, "created": 1, "found": 1})
    assert text.startswith("created 1 item in demo; 1 found by idempotency_key, not created again\n")


def test_an_event_of_many_items_is_one_line() -> None:
    event = {
        "event": "ev_a", "at": "2026-01-02", "actor": "ann", "door": "mcp", "action": "update",
        "before": {"status": "planned"}, "after": {"status": "active"}, "override_reason": "late",
    }  # fmt: skip
    many = [{**event, "item_id": f"wi_{number}"} for number in range(200)]
    other = {**event, "event": "ev_b", "item_id": "wi_x"}
    line = "ev_a 2026-01-02 ann via mcp update 200 items (wi_0, wi_1, wi_2 and 197 more)"
    told = ": status planned → active because late"
    assert event_lines([*many, other]) == [line + told, event_line(other)]
    assert event_lines(many[:3]) == [event_line(each) for each in many[:3]]
    many[7] = {**many[7], "before": {"status": "blocked"}}
    assert event_lines(many) == [f"{line} because late"]
