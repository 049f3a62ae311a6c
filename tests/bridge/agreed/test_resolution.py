"""The wire of resolve, validated on both ends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.agreed.resolution import (
    ReferenceQuery,
    Resolution,
    ResolveRequest,
    WireError,
    request_from_json,
    response_from_json,
)
from bridge.agreed.snapshots import Snapshot

texts = st.text(max_size=20)
filled = texts.filter(str.strip)
snapshots = st.builds(
    Snapshot,
    repository=texts,
    path=texts,
    start_line=st.integers(0, 10**6),
    end_line=st.integers(0, 10**6),
    symbol=texts,
    content_hash=texts,
    chunk_ids=st.lists(texts, max_size=3).map(tuple),
    chunk_hashes=st.lists(texts, max_size=3).map(tuple),
    code=texts,
    truncated=st.booleans(),
)
queries = st.builds(ReferenceQuery, filled, texts, texts, st.none() | snapshots)


@given(st.lists(queries, max_size=4).map(tuple), st.booleans())
def test_a_request_survives_the_wire(references: tuple[ReferenceQuery, ...], content: bool) -> None:
    request = ResolveRequest(references, content)
    assert request_from_json(json.loads(json.dumps(request.to_json()))) == request


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    "ref",
    "state",
    "chunk_id",
    "chunk_ids",
    "was",
    "candidates",
    "similarity",
    "start_line",
    "snapshot",
]


@given(st.dictionaries(st.sampled_from(FIELDS), json_values), st.dictionaries(texts, json_values))
def test_whatever_comes_is_understood_or_refused_with_words(
    entry: dict[str, Any], more: dict[str, Any]
) -> None:
    for read in (lambda body: response_from_json(body, ["a"]), request_from_json):
        refusal = ""
        try:
            understood = bool(read({**more, "references": [entry]}).references)
        except WireError as error:
            understood, refusal = False, str(error)
        assert understood != bool(refusal)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], "the body is [], not an object"),
        ({}, "references is missing"),
        ({"references": [{}]}, "ref is missing in references[0]"),
        ({"references": [{"ref": " "}]}, "references[0].ref is empty"),
        ({"references": [{"ref": "a", "snapshot": 3}]}, "references[0].snapshot is 3, not an object"),
        (
            {"references": [{"ref": "a", "snapshot": {"start_line": "x"}}]},
            "'start_line' must be int, not 'x'",
        ),
        ({"references": [{"ref": "a"}] * 10_001}, "10,001 given, at most 10,000"),
        ({"references": [], "content": "yes"}, "content is 'yes', not bool"),
    ],
)
def test_a_wrong_request_is_told_where_it_is_wrong(body: Any, words: str) -> None:
    with pytest.raises(WireError, match=words.replace("[", r"\[")):
        request_from_json(body)


def test_an_answer_of_the_first_release_is_still_understood() -> None:
    sample = {
        "references": [
            {
                "ref": "c_abcdefgh2345", "state": "stale", "chunk_id": "",
                "chunk_ids": [], "chunk_hashes": [],
                "repository": "r_1", "root": "/r", "file_path": "", "symbol": "",
                "start_line": 0, "end_line": 0,
                "content_hash": "", "similarity": None,
                "was": {"file_path": "a.py", "symbol": "f", "start_line": 1, "end_line": 2, "content": "x",
                        "content_hash": "h", "generation": "e.3", "commit": ""},
                "candidates": [{"chunk_id": "c_bbbbbbbb2345", "file_path": "b.py", "symbol": "g",
                                "start_line": 3, "end_line": 4, "score": 1}],
                "reason": "No such code is left in this root.",
            }
        ],
        "generations": {"/r": "e.4"}, "latency_ms": 1.5, "warnings": ["w"],
    }  # fmt: skip
    (found,) = response_from_json(sample, ["c_abcdefgh2345"]).references
    assert found.was is not None
    assert (found.state, found.was.content, found.candidates[0].score) == ("stale", "x", 1.0)


GOOD = {"ref": "a", "state": "valid"}
WHOLE = {
    "ref": "a",
    "state": "changed",
    "chunk_id": "c_1",
    "chunk_ids": ["c_1", "c_2"],
    "chunk_hashes": ["h1", "h2"],
    "repository": "r",
    "root": "/r",
    "file_path": "a.py",
    "symbol": "A.f",
    "start_line": 3,
    "end_line": 9,
    "content_hash": "h",
    "similarity": 1,
    "was": {"file_path": "b.py", "symbol": "g", "start_line": 1, "end_line": 2, "content": "x"},
    "candidates": [
        {"chunk_id": "c_3", "file_path": "c.py", "symbol": "f", "start_line": 4, "end_line": 5, "score": 0.5}
    ],
    "reason": "because",
    "content": "code",
    "diff": "-a\n+b",
}


def test_each_field_of_an_answer_is_taken_as_it_stands() -> None:
    found = response_from_json({"references": [WHOLE]}, ["a"]).references[0]
    for name, value in WHOLE.items():
        if name in ("was", "candidates"):
            continue
        taken = getattr(found, name)
        assert (list(taken) if isinstance(taken, tuple) else taken) == value, name
    assert isinstance(found.similarity, float)
    assert found.was is not None
    was, candidate = WHOLE["was"], WHOLE["candidates"]
    assert isinstance(was, dict)
    assert isinstance(candidate, list)
    for name, value in was.items():
        assert getattr(found.was, name) == value, name
    for name, value in candidate[0].items():
        assert getattr(found.candidates[0], name) == value, name


def test_what_an_answer_leaves_out_is_empty() -> None:
    answer = response_from_json({"references": [GOOD]}, ["a"])
    assert answer.references[0] == Resolution("a", "valid")
    assert (answer.generations, answer.warnings) == ({}, ())
    nulls = dict.fromkeys(WHOLE) | GOOD
    assert response_from_json({"references": [nulls]}, ["a"]).references[0] == Resolution("a", "valid")


@pytest.mark.parametrize("similarity", [0, 0.0, 0.5, 1, 1.0])
def test_a_similarity_lies_from_nothing_to_all(similarity: float) -> None:
    found = response_from_json({"references": [GOOD | {"similarity": similarity}]}, ["a"])
    assert found.references[0].similarity == similarity


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (7, "the body is 7, not an object"),
        ({}, "references is missing in the body"),
        ({"references": {}}, "the body.references is {}, not list"),
        ({"references": []}, "references: 0 answered, 1 asked"),
        ({"references": [GOOD, GOOD]}, "references: 2 answered, 1 asked"),
        ({"references": [GOOD | {"ref": "b"}]}, "references[0].ref is 'b', asked was 'a'"),
        ({"references": [{"state": "valid"}]}, "ref is missing in references[0]"),
        ({"references": [{"ref": "a"}]}, "state is missing in references[0]"),
        (
            {"references": [GOOD | {"state": "fine"}]},
            "references[0].state is 'fine', not one of valid, moved, changed, stale, unresolved, unchecked",
        ),
        ({"references": [GOOD | {"similarity": 1.01}]}, "references[0].similarity is 1.01, not from 0 to 1"),
        ({"references": [GOOD | {"similarity": -0.1}]}, "references[0].similarity is -0.1, not from 0 to 1"),
        ({"references": [GOOD | {"similarity": True}]}, "references[0].similarity is True, not float"),
        ({"references": [GOOD | {"start_line": -1}]}, "references[0].start_line is -1"),
        ({"references": [GOOD | {"end_line": True}]}, "references[0].end_line is True, not int"),
        ({"references": [GOOD | {"end_line": 1.5}]}, "references[0].end_line is 1.5, not int"),
        ({"references": [GOOD | {"chunk_ids": ["a", 1]}]}, "references[0].chunk_ids must hold text only"),
        ({"references": [GOOD | {"was": [1]}]}, "references[0].was is [1], not an object"),
        ({"references": [GOOD | {"was": {"start_line": -2}}]}, "references[0].was.start_line is -2"),
        ({"references": [GOOD | {"candidates": ["x"]}]}, "references[0].candidates[0] is 'x', not an object"),
        (
            {"references": [GOOD | {"candidates": [{}, {"symbol": 3}]}]},
            "references[0].candidates[1].symbol is 3, not str",
        ),
        ({"references": [GOOD], "generations": {"/r": 4}}, "generations must map text to text"),
        ({"references": [GOOD], "generations": []}, "the body.generations is [], not dict"),
        ({"references": [GOOD], "warnings": [None]}, "the body.warnings must hold text only"),
    ],
)
def test_an_answer_that_cannot_be_believed_says_where(body: Any, words: str) -> None:
    with pytest.raises(WireError) as refused:
        response_from_json(body, ["a"])
    assert str(refused.value) == words


def test_a_request_asks_for_code_and_differences_only_when_told() -> None:
    query = ReferenceQuery("a", root="/r")
    assert ResolveRequest((query,)).to_json() == {"references": [{"ref": "a", "root": "/r"}]}
    told = ResolveRequest((query,), content=True, diff=True)
    assert told.to_json() == {"references": [{"ref": "a", "root": "/r"}], "content": True, "diff": True}
    assert request_from_json(told.to_json()) == told


def test_as_many_references_as_fit_are_taken_at_once() -> None:
    assert len(request_from_json({"references": [{"ref": "a"}] * 10_000}).references) == 10_000


@pytest.mark.parametrize("name", ["content", "diff"])
def test_a_wish_that_is_no_yes_or_no_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(WireError) as refused:
        request_from_json({"references": [{"ref": "a"}], name: "yes"})
    assert str(refused.value) == f"the body.{name} is 'yes', not bool"
