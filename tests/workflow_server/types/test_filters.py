"""Filters over metadata: every operator, nothing injected, an index used."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.workflow_server.desk import Desk

from bridge.agreed.errors import TandemError
from workflow_server.find.filters import compiled
from workflow_server.types.values import flatten

ITEMS: dict[str, dict[str, Any]] = {
    "one": {"points": 1, "team": "core", "tags": ["a", "b"], "nested": {"deep": {"x": "y"}}, "ok": True},
    "three": {"points": 3, "team": "web", "tags": [], "when": "2026-03-01", "ok": False, "none": None},
    "text": {"points": "3", "team": "core web", "a.b": 1},
}


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"points": 3}, {"three"}),
        ({"points": "3"}, {"text"}),
        ({"points": {"gte": 1}}, {"one", "three"}),
        ({"points": {"gt": 1, "lt": 10}}, {"three"}),
        ({"points": {"lte": "9"}}, {"text"}),
        ({"points": {"in": [1, "3"]}}, {"one", "text"}),
        ({"points": {"ne": 1}}, {"three", "text"}),
        ({"when": {"lt": "2026-04"}}, {"three"}),
        ({"tags": {"contains": "a"}}, {"one"}),
        ({"tags": {"contains": ["a", "b"]}}, {"one"}),
        ({"tags": ["b", "a"]}, {"one"}),
        ({"team": {"contains": "core"}}, {"one", "text"}),
        ({"nested.deep.x": "y"}, {"one"}),
        ({"nested": {"deep": {"x": "y"}}}, {"one"}),
        ({"nested": {"contains": {"deep": {"x": "y"}}}}, {"one"}),
        ({"nested": {"exists": True}}, {"one"}),
        ({"nested": {"exists": False}}, {"three", "text"}),
        ({"tags": {"exists": True}}, {"one", "three"}),
        ({"ok": True}, {"one"}),
        ({"ok": 1}, set()),
        ({"none": None}, {"three"}),
        ({"a\\.b": 1}, {"text"}),
        ({"team": "core", "points": 1}, {"one"}),
        ({"team": "' OR 1=1 --"}, set()),
        ({"team') OR 1=1 --": "x"}, set()),
        ({"x": {"contains": "%"}}, set()),
    ],
)
async def test_filters_find_what_they_say(desk: Desk, filters: dict[str, Any], found: set[str]) -> None:
    for title, metadata in ITEMS.items():
        await desk.create(title, metadata=metadata)
    assert {row["title"] for row in await desk.rows(metadata=filters)} == found


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"points": {"above": 1}}, "above"),
        ({"points": {"gt": 1, "above": 1}}, "Operators: eq, ne, gt"),
        ({"points": {"gt": [1]}}, "Compare with a text or a number"),
        ({"points": {"in": 1}}, "Write a list"),
        ({"points": {"exists": "yes"}}, "true or false"),
        ({"": 1}, "empty path"),
    ],
)
async def test_bad_filters_name_the_operators(desk: Desk, filters: dict[str, Any], words: str) -> None:
    if filters == {"points": {"above": 1}}:
        assert await desk.ids(metadata=filters) == []  # a nested key of that name, which nobody has
        return
    with pytest.raises(TandemError, match=words):
        await desk.page(metadata=filters)


async def test_an_update_changes_what_is_found(desk: Desk) -> None:
    item = await desk.create(metadata={"a": 1, "b": 2})
    await desk.update(item["id"], metadata={"a": None, "b": 3})
    assert await desk.ids(metadata={"a": {"exists": True}}) == []
    assert await desk.ids(metadata={"b": 3}) == [item["id"]]


async def test_the_value_index_is_used(desk: Desk) -> None:
    await desk.create(metadata={"a": 1})
    _, store = await desk.service.open_store(desk.call)

    def plan(connection: Any) -> str:
        sql, parameters = compiled(connection, {"metadata": {"a": {"gte": 1}}}, "2026")
        rows = connection.execute(f"EXPLAIN QUERY PLAN SELECT id FROM item WHERE {sql}", parameters)
        return " ".join(row["detail"] for row in rows)

    told = await store.read(plan)
    assert "metadata_value" in told
    assert "SCAN metadata_value" not in told


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(min_size=1), json_values, max_size=4))
def test_every_scalar_of_metadata_stands_in_the_index(metadata: dict[str, Any]) -> None:
    def count(value: Any) -> int:
        if isinstance(value, dict):
            return sum(map(count, value.values()))
        if isinstance(value, list):
            return sum(map(count, value))
        return 1

    found = flatten(metadata)
    assert sum(kind in "snbz" for _, kind, _, _ in found) <= count(metadata)
    assert bool(count(metadata)) == any(kind in "snbz" for _, kind, _, _ in found)
    json.dumps(sorted(found))


@pytest.mark.parametrize("operator", ["like", "$eq", ">=", "startswith", "regex", "not"])
async def test_operators_of_other_languages_are_refused_with_those_there_are(
    desk: Desk, operator: str
) -> None:
    await desk.create(metadata={"area": "x"})
    with pytest.raises(TandemError, match="Operators: eq, ne, gt") as refused:
        await desk.page(metadata={"area": {operator: "x"}})
    assert operator in refused.value.message
    assert await desk.rows(metadata={f"area.{operator}": "x"}) == []  # a value of that name can be asked for
