"""What a schema wants, in words; what a value is, in an error; and schemas that are made small."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, Field
from typing_extensions import TypedDict

from bridge.agreed.errors import TandemError
from bridge.hosting import schemas
from bridge.hosting.arguments import Arguments, describe, shown


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"const": "accept"}, "accept"),
        ({"enum": ["a", "b"]}, "one of a, b"),
        ({"type": ["string", "null"]}, "text or null"),
        ({"anyOf": [{"type": "string"}, {"type": "string"}, {"type": "array"}]}, "text or a list"),
        ({"type": "number"}, "a number"),
        ({"type": "number", "minimum": 0}, "a number of at least 0"),
        ({"type": "integer", "maximum": 9}, "a whole number of at most 9"),
        ({"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 5},
         "a whole number above 0 and below 5"),
        ({"type": "string", "pattern": "^a"}, "text matching ^a"),
        ({"type": "string", "minLength": 2}, "text of at least 2 characters"),
        ({"type": "string", "maxLength": 2000}, "text of at most 2,000 characters"),
        ({"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "boolean"}},
         "a list of 1 to 3 items, each true or false"),
        ({"type": "object", "properties": {"ref": {}, "role": {}}}, "an object with ref, role"),
        ({"type": "object"}, "an object"),
        ({}, "a value"),
        ({"type": "null"}, "null"),
    ],
)  # fmt: skip
def test_a_schema_says_what_it_wants(schema: dict[str, Any], words: str) -> None:
    assert describe(schema) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "null"),
        ("abc", 'the text "abc"'),
        ("a" * 5000, "text of 5,000 characters"),
        ([1, 2], "[1, 2]"),
        (list(range(2000)), "a list of 2,000"),
        ({"a": 1}, '{"a": 1}'),
        ({"first": "x" * 1000, "second": 2}, "an object with first, second"),
        (1.5, "1.5"),
    ],
)
def test_a_value_is_told_whole_while_it_is_short(value: object, words: str) -> None:
    assert shown(value) == words


def _even(value: int) -> int:
    if value % 2:
        raise ValueError(f"{value} is odd")
    return value


def _tool(number: Annotated[int, AfterValidator(_even)] = 2, way: Literal["up"] = "up") -> None: ...


def test_a_check_of_one_s_own_speaks_for_itself() -> None:
    with pytest.raises(TandemError) as caught:
        Arguments(_tool).accept({"number": 3})
    assert caught.value.message == "`number`: 3 is odd"


def test_the_one_valid_value_is_offered() -> None:
    with pytest.raises(TandemError) as caught:
        Arguments(_tool).accept({"way": "upp"})
    assert caught.value.message == '`way` must be up, not the text "upp". Did you mean `up`?'


class _Tree(TypedDict):
    children: list[_Tree]


def _planted(tree: _Tree) -> None: ...


def test_a_schema_that_refers_to_itself_is_refused() -> None:
    with pytest.raises(TypeError, match="'_Tree' refers to itself; give it as a plain object"):
        Arguments(_planted)


def _unannotated(query) -> None: ...  # type: ignore[no-untyped-def]


def test_a_parameter_without_annotation_is_refused() -> None:
    with pytest.raises(TypeError, match="parameter 'query' of tool '_unannotated' has no annotation"):
        Arguments(_unannotated)


@pytest.mark.parametrize(
    ("schema", "kind", "permitted"),
    [
        ({"type": "string"}, "string", True),
        ({"type": "string"}, "null", False),
        ({"type": ["string", "null"]}, "null", True),
        ({"anyOf": [{"type": "array"}, {"enum": ["a"]}]}, "string", True),
        ({"anyOf": [{"type": "array"}]}, "object", False),
        ({"enum": [1, 2]}, "string", False),
        ({"enum": ["a"]}, "number", False),
        ({}, "object", True),
        ({"const": 3}, "number", False),
    ],
)
def test_what_a_schema_permits(schema: dict[str, Any], kind: str, permitted: bool) -> None:
    assert schemas.permits(schema, kind) is permitted


def test_null_is_dropped_where_it_is_the_default_and_unions_of_more_stay() -> None:
    def tool(
        one: Annotated[str | None, Field(max_length=3)] = None,
        two: Annotated[list[str] | dict[str, int] | None, Field()] = None,
        three: Any = object,
    ) -> None: ...

    published = schemas.of_arguments(tool, frozenset())[0]["properties"]
    assert published["one"] == {"type": "string", "maxLength": 3}
    assert [choice["type"] for choice in published["two"]["anyOf"]] == ["array", "object"]
    assert published["three"] == {}, "a default that is no JSON is not published"
