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
_STARS = re.compile(r"(?:\[\^/\]\*){2,}")


def without_backtracking(regex: str) -> str:
    """The same language, where ``[^/]*`` is how a star is written; pieces between two stars become atomic."""
    return _PIECE.sub(r"(?>[^/]*?\g<piece>)", _STARS.sub("[^/]*", regex))
