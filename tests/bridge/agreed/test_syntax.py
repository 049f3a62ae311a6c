"""How a reference to code is read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.agreed.errors import TandemError
from bridge.agreed.syntax import GivenReference, ParsedReference, code_of_link, parse
from bridge.agreed.syntax import given as read_given

CHUNK = "c_abcdefgh2345"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CHUNK, ParsedReference("chunk", chunk_id=CHUNK)),
        ("src/auth.py", ParsedReference("path", path="src/auth.py")),
        ("./src/auth.py", ParsedReference("path", path="src/auth.py")),
        ("src\\auth.py", ParsedReference("path", path="src/auth.py")),
        ("src/auth.py:12", ParsedReference("lines", path="src/auth.py", start_line=12, end_line=12)),
        ("src/auth.py:12-20", ParsedReference("lines", path="src/auth.py", start_line=12, end_line=20)),
        ("src/auth.py:20-12", ParsedReference("lines", path="src/auth.py", start_line=12, end_line=20)),
        ("src/auth.py:12:7", ParsedReference("lines", path="src/auth.py", start_line=12, end_line=12)),
        ("src/auth.py#L12-L20", ParsedReference("lines", path="src/auth.py", start_line=12, end_line=20)),
        ("C:\\work\\a.py:3", ParsedReference("lines", path="C:/work/a.py", start_line=3, end_line=3)),
        ("C:\\work\\a.py", ParsedReference("path", path="C:/work/a.py")),
        ("src/a.py::Store.open", ParsedReference("symbol", path="src/a.py", symbol="Store.open")),
        ("src/a.cpp::ns::Store::open", ParsedReference("symbol", path="src/a.cpp", symbol="ns::Store::open")),
        ("src/a.py:0", ParsedReference("path", path="src/a.py:0")),
        ("a folder/b c.py", ParsedReference("path", path="a folder/b c.py")),
        ("https://example.org/a.py:3", ParsedReference("url")),
        ("HTTP://example.org/a::b", ParsedReference("url")),
        ("ssh://git@host/a.py", ParsedReference("url")),
        ("mailto:a@b", ParsedReference("url")),
        ("3f2c1d0a9", ParsedReference("commit")),
    ],
)
def test_each_accepted_form(text: str, expected: ParsedReference) -> None:
    assert parse(text) == expected


@given(st.text(max_size=200))
def test_every_text_has_a_form(text: str) -> None:
    parsed = parse(text)
    assert parsed.start_line <= parsed.end_line
    assert (parsed.form == "chunk") == bool(parsed.chunk_id)
    assert parsed.form != "lines" or (parsed.start_line > 0 and parsed.path is not None)


@given(st.from_regex(r"[a-z]{1,8}://[a-z./:0-9]{1,20}", fullmatch=True))
def test_a_url_is_never_a_path(url: str) -> None:
    assert parse(url).form == "url"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://github.com/o/r/blob/main/src/http.py#L1162-L1180", "src/http.py:1162-1180"),
        ("https://github.com/o/r/blob/0a1b2c3/src/http.py#L7", "src/http.py:7"),
        ("https://gitlab.example.org/g/s/r/-/blob/main/a%20b.py#L7-9", "a b.py:7-9"),
        ("https://git.example.org/o/r/src/branch/main/a.py#L7C1-L9C3", "a.py:7-9"),
        ("https://github.com/o/r/blob/main/README.md?plain=1#L3", "README.md"),
        ("https://github.com/o/r/blob/main/README.md#install", "README.md"),
        ("https://github.com/o/r/issues/7", ""),
        ("https://example.org/src/door.py:3", ""),
        ("src/http.py", ""),
    ],
)
def test_the_code_of_a_forges_link_is_told(url: str, code: str) -> None:
    assert code_of_link(url) == code


def test_a_string_is_about_code_by_default() -> None:
    assert read_given("src/a.py:3") == GivenReference("src/a.py:3", "about", "")


def test_role_and_repository_are_taken_from_an_object() -> None:
    value = {"ref": "tests/test_a.py::test_b", "role": "evidence", "repository": "r_x"}
    assert read_given(value) == GivenReference("tests/test_a.py::test_b", "evidence", "r_x")


@pytest.mark.parametrize(
    "pasted",
    [
        {"chunk_id": CHUNK, "file_path": "src/a.py", "start_line": 1, "similarity_score": 0.9},
        json.dumps({"chunk_id": CHUNK, "file_path": "src/a.py"}),
        f"src/a.py:10-20 Store.open 0.93 {CHUNK}",
        f"1. src/a.py:10-20 [{CHUNK}]\n    def open(self):\n        ...",
    ],
)
def test_a_pasted_search_result_stands_for_its_chunk(pasted: object) -> None:
    assert read_given(pasted).ref == CHUNK


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (7, "must be text or an object, not 7"),
        ("", "A reference is empty"),
        ("  \n ", "A reference is empty"),
        ("x" * 1_001, "has 1,001 characters"),
        ("def f():\n    pass", "has 2 lines and names no chunk"),
        ("c_abcdefgh2345 and c_bbbbbbbb2345", "names several chunks: c_abcdefgh2345, c_bbbbbbbb2345"),
        ("src/a.py:40-30", "end before they begin. Did you mean src/a.py:30-40?"),
        ({"ref": "src/a.py#L40-L30"}, "end before they begin. Did you mean src/a.py:30-40?"),
        ({"ref": "a", "rôle": "x"}, "Unknown field `rôle` in a reference. Did you mean `role`?"),
        ({"ref": "a", "role": "tests"}, "not 'tests'. Did you mean `test`?"),
        ({"ref": 3}, "`ref` of a reference must be text, not 3"),
        ({"role": "test"}, "`ref` of a reference must be text, not None"),
        ({"ref": "a", "repository": 1}, "`repository` of a reference must be text, not 1"),
    ],
)
def test_what_is_no_reference_is_refused_with_the_value_and_the_choices(value: object, words: str) -> None:
    with pytest.raises(TandemError) as caught:
        read_given(value)
    assert caught.value.code == "invalid_reference"
    assert words in caught.value.text
