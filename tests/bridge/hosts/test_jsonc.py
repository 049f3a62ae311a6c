"""One member is set or taken out; every other character of the document stays."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.hosts import jsonc

WITH_COMMENTS = """{
  // what I like
  "theme": "dark", /* really */
  "mcpServers": {
    "other": {"command": "x"}, // keep me
  },
}
"""
PATH = ("mcpServers", "codebase")
ENTRY = {"command": "/bin/codebase-server", "args": ["--root", "/p"]}


def test_a_member_is_added_and_comments_and_trailing_commas_stay() -> None:
    after = jsonc.with_member(WITH_COMMENTS, PATH, ENTRY)
    assert jsonc.value_at(after, PATH) == ENTRY
    assert jsonc.value_at(after, ("mcpServers", "other")) == {"command": "x"}
    for kept in ("// what I like", "/* really */", "// keep me", '"theme": "dark"'):
        assert kept in after


def test_adding_twice_changes_nothing_more() -> None:
    once = jsonc.with_member(WITH_COMMENTS, PATH, ENTRY)
    assert jsonc.with_member(once, PATH, ENTRY) == once


def test_taking_out_what_was_added_gives_the_document_back() -> None:
    assert jsonc.without_member(jsonc.with_member(WITH_COMMENTS, PATH, ENTRY), PATH) == WITH_COMMENTS


def test_taking_out_the_last_of_two_members_leaves_no_comma_behind() -> None:
    text = '{\n  "a": {\n    "x": 1,\n    "y": 2\n  }\n}\n'
    assert json.loads(jsonc.without_member(text, ("a", "y"))) == {"a": {"x": 1}}


def test_an_empty_file_becomes_an_object() -> None:
    assert json.loads(jsonc.with_member("", PATH, ENTRY)) == {"mcpServers": {"codebase": ENTRY}}


def test_a_value_is_replaced_in_place() -> None:
    text = jsonc.with_member('{"mcpServers": {"codebase": {"command": "old"}, "b": 1}}', PATH, ENTRY)
    assert json.loads(text) == {"mcpServers": {"codebase": ENTRY, "b": 1}}


@pytest.mark.parametrize("text", ["[]", "{", '{"a" 1}', '{"a": }', '{"a": 1 "b": 2}', "nonsense"])
def test_what_is_not_json_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(jsonc.NotJsonError, match="line 1"):
        jsonc.with_member(text, PATH, ENTRY)


def test_a_scalar_in_the_way_is_refused_and_not_overwritten() -> None:
    with pytest.raises(jsonc.NotJsonError, match="an object is wanted"):
        jsonc.with_member('{"mcpServers": 3}', PATH, ENTRY)


scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=12)
documents = st.dictionaries(
    st.text(max_size=8),
    st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
        max_leaves=8,
    ),
    max_size=5,
)


@given(document=documents, name=st.text(max_size=8), value=scalars, indent=st.sampled_from([None, 1, 4]))
def test_setting_and_removing_agree_with_plain_json(
    document: dict[str, Any], name: str, value: Any, indent: int | None
) -> None:
    text = json.dumps(document, indent=indent)
    expected = {**document, name: value}
    assert json.loads(jsonc.with_member(text, (name,), value)) == expected
    left = {key: held for key, held in document.items() if key != name}
    assert json.loads(jsonc.without_member(text, (name,))) == left


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": [1 2]}', "a ',' or ']' is wanted here"),
        ('{"a": 1, "b": 2', "a ',' or '}' is wanted here"),
        ('{"\\x": 1}', "line 1"),
        ("{" + '"a":{' * 100_000, "nested deeper than any settings file"),
    ],
)
def test_each_kind_of_damage_is_said(text: str, words: str) -> None:
    with pytest.raises(jsonc.NotJsonError, match=words):
        jsonc.with_member(text, PATH, ENTRY)


def test_something_in_the_way_that_is_no_object_is_refused() -> None:
    with pytest.raises(jsonc.NotJsonError, match="an object is wanted here, not '3"):
        jsonc.with_member('{"mcpServers": 3}', PATH, ENTRY)


def test_taking_out_from_one_line_keeps_the_line() -> None:
    assert jsonc.without_member('{"a": 1, "b": 2}', ("b",)) == '{"a": 1 }'
    assert jsonc.without_member('{"a": 1, "b": 2}', ("a",)) == '{ "b": 2}'
    assert jsonc.without_member('{"a": 1}', ("b",)) == '{"a": 1}'
    assert jsonc.without_member("", ("b",)) == ""
    assert jsonc.without_member('{"only": {"b": 2}}', ("only", "b")) == '{"only": {}}'
