"""Sets of signs in ignore files (``[a-z]``, ``[!\\]]``, ``[[:digit:]]``), read as git's wildmatch reads them.

`pathspec` passes what stands between brackets on to regular expressions, which mean something else by a
stroke, by ``[:`` and by a dash at an end.
"""

from __future__ import annotations

import re
from typing import Final

_CLASSES: Final = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": r"\x21-\x7e",
    "lower": "a-z",
    "print": r"\x20-\x7e",
    "punct": r"\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e",
    "space": r"\t\n\r\x0b\x0c ",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}
_CLASS: Final = re.compile(r"\[:(?P<name>[^\]]*):\]")
_FIRST_STAND_IN: Final = 0xF0000
"""Where signs begin that no text means anything by (a private plane of Unicode)."""


class BadSetError(ValueError):
    """A pattern with a bracket that is not closed, or a class that there is not: git passes over it."""


def with_stand_ins(pattern: str) -> tuple[str, dict[str, str]]:
    """The pattern with one sign in place of each set, and the regular expression that each stands for.

    No set matches a stroke between folders. Raises `BadSetError`.
    """
    parts: list[str] = []
    meant: dict[str, str] = {}
    signs = frozenset(pattern)
    free = _unused(_FIRST_STAND_IN, signs)
    at = 0
    while at < len(pattern):
        sign = pattern[at]
        if sign == "[":
            expression, at = _read(pattern, at + 1)
            meant[chr(free)] = expression
            parts.append(chr(free))
            free = _unused(free + 1, signs)
        else:
            parts.append(pattern[at : at + 2] if sign == "\\" else sign)
            at += len(parts[-1])
    return "".join(parts), meant


def with_sets(regex: str, meant: dict[str, str]) -> str:
    """A regular expression with what the stand-ins in it mean."""
    return regex.translate({ord(stand_in): expression for stand_in, expression in meant.items()})


def _unused(sign: int, signs: frozenset[str]) -> int:
    while chr(sign) in signs:
        sign += 1
    return sign


def _read(pattern: str, at: int) -> tuple[str, int]:
    """The set that begins behind the bracket before ``at``, and where what follows it begins."""
    negated = pattern[at : at + 1] in ("!", "^")
    at += negated
    members: list[str] = []
    before = ""
    """The sign from which a dash makes a range; none after a range or a class."""
    first = True
    while first or pattern[at : at + 1] != "]":
        first = False
        if (known := _CLASS.match(pattern, at)) is not None:
            if known["name"] not in _CLASSES:
                raise BadSetError(pattern)
            members.append(_CLASSES[known["name"]])
            before, at = "", known.end()
        elif before and pattern[at] == "-" and pattern[at + 1 : at + 2] not in ("", "]"):
            last, at = _sign(pattern, at + 1)
            if before <= last:
                members.append(f"{_escaped(before)}-{_escaped(last)}")
            before = ""
        else:
            before, at = _sign(pattern, at)
            members.append(_escaped(before))
        if at >= len(pattern):
            raise BadSetError(pattern)
    return f"(?!/)[{'^' if negated else ''}{''.join(members)}]", at + 1


def _sign(pattern: str, at: int) -> tuple[str, int]:
    """One sign, which a stroke before it only quotes, and where what follows it begins."""
    at += pattern[at : at + 1] == "\\"
    if at >= len(pattern):
        raise BadSetError(pattern)
    return pattern[at], at + 1


def _escaped(sign: str) -> str:
    return f"\\x{ord(sign):02x}" if sign in "\\]^-[&|~" else sign
