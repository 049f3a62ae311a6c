"""A type's schema may come from anybody: none keeps a project busy or ends in an unforeseen error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from tests.workflow_server.desk import Desk

from bridge.agreed.errors import TandemError
from workflow_server.types.validation import problems

Schema = dict[str, Any]
TREE: Schema = {"properties": {"k": {"$ref": "#"}, "n": {"type": "integer"}}}
DOUBLING: Schema = {
    "$ref": "#/$defs/a0",
    "$defs": {
        **{f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(60)},
        "a60": {"type": "object"},
    },
}


def nested(keywords: Sequence[str], levels: int) -> Schema:
    """A schema within a schema, so many objects within each other."""
    schema: Schema = {}
    for level in range(levels - 1):
        schema = {keywords[level % len(keywords)]: schema}
    return schema


def inside(schema: Schema) -> Schema:
    return {"type": "object", "properties": {"k": schema}}


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"$ref": "#"}, "leads back to itself"),
        ({"allOf": [{"$ref": "#"}]}, "leads back to itself"),
        (DOUBLING, "takes too many steps"),
        (inside({"pattern": "(?=a)b"}), "cannot be matched in linear time"),
        (inside({"pattern": r"(a)\1"}), "cannot be matched in linear time"),
        (inside({"pattern": "((a{1,100}){1,100}){1,100}"}), "multiply to 1,000,000"),
        (inside({"patternProperties": {"(?<!x)y": {}}}), "cannot be matched in linear time"),
        ({"patternProperties": {"(x+x+)+y": {}}, "unevaluatedProperties": False}, "Use additionalProperties"),
        (inside({"enum": ["x" * 99] * 300}), "at most 20,000 fit"),
        (nested(["not"], 101), "has more than 100 levels"),
        (nested(["k", "properties"], 2_001), "has more than 100 levels"),
    ],
    ids=[
        "itself", "itself in a list", "doubling", "look-ahead", "back-reference", "repetitions",
        "pattern of names", "two kinds of patterns", "long", "deep", "too deep for Python",
    ],
)  # fmt: skip
async def test_a_schema_that_could_keep_the_server_busy_is_refused(
    desk: Desk, schema: Schema, words: str
) -> None:
    with pytest.raises(TandemError) as refused:
        await desk.service.define_item_type(desk.call, "vendor", schema=schema)
    assert words in refused.value.text


async def test_what_is_as_deep_as_may_be_is_checked_to_its_ground(desk: Desk) -> None:
    await desk.service.define_item_type(desk.call, "deep", schema=nested(["k", "properties"], 100))
    await desk.service.define_item_type(desk.call, "tree", schema=TREE)
    await desk.create("Deep", item_type="tree", metadata=metadata_above(1))
    with pytest.raises(TandemError, match=r"\.k\.k\.n is \"no number\", it must be of type integer"):
        await desk.create("Deep", item_type="tree", metadata=metadata_above("no number"))


def metadata_above(ground: Any) -> Schema:
    """As many levels as metadata may have, `ground` in the last."""
    metadata: Schema = {"n": ground}
    for _ in range(99):
        metadata = {"k": metadata}
    return metadata


MANY = [{"a": n} for n in range(6_000)]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("schema", "value", "words"),
    [
        (inside({"pattern": "^(a+)+$"}), "a" * 50 + "!", "but pattern is"),
        (inside({"additionalProperties": False, "patternProperties": {"^(a+)+$": {}}}), {"a" * 50 + "!": 1},
         "has aaaa"),
        (inside({"propertyNames": {"pattern": "^(a|a)*$"}}), {"a" * 50 + "!": 1}, "but pattern is"),
        (inside({"$ref": "#/properties/k"}), 1, "leads back to itself"),
        (inside({"uniqueItems": True}), [*MANY, {"a": 1}], "non-unique"),
        (inside({"items": {"enum": list(range(3_000))}}), [-1] * 20_000, "takes too many steps"),
    ],
    ids=["backtracking", "names of fields", "all names", "itself", "each with each", "many of many"],
)  # fmt: skip
async def test_what_a_schema_lets_somebody_send_is_answered(
    desk: Desk, schema: Schema, value: Any, words: str
) -> None:
    await desk.service.define_item_type(desk.call, "vendor", schema=schema)
    with pytest.raises(TandemError) as refused:
        await desk.create("ACME", item_type="vendor", metadata={"k": value})
    assert refused.value.code == "invalid_metadata"
    assert words in refused.value.message


def test_patterns_names_and_uniqueness_mean_what_json_schema_says() -> None:
    schema = {
        "properties": {"list": {"uniqueItems": True}, "word": {"pattern": "b+"}},
        "patternProperties": {"^n_": {"type": "number"}},
        "additionalProperties": {"type": "boolean"},
    }
    fine = {"list": [1, True, "1", [1], {"a": 1}, {"a": True}], "word": "abba", "n_x": 1.5, "other": True}
    assert problems(schema, fine) == []
    for name, value in {"word": "a", "n_x": "1", "other": 1}.items():
        assert len(problems(schema, {**fine, name: value})) == 1
    repeated: list[list[Any]] = [[1, 1.0], [{"a": 1, "b": 2}, {"b": 2, "a": 1.0}], [[], []]]
    for twice in repeated:
        assert len(problems(schema, {"list": twice})) == 1
    assert len(problems({"additionalProperties": False}, {"x": 1})) == 1


def test_a_type_of_an_earlier_release_keeps_working_without_the_pattern_that_cannot_be_matched() -> None:
    assert problems(inside({"pattern": "(?=a)b", "type": "string"}), {"k": "anything"}) == []
    assert len(problems(inside({"pattern": "(?=a)b", "type": "string"}), {"k": 1})) == 1


def test_a_reference_that_leads_nowhere_is_told() -> None:
    assert "which it does not have" in problems({"$ref": "http://127.0.0.1:1/x"}, {})[0]


def test_very_many_violations_are_told_in_few_words() -> None:
    found = problems(inside({"items": {"type": "string"}}), {"k": [1] * 20_000})
    assert len(found) == 50
