"""Names that mean what a question says in other words, by the shipped vectors."""

import numpy as np
from numpy.typing import NDArray

from codebase_server.embed.static import StaticEmbedder
from codebase_server.search.query import understand
from codebase_server.search.rank.asked import AskedWords
from codebase_server.search.rank.likeness import LIKENESS, likeness
from codebase_server.search.rank.vocabulary import Vocabulary

LIKE, COVERED, FIRST, WHOLE = (
    LIKENESS.index(name) for name in ("name_like", "name_like_covered", "first_like", "name_dense")
)


def alike(question: str, *symbols: str) -> NDArray[np.float32]:
    query = understand(question)
    even = np.full(len(query.groups), 1 / max(len(query.groups), 1), dtype=np.float32)
    met = Vocabulary(StaticEmbedder.shipped())
    numbers = np.array(met.numbers(symbols), dtype=np.intp)
    meaning = met.vectors.encode_query(query.text, query.analysed)
    names = met.names(numbers)
    asked = AskedWords(query, even, met, met.lists(names.own), len(symbols), len(symbols))
    table = np.zeros((len(LIKENESS), len(symbols)), dtype=np.float32)
    likeness(asked, names, meaning, out=table)
    return table.T


def test_a_name_in_other_words_is_nearer_than_one_about_something_else() -> None:
    same, other = alike("delete a directory", "fs.remove_folder", "fs.parse_header")
    assert (same > other).all()


def test_a_name_in_the_same_words_is_wholly_alike() -> None:
    (same,) = alike("parse headers", "Client.parseHeaders")
    assert np.allclose(same[[LIKE, COVERED, FIRST]], 1)


def test_words_of_the_name_that_nobody_asked_for_cover_less_and_share_as_much() -> None:
    short, long = alike("parse headers", "parse_headers", "parse_headers_of_zebra_quilt")
    assert short[COVERED] > long[COVERED]
    assert np.isclose(short[LIKE], long[LIKE])


def test_the_first_words_of_both_are_compared_by_themselves() -> None:
    doing, done_to = alike("delete a directory", "remove_folder", "folder_remover")
    assert doing[FIRST] > done_to[FIRST]


def test_only_the_innermost_name_is_compared() -> None:
    inner, alone = alike("parse headers", "Zebra.parse_headers", "parse_headers")
    assert np.allclose(inner, alone)


def test_code_without_a_name_and_names_without_words_are_alike_to_nothing() -> None:
    assert not alike("parse headers", "", "_", "::", "x" * 100)[[0, 1, 2, 3]].any()


def test_a_question_without_words_is_alike_to_nothing() -> None:
    assert not alike("?", "parse_headers").any()


def test_equal_names_are_equally_alike_wherever_they_stand() -> None:
    table = alike("delete a directory", "a.remove_folder", "", "b.remove_folder")
    assert np.array_equal(table[0], table[2])
    assert not table[1].any()
