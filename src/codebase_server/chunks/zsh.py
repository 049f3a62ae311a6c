"""Zsh as the Bash that the grammar reads; every byte stays where it was.

What only zsh has is in its expansions: flags (``${(f)text}``), expansions of expansions (``${${x}//a/b}``),
tests of existence (``$+functions[name]``). A word in the place of each keeps what is around it whole.
"""

from __future__ import annotations

import re
from typing import Final

LANGUAGES: Final = frozenset({"bash"})

_FIRST_LINE: Final = re.compile(rb"#!.*\bzsh\b|#(?:compdef|autoload)\b")
_NAMES: Final = (".zsh", ".zsh-theme", ".zshrc", ".zshenv", ".zprofile", ".zlogin", ".zlogout")

_BEGINS: Final = re.compile(rb"\$(?:\{[($\"^=~+#]|\+\w)|(?<=[\w*)])\([.@/^N][\w./^]{0,5}\)")
"""An expansion of zsh's own, or what qualifies a pattern of files: ``*(.N)``."""

_BRACES_AND_ENDS: Final = re.compile(rb"[{}\n]")
_TESTED: Final = re.compile(rb"\$\+\w+(?:\[[^\]\n]{0,300}+\])?")
_LONGEST: Final = 2_000


def is_zsh(path: str, source: bytes) -> bool:
    """Whether a shell script is for zsh, by its name or its first line."""
    return path.endswith(_NAMES) or _FIRST_LINE.match(source) is not None


def as_bash(source: bytes) -> bytes:
    """The source with a word of the same length for each expansion that only zsh has."""
    kept, at = [], 0
    closing: dict[int, int] | None = None
    for match in _BEGINS.finditer(source):
        start = match.start()
        if start < at:
            continue
        if closing is None:
            closing = _closing_braces(source)
        end = _end(source, match, closing)
        kept += [source[at:start], b"x" * (end - start)]
        at = end
    return b"".join([*kept, source[at:]])


def _closing_braces(source: bytes) -> dict[int, int]:
    """Where each curly brace is closed that is closed on its line; for all in one look."""
    closing: dict[int, int] = {}
    still_open: list[int] = []
    for match in _BRACES_AND_ENDS.finditer(source):
        if match[0] == b"{":
            still_open.append(match.start())
        elif match[0] == b"\n":
            still_open.clear()
        elif still_open:
            closing[still_open.pop()] = match.start()
    return closing


def _end(source: bytes, begins: re.Match[bytes], closing: dict[int, int]) -> int:
    """The byte behind an expansion; one that does not end on its line is left as it is."""
    if not begins[0].startswith(b"${"):
        whole = _TESTED.match(source, begins.start())
        return whole.end() if whole is not None else begins.end()
    end = closing.get(begins.start() + 1, 0)
    return end + 1 if 0 < end < begins.start() + _LONGEST else begins.start()
