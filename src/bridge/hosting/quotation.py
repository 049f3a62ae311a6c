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

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_BACKTICKS = re.compile(r"`{3,}")


def one_line(text: str) -> str:
    """`text` without an end of line (any that Unicode knows), and with control characters as signs."""
    if text.isprintable():
        return text  # most are, and this takes next to no time
    return _CONTROL.sub(sign, RETURN.join(text.splitlines()))


def sign(found: re.Match[str]) -> str:
    """What stands for a character that a terminal obeys: its picture, or its number."""
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"\\u{code:04x}"


def quoted(text: str, indent: str = "") -> list[str]:
    """The lines of a text of others, each behind `indent` and ``>``."""
    return [f"{indent}> {line}".rstrip() for line in text.splitlines()]


def fenced(code: str, language: str = "") -> str:
    """Code in a fence that it cannot close."""
    longest = max((len(run) for run in _BACKTICKS.findall(code)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{code}\n{fence}"
