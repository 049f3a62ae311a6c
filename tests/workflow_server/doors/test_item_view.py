"""An item at a terminal: evidence, history, warnings, and the code of a reference with its place."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_server.doors.cli.commands.checking import sarif
from workflow_server.doors.cli.commands.touching import _lines as touched_lines
from workflow_server.doors.cli.item_view import print_item
from workflow_server.doors.text.items import item_text

CODE = "def retry(payment):\n    return payment.again()\n"
ITEM: dict[str, Any] = {
    "id": "wi_aaaaaaa", "project": "p", "status": "active", "priority": 1, "item_type": "task", "version": 3,
    "title": "Retry", "description": "", "labels": [], "assignee": None, "path": ["wi_aaaaaaa"],
    "links": [], "blocked_by": ["wi_bbbbbbb"], "blocks": [], "metadata": {}, "warnings": ["It is late."],
    "acceptance_criteria": [{"text": "runs", "done": True, "evidence": "seen by ann"}],
    "entity_references": ["src/pay.py::retry"], "valid_references": [], "stale_references": [],
    "reference_details": [
        {"ref": "src/pay.py::retry", "role": "about", "state": "valid", "root": "/r",
         "file_path": "src/pay.py", "start_line": 7, "end_line": 8, "content": CODE, "symbol": "retry"}
    ],
    "children": [{"id": "wi_ccccccc", "status": "planned", "priority": 2, "title": "Child"}],
    "notes": [], "created_at": "2031-01-01T00:00:00Z", "updated_at": "2031-01-01T00:00:00Z",
    "created_by": "ann", "deleted_at": "2031-02-01T00:00:00Z",
    "history": [
        {"event": "ev_aaaaaaaaaa", "at": "2031-01-01T00:00:00Z", "actor": "ann", "door": "cli",
         "action": "create", "version": 1, "before": None, "after": {"title": "Retry"}, "client": "x",
         "item_id": "wi_aaaaaaa", "undoes": None, "override_reason": None, "seq": 1}
    ],
}  # fmt: skip


def test_all_there_is_of_it_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    print_item(ITEM)
    shown = capsys.readouterr().out
    for words in (
        "runs  seen by ann", "7 def retry(payment):", "8     return payment.again()", "ann via cli create",
        "! It is late.", "Child",
    ):  # fmt: skip
        assert words in shown, words


def test_the_text_for_a_model_says_that_it_is_deleted_and_what_it_waits_for() -> None:
    text = item_text(ITEM | {"waits_for": ["wi_bbbbbbb"]})
    for words in (
        "deleted 2031-02-01T00:00:00Z",
        "waits for wi_bbbbbbb",
        "children:",
        "wi_ccccccc planned P2",
    ):
        assert words in text, words
    why = item_text(ITEM | {"why_blocked": ["its blocker wi_bbbbbbb is planned"], "deleted_at": None})
    assert "not ready: its blocker wi_bbbbbbb is planned" in why
    assert "waits for" not in why
    assert "waited for wi_bbbbbbb" in item_text(ITEM), "its blocker is done"
    assert "deleted" not in why


def test_a_sarif_log_has_what_needs_a_look_and_where_it_is_or_was() -> None:
    log = sarif(
        [
            {"ref": "a", "state": "valid", "item_id": "wi_a"},
            {"ref": "b", "state": "changed", "item_id": "wi_b", "file_path": "b.py", "start_line": 3,
             "end_line": 9},
            {"ref": "c", "state": "stale", "id": "wi_c", "was": {"file_path": "c.py"},
             "reason": "It is gone."},
            {"ref": "d"},
        ]
    )  # fmt: skip
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert [(one["ruleId"], one["level"]) for one in run["results"]] == [
        ("reference-changed", "warning"),
        ("reference-stale", "error"),
        ("reference-unresolved", "note"),
    ]
    changed, stale, unresolved = run["results"]
    assert changed["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "b.py"},
        "region": {"startLine": 3, "endLine": 9},
    }
    assert stale["locations"][0]["physicalLocation"] == {"artifactLocation": {"uri": "c.py"}}
    assert stale["message"]["text"] == "wi_c: c is stale. It is gone."
    assert "locations" not in unresolved
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} >= {
        one["ruleId"] for one in run["results"]
    }


def test_what_a_change_is_about_is_told_with_the_command_that_could_follow() -> None:
    told = touched_lines(
        {
            "items": [
                {
                    "id": "wi_a", "status": "planned", "title": "Retry", "touches": ["a.py:1-2", "a.py:9-9"],
                    "commits": ["0123456789abcdef0123", "fedcba9876543210"],
                    "named_by": ["0123456789abcdef0123"],
                    "proposals": [
                        {"ids": ["wi_a"], "status": "active"},
                        {"ids": ["wi_a"], "add_entity_references": [{"ref": "0123456789abcdef0123"}]},
                    ],
                },
                {"id": "wi_b", "status": "active", "title": "Other", "touches": [], "commits": [],
                 "named_by": [], "proposals": []},
            ]
        }
    )  # fmt: skip
    assert told.splitlines() == [
        "wi_a [planned] Retry",
        "  touches a.py:1-2, a.py:9-9",
        "  named by 0123456789ab",
        "  touched by fedcba987654",
        "  could follow: workflow-server update wi_a --status active",
        "  could follow: workflow-server update wi_a --add-reference 0123456789ab",
        "wi_b [active] Other",
    ]
    assert touched_lines({"items": []}) == "No open item is about this change."


def test_many_places_of_one_file_are_told_by_their_number() -> None:
    touches = [f"big.py:{n}-{n + 2}" for n in range(0, 50, 10)] + ["small.py:1-2"]
    item = {
        "id": "wi_a",
        "status": "active",
        "title": "A",
        "touches": touches,
        "commits": [],
        "proposals": [],
    }
    assert touched_lines({"items": [item]}).splitlines()[1] == "  touches big.py in 5 places, small.py:1-2"
