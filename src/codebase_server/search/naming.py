"""Questions that are a name with what it is beside it: ``class Pool``, ``def release``, ``Pool.get(key)``.

People ask for a definition as code declares it, as it is called, or with a word or two around it. What is not
the name would only find chunks that have those words.
"""

from __future__ import annotations

import re
from typing import Final

_MODIFIERS: Final = (
    r"(?:(?:public|private|protected|internal|static|final|abstract|export|default|pub|async|inline|extern|open"
    r"|override|sealed|data|virtual|unsafe)\s+)*"
)
_NO_WORD: Final = r"(?:def|defp|defmodule|defmacro|defmacrop|fn|func|fun|typedef|#\s*define)"
"""Keywords that are no words: whatever follows is a name."""
_KINDS: Final = (
    r"(?:class|struct|interface|trait|protocol|enum|union|type|module|namespace|package|object|record|function"
    r"|method|macro|constant|const|variable|var|let|val|field|property|annotation|decorator|impl)"
)
"""Keywords and kinds that are words as well: what is beside them must be spelt as names are."""
_WHERE: Final = (
    r"(?:where\s+is|where's|(?:the\s+)?(?:definition|declaration)\s+of|find|go\s*to)\s+(?:the\s+)?"
)
_NAME: Final = r"(?P<name>[$@]?[^\W\d]\w*[!?]?(?:(?:\.|::|\#|->|\\)[$@]?[^\W\d]\w*[!?]?)*)"
_BEHIND: Final = r"(?P<behind>(?:<[^()]*>|\[[^()]*\])?(?:\([^()]*\)?|/\d+)?)\s*[:{;]?"

_RECEIVER: Final = r"(?:\([^()]*\)\s*)?"
"""Of a method in Go."""

_DECLARED: Final = re.compile(rf"{_MODIFIERS}{_NO_WORD}\s+{_RECEIVER}{_NAME}{_BEHIND}")
_WITH_KIND: Final = re.compile(rf"{_MODIFIERS}{_KINDS}\s+{_NAME}{_BEHIND}")
_KIND_LAST: Final = re.compile(rf"(?:the\s+)?{_NAME}(?:\(\))?\s+(?:{_KINDS}|definition|declaration)")
_ASKED: Final = re.compile(
    rf"{_WHERE}(?:{_KINDS}\s+)?{_NAME}(?:\(\))?(?:\s+(?:{_KINDS}|is))?(?P<defined>\s+(?:defined|declared))?\s*\??",
    re.IGNORECASE,
)
_ALONE: Final = re.compile(
    rf"{_NAME}(?P<behind>(?:<[^()]*>|\[[^()]*\])?(?:\([\w\s,.*&:=$@\[\]]*\)?|/\d+)?)\s*[:{{;]?"
)
"""A call with operators or quotes among its arguments is a piece of the code, not a name."""

_TEST: Final = re.compile(r"[A-Z_]*TEST[A-Z_]*\((?P<suite>\w+),\s*(?P<name>\w+)\)\s*\{?")
"""A macro that makes a test of a suite, in C++."""

_HUMP: Final = re.compile(r"[a-z\d][A-Z]|[A-Z]{2}[a-z]|[^\W_]_|::|->|\.|#")
_CAPITALISED: Final = re.compile(r"[$@]?[A-Z]\w*[a-z]")


def named(text: str) -> str:
    """The name that a question asks for, when it is one with something around it; otherwise empty."""
    asked = text.strip().strip("`")
    if found := _TEST.fullmatch(asked):
        return f"{found['suite']}.{found['name']}"
    if found := _DECLARED.fullmatch(asked):
        return found["name"]
    if found := _WITH_KIND.fullmatch(asked):
        name = found["name"]
        return name if _CAPITALISED.match(name) or _HUMP.search(name) or "(" in found["behind"] else ""
    if found := _KIND_LAST.fullmatch(asked):
        return found["name"] if _HUMP.search(found["name"]) else ""
    if found := _ASKED.fullmatch(asked):
        name, is_told = found["name"].rstrip("?"), bool(found["defined"])
        return name if _HUMP.search(name) or (is_told and _CAPITALISED.match(name)) else ""
    found = _ALONE.fullmatch(asked)
    return found["name"] if found and found["behind"].strip() else ""
