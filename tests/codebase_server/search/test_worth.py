"""Which lines of a result are worth showing."""

from __future__ import annotations

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as some

from codebase_server.search.answer.worth import line_worth
from codebase_server.search.query import Query, understand
from codebase_server.terms import stem, subwords

WORDS = (
    "dying die lying tie tying vying vie skies skis sky flies fly idly gently "
    "hoping hope hopping possibility possibly probably ugly early "
    "singly relational relate activity sized sizing troubled parse parsing parser happy happily conflated "
    "generically news innings proceed HTTPServer parse_header only use using is élan ids 日本語"
).split()


def worths(query: Query, *lines: str) -> list[float]:
    """What each of some lines is worth."""
    ends = accumulate(len(line) + 1 for line in lines)
    found = line_worth(query)("\n".join(lines), list(ends))
    return [found.get(number, 0) for number in range(len(lines))]


ORDER = some.lists(some.sampled_from(WORDS), min_size=1, max_size=6)


@given(ORDER, ORDER)
def test_a_line_is_worth_the_words_that_it_shares_with_the_question(
    asked: list[str], said: list[str]
) -> None:
    query = understand(" ".join(asked))
    line = "  x = " + "(".join(said)
    stems = {stem(part) for word in ["x", *said] for part in subwords(word)}
    asked_for = len({group.stem for group in query.groups} & stems)
    assert worths(query, line, "", line) == [asked_for, 0, asked_for]


def test_what_is_quoted_counts_double() -> None:
    query = understand('where is "no such file" raised')
    quoted, said, neither = worths(
        query, 'raise Error("no such file")', "raise Error(no, such, file)", "pass"
    )
    assert quoted > said > neither == 0
