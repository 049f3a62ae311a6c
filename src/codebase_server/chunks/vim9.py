"""Vim9 script as the older Vim script that the grammar reads: ``def`` as ``function``, ``#`` as ``"``.

Every byte stays where it was, so that signatures can be read from the source itself.
"""

from __future__ import annotations

import re
from typing import Final

from codebase_server.chunks.blanks import blanks

LANGUAGES: Final = frozenset({"vim"})

_VIM9: Final = re.compile(
    rb"\A(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*vim9script\b|^[ \t]*def!?[ \t]+[\w:#.]+\(", re.MULTILINE
)
_DEF: Final = re.compile(
    rb"(?m)^([ \t]*)(?:export[ \t]+|static[ \t]+)*def(!?[ \t]+[\w:#.]+)\("
    rb"([^\n]*?(?:\n[^\n]*?){0,20}?)\)([^\n()]*)$"
)
_ENDDEF: Final = re.compile(rb"(?m)^([ \t]*)enddef\b")
_COMMENT: Final = re.compile(rb"(?m)^([ \t]*)#")


def as_vim8(source: bytes) -> bytes:
    """The source with its functions in the old form and their types blanked; as it is without any."""
    if not _VIM9.search(source):
        return source
    source = _DEF.sub(_function, source)
    source = _ENDDEF.sub(rb"\1endfu ", source)
    return _COMMENT.sub(rb'\1"', source)


def _function(match: re.Match[bytes]) -> bytes:
    exported = b" " * (match.start(2) - match.end(1) - len(b"def"))
    rest = blanks(match[3] + match[4])
    return match[1] + exported + b"fu!" + match[2].replace(b"!", b" ") + b"()" + rest
