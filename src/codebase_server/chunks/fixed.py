"""Fortran in fixed form as free form: the grammar reads no other.

A letter or star in the first column is a comment there, a mark in the sixth a continued line. Each is one
byte in either form, so every byte stays where it was.
"""

from __future__ import annotations

import re
from typing import Final

LANGUAGES: Final = frozenset({"fortran"})

_ENDINGS: Final = (".f", ".for", ".f77", ".ftn", ".fpp")
_FREE: Final = re.compile(rb"(?m)^(?![cCdD])[A-Za-z]")
"""A statement in the first column, where only comments stand in fixed form."""

_COMMENT: Final = re.compile(rb"(?m)^[cC*]")
_CONTINUED: Final = re.compile(rb"(?m)^( {5})[^ 0\n]")


def as_free_form(path: str, source: bytes) -> bytes:
    """The source in free form; as it is where its name or its first columns say that it is."""
    if not path.lower().endswith(_ENDINGS) or _FREE.search(source):
        return source
    return _CONTINUED.sub(rb"\1&", _COMMENT.sub(b"!", source))
