"""Each field of an item, given what it cannot be: which field, which value, and what to write instead."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.agreed.errors import TandemError
from workflow_server.items.checks import one_of
from workflow_server.items.fields import CREATE_CHECKS, UPDATE_CHECKS, checked
from workflow_server.items.model import STATUSES


def nested(levels: int) -> dict[str, Any]:
    inner: dict[str, Any] = {}
    for _ in range(levels):
        inner = {"a": inner}
    return inner


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"labels": "red"}, '`labels` must be a list, but is "red". Write ["red"].'),
    ({"labels": ["x"] * 201}, "`labels` has 201 entries, at most 200 fit."),
    ({"labels": ["a", 3]}, "`labels[1]` must be a text, but is 3."),
    ({"priority": 5}, "`priority` is 5. It must be a whole number from 0 (most urgent) to 4."),
    ({"priority": True}, "`priority` is true. It must be a whole number from 0 (most urgent) to 4."),
    ({"priority": 1.5}, "`priority` is 1.5. It must be a whole number from 0 (most urgent) to 4."),
    ({"due": 7}, "`due` must be a text, but is 7. Write 2026-03-31 or 2026-03-31T09:00:00Z."),
    ({"due": "soon"}, '`due` is "soon", which is no date. Write 2026-03-31 or 2026-03-31T09:00:00Z.'),
    ({"due": "2026-02-30"}, '`due` is "2026-02-30", which is no date.'),
    ({"links": [{"kind": "blocks"}]}, "`links[0]` is "),
    ({"links": [{"kind": "eats", "id": "wi_a"}]}, '`links[0].kind` is "eats".'),
    ({"acceptance_criteria": [7]}, "`acceptance_criteria[0]` is 7. Write a text, or "),
    ({"acceptance_criteria": [{"text": "x", "ok": 1}]}, "`acceptance_criteria[0]` is "),
    (
        {"acceptance_criteria": [{"text": "x", "done": "yes"}]},
        '`acceptance_criteria[0].done` must be true or false, but is "yes".',
    ),
    ({"metadata": [1]}, '`metadata` must be an object, but is [1]. Write {"name": value}.'),
    ({"metadata": {"a": float("nan")}}, "`metadata` is not JSON: "),
    ({"metadata": {"a": {1, 2}}}, "`metadata` is not JSON: "),
    (
        {"metadata": {"a": 10**400}},
        "`metadata` holds a number of 401 digits. Write numbers beyond 1.8e308 as text.",
    ),
    ({"metadata": nested(101)}, "`metadata` has more than 100 levels."),
    ({"metadata": nested(5_000)}, "`metadata` has more than 100 levels."),
    ({"metadata": {"a": "x" * 100_000}}, "`metadata` takes 100,009 bytes, at most 100,000 fit."),
    ({"entity_references": [{"role": "test"}]}, "`entity_references[0]` is "),
    ({"entity_references": [7]}, "`entity_references[0]` is 7. Write a chunk id, "),
    ({"titel": "x"}, "`titel` is not a field of a work item."),
    ({"status": "done"}, '`status` is "done".'),
]


@pytest.mark.parametrize(("given", "told"), REFUSED)
def test_what_a_field_cannot_be_is_refused_in_words(given: dict[str, Any], told: str) -> None:
    with pytest.raises(TandemError) as refused:
        checked(given, CREATE_CHECKS)
    assert refused.value.text.startswith(told)
    assert refused.value.details["field"].startswith(next(iter(given)))


def test_an_unknown_field_names_the_nearest_and_all_there_are() -> None:
    with pytest.raises(TandemError) as refused:
        checked({"titel": "x"}, CREATE_CHECKS, within="items[2].")
    assert refused.value.message == "`items[2].titel` is not a field of a work item."
    assert refused.value.hint.startswith("Fields: acceptance_criteria, assignee, ")
    assert refused.value.hint.endswith(" Did you mean `title`?")


def test_what_is_no_object_is_refused_by_its_place() -> None:
    for within, name in (("items[0].", "items[0]"), ("", "item")):
        with pytest.raises(TandemError) as refused:
            checked([], CREATE_CHECKS, within=within)  # type: ignore[arg-type]  # that is what is tried
        assert refused.value.message == f"`{name}` must be an object, but is []."


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"index": 0}, "`criteria[0]` is "),
        ({"done": True}, "`criteria[0]` is "),
        ({"index": 0, "done": True, "ok": 1}, "`criteria[0]` is "),
        ([0, True], "`criteria[0]` is [0,"),
        ({"index": -1, "done": True}, "`criteria[0].index` is -1. Criteria are counted from 0."),
        ({"index": True, "done": True}, "`criteria[0].index` is true. Criteria are counted from 0."),
        ({"index": "0", "done": True}, '`criteria[0].index` is "0". Criteria are counted from 0.'),
        ({"index": 0, "done": 1}, "`criteria[0].done` must be true or false, but is 1."),
    ],
)
def test_a_change_of_a_criterion_names_it_by_number_and_changes_something(change: Any, told: str) -> None:
    with pytest.raises(TandemError) as refused:
        checked({"criteria": [change]}, UPDATE_CHECKS)
    assert refused.value.text.startswith(told)


def test_values_are_kept_in_one_form() -> None:
    found = checked(
        {
            "title": "Build",
            "labels": ["b", "a", "b"],
            "due": "2026-03-31",
            "defer_until": "2026-03-31T09:00:00+02:00",
            "acceptance_criteria": ["runs", {"text": "runs", "done": True, "evidence": ""}],
            "entity_references": [
                "a.py::f",
                {"ref": "a.py", "role": "test"},
                {"ref": "b.py", "role": "about"},
            ],
            "links": [{"kind": "relates_to", "id": "wi_a"}],
            "parent_id": None,
        },
        CREATE_CHECKS,
    )
    assert found["labels"] == ("b", "a")
    assert (found["due"], found["defer_until"]) == ("2026-03-31", "2026-03-31T07:00:00.000Z")
    assert found["acceptance_criteria"] == (
        {"text": "runs", "done": False, "evidence": None},
        {"text": "runs", "done": True, "evidence": None},
    )
    assert found["entity_references"] == ("a.py::f", {"ref": "a.py", "role": "test"}, "b.py")
    assert (found["links"], found["parent_id"]) == ((("relates_to", "wi_a"),), None)


def test_a_reference_that_could_not_be_added_today_can_still_be_removed() -> None:
    """An item may hold what an older release took."""
    found = checked({"remove_entity_references": ["a.py\nb.py"]}, UPDATE_CHECKS)
    assert found == {"remove_entity_references": ("a.py\nb.py",)}
    with pytest.raises(TandemError):
        checked({"add_entity_references": ["a.py\nb.py"]}, UPDATE_CHECKS)
    with pytest.raises(TandemError):
        checked({"remove_entity_references": [7]}, UPDATE_CHECKS)


@pytest.mark.parametrize(
    ("given", "meant"),
    [("done", "completed"), ("in-progress", "active"), ("ToDo", "planned"), ("complete", "completed")],
)
def test_words_of_other_trackers_are_answered_with_ours(given: str, meant: str) -> None:
    with pytest.raises(TandemError, match=f"Did you mean `{meant}`"):
        one_of(STATUSES)("status", given)
