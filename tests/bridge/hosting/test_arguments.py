"""Arguments of a tool: strict where silence hides a mistake, lenient where clients err, told in sentences."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, NotRequired

import pytest
from pydantic import Field
from typing_extensions import TypedDict

from bridge.agreed.errors import TandemError
from bridge.hosting.arguments import Arguments


class Reference(TypedDict):
    ref: str
    role: NotRequired[Literal["about", "test"]]


async def tool(
    query: Annotated[str, Field(min_length=1, max_length=20, description="What to find")],
    limit: Annotated[int, Field(ge=1, le=50)] = 10,
    kind: Literal["code", "tests"] | None = None,
    references: list[str | Reference] | None = None,
    schema: dict[str, Any] | None = None,
    labels: Annotated[list[str] | None, Field(max_length=3)] = None,
    ratio: float = 0.5,
    flag: bool = False,
) -> None: ...


ARGUMENTS = Arguments(tool)


def refused(**given: Any) -> str:
    with pytest.raises(TandemError) as caught:
        ARGUMENTS.accept({"query": "a"} | given)
    assert caught.value.code == "invalid_arguments"
    return caught.value.text


def test_the_published_schema_is_flat_and_terse() -> None:
    text = json.dumps(ARGUMENTS.schema)
    for noise in ("$ref", "$defs", '"title"', "null"):
        assert noise not in text
    assert ARGUMENTS.schema["additionalProperties"] is False
    assert ARGUMENTS.schema["required"] == ["query"]
    assert ARGUMENTS.schema["properties"]["limit"] == {
        "type": "integer", "minimum": 1, "maximum": 50, "default": 10,
    }  # fmt: skip
    assert ARGUMENTS.schema["properties"]["kind"] == {"enum": ["code", "tests"], "type": "string"}
    assert ARGUMENTS.schema["properties"]["schema"] == {"type": "object"}


def test_what_was_given_is_handed_on_and_nothing_else() -> None:
    assert ARGUMENTS.accept({"query": "a", "limit": 3}) == {"query": "a", "limit": 3}


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"references": '["a", {"ref": "b"}]'}, {"references": ["a", {"ref": "b"}]}),
        ({"schema": '{"type": "object"}'}, {"schema": {"type": "object"}}),
        ({"limit": 5.0}, {"limit": 5}),
        ({"limit": "5"}, {"limit": 5}),
        ({"limit": " 5.0 "}, {"limit": 5}),
        ({"ratio": "0.25"}, {"ratio": 0.25}),
        ({"flag": "true"}, {"flag": True}),
        ({"labels": "bug"}, {"labels": ["bug"]}),
        ({"references": "src/a.py"}, {"references": ["src/a.py"]}),
        ({"query": "5"}, {"query": "5"}),
        ({"limit": None, "references": [{"ref": "a", "role": None}]}, {"references": [{"ref": "a"}]}),
        ({"kind": None}, {"kind": None}),
        ({"ratio": 1}, {"ratio": 1}),
    ],
)
def test_what_clients_get_slightly_wrong_is_understood(given: dict[str, Any], taken: dict[str, Any]) -> None:
    assert ARGUMENTS.accept({"query": "a"} | given) == {"query": "a"} | taken


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"limit": "five"}, '`limit` must be a whole number from 1 to 50, not the text "five".'),
        ({"limit": "51"}, "`limit` must be a whole number from 1 to 50, not 51."),
        ({"limit": "5.5"}, "`limit` must be a whole number from 1 to 50, not 5.5."),
        ({"limit": "true"}, '`limit` must be a whole number from 1 to 50, not the text "true".'),
        ({"limit": 51}, "`limit` must be a whole number from 1 to 50, not 51."),
        ({"limit": True}, "`limit` must be a whole number from 1 to 50, not true."),
        ({"limit": 2.5}, "`limit` must be a whole number from 1 to 50, not 2.5."),
        ({"query": ""}, '`query` must be text of 1 to 20 characters, not the text "".'),
        ({"query": "x" * 2_100}, "`query` must be text of 1 to 20 characters, not text of 2,100 characters."),
        ({"query": None}, "`query` must be text of 1 to 20 characters, not null."),
        ({"kind": "test"}, '`kind` must be one of code, tests, not the text "test". Did you mean `tests`?'),
        (
            {"labels": list("abcd")},
            '`labels` must be a list of at most 3 items, each text, not ["a", "b", "c", "d"].',
        ),
        ({"labels": " "}, '`labels` must be a list of at most 3 items, each text, not the text " ".'),
        ({"flag": "yes"}, '`flag` must be true or false, not the text "yes".'),
        ({"schema": "[1]"}, '`schema` must be an object, not the text "[1]".'),
        ({"references": [3]}, "`references[0]` must be text or an object with ref, role, not 3."),
        (
            {"references": [{"ref": "a", "rol": "x"}]},
            "Unknown field `rol` in `references[0]`. Did you mean `role`? Valid fields: ref, role.",
        ),
        (
            {"lmit": 3},
            "Unknown argument `lmit`. Did you mean `limit`? "
            "Valid arguments: flag, kind, labels, limit, query, ratio, references, schema.",
        ),
    ],
)
def test_each_mistake_has_its_sentence(given: dict[str, Any], sentence: str) -> None:
    assert sentence in refused(**given)


def test_a_missing_argument_is_named_with_what_it_wants() -> None:
    with pytest.raises(TandemError, match="Argument `query` is missing: give text of 1 to 20 characters"):
        ARGUMENTS.accept({})


def test_several_mistakes_are_told_at_once_but_not_without_end() -> None:
    text = refused(limit=0, flag=3, **{f"x{number}": 1 for number in range(20)})
    assert "`limit`" in text
    assert "And 17 more like these." in text


def test_a_parameter_without_annotation_is_a_mistake_of_the_programmer() -> None:
    def careless(value) -> None:  # type: ignore[no-untyped-def]  # what is tested
        ...

    with pytest.raises(TypeError, match="'value' of tool 'careless' has no annotation"):
        Arguments(careless)


def test_a_name_of_any_length_is_told_in_few_words() -> None:
    assert len(refused(**{"x" * 9_000_000: 1})) < 300
    assert len(refused(limit={f"{n}{'x' * 90_000}": 1 for n in range(9)})) < 800
    assert len(refused(references=[{"ref": "a", "y" * 90_000: 1}])) < 300
