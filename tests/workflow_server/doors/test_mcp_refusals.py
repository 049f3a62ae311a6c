"""What an agent reads when its arguments are wrong: enough to send the right ones next."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Connect, Era

Case = tuple[str, dict[str, Any], tuple[str, ...]]

WRONG: tuple[Case, ...] = (
    ("create_work_item", {}, ("`title` is missing",)),
    ("create_work_item", {"title": 5}, ("`title` must be text", "5")),
    ("create_work_item", {"titel": "x", "title": "y"}, ("Unknown argument `titel`", "Did you mean `title`?")),
    ("create_work_item", {"title": "x", "priority": "high"}, ("`priority`", "from 0 to 4")),
    ("create_work_item", {"title": "x", "priority": 9}, ("`priority`", "from 0 to 4", "9")),
    ("create_work_item", {"title": "x", "status": "done"}, ("`status`", "planned", "completed")),
    ("create_work_item", {"title": ""}, ("title",)),
    ("create_work_item", {"title": "x" * 100_000}, ("title",)),
    ("create_work_item", {"title": "x", "item_type": "taks"}, ("taks", "task")),
    ("create_work_item", {"title": "x", "parent_id": "wi_aaaaaaa"}, ("wi_aaaaaaa", "parent_id")),
    ("create_work_item", {"title": "x", "links": [{"kind": "likes", "id": "wi_aaaaaaa"}]}, ("relates_to",)),
    ("create_work_item", {"title": "x", "links": [{"kind": "duplicates"}]}, ("`id` is missing", "links[0]")),
    ("create_work_item", {"title": "x", "entity_references": [{"role": "test"}]}, ("`ref` is missing",)),
    ("create_work_item", {"title": "x", "entity_references": [""]}, ("entity_references[0]",)),
    ("create_work_item", {"title": "x", "due": "tomorrow"}, ("due", "tomorrow")),
    ("create_work_item", {"title": "x", "metadata": []}, ("`metadata` must be an object",)),
    ("create_work_items", {}, ("`items` is missing",)),
    ("create_work_items", {"items": []}, ("`items`", "1 to 200")),
    ("create_work_items", {"items": [{"title": "x"}] * 201}, ("`items`", "200")),
    ("create_work_items", {"items": [{"key": "a"}]}, ("`title` is missing", "items[0]")),
    ("create_work_items", {"items": [{"title": "x", "kye": "a"}]}, ("Unknown field `kye`", "`key`")),
    ("get_work_item", {}, ("`ids` is missing",)),
    ("get_work_item", {"ids": []}, ("`ids`", "1 to 50")),
    ("get_work_item", {"ids": ["wi_aaaaaaa"] * 51}, ("`ids`", "50")),
    ("get_work_item", {"ids": ["wi_aaaaaaa"]}, ("wi_aaaaaaa",)),
    ("get_work_item", {"ids": ["wi_aaaaaaa"], "include": ["all"]}, ("children", "history", "notes", "code")),
    ("list_work_items", {"limit": 0}, ("`limit`", "from 1 to 200")),
    ("list_work_items", {"limit": 201}, ("`limit`", "from 1 to 200")),
    ("list_work_items", {"view": "mine"}, ("all", "ready", "blocked")),
    ("list_work_items", {"cursor": "nonsense"}, ("cursor",)),
    ("list_work_items", {"sort": "age"}, ("priority", "updated")),
    ("list_work_items", {"status": {"is": "planned"}}, ("`status` must be a list",)),
    ("update_work_item", {"ids": []}, ("`ids`", "1 to 100")),
    ("update_work_item", {"ids": ["wi_aaaaaaa"], "title": "x"}, ("wi_aaaaaaa",)),
    ("update_work_item", {"ids": ["wi_aaaaaaa"], "criteria": [{"done": True}]}, ("`index` is missing",)),
    ("claim_work_item", {"action": "steal"}, ("claim", "renew", "release")),
    ("claim_work_item", {"id": "wi_aaaaaaa"}, ("wi_aaaaaaa",)),
    ("claim_work_item", {"id": "wi_aaaaaaa", "label": "x"}, ("label", "`id` alone")),
    ("claim_work_item", {"lease_minutes": 0}, ("lease_minutes",)),
    ("delete_work_item", {}, ("`id` is missing",)),
    ("delete_work_item", {"id": "wi_aaaaaaa"}, ("wi_aaaaaaa",)),
    ("undo", {"event": "ev_aaaaaaaaaa"}, ("ev_aaaaaaaaaa",)),
    ("undo", {}, ("id", "event")),
    ("check_references", {"state": ["rotten"]}, ("stale", "valid")),
    ("check_references", {"relink": [{"id": "wi_aaaaaaa"}]}, ("`ref` is missing", "`to` is missing")),
    ("define_item_type", {"name": "Bad Name", "schema": {}}, ("Bad Name",)),
    ("define_item_type", {"name": "odd", "schema": {"type": "nonsense"}}, ("nonsense",)),
    ("manage_projects", {"action": "drop"}, ("archive", "select")),
    ("manage_projects", {"action": "create"}, ("`name` is missing",)),
    ("manage_projects", {"action": "create", "name": ""}, ("name",)),
    ("manage_projects", {"action": "select", "name": "nowhere"}, ("nowhere",)),
    ("list_work_items", {"project": "nowhere"}, ("nowhere", "tests")),
)


@pytest.mark.parametrize(("tool", "arguments", "told"), WRONG, ids=lambda value: str(value)[:40])
async def test_a_refusal_names_the_value_and_the_way_out(
    connect: Connect, tool: str, arguments: dict[str, Any], told: tuple[str, ...]
) -> None:
    async with connect() as tools:
        await tools("create_work_item", title="So that the project is there")
        text = await tools.refused(tool, **arguments)
        for words in told:
            assert words in text
        assert len(text) < 1500, "a refusal must not repeat what was too long"
        assert "Traceback" not in text
        assert "Internal error" not in text


async def test_refusals_are_the_same_in_both_eras(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        assert "Did you mean `title`?" in await tools.refused("create_work_item", titel="x")
        assert "Valid tools: create_work_item" in await tools.refused("create_item", title="x")


async def test_lists_and_objects_that_arrive_as_json_text_are_understood(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        made = await tools("create_work_item", title="x", labels='["a", "b"]', metadata='{"k": 1}')
        item = (await tools("get_work_item", ids=[made["id"]]))["items"][0]
        assert (item["labels"], item["metadata"]) == (["a", "b"], {"k": 1})


@pytest.mark.parametrize(
    ("tool", "given", "meant"),
    [
        ("create_work_item", {"title": "x", "tags": ["a"]}, "labels"),
        ("list_work_items", {"tags": "a"}, "label"),
        ("claim_work_item", {"lease": 5}, "lease_minutes"),
        ("claim_work_item", {"item_id": "wi_aaaaaaa"}, "id"),
        ("get_work_item", {"item_id": "wi_aaaaaaa"}, "ids"),
        ("list_work_items", {"claimed_by": "me"}, "view"),
        ("create_work_item", {"title": "x", "depends_on": []}, "blocked_by"),
        ("create_work_item", {"title": "x", "criteria": ["a"]}, "acceptance_criteria"),
        ("create_work_item", {"name": "x"}, "title"),
        ("list_work_items", {"query": "x"}, "text"),
        ("create_work_item", {"title": "x", "status": "IN PROGRESS"}, "active"),
        ("list_work_items", {"view": "mine"}, "claimed"),
    ],
)
async def test_the_words_of_other_trackers_are_met_with_ours(
    connect: Connect, tool: str, given: dict[str, Any], meant: str
) -> None:
    async with connect() as tools:
        assert f"Did you mean `{meant}`?" in await tools.refused(tool, **given)
