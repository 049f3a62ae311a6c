"""Protocol Buffers of any syntax as the ``proto3`` that the grammar reads.

A file of ``proto2`` need not say so, and one of an edition says something else. What is said is put before
the first line, on the same line, so that all lines keep their numbers.
"""

from __future__ import annotations

import re
from typing import Final

from codebase_server.chunks.blanks import blanks

LANGUAGES: Final = frozenset({"proto"})

_SAID: Final = re.compile(rb"(?:^|(?<=; ))[ \t]*(?:syntax|edition)\s*=\s*[\"'](\w+)[\"']\s*;", re.MULTILINE)
_PRELUDE: Final = b'syntax = "proto3"; '
_OLDER: Final = re.compile(
    rb"(?P<group>\b(?:optional|required|repeated)\s+group)(?P<name>\s+\w+)"
    rb"(?P<number>\s*=\s*\d+\s*(?:\[[^\]]*\]\s*)?)(?=\{)"
    rb"|\brequired(?=\s+[\w.]+\s+\w+\s*=)"
    rb"|\bextensions\s+\d[\w\s,]*(?:\[[^\]]*\])?;"
    rb"|\bextend\s+[\w.]+\s*\{[^{}]*\}"
)
"""What ``proto3`` has not. A group is a message, too; a required field's type would be taken for its name."""


def begun(source: bytes) -> bytes:
    """The source with its syntax said, where it says none that the grammar reads."""
    said = _SAID.search(source)
    return source if said is not None and said[1] == b"proto3" else _PRELUDE + source


def as_proto3(source: bytes) -> bytes:
    """What `begun` gave without what ``proto3`` has not; every byte stays where it was."""
    said = _SAID.search(source, len(_PRELUDE) - 1)
    if said is not None and said[1] != b"proto3":
        source = source[: said.start()] + blanks(said[0]) + source[said.end() :]
    return _OLDER.sub(_plain, source)


def _plain(match: re.Match[bytes]) -> bytes:
    if match[0] == b"required":
        return b"optional"
    if match["group"] is None:
        return blanks(match[0])
    return b"message" + blanks(match["group"])[len(b"message") :] + match["name"] + blanks(match["number"])
