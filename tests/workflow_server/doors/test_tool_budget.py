"""What the tools cost every session that lists them, and what an answer may cost at most."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from mcp.types import Tool

from workflow_server.doors.text import budget

from .conftest import Connect

SNAPSHOT = Path(__file__).with_name("tools_list.json")
INPUT_TOKENS, WHOLE_TOKENS = 2_500, 5_000
CHARACTERS_PER_TOKEN = 3.5
"""Where no o200k vocabulary is at hand: these schemas measure 4.1 characters a token, so this is on
the safe side.
"""


def tokens(text: str) -> int:
    """o200k tokens, counted where the vocabulary is at hand without a network, else estimated from above."""
    try:
        import tiktoken

        return len(tiktoken.get_encoding("o200k_base").encode(text))
    except (
        Exception
    ):  # the encoding is fetched on first use, which may be refused in as many ways as a network has
        return round(len(text) / CHARACTERS_PER_TOKEN)


def compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def told(tool: Tool) -> dict[str, Any]:
    return {"name": tool.name, "description": tool.description, "inputSchema": tool.input_schema}


async def listed(connect: Connect) -> list[Tool]:
    async with connect() as tools:
        return list((await tools.client.list_tools()).tools)


async def test_eleven_tools_cost_at_most_2500_tokens(connect: Connect) -> None:
    tools = await listed(connect)
    assert len(tools) == 11
    inputs = sum(tokens(compact(told(tool))) for tool in tools)
    whole = inputs + sum(tokens(compact(tool.output_schema)) for tool in tools)
    assert inputs <= INPUT_TOKENS
    assert whole <= WHOLE_TOKENS


async def test_the_contract_changes_only_on_purpose(connect: Connect) -> None:
    """To accept a change, write what is printed into tools_list.json and say so in the changelog."""
    now = [told(tool) | {"outputSchema": tool.output_schema} for tool in await listed(connect)]
    assert now == json.loads(SNAPSHOT.read_text(encoding="utf-8")), json.dumps(
        now, indent=1, ensure_ascii=False
    )


def walk(schema: Any) -> list[dict[str, Any]]:
    if isinstance(schema, list):
        return [found for each in schema for found in walk(each)]
    if not isinstance(schema, dict):
        return []
    return [schema, *(found for value in schema.values() for found in walk(value))]


async def test_schemas_are_flat_and_closed(connect: Connect) -> None:
    for tool in await listed(connect):
        assert tool.input_schema["type"] == "object"
        assert tool.input_schema["additionalProperties"] is False
        assert "project" in tool.input_schema["properties"]
        for schema in walk(tool.input_schema):
            assert (
                not {"$ref", "$defs", "allOf", "oneOf", "title"} & schema.keys() - {"title"}
                or "properties" in schema
            )
            assert schema.get("type") != "array" or "items" in schema
            assert not isinstance(schema.get("type"), list), f"{tool.name}: {schema}"
        for schema in walk(tool.output_schema):
            assert not isinstance(schema.get("type"), list), f"{tool.name}: {schema}"


async def test_a_default_list_of_1000_items_costs_at_most_1500_tokens(connect: Connect) -> None:
    async with connect() as tools:
        for start in range(0, 1000, 200):
            titles = [
                {"title": f"Make the {number}th part of the machine run"}
                for number in range(start, start + 200)
            ]
            await tools("create_work_items", items=titles)
        answer = await tools("list_work_items")
        assert (answer["total_count"], len(answer["items"])) == (1000, 25)
        assert answer["next_cursor"]
        assert tokens(compact(answer)) <= 1500
        assert tokens(await tools.text("list_work_items")) <= 1500


@pytest.mark.parametrize("letter", ["x ", "漢", "af0"])
async def test_no_answer_exceeds_20000_tokens(connect: Connect, letter: str) -> None:
    """Text and structured content together, by an estimate from above, whatever is asked for."""
    long = (letter * 40_000)[:40_000]
    async with connect() as tools:
        plan = await tools(
            "create_work_items",
            items=[{"title": f"{letter}{number}", "description": long} for number in range(50)],
        )
        ids = [item["id"] for item in plan["items"]]
        await tools("update_work_item", ids=ids[:1], note=long)
        for arguments in ({"ids": ids}, {"ids": ids[:1], "include": ["notes", "history", "children"]}):
            result = await tools.client.call_tool("get_work_item", arguments)
            assert not result.is_error
            cost = budget.estimated_tokens(compact(result.structured_content))
            assert cost + budget.estimated_tokens(result.content[0].text) <= 20_000  # type: ignore[union-attr]
        assert "more characters" in compact(result.structured_content)


async def test_items_that_do_not_fit_are_named_in_text_and_record_and_can_be_asked_for(
    connect: Connect,
) -> None:
    criteria = [f"criterion {number} of the many that this item has" for number in range(40)]
    async with connect() as tools:
        plan = await tools(
            "create_work_items",
            items=[{"title": f"Item {number}", "acceptance_criteria": criteria} for number in range(50)],
        )
        ids = [item["id"] for item in plan["items"]]
        answer = await tools("get_work_item", ids=ids)
        shown = [item["id"] for item in answer["items"]]
        assert 0 < len(shown) < 50
        assert answer["truncated"].startswith(f"{len(shown)} of 50 items are shown.")
        text = await tools.text("get_work_item", ids=ids)
        first = text.splitlines()[0]
        assert first == f"! {answer['truncated']}"
        left = re.findall(r"wi_[a-z2-7]{7}", first)
        assert shown + left == ids
        rest = await tools("get_work_item", ids=left[: len(shown)])
        assert [item["id"] for item in rest["items"]] == left[: len(shown)]
        one_more = [item["id"] for item in (await tools("get_work_item", ids=ids[: len(shown)]))["items"]]
        assert one_more == shown  # as many as fit, not half as many


async def test_references_that_do_not_fit_are_counted_by_state_and_their_items_named(
    connect: Connect,
) -> None:
    async with connect() as tools:
        plan = await tools(
            "create_work_items",
            items=[
                {
                    "title": f"Item {number}",
                    "entity_references": [
                        f"src/package/module_{part}.py::function_{part}" for part in range(40)
                    ],
                }
                for number in range(8)
            ],
        )
        owners = {item["id"] for item in plan["items"]}
        answer = await tools("check_references")
        text = await tools.text("check_references")
        first, counts = text.splitlines()[:2]
        shown = len(answer["references"])
        assert 0 < shown < 320
        assert first.startswith(f"! {shown} of 320 references are shown. Left out: {320 - shown} ")
        assert "ids or state" in first
        assert set(re.findall(r"wi_[a-z2-7]{7}", first)) <= owners
        assert counts.startswith("320 ")


@pytest.mark.parametrize("query", [{}, {"view": "ready"}, {"sort": "title"}, {"text": "Item"}])
async def test_pages_that_are_cut_by_their_size_go_on_after_the_last_row_shown(
    connect: Connect, query: dict[str, Any]
) -> None:
    labels = [f"label-{number}-of-the-many" for number in range(8)]
    async with connect() as tools:
        for part in range(2):
            plan = [{"title": f"Item {part} {number}", "labels": labels} for number in range(200)]
            await tools("create_work_items", items=plan)
        seen: list[str] = []
        cursor: dict[str, Any] = {}
        sizes = []
        while True:
            page = await tools("list_work_items", limit=200, **query, **cursor)
            assert "truncated" not in page
            seen += [row["id"] for row in page["items"]]
            sizes.append(len(page["items"]))
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert 1 < sizes[0] < 200
        assert len(seen) == len(set(seen)) == page["total_count"] == 400


async def test_an_item_that_alone_is_too_much_is_shown_with_its_lists_cut(connect: Connect) -> None:
    async with connect() as tools:
        item = (await tools("create_work_item", title="Much happened"))["id"]
        for number in range(60):
            await tools("update_work_item", ids=[item], note=f"note {number} " + "n" * 290)
        asked = {"ids": [item], "include": ["notes", "history"]}
        answer = await tools("get_work_item", **asked)
        (shown,) = answer["items"]
        told = answer["truncated"]
        notes, history = shown["notes"], shown["history"]
        assert 5 < len(notes) < 60
        assert notes[-1]["text"].startswith("note 59")
        assert f"the newest {len(notes)} of 60 notes" in told
        assert f"the newest {len(history)} of 50 events" in told
        text = await tools.text("get_work_item", **asked)
        assert text.startswith("! ")
        assert f"notes, the last {len(notes)} of 60:" in text
        fewer = await tools("get_work_item", ids=[item], include=["notes"])
        assert len(fewer["items"][0]["notes"]) > len(notes)  # as the answer says


async def test_children_beyond_an_answer_are_counted_and_the_call_for_all_is_named(connect: Connect) -> None:
    async with connect() as tools:
        parent = (await tools("create_work_item", title="Parent"))["id"]
        other = (await tools("create_work_item", title="Other"))["id"]
        plan = [
            {"title": f"Child {number} " + "w " * 20, "parent_id": parent, "labels": ["one", "two"]}
            for number in range(200)
        ]
        await tools("create_work_items", items=plan)
        answer = await tools("get_work_item", ids=[parent, other], include=["children"])
        (shown,) = answer["items"]
        assert 20 < len(shown["children"]) < 200
        assert answer["truncated"].startswith(
            "1 of 2 items is shown. Ask for the others by their ids in anot"
        )
        assert other in answer["truncated"]
        assert f"{len(shown['children'])} of 200 children" in answer["truncated"]
        assert f"list_work_items(parent_id={parent})" in answer["truncated"]


async def test_a_claimed_item_keeps_to_the_size_of_an_answer(connect: Connect) -> None:
    references = [f"src/package/module_{part}.py::function_{part}_of_many_such" for part in range(200)]
    async with connect() as tools:
        item = (await tools("create_work_item", title="Wide", entity_references=references))["id"]
        result = await tools.client.call_tool("claim_work_item", {"id": item})
        record = result.structured_content
        assert record is not None
        assert record["claimed"]
        cost = budget.estimated_tokens(compact(record))
        assert cost + budget.estimated_tokens(result.content[0].text) <= 20_000  # type: ignore[union-attr]
        assert 20 < len(record["item"]["entity_references"]) < 200
        assert "of 200 entity references" in record["truncated"]


async def test_the_place_of_the_whole_item_is_readable_from_any_project(connect: Connect) -> None:
    async with connect() as tools:
        await tools("manage_projects", action="create", name="elsewhere")
        item = (await tools("create_work_item", title="Far away", project="elsewhere"))["id"]
        (content,) = (await tools.client.read_resource(f"workflow://item/{item}")).contents
        assert content.text.startswith("in project elsewhere\n\n")  # type: ignore[union-attr]
        assert "Far away" in content.text  # type: ignore[union-attr]


async def test_a_claim_of_a_long_item_costs_half_of_what_an_answer_may(connect: Connect) -> None:
    async with connect() as tools:
        item = await tools("create_work_item", title="Long", description="word " * 4_000)
        result = await tools.client.call_tool("claim_work_item", {"id": item["id"]})
        record = result.structured_content
        assert record is not None
        assert record["claim_token"]
        assert budget.estimated_tokens(compact(record)) <= budget.MOST_TOKENS // 2
        assert "more characters; the whole is at workflow://item/" in record["item"]["description"]
