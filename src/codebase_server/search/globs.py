"""Path globs as people write them: ``**`` crosses folders, ``*`` does not."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=256)
def compile_glob(pattern: str) -> re.Pattern[str]:
    """A pattern for whole paths relative to the root, case-sensitive.

    ``*`` and ``?`` stop at ``/``; ``**/`` is any number of folders, none included;
    ``[ab]``, ``[!ab]`` and ``{py,pyi}`` are sets and alternatives. A pattern without ``/``
    matches a name in any folder; one that ends in ``/``, or names a folder, matches all in it.
    Raises `ValueError` when a bracket or brace is not closed.
    """
    cleaned = pattern.replace("\\", "/").removeprefix("./").lstrip("/")
    if not cleaned or cleaned == ".":
        return re.compile("", re.DOTALL)
    anywhere = "/" not in cleaned.rstrip("/")
    body = _translate(cleaned.rstrip("/"), pattern)
    below = "/.*" if cleaned.endswith("/") else "(?:/.*)?"
    return re.compile(("(?:.*/)?" if anywhere else "") + body + below + r"\Z", re.DOTALL)


def _translate(pattern: str, shown: str) -> str:
    out, i, depth = [], 0, 0
    while i < len(pattern):
        char = pattern[i]
        if pattern.startswith("**/", i):
            out.append("(?:.*/)?")
            i += 3
            continue
        if pattern.startswith("**", i):
            out.append(".*")
            i += 2
            continue
        if char == "[":
            piece, i = _bracket(pattern, i, shown)
            out.append(piece)
            continue
        if char == "{":
            depth += 1
        elif char == "}" and depth:
            depth -= 1
        plain = {"*": "[^/]*", "?": "[^/]", "{": "(?:"}.get(char, re.escape(char))
        if char == "," and (depth):
            plain = "|"
        elif char == "}" and pattern.count("{", 0, i) > pattern.count("}", 0, i):
            plain = ")"
        out.append(plain)
        i += 1
    if depth:
        raise ValueError(f"The path glob {shown!r} has a '{{' without a '}}'; close it or leave it out.")
    return "".join(out)


def _bracket(pattern: str, start: int, shown: str) -> tuple[str, int]:
    end = pattern.find("]", start + 2)
    if end < 0:
        raise ValueError(f"The path glob {shown!r} has a '[' without a ']'; close it or leave it out.")
    inside = pattern[start + 1 : end]
    negated = inside.startswith(("!", "^"))
    inside = inside[1:] if negated else inside
    escaped = inside.replace("\\", r"\\").replace("[", r"\[").replace("]", r"\]").replace("&", r"\&")
    return f"(?!/)[{'^' if negated else ''}{escaped}]", end + 1
