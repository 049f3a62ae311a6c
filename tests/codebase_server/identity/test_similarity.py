"""How alike two pieces of code are, counted by hand, and finding what is worth comparing."""

from __future__ import annotations

import pytest

from codebase_server.identity.similarity import Neighbours, Profile, containment, profile, similarity


def words(text: str) -> Profile:
    return profile(text, "text")


def test_size_is_the_number_of_trigrams_and_short_code_has_some_too() -> None:
    assert [words(text).size for text in ("", "a", "a b", "a b c", "a b c d")] == [0, 1, 2, 1, 2]


@pytest.mark.parametrize(
    ("one", "other", "alike", "share"),
    [
        ("a b c d", "a b c d", 1.0, 1.0),
        ("a b c d", "a b c e", 0.5, 0.5),
        ("a b c", "x a b c y", 0.5, 1.0),
        ("x a b c y", "a b c", 0.5, 1 / 3),
        ("a a a a", "a a a", 2 / 3, 0.5),
        ("a b c d e", "d e a b c", 1 / 3, 1 / 3),
        ("a", "a", 1.0, 1.0),
        ("a b c", "d e f", 0.0, 0.0),
        ("", "a b c", 0.0, 0.0),
        ("a b c", "", 0.0, 0.0),
        ("", "", 0.0, 0.0),
    ],
)
def test_similarity_is_what_both_share_and_containment_the_share_of_one(
    one: str, other: str, alike: float, share: float
) -> None:
    assert similarity(words(one), words(other)) == pytest.approx(alike)
    assert similarity(words(other), words(one)) == pytest.approx(alike)
    assert containment(words(one), words(other)) == pytest.approx(share)


def test_code_under_another_name_is_like_itself() -> None:
    one = "def load(path):\n    return load(path.parent)"
    other = one.replace("load", "fetch")
    assert profile(one, "python", "Store.load") == profile(other, "python", "fetch")
    assert similarity(profile(one, "python"), profile(other, "python")) < 1.0
    assert profile(one, "python", "Store.load") != profile(other, "python", "load")


def test_neighbours_are_those_that_share_most_then_the_first() -> None:
    among = {4: "a b c d e", 9: "a b c d x", 2: "a b c d y", 7: "a b c x y", 1: "p q r s"}
    near = Neighbours((key, words(text)) for key, text in among.items())
    assert near.near(words("a b c d e"), 0.0) == [4, 2, 9, 7]
    assert near.near(words("a b c d e"), 0.0, limit=2) == [4, 2]
    assert near.near(words("u v w"), 0.0) == []


def test_no_more_than_twelve_are_worth_comparing() -> None:
    near = Neighbours((key, words(f"a b c {key}")) for key in range(20))
    assert near.near(words("a b c"), 0.0) == list(range(12))


def test_what_is_too_long_or_too_short_to_be_alike_is_no_neighbour() -> None:
    near = Neighbours([(1, words("a b c d e f g h"))])  # six trigrams
    assert near.near(words("a b c d"), 0.5) == [1], "2 of 2 shared with 6 are half"
    assert near.near(words("a b c d"), 0.51) == []
    far = Neighbours([(1, words("a b c d"))])
    assert far.near(words("a b c d e f g h"), 0.5) == [1]
    assert far.near(words("a b c d e f g h"), 0.51) == []


@pytest.mark.parametrize(("holders", "others"), [(50, 0), (52, 988)])
def test_what_stands_in_over_fifty_pieces_and_over_a_twentieth_leads_nowhere(
    holders: int, others: int
) -> None:
    rest = [(key, words(f"x{key} y{key} z{key}")) for key in range(1_000, 1_000 + others)]
    leading = Neighbours([*((key, words("a b c")) for key in range(holders)), *rest])
    assert leading.near(words("a b c"), 0.0, limit=99) == list(range(holders))
    beyond = Neighbours([*((key, words("a b c")) for key in range(holders + 1)), *rest[1:]])
    assert beyond.near(words("a b c"), 0.0, limit=99) == []
