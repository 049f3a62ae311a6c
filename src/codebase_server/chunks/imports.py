"""What a file imports, as written: for the map of a repository.

Read line by line: imports stand on lines of their own in every language, and
the map needs names, not resolution.
"""

from __future__ import annotations

import re
from typing import Final

MOST: Final = 300
"""Imports kept of one file."""

_PATTERNS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"^\s*from\s+([\w.]+)\s+import\b",
        r"^\s*import\s+(?:static\s+)?([\w.]+)(?:\s*;|\s+as\b|\s*,|\s*$)",
        r"""^\s*(?:import|export)\b.*?\bfrom\s*["']([^"']+)["']""",
        r"""^\s*import\s*(?:\w+\s+)?["']([^"']+)["']""",
        r"""\brequire(?:_relative|_once)?\s*\(?\s*["']([^"']+)["']""",
        r"""^\s*#\s*include\s*[<"]([^>"]+)[>"]""",
        r"^\s*(?:pub(?:\([^)]*\))?\s+)?use\s+([\w:\\]+)",
        r"^\s*(?:global\s+)?using\s+(?:static\s+)?([\w.]+)\s*;",
        r"^\s*(?:alias|import|use)\s+([A-Z][\w.]*)",
        r"""^\s*(?:source|\.)\s+["']?([\w./-]+)""",
        r"""^\s+(?:\w+\s+)?"([\w./-]+)"$""",
    )
)


_STARTS: Final = (
    r"""^[ \t]*(?:(?:from|import|export|pub|use|global|using|alias|source)\b|\.[ \t]|\#[ \t]*include)[^\n]*"""
    r"""|^[ \t]+(?:\w+[ \t]+)?"[\w./-]+"$"""
)
_MAYBE: Final = re.compile(_STARTS, re.MULTILINE)
_MAYBE_REQUIRED: Final = re.compile(_STARTS + r"|^[^\n]*\brequire[^\n]*", re.MULTILINE)
"""Lines worth looking at: one search over the text instead of eleven a line. Only files that say ``require``
are searched for it inside their lines."""

_LONGEST: Final = 300
"""Characters of a line; longer ones are no imports that a person wrote."""


def imports_of(text: str) -> tuple[str, ...]:
    """The names of what is imported, in order, each once."""
    found: dict[str, None] = {}
    for candidate in (_MAYBE_REQUIRED if "require" in text else _MAYBE).finditer(text):
        line = candidate.group()
        if len(line) > _LONGEST:
            continue
        for pattern in _PATTERNS:
            match = pattern.search(line)
            if match:
                found.setdefault(match.group(1).rstrip(":\\"))
                break
        if len(found) >= MOST:
            break
    return tuple(found)
