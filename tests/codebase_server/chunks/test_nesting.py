"""How many brackets are open at once."""

from __future__ import annotations

import pytest

from codebase_server.chunks.nesting import are_more, levels


@pytest.mark.parametrize(
    ("text", "deepest"),
    [
        ("", 0),
        ("x = 1\n", 0),
        ("f(a[{1: 2}])", 3),
        ("f()()()", 1),
        (")))((", 2),
        ("(((\n" * 1_000, 3_000),
        ("([{" * 500 + "}])" * 500, 1_500),
        ("vector<map<int, list<int>>> x", 3),
        ("A<\n" * 700, 700),
        ("if (a < b || c <= d || e << f)", 1),
        ("x <- 1\n" * 50, 0),
        ("i -> f(i)", 1),
        ("\u00e9(\ud800(", 2),
    ],
)
def test_it_is_the_most_of_one_kind(text: str, deepest: int) -> None:
    assert levels(text) == deepest
    assert not are_more(text, deepest)
    assert are_more(text, deepest - 1)
