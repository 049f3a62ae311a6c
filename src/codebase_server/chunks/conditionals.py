"""Sources as a preprocessor would leave them, as far as a grammar needs it.

``#if`` in the middle of a declaration (``void f()`` + ``#if X`` ``{ ... }`` ``#else`` ``;`` ``#endif``) is no
C# for a grammar, which then loses the class around it; and no C either. Blanks in the place of what goes keep
every byte where it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from codebase_server.chunks.blanks import blanks

LANGUAGES: Final = frozenset({"csharp"})

_DIRECTIVE: Final = re.compile(rb"\s*#\s*(if|ifdef|ifndef|elif|elifdef|elifndef|else|endif)\b")
_GUARD: Final = re.compile(rb"\s*#\s*(?:ifndef|define)\s+(\w+)\s*(?://.*|/\*.*)?")
_NO_CODE: Final = re.compile(
    rb"//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.){1,8}'"
    rb"|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*",
    re.MULTILINE,
)
_NO_BRACKET: Final = bytes(set(range(256)) - set(b"(){}[]"))
_DEEPEST: Final = 12
"""Conditionals in one another whose branches are compared; each level reads what is inside of it again."""
_PAIRS: Final = {ord(")"): ord("("), ord("}"): ord("{"), ord("]"): ord("[")}


def first_branches(source: bytes) -> bytes:
    """The source with directives and the branches behind ``#elif`` and ``#else`` blanked out."""
    return _resolved(source, only_first=True)


def without_conditionals(source: bytes) -> bytes:
    """The source with directives blanked out, and those branches that cannot stand beside the first one.

    Where each branch closes what it opens, all stay, so that both of two functions are defined. What guards a
    header against a second reading goes too.
    """
    return _resolved(_unguarded(source), only_first=False)


def _resolved(source: bytes, *, only_first: bool) -> bytes:
    lines = source.splitlines(keepends=True)
    open_ones: list[list[int]] = []  # of each conditional the lines of its directives so far
    goes_on = False
    for i, line in enumerate(lines):
        found = None if goes_on else _DIRECTIVE.match(line)
        if found is None and not goes_on:
            continue
        goes_on = line.rstrip().endswith(b"\\")
        lines[i] = blanks(line)
        if found is None:
            continue
        if found[1].startswith(b"if"):
            open_ones.append([i])
        elif open_ones and found[1] != b"endif":
            open_ones[-1].append(i)
        elif open_ones:
            starts = open_ones.pop()
            if len(starts) > 1 and (
                only_first or len(open_ones) >= _DEEPEST or not _stand_alone(lines, starts, i)
            ):
                _blank_lines(lines, range(starts[1], i))
    if only_first:  # of what is never ended
        for starts in open_ones:
            _blank_lines(lines, range(starts[1], len(lines)) if len(starts) > 1 else ())
    return b"".join(lines)


def _stand_alone(lines: list[bytes], starts: list[int], end: int) -> bool:
    """Whether each branch of a conditional closes the brackets it opens."""
    parts = zip(starts, [*starts[1:], end], strict=True)
    return all(_is_balanced(b"".join(lines[first:last])) for first, last in parts)


def _is_balanced(text: bytes) -> bool:
    inside: list[int] = []
    for sign in _NO_CODE.sub(b" ", text).translate(None, _NO_BRACKET):
        if sign not in _PAIRS:
            inside.append(sign)
        elif not inside or inside.pop() != _PAIRS[sign]:
            return False
    return not inside


def _unguarded(source: bytes) -> bytes:
    """Without the name that a header defines only to be read once."""
    lines = source.splitlines(keepends=True)
    directives = [i for i, line in enumerate(lines[:400]) if line.lstrip().startswith(b"#")][:2]
    named = [_GUARD.fullmatch(lines[i].rstrip()) for i in directives]
    if len(named) == 2 and named[0] and named[1] and named[0][1] == named[1][1] and b"ifndef" in named[0][0]:
        lines[directives[1]] = blanks(lines[directives[1]])
    return b"".join(lines)


def _blank_lines(lines: list[bytes], which: Iterable[int]) -> None:
    for i in which:
        lines[i] = blanks(lines[i])
