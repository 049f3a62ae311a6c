"""Stars of globs and ignore files mean what they meant, and cannot be made to try forever."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codebase_server.files.ignore import IgnoreRules
from codebase_server.files.wildcards import without_backtracking
from codebase_server.search.globs import compile_glob

WORST = "/".join(["a" * 250] * 4)
LONG_S = 1.0


@given(
    parts=st.lists(st.sampled_from(["[^/]*", "[^/]", "a", "b", r"\.", "[ab]", "[]b]", "/"]), max_size=9),
    path=st.text("ab./]", max_size=9),
)
@settings(max_examples=600, deadline=None)
def test_the_language_stays_the_same(parts: list[str], path: str) -> None:
    regex = "".join(parts)
    assert bool(re.fullmatch(without_backtracking(regex), path)) == bool(re.fullmatch(regex, path))


@pytest.mark.parametrize(
    "pattern",
    ["*a" * 12 + "b", "{" + "*a" * 12 + ",x}b", "**/" * 40 + "b", "*a***aaaa**a*a*b", "*[ba]" * 12 + "c"],
)
def test_no_glob_takes_long(pattern: str) -> None:
    started = time.thread_time()
    assert not compile_glob(pattern).match(WORST)
    assert not IgnoreRules([pattern]).verdict(WORST, is_folder=False)
    assert time.thread_time() - started < LONG_S


@pytest.mark.parametrize("line", ["?" * 400_000, "[ab]" * 100_000, "*a" * 100_000, "a*" + "/a" * 100_000])
def test_no_line_of_an_ignore_file_takes_long_however_long_it_is(line: str) -> None:
    started = time.thread_time()
    assert not IgnoreRules([line]).verdict(WORST, is_folder=False)
    assert time.thread_time() - started < LONG_S


def test_many_crossings_of_folders_are_refused_with_the_number() -> None:
    with pytest.raises(ValueError, match=r"has 5 '\*\*'; at most 3"):
        compile_glob("**/a/**/b/**/c/**/d/**")
