"""Text of others inside a text of ours: marked, and unable to end its own mark.

An answer's text has lines that speak for us (a state, a warning, what to do next) beside what people and
programs wrote: titles, notes, code. Three forms keep the two apart, whatever the other text contains: code
stands in a fence longer than any run of backticks inside, prose behind ``> ``, and a value within a line of
ours never begins a line of its own.
"""

from __future__ import annotations

import re
from typing import Final

RETURN: Final = " ⏎ "
"""Stands where a value in a line of ours had the end of a line."""

_BACKTICKS = re.compile(r"`{3,}")


def one_line(text: str) -> str:
    """`text` without an end of line (any that Unicode knows)."""
    parts = text.splitlines()
    return text if len(parts) == 1 and parts[0] == text else RETURN.join(parts)


def quoted(text: str, indent: str = "") -> list[str]:
    """The lines of a text of others, each behind `indent` and ``>``."""
    return [f"{indent}> {line}".rstrip() for line in text.splitlines()]


def fenced(code: str, language: str = "") -> str:
    """Code in a fence that it cannot close."""
    longest = max((len(run) for run in _BACKTICKS.findall(code)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{code}\n{fence}"
