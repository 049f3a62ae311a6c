"""The function that a line of a trace names beside its file and line.

A trace may be of another release, whose lines were others; the name of the function is right all the same.
"""

from __future__ import annotations

import re
from typing import Final

from codebase_server.search.corpus import Corpus

MOST_DEFINED: Final = 200
"""Definitions of a name looked at for the one of a file."""
_NEAR: Final = 200
"""Characters before and behind a place that its line of a trace may take."""

_NAME: Final = r"(?P<name>[\w$.:<>()*\[\]/#?!-]+?)"
_BEFORE: Final = (
    re.compile(rf"\bat (?:async |new )?{_NAME} ?\((?:[a-z]+:/*)?\Z"),  # Java, Kotlin, Scala, JavaScript
    re.compile(rf"\bat {_NAME}\([^()\n]*\) in \Z"),  # C#
    re.compile(rf"^ *\d+: +{_NAME}\n\s+at \Z", re.MULTILINE),  # Rust
    re.compile(rf"^{_NAME}\([^()\n]*\)\n\s+\Z", re.MULTILINE),  # Go
)
_BEHIND: Final = (
    re.compile(rf",? in {_NAME}(?=$|\n)"),  # Python
    re.compile(rf":in [`'\"]{_NAME}['\"]"),  # Ruby
)
_LAST: Final = re.compile(r"[^.:#/$]+\Z")
_AROUND: Final = re.compile(r"<[^<>]*>|\([^()]*\)|\[[^\[\]]*\]")


def frame_name(text: str, start: int, end: int) -> str:
    """The last name of the function that a trace says ``text[start:end]``, a place, is in; or nothing."""
    before, behind = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
    found = next((match for one in _BEFORE if (match := one.search(before))), None)
    found = found or next((match for one in _BEHIND if (match := one.match(behind))), None)
    if found is None:
        return ""
    last = _LAST.search(_AROUND.sub("", found["name"]).rstrip(".:#/$"))
    return last[0] if last else ""


def where_named(corpus: Corpus, path: str, name: str, line: int) -> int:
    """The line in a file that a place of a trace means: its own, where the function that it names has it or
    is not in the file, else the first line of the nearest of that name."""
    there = [one for one in corpus.defined([name], (), MOST_DEFINED) if (one.path, one.name) == (path, name)]
    if not there or any(one.start_line <= line <= one.end_line for one in there):
        return line
    return min(there, key=lambda one: abs(one.start_line - line)).start_line
