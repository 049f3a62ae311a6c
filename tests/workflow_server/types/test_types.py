"""Types: metadata held to a JSON Schema, additive changes taken, breaking ones refused with the items
they break.
"""

from __future__ import annotations

from typing import Any

import pytest
from tests.workflow_server.desk import Desk

from bridge.agreed.errors import TandemError
from workflow_server.types.compatibility import breaking_changes

VENDOR: dict[str, Any] = {
    "type": "object",
    "properties": {
        "tier": {"enum": ["gold", "silver"]},
        "formats": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["tier"],
    "additionalProperties": False,
}


async def define(desk: Desk, schema: dict[str, Any], **arguments: Any) -> Any:
    return await desk.service.define_item_type(desk.call, "vendor", schema=schema, **arguments)


async def test_a_type_of_ones_own_keeps_generic_records(desk: Desk) -> None:
    answer = await define(desk, VENDOR, description="Who supplies us")
    assert (answer["item_type"]["version"], answer["item_type"]["built_in"]) == (1, False)
    item = await desk.create("ACME", item_type="vendor", metadata={"tier": "gold", "formats": ["csv"]})
    assert (await desk.get(item["id"]))["metadata"]["formats"] == ["csv"]
    names = [kind["name"] for kind in await desk.service.item_types(desk.call)]
    assert names == ["project", "session", "task", "research", "subtask", "deployment", "vendor"]


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({}, "metadata lacks tier"),
        ({"tier": "bronze"}, 'metadata.tier is "bronze", valid are: "gold", "silver"'),
        ({"tier": "gold", "formats": ["csv", 3]}, "metadata.formats[1] is 3, it must be of type string"),
        ({"tier": "gold", "colour": 1}, "metadata has colour, known are: tier, formats"),
    ],
)
async def test_misfits_name_the_path_and_the_valid_values(
    desk: Desk, metadata: dict[str, Any], words: str
) -> None:
    await define(desk, VENDOR)
    with pytest.raises(TandemError) as refused:
        await desk.create("ACME", item_type="vendor", metadata=metadata)
    assert refused.value.code == "invalid_metadata"
    assert words in refused.value.message


@pytest.mark.parametrize(
    ("schema", "metadata", "words"),
    [
        ({"properties": {"size": {"minimum": 3}}}, {"size": 1}, "metadata.size is 1, but minimum is 3"),
        ({"properties": {"name": {"pattern": "^a"}}}, {"name": "b"}, 'is "b", but pattern is "^a"'),
        ({"properties": {"tags": {"uniqueItems": True}}}, {"tags": [1, 1]}, "metadata.tags: "),
        ({"minProperties": 1}, {}, "metadata: "),
        ({"additionalProperties": {"type": "integer"}}, {"a": "x" * 200}, "..."),
    ],
)
async def test_each_rule_of_a_schema_has_its_words(
    desk: Desk, schema: dict[str, Any], metadata: dict[str, Any], words: str
) -> None:
    await desk.service.define_item_type(desk.call, "thing", schema={"type": "object", **schema})
    with pytest.raises(TandemError) as refused:
        await desk.create("A", item_type="thing", metadata=metadata)
    assert refused.value.code == "invalid_metadata"
    assert words in refused.value.message


async def test_updates_and_changes_of_type_are_held_to_the_schema_too(desk: Desk) -> None:
    await define(desk, VENDOR)
    item = await desk.create("ACME", item_type="vendor", metadata={"tier": "gold"})
    with pytest.raises(TandemError, match="lacks tier"):
        await desk.update(item["id"], metadata={"tier": None})
    plain = await desk.create("Plain")
    with pytest.raises(TandemError, match="lacks tier"):
        await desk.update(plain["id"], item_type="vendor")


async def test_an_additive_change_makes_a_new_version(desk: Desk) -> None:
    await define(desk, VENDOR)
    wider = {
        **VENDOR,
        "properties": {**VENDOR["properties"], "tier": {"enum": ["gold", "silver", "bronze"]}, "url": {}},
    }
    answer = await define(desk, wider)
    assert (answer["item_type"]["version"], answer["breaking"]) == (2, [])
    again = await define(desk, wider)
    assert again["event"] is None
    assert again["item_type"]["version"] == 2


async def test_a_breaking_change_is_refused_with_the_items_it_would_break(desk: Desk) -> None:
    await define(desk, VENDOR)
    silver = await desk.create("ACME", item_type="vendor", metadata={"tier": "silver"})
    await desk.create("Best", item_type="vendor", metadata={"tier": "gold"})
    narrower = {**VENDOR, "properties": {**VENDOR["properties"], "tier": {"enum": ["gold"]}}}
    with pytest.raises(TandemError) as refused:
        await define(desk, narrower)
    assert refused.value.code == "breaking_change"
    assert refused.value.details["items"] == [silver["id"]]
    assert 'metadata.tier may no longer be "silver"' in refused.value.message
    answer = await define(desk, narrower, allow_breaking=True)
    assert any(silver["id"] in warning for warning in answer["warnings"])
    assert (await desk.get(silver["id"]))["metadata"] == {"tier": "silver"}


async def test_defaults_carry_the_items_over(desk: Desk) -> None:
    await define(desk, VENDOR)
    item = await desk.create("ACME", item_type="vendor", metadata={"tier": "gold"})
    stricter = {**VENDOR, "properties": {**VENDOR["properties"], "country": {"type": "string"}},
                "required": ["tier", "country"]}  # fmt: skip
    with pytest.raises(TandemError, match="country becomes required"):
        await define(desk, stricter)
    answer = await define(desk, stricter, defaults={"country": "NO"})
    assert answer["migrated"] == 1
    stored = await desk.get(item["id"])
    assert stored["metadata"] == {"tier": "gold", "country": "NO"}
    assert stored["version"] == 2
    with pytest.raises(TandemError, match=r"breaking|fit"):
        await define(desk, {**stricter, "required": ["tier", "country", "formats"]}, defaults={"wrong": 1})


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "array"}, "metadata is an object"),
        ({"properties": {"a": {"type": "strin"}}}, "no JSON Schema 2020-12"),
        ({"properties": {"a": {"$ref": "https://example.org/x.json"}}}, "outside itself"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "2020-12"),
        ({"$schema": 5}, "names the dialect 5"),
        ({"properties": {"a": {"$ref": "#/$defs/none"}}}, "refers to #/.defs/none, which it does not have"),
        ({"$ref": "#"}, "leads back to itself"),
        ([], "JSON Schema object"),
    ],
)
async def test_what_is_no_schema_is_refused(desk: Desk, schema: Any, words: str) -> None:
    with pytest.raises(TandemError, match=words):
        await define(desk, schema)


async def test_metadata_that_a_schema_cannot_judge_is_refused_and_not_a_failure(desk: Desk) -> None:
    await define(desk, {"properties": {"a": {"$ref": "#/properties/a"}}})
    with pytest.raises(TandemError, match="leads back to itself") as refused:
        await desk.create("ACME", item_type="vendor", metadata={"a": 1})
    assert refused.value.code == "invalid_metadata"


async def test_a_built_in_type_can_be_widened_in_one_project(desk: Desk) -> None:
    task = next(kind for kind in await desk.service.item_types(desk.call) if kind["name"] == "task")
    schema = {**task["schema"], "properties": {**task["schema"]["properties"], "points": {"type": "integer"}}}
    await desk.service.define_item_type(desk.call, "task", schema=schema)
    with pytest.raises(TandemError, match=r"metadata.points"):
        await desk.create(metadata={"points": "three"})


async def test_deployments_link_to_what_they_deploy_and_items_show_them(desk: Desk) -> None:
    item = await desk.create("Feature")
    ship = await desk.create(
        "Release 1", item_type="deployment", links=[{"kind": "deploys", "id": item["id"]}],
        metadata={"commit_sha": "0123abc", "environment": "production", "deployment_status": "deployed"},
    )  # fmt: skip
    assert (await desk.get(item["id"]))["linked_from"] == [{"kind": "deploys", "id": ship["id"]}]


async def test_a_definition_and_what_its_defaults_did_are_undone_together(desk: Desk) -> None:
    first = await define(desk, VENDOR)
    item = await desk.create("ACME", item_type="vendor", metadata={"tier": "gold"})
    properties = {**VENDOR["properties"], "country": {"type": "string"}}
    second = await define(
        desk,
        {**VENDOR, "properties": properties, "required": ["tier", "country"]},
        defaults={"country": "NO"},
    )
    undone = await desk.service.undo(desk.call, event=second["event"])
    assert (await desk.get(item["id"]))["metadata"] == {"tier": "gold"}
    kind = next(kind for kind in await desk.service.item_types(desk.call) if kind["name"] == "vendor")
    assert kind["schema"] == VENDOR
    with pytest.raises(TandemError, match=item["id"]):
        await desk.service.undo(desk.call, event=first["event"])
    await desk.service.undo(desk.call, event=undone["event"])
    assert (await desk.get(item["id"]))["metadata"] == {"tier": "gold", "country": "NO"}


async def test_an_unused_type_is_gone_when_its_definition_is_undone(desk: Desk) -> None:
    first = await define(desk, VENDOR)
    undone = await desk.service.undo(desk.call, event=first["event"])
    with pytest.raises(TandemError, match="no type of this project"):
        await desk.create(item_type="vendor")
    await desk.service.undo(desk.call, event=undone["event"])
    await desk.create(item_type="vendor", metadata={"tier": "gold"})


@pytest.mark.parametrize(
    ("old", "new", "breaks"),
    [
        ({}, {"properties": {"a": {}}}, False),
        ({"required": ["a"]}, {}, False),
        ({}, {"required": ["a"]}, True),
        ({"properties": {"a": {}}}, {}, True),
        ({"type": "number"}, {"type": "integer"}, True),
        ({"type": "integer"}, {"type": "number"}, False),
        ({"enum": [1]}, {"enum": [1, 2]}, False),
        ({"enum": [1, 2]}, {"enum": [1]}, True),
        ({}, {"enum": [1]}, True),
        ({"minimum": 1}, {"minimum": 0}, False),
        ({"minimum": 0}, {"minimum": 1}, True),
        ({"maxLength": 5}, {"maxLength": 4}, True),
        ({"pattern": "a"}, {}, False),
        ({}, {"pattern": "a"}, True),
        ({"items": {"type": "string"}}, {"items": {"type": ["string", "null"]}}, False),
        ({"items": {}}, {"items": {"type": "string"}}, True),
        ({"additionalProperties": False}, {}, False),
        ({}, {"additionalProperties": False}, True),
        ({"title": "a"}, {"title": "b"}, False),
        ({"anyOf": [{}]}, {"anyOf": [{}, {}]}, True),
        ({"anyOf": [{}]}, {"anyOf": [{}]}, False),
        ({"properties": {"a": True}}, {"properties": {"a": False}}, True),
        ({"properties": {"a": True}}, {"properties": {"a": True}}, False),
        ({"properties": {"a": {"type": "string"}}}, {"properties": {"a": {"type": "number"}}}, True),
        ({"additionalProperties": {"type": "integer"}}, {"additionalProperties": {"type": "number"}}, False),
        ({"additionalProperties": {"type": "number"}}, {"additionalProperties": {"type": "integer"}}, True),
    ],
)
def test_what_breaks_is_told_from_the_schemas(old: dict[str, Any], new: dict[str, Any], breaks: bool) -> None:
    assert bool(breaking_changes(old, new)) is breaks
