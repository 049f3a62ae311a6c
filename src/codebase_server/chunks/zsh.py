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

_TESTED: Final = re.compile(rb"\$\+\w+(?:\[[^\]\n]*\])?")
_LONGEST: Final = 2_000


def is_zsh(path: str, source: bytes) -> bool:
    """Whether a shell script is for zsh, by its name or its first line."""
    return path.endswith(_NAMES) or _FIRST_LINE.match(source) is not None


def as_bash(source: bytes) -> bytes:
    """The source with a word of the same length for each expansion that only zsh has."""
    kept, at = [], 0
    for match in _BEGINS.finditer(source):
        start = match.start()
        if start < at:
            continue
        end = _end(source, match)
        kept += [source[at:start], b"x" * (end - start)]
        at = end
    return b"".join([*kept, source[at:]])


def _end(source: bytes, begins: re.Match[bytes]) -> int:
    """The byte behind an expansion; one that does not end on its line is left as it is."""
    if not begins[0].startswith(b"${"):
        whole = _TESTED.match(source, begins.start())
        return whole.end() if whole is not None else begins.end()
    depth = 0
    for at in range(begins.start() + 1, min(len(source), begins.start() + _LONGEST)):
        byte = source[at : at + 1]
        if byte == b"\n":
            break
        depth += (byte == b"{") - (byte == b"}")
        if not depth:
            return at + 1
    return begins.start()
