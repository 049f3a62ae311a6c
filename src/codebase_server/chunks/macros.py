"""C and C++ without the macros that no grammar can know of.

``EXPORT int f(void);`` and ``class API Store {`` are not C before the
preprocessor ran, and a parser that meets them loses the declaration. Blanks in
their place keep every byte where it was.
"""

from __future__ import annotations

import re
from typing import Final

LANGUAGES: Final = frozenset({"c", "cpp", "objc", "cuda"})

_MACRO: Final = rb"(?P<macro>[A-Z][A-Z0-9_]{2,}(?:\([^(){}\n;]*\))?)"

_BEFORE_DECLARATION: Final = re.compile(
    rb"(?m)^[ \t]*(?:(?:static|extern|inline|virtual|friend)[ \t]+)*"
    + _MACRO
    + rb"(?=\s+(?:[A-Za-z_][\w:]*(?:<[^<>;{}]{0,80}>)?[\s*&]+){1,6}[A-Za-z_~]\w*\s*[(;={\[])"
)
"""A macro before a type and a name; before a name alone it is the type (``BOOL f(void)``)."""

_BEFORE_NAME: Final = re.compile(
    rb"\b(?:class|struct|union|enum)[ \t]+" + _MACRO + rb"(?=[ \t]+[A-Za-z_]\w*\s*(?:final\s*)?[:{])"
)

_BEFORE_BODY: Final = re.compile(
    rb"\)(?:[ \t\n]*(?:const|noexcept|override))*[ \t\n]+" + _MACRO + rb"(?=\s*[;{])"
)

_LINKAGE: Final = re.compile(
    rb"(?m)^[ \t]*(?P<macro>[A-Z][A-Z0-9_]*(?:DECLS|EXTERN_C|NAMESPACE)[A-Z0-9_]*)[ \t]*$"
)
"""``G_BEGIN_DECLS`` on a line of its own."""


def masked(source: bytes) -> bytes:
    """The source with such macros blanked out; line breaks and lengths stay."""
    for pattern in (_LINKAGE, _BEFORE_DECLARATION, _BEFORE_NAME, _BEFORE_BODY):
        source = pattern.sub(_blank, source)
    return source


def _blank(match: re.Match[bytes]) -> bytes:
    whole, start = match.group(), match.start()
    first, last = match.start("macro") - start, match.end("macro") - start
    return whole[:first] + b" " * (last - first) + whole[last:]
