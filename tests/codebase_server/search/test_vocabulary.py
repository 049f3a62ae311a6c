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
from codebase_server.search.rank.facts import path_facts, symbol_facts
from codebase_server.search.rank.runs import GrowingRuns
from codebase_server.search.rank.vocabulary import BEGINNING, Vocabulary, vocabulary

LISTS = some.lists(some.lists(some.integers(0, 99), max_size=5), max_size=12)
NAME = some.text(string.ascii_letters + "_.", max_size=24)
WORDS = some.sampled_from("config configure configuration parse parser parsing a http header send".split())
NAMES = some.lists(
    some.lists(WORDS, min_size=1, max_size=4).map("_".join), min_size=1, max_size=8, unique=True
)


@given(LISTS, some.data())
def test_what_is_summed_over_a_list_is_the_sum_of_the_list(
    lists: list[list[int]], data: some.DataObject
) -> None:
    grown = GrowingRuns()
    for start in range(0, len(lists), 3):
        grown.extend(lists[start : start + 3])
    asked = data.draw(some.lists(some.sampled_from(range(len(lists))), max_size=9)) if lists else []
    runs = grown.at(np.array(asked, dtype=np.intp))
    assert runs.reduced(np.add, runs.flat).tolist() == [sum(lists[i]) for i in asked]
    twofold = runs.reduced(np.maximum, np.stack([runs.flat, -runs.flat]))
    assert twofold[0].tolist() == [max(lists[i], default=0) for i in asked]
    assert twofold[1].tolist() == [-min(lists[i], default=0) for i in asked]


def alike(one: str, other: str) -> bool:
    """Whether two words are the same, or one begins with all of the other and that is long enough."""
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) >= BEGINNING and long.startswith(short))


@given(some.lists(WORDS, min_size=1, max_size=5), NAMES)
def test_names_share_with_a_question_what_their_words_share(asked: list[str], names: list[str]) -> None:
    query = understand(" ".join(asked))
    rarity = np.arange(1, len(query.groups) + 1, dtype=np.float32)
    met = Vocabulary(StaticEmbedder.shipped())
    rows = met.names(names)
    words = AskedWords(query, rarity, met.words)
    share = {group.stem: float(value) for group, value in zip(query.groups, rarity, strict=True)}
    own = [symbol_facts(name).own_words for name in names]
    expected = [sum(share.get(word, 0) for word in of) for of in own]
    np.testing.assert_allclose(words.share_of(rows.own), expected, rtol=1e-6)
    covered = [sum(word in share for word in of) / len(of) for of in own]
    np.testing.assert_allclose(words.covered(rows.own), covered, rtol=1e-6)
    begun = [
        sum(value for stem, value in share.items() if any(alike(stem, word) for word in of)) for of in own
    ]
    np.testing.assert_allclose(words.share_begun(rows.own), begun, rtol=1e-6)


@given(some.lists(NAME, unique=True, max_size=12), some.integers(0, 12))
def test_rows_are_the_same_whenever_a_name_was_met(names: list[str], first: int) -> None:
    once, twice = Vocabulary(StaticEmbedder.shipped()), Vocabulary(StaticEmbedder.shipped())
    twice.names(list(reversed(names[:first])))
    one, other = once.names(names), twice.names(names)
    np.testing.assert_allclose(one.lengths, other.lengths, rtol=1e-6)
    assert one.terms.sizes.tolist() == other.terms.sizes.tolist()
    assert one.own.sizes.tolist() == other.own.sizes.tolist()
    assert one.comparable.tolist() == other.comparable.tolist()
    assert one.private.tolist() == other.private.tolist()


def test_paths_tell_their_words_and_what_they_are_for() -> None:
    paths: Sequence[str] = ("src/vendor/http_client.py", "tests/test_http.py", "README.md")
    rows = Vocabulary(StaticEmbedder.shipped()).paths(paths)
    assert rows.stems.sizes.tolist() == [len(path_facts(path).stem_words) for path in paths]
    assert rows.flags[:, module.FLAGS.index("vendored")].tolist() == [1, 0, 0]
    assert rows.flags[:, module.FLAGS.index("tests")].tolist() == [0, 1, 0]
    assert rows.flags[:, module.FLAGS.index("depth")].tolist() == [2, 1, 0]


def test_a_process_that_met_too_many_names_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_shipped", [])
    monkeypatch.setattr(module, "_MOST", 3)
    first = vocabulary()
    first.names(["a", "b", "c"])
    assert vocabulary() is first
    first.names(["d"])
    assert vocabulary() is not first
