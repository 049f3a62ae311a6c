"""Creating single items: what is stored, what is refused, and with which words."""

from __future__ import annotations

from typing import Any

import pytest
from tests.workflow_server.desk import Desk

from bridge.agreed.errors import TandemError


async def test_a_title_is_enough(desk: Desk) -> None:
    item = await desk.create("  Fix   the\nlogin ")
    stored = await desk.get(item["id"])
    assert stored["title"] == "Fix the login"
    assert (stored["item_type"], stored["status"], stored["priority"], stored["version"]) == (
        "task",
        "planned",
        2,
        1,
    )
    assert stored["entity_references"] == []
    assert stored["created_at"] == stored["updated_at"] == "2026-03-02T09:00:00.000Z"
    assert stored["created_by"] == "ann"
    assert stored["created_via"] == {"client": "test-client 1", "door": "mcp"}
    assert stored["project"] == "demo"
    assert stored["ready"] is True


async def test_every_field_comes_back_as_given(desk: Desk) -> None:
    blocker = await desk.create("Blocker")
    given: dict[str, Any] = {
        "item_type": "deployment",
        "description": "Zeile eins\nline 2 — with ünïcode",
        "priority": 0,
        "labels": ["api", "später"],
        "assignee": "bo",
        "blocked_by": [blocker["id"]],
        "links": [{"kind": "deploys", "id": blocker["id"]}],
        "acceptance_criteria": ["it runs", {"text": "it is fast", "done": True, "evidence": "bench.py"}],
        "due": "2026-04-01",
        "defer_until": "2026-03-05T10:00:00+02:00",
        "metadata": {"environment": "staging", "nested": {"a": [1, 2.5, None, True]}},
        "entity_references": ["src/a.py::f"],
    }
    item = await desk.create("All of it", **given)
    stored = await desk.get(item["id"])
    kept: dict[str, Any] = {**stored}
    assert {name: kept[name] for name in given if name not in ("acceptance_criteria", "defer_until")} == {
        name: value for name, value in given.items() if name not in ("acceptance_criteria", "defer_until")
    }
    assert stored["defer_until"] == "2026-03-05T08:00:00.000Z"
    assert stored["acceptance_criteria"] == [
        {"text": "it runs", "done": False, "evidence": None},
        {"text": "it is fast", "done": True, "evidence": "bench.py"},
    ]
    assert (await desk.get(blocker["id"]))["blocks"] == [item["id"]]
    assert (await desk.get(blocker["id"]))["linked_from"] == [{"kind": "deploys", "id": item["id"]}]


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"title": ""}, "title", "must not be empty"),
        ({"title": " \n "}, "title", "must not be empty"),
        ({"title": "x" * 501}, "title", "at most 500"),
        ({"title": 7}, "title", "must be a text, but is 7"),
        ({"title": "nul\x00"}, "title", "control characters"),
        ({"title": "half \ud800"}, "title", "surrogate"),
        ({"status": "done"}, "status", "planned, active, blocked, completed, cancelled"),
        ({"priority": 5}, "priority", "0 (most urgent) to 4"),
        ({"priority": True}, "priority", "0 (most urgent) to 4"),
        ({"priority": "high"}, "priority", '"high"'),
        ({"labels": "bug"}, "labels", 'Write ["bug"]'),
        ({"labels": ["a", 3]}, "labels[1]", "must be a text"),
        ({"due": "next week"}, "due", "2026-03-31"),
        ({"due": "2026-02-30"}, "due", "no date"),
        ({"links": [{"kind": "blocks", "id": "wi_aaaaaaa"}]}, "links[0].kind", "relates_to, duplicates"),
        ({"acceptance_criteria": [{"done": True}]}, "acceptance_criteria[0]", '"text"'),
        ({"metadata": [1]}, "metadata", "must be an object"),
        ({"metadata": {"x": "y" * 100_001}}, "metadata", "bytes"),
        ({"item_type": "taks"}, "item_type", "Did you mean `task`?"),
        ({"prioritiy": 1}, "prioritiy", "Did you mean `priority`?"),
        ({"entity_references": [3]}, "entity_references[0]", "path::Symbol"),
    ],
)
async def test_a_bad_field_is_named_with_its_value_and_the_way_out(
    desk: Desk, fields: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(TandemError) as refused:
        await desk.create(**{"title": "Work", **fields})
    assert refused.value.code == "invalid_argument"
    assert refused.value.details["field"] == field
    assert words in refused.value.text
    assert (await desk.page())["total_count"] == 0


async def test_metadata_that_does_not_fit_names_the_path_and_the_valid_values(desk: Desk) -> None:
    with pytest.raises(TandemError) as refused:
        await desk.create("Ship", item_type="deployment", metadata={"environment": "prod"})
    assert refused.value.code == "invalid_metadata"
    assert (
        'metadata.environment is "prod", valid are: "production", "staging", "dev"' in refused.value.message
    )


@pytest.mark.parametrize("field", ["parent_id", "blocked_by", "links"])
async def test_unknown_items_are_refused_by_field(desk: Desk, field: str) -> None:
    value: Any = {"parent_id": "wi_nothere", "blocked_by": ["wi_nothere"]}.get(
        field, [{"kind": "relates_to", "id": "wi_nothere"}]
    )
    with pytest.raises(TandemError, match=f"wi_nothere.*`{field}`") as refused:
        await desk.create(**{field: value})
    assert refused.value.code == "work_item_not_found"


async def test_deleted_items_can_neither_block_nor_hold_new_ones(desk: Desk) -> None:
    gone = await desk.create("Gone")
    await desk.service.delete_work_item(desk.call, gone["id"])
    for fields in ({"parent_id": gone["id"]}, {"blocked_by": [gone["id"]]}):
        with pytest.raises(TandemError, match="was deleted at") as refused:
            await desk.create(**fields)
        assert refused.value.code == "work_item_deleted"


async def test_a_retry_with_the_same_key_returns_the_first_item(desk: Desk) -> None:
    first = await desk.service.create_work_item(desk.call, {"title": "Once", "idempotency_key": "k1"})
    again = await desk.service.create_work_item(desk.call, {"title": "Once", "idempotency_key": "k1"})
    assert (first["created"], again["created"]) == (True, False)
    assert again["item"]["id"] == first["item"]["id"]
    assert any("already_created" in warning for warning in again["warnings"])
    other = await desk.service.create_work_item(desk.call, {"title": "Twice", "idempotency_key": "k1"})
    assert other["item"]["title"] == "Once"
    assert any("arguments differ" in warning for warning in other["warnings"])
    assert (await desk.page())["total_count"] == 1


async def test_depth_ends_at_eight(desk: Desk) -> None:
    parent = None
    for level in range(8):
        parent = (await desk.create(f"Level {level}", parent_id=parent))["id"]
    assert len((await desk.get(str(parent)))["path"]) == 8
    with pytest.raises(TandemError, match="would reach level 9; the deepest is 8") as refused:
        await desk.create("Too deep", parent_id=parent)
    assert refused.value.code == "too_deep"


async def test_a_likely_duplicate_is_named_in_a_warning_but_stored(desk: Desk) -> None:
    first = await desk.create("Fix the login timeout in the parser")
    answer = await desk.service.create_work_item(desk.call, {"title": "Fixing login timeouts in parser"})
    assert any(first["id"] in warning and "possible_duplicate" in warning for warning in answer["warnings"])
    unrelated = await desk.service.create_work_item(desk.call, {"title": "Draw the board in dark colours"})
    assert unrelated["warnings"] == []


async def test_numbered_siblings_are_no_duplicates(desk: Desk) -> None:
    await desk.create("Migrate table part 1")
    answer = await desk.service.create_work_item(desk.call, {"title": "Migrate table part 2"})
    assert answer["warnings"] == []


async def test_an_item_made_as_completed_passes_the_same_gate(desk: Desk) -> None:
    with pytest.raises(TandemError, match="criterion 0 'shown' is not done"):
        await desk.create("Done?", status="completed", acceptance_criteria=["shown"])
    done = await desk.create("Done", status="completed")
    assert done["completed_at"] == "2026-03-02T09:00:00.000Z"
