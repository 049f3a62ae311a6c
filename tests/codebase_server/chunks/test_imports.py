"""What a file brings in, line by line."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from codebase_server.chunks.imports import imports_of

LINES = (
    "import os",
    "  from a.b import c",
    "x = require('left-pad')",
    "const { a } = require_relative 'near'",
    "prerequire('no')",
    "use std::fs;",
    "#include <stdio.h>",
    '    alias "net/http"',
    "source lib.sh",
    "plain = 1",
    "require",
    "",
)


def test_imports_are_named_in_the_order_of_their_lines_wherever_in_a_line_they_stand() -> None:
    text = "import b\nx = require('a'); y = require('never')\nfrom c import d\nlater = require('e')"
    assert imports_of(text) == ("b", "a", "c", "e")


def test_a_word_that_only_ends_in_require_brings_nothing_in() -> None:
    assert imports_of("prerequire('no')") == ()


@given(st.lists(st.sampled_from(LINES), max_size=12))
def test_a_file_imports_what_its_lines_import(lines: list[str]) -> None:
    alone = [name for line in lines for name in imports_of(line)]
    assert imports_of("\n".join(lines)) == tuple(dict.fromkeys(alone))


@given(st.text(alphabet="require('a')\n \t\".x", max_size=60))
def test_any_text_has_imports_that_stand_in_it(text: str) -> None:
    assert all(re.search(re.escape(name), text) for name in imports_of(text))
