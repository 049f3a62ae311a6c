"""Wildcards that cannot be made to try forever.

``*a*a*a*b`` becomes ``[^/]*a[^/]*a[^/]*a[^/]*b``, and a name of many ``a`` makes
a backtracking matcher try every way to share them out: hours for a line that a
repository brings in its ignore file. Inside one folder's name the first place
where a piece fits is as good as any later one, because the next star takes up
whatever follows; so each piece but the last may be matched for good (an atomic
group, as Python's own `fnmatch` does it).
"""

from __future__ import annotations

import re
from typing import Final

MAX_FOLDER_WILDCARDS: Final = 3
"""``**`` in one pattern; each multiplies the tries by the depth of the path. Nobody writes more."""

_SET = r"(?:\(\?!/\))?\[(?!\^/\])\^?\]?(?:\\.|[^\]\\])*\](?![*+?{])"
_ONE = rf"(?:\\.|[\w \-!\"#%&',:;<=>@`~]|\[\^/\](?!\*)|{_SET})"
_PIECE = re.compile(rf"\[\^/\]\*(?P<piece>{_ONE}+)(?=\[\^/\]\*)", re.DOTALL)
_SETS = re.compile(r"\\.|\[(?P<not>\^?)(?P<inside>\]?(?:\\.|[^\]\\])*)\]", re.DOTALL)
_UNQUIET = re.compile(r"\\.|(?P<first>\A--)|(?P<range>--)|[\[&|~]", re.DOTALL)
_STARS = re.compile(r"(?:\[\^/\]\*){2,}")


def without_backtracking(regex: str) -> str:
    """The same language, where ``[^/]*`` is how a star is written; pieces between two stars become atomic."""
    return _PIECE.sub(r"(?>[^/]*?\g<piece>)", _STARS.sub("[^/]*", regex))


def without_warnings(regex: str) -> str:
    """The same language, with the signs escaped in its sets that `re` may once understand otherwise.

    It warns of them, on whatever the process has for errors: ``[[]`` in an ignore file is enough.
    """
    return _SETS.sub(_quiet_set, regex)


def _quiet_set(found: re.Match[str]) -> str:
    if found["inside"] is None:
        return found[0]
    return f"[{found['not']}{_UNQUIET.sub(_quiet, found['inside'])}]"


def _quiet(found: re.Match[str]) -> str:
    if found["first"]:  # a range that begins with a dash
        return r"\--"
    if found["range"]:  # one that ends with it
        return r"-\-"
    return found[0] if found[0].startswith("\\") else f"\\{found[0]}"
