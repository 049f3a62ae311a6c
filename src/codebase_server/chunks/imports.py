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


_MAYBE: Final = re.compile(
    r"""\n[ \t]*+(?:(?:from|import|export|pub|use|global|using|alias|source)\b|\.[ \t]|\#[ \t]*include)"""
    r"""[^\n]*"""
    r"""|\n[ \t]++(?:\w+[ \t]+)?"[\w./-]+"$""",
    re.MULTILINE,
)
"""Lines worth looking at, with the line break before each: one search over the text, not eleven a line."""

_REQUIRED: Final = re.compile(r"\brequire")
"""What may stand anywhere in a line."""

_LONGEST: Final = 300
"""Characters of a line; longer ones are no imports that a person wrote."""


_OWN: Final[dict[str, tuple[re.Pattern[str], ...]]] = {
    language: tuple(re.compile(pattern, re.MULTILINE | re.IGNORECASE) for pattern in patterns)
    for language, patterns in {
        "clojure": (
            r"[\[\s](?:\[|\(:(?:require|use)\s+\[?)([a-z][\w.*+!?-]*\.[\w.*+!?-]+|[a-z][\w-]*(?=\s+:(?:as|refer)))",
        ),
        "elisp": (r"^[ \t]*\(require\s+'([\w./+-]+)",),
        "commonlisp": (
            r"\(:(?:use|import-from)\s+#?:?([\w./+-]+)",
            r"^[ \t]*\((?:ql:quickload|require)\s+[:'\"]?([\w./+-]+)",
        ),
        "scheme": (
            r"^[ \t]*\((?:import|use-modules|#:use-module)?\s*\(((?!define|let|export)[\w-]+(?: [\w-]+)+)\)",
            r"^[ \t]*\((?:load|include)\s+\"([^\"]+)",
        ),
        "racket": (r"\(require\s+(?:\([\w-]+\s+)?\"?([\w./-]+)", r"^[ \t]+\"([\w./-]+\.rkt)\""),
        "fortran": (r"^[ \t]*use\b(?:\s*,\s*\w+)?\s*(?:::)?\s*(\w+)", r"^[ \t]*#?include\s+['\"]([^'\"]+)"),
        "powershell": (
            r"^[ \t]*\.\s+[\"']?(?:\$PSScriptRoot[\\/])?([\w./\\-]+\.ps1)",
            r"^[ \t]*(?:Import-Module\s+(?:-Name\s+)?|using\s+module\s+)[\"']?"
            r"(?:\$PSScriptRoot[\\/])?([\w./\\-]+)",
        ),
        "vim": (
            r"^[ \t]*(?:runtime|source)!?\s+([\w./-]+)",
            r"^[ \t]*import\s+(?:autoload\s+)?['\"]([^'\"]+)",
            r"\b([a-z]\w*(?:#\w+){0,8})#\w+\(",
        ),
        "nix": (r"\b(?:import|callPackage)\s+(\.{1,2}/[\w./-]+)", r"^[ \t]+(\.{1,2}/[\w./-]+)[ \t]*$"),
        "scss": (r"^[ \t]*@(?:use|import|forward)\s+[\"']([^\"']+)",),
        "jsonnet": (r"\bimport(?:str)?\s*[('\"]+([^'\"]+)",),
    }.items()
}
"""Languages whose imports look like nothing in others; in them the patterns above would find strings."""


def imports_of(text: str, language: str = "") -> tuple[str, ...]:
    """The names of what is imported, in order, each once."""
    found: dict[str, None] = {}
    if own := _OWN.get(language):
        places = sorted((match.start(), match[1]) for pattern in own for match in pattern.finditer(text))
        return tuple(dict.fromkeys(_as_path(name, language) for _, name in places))[:MOST]
    for line in _candidates("\n" + text):
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


def _as_path(name: str, language: str) -> str:
    """``door#util`` of Vim and ``srfi 1`` of Scheme name files by folders."""
    return name.replace("#", "/").replace(" ", "/") if language in ("vim", "scheme") else name


def _candidates(text: str) -> list[str]:
    """Lines that may bring something in, in order; ``text`` begins with a line break."""
    lines = {match.start(): match.group()[1:] for match in _MAYBE.finditer(text)}
    at = text.find("require")
    if at < 0:
        return list(lines.values())
    while at >= 0:
        if _REQUIRED.match(text, at):
            start, end = text.rfind("\n", 0, at), text.find("\n", at)
            lines[start] = text[start + 1 : end if end >= 0 else len(text)]
            at = end
        at = text.find("require", at + 1) if at >= 0 else -1
    return [lines[start] for start in sorted(lines)]
