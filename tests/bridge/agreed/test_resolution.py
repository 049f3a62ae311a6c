"""The wire of resolve, validated on both ends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.agreed.resolution import (
    ReferenceQuery,
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
