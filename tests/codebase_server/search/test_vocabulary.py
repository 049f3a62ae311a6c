"""Names and paths as rows of numbers: the sums over them are those of the words they stand for."""

from __future__ import annotations

import string
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from codebase_server.embed.static import StaticEmbedder
from codebase_server.search.query import understand
from codebase_server.search.rank import vocabulary as module
from codebase_server.search.rank.asked import AskedWords
from codebase_server.search.rank.facts import own_facts, path_facts, segments_of
from codebase_server.search.rank.lists import GrowingLists
from codebase_server.search.rank.vocabulary import NameRows, Vocabulary, vocabulary
from codebase_server.search.rank.words import BEGINNING

LISTS = some.lists(some.lists(some.integers(1, 99), max_size=9), max_size=12)
NAME = some.text(string.ascii_letters + "_.", max_size=24)
WORDS = some.sampled_from("config configure configuration parse parser parsing a http header send".split())
NAMES = some.lists(
    some.lists(WORDS, min_size=1, max_size=4).map("_".join), min_size=1, max_size=8, unique=True
)


@given(LISTS, some.data())
def test_lists_are_kept_as_they_were_added(lists: list[list[int]], data: some.DataObject) -> None:
    grown = GrowingLists()
    for start in range(0, len(lists), 3):
        grown.extend(lists[start : start + 3])
    asked = data.draw(some.lists(some.sampled_from(range(len(lists))), max_size=9)) if lists else []
    found = grown.at(np.array(asked, dtype=np.intp))
    assert found.sizes.tolist() == [len(lists[i]) for i in asked]
    columns = found.entries.T.tolist()
    assert [column[:size] for column, size in zip(columns, found.sizes, strict=True)] == [
        lists[i] for i in asked
    ]
    assert found.entries.sum(axis=0).tolist() == [sum(lists[i]) for i in asked]


def test_lists_outgrow_their_room() -> None:
    grown = GrowingLists()
    many = [[i + 1] * (i % 7) for i in range(1_000)]
    for start in range(0, 1_000, 90):
        grown.extend(many[start : start + 90])
    found = grown.at(np.arange(1_000))
    assert found.entries.sum(axis=0).tolist() == [sum(entries) for entries in many]


def is_private(met: Vocabulary, symbols: Sequence[str]) -> list[bool]:
    return [bool(one) for one in met.is_private(met.columns(np.array(met.numbers(symbols), dtype=np.intp)))]


def rows_of(met: Vocabulary, symbols: Sequence[str]) -> NameRows:
    return met.names(np.array(met.numbers(symbols), dtype=np.intp))


def alike(one: str, other: str) -> bool:
    """Whether two words are the same, or one begins with all of the other and that is long enough."""
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) >= BEGINNING and long.startswith(short))


@given(some.lists(WORDS, min_size=1, max_size=5), NAMES)
def test_names_share_with_a_question_what_their_words_share(asked: list[str], names: list[str]) -> None:
    query = understand(" ".join(asked))
    rarity = np.arange(1, len(query.groups) + 1, dtype=np.float32)
    met = Vocabulary(StaticEmbedder.shipped())
    rows = rows_of(met, names)
    lists = met.lists(np.concatenate((rows.own, rows.outer)))
    words = AskedWords(query, rarity, met, lists, len(names), likened=len(names) // 2)
    share = {group.stem: float(value) for group, value in zip(query.groups, rarity, strict=True)}
    own = [own_facts(segments_of(name)[-1]).words for name in names]
    expected = [sum(share.get(word, 0) for word in of) for of in own]
    np.testing.assert_allclose(words.share()[: len(names)], expected, rtol=1e-6)
    covered = [sum(word in share for word in of) / len(of) for of in own]
    np.testing.assert_allclose(words.covered(), covered, rtol=1e-6)
    begun = [
        sum(value for stem, value in share.items() if any(alike(stem, word) for word in of)) for of in own
    ]
    np.testing.assert_allclose(words.share_begun(), begun, rtol=1e-6)


@given(some.lists(NAME, unique=True, max_size=12), some.integers(0, 12))
def test_rows_are_the_same_whenever_a_name_was_met(names: list[str], first: int) -> None:
    once, twice = Vocabulary(StaticEmbedder.shipped()), Vocabulary(StaticEmbedder.shipped())
    twice.numbers(list(reversed(names[:first])))
    one, other = rows_of(once, names), rows_of(twice, names)
    np.testing.assert_allclose(one.scales, other.scales, rtol=1e-5)
    assert np.abs(one.vectors.astype(int) - other.vectors).max(initial=0) <= 1  # a sum in another order
    assert once.lists(one.own).sizes.tolist() == twice.lists(other.own).sizes.tolist()
    assert one.comparable.tolist() == other.comparable.tolist()
    assert is_private(once, names) == is_private(twice, names)


def test_paths_tell_their_words_and_what_they_are_for() -> None:
    paths: Sequence[str] = ("src/vendor/http_client.py", "tests/test_http.py", "README.md")
    met = Vocabulary(StaticEmbedder.shipped())
    rows = met.paths(paths)
    assert met.lists(rows.stems).sizes.tolist() == [len(path_facts(path).stem_words) for path in paths]
    assert rows.flags[module.FLAGS.index("vendored")].tolist() == [1, 0, 0]
    assert rows.flags[module.FLAGS.index("tests")].tolist() == [0, 1, 0]
    assert rows.flags[module.FLAGS.index("depth")].tolist() == [2, 1, 0]


def test_a_process_that_met_too_many_names_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_shipped", [])
    monkeypatch.setattr(module, "_MOST", 3)
    first = vocabulary()
    first.numbers(["a", "b", "c"])
    assert vocabulary() is first
    first.numbers(["d"])
    assert vocabulary() is not first
