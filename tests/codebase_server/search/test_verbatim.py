"""Text that a question repeats letter by letter: only code that may have it is read."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from codebase_server.search.query import signed, understand
from codebase_server.search.verbatim import pasted
from codebase_server.terms.identifiers import ids

WORDS = some.lists(
    some.sampled_from("the request of a Pool timed_out after 30 HTTPServer is élan".split()), max_size=14
)


@given(WORDS.filter(lambda words: len(words) >= 5), WORDS, WORDS, some.data())
def test_code_that_has_the_text_is_always_possible(
    asked: list[str], before: list[str], after: list[str], data: some.DataObject
) -> None:
    start = data.draw(some.integers(0, len(asked)))
    end = data.draw(some.integers(start, len(asked)))
    content = ".".join([*before, *asked[start:end], *after])
    query = understand(" ".join(asked))
    text = pasted(query)
    assert text is not None
    said = {signed(term) for word in re.findall(r"\w+", content) for term in ids(word)}
    codes = np.array([[term.term in said] for term in query.terms], dtype=np.uint16)
    if text.found_in(content)[0]:
        assert text.possible(codes)[0]


def test_code_without_a_word_of_every_run_is_not_read() -> None:
    query = understand("where is the connection pool emptied when a request has timed out")
    text = pasted(query)
    assert text is not None
    none = np.zeros((len(query.terms), 3), dtype=np.uint16)
    assert not text.possible(none).any()


def test_a_sentence_without_spaces_is_as_many_words_as_half_its_characters() -> None:
    said = pasted(understand("com.mall.ApiException: 该优惠券不可用"))
    assert said is not None
    assert said.found_in('class A:\n    fail("该优惠券不可用");\n')[1] == 1
    assert said.found_in('class A:\n    fail("该优惠券已过期");\n') == (0, 0)
    alone = pasted(understand("密码不正确"))
    assert alone is not None
    assert alone.found_in('return failed("密码不正确")')[0] == 5
    assert alone.found_in("# 密码不正确") == (0, 0), "so short a text counts only in quotes"
    assert pasted(understand("订单")) is None
