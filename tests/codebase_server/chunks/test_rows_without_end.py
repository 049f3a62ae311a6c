"""What is looked for in a text before it is parsed takes as long as the text, however it was made."""

from __future__ import annotations

import subprocess
import sys

import pytest

from codebase_server.chunks.zsh import as_bash

MASKED = """
import sys
from codebase_server.chunks import macros, zsh
begins, repeated = sys.argv[1].encode(), sys.argv[2].encode()
text = begins + repeated * (200_000 // len(repeated)) + b"\\n"
macros.misleads(text)
macros.masked(text)
zsh.as_bash(text)
"""


@pytest.mark.parametrize(
    ("begins", "repeated"),
    [
        ("", ") " + "A" * 330),
        (") ABC", " "),
        ("struct SHOP_API Door", " "),
        ("", "${("),
        ("", "$+a["),
    ],
)
def test_no_row_of_the_same_is_read_in_every_way_there_is(begins: str, repeated: str) -> None:
    subprocess.run([sys.executable, "-c", MASKED, begins, repeated], check=True, timeout=60)


def test_a_name_among_the_arguments_of_a_name_is_read_once() -> None:
    named = "from codebase_server.chunks.names import plain; plain('A<' + 'x' * 400_000 + '>')"
    subprocess.run([sys.executable, "-c", named], check=True, timeout=60)


def test_an_expansion_of_zsh_ends_where_its_braces_do() -> None:
    source = b"a ${(f)x{y}z} b ${(f)x\n} $+a[b] ${(q)${(f)c}}"
    assert as_bash(source) == b"a xxxxxxxxxxx b ${(f)x\n} xxxxxx xxxxxxxxxxxxx"
