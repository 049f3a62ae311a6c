"""Path globs as people write them: ``**`` crosses folders, ``*`` does not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from bridge.agreed.globs import patterns_in
from codebase_server.files.wildcards import MAX_FOLDER_WILDCARDS, without_backtracking

_TOKEN = re.compile(
    r"(?P<folders>\*\*/)|(?P<rest>\*\*)|(?P<star>\*)|(?P<one>\?)|(?P<set>\[[!^]?[^\]]+\])|(?P<plain>.)",
    re.DOTALL,
)
_TOKEN_OF_PATHS = re.compile(r"(?P<folders>\*\*/)|(?P<rest>\*\*)|(?P<star>\*)|(?P<one>\?)|.", re.DOTALL)
_BRACKETS = re.compile(r"[\[{]")
_INSIDE_A_NAME = re.compile(r"(?<![/{,*])(?<!^)\*{2,}|\*{2,}(?![/},*]|\Z)|\*{3,}")
"""Where stars are not a whole folder's name, they are one star, as in git."""
_REPEATED = re.compile(r"(?:\*\*/){2,}")
_PATTERNS = {"folders": "(?:.*/)?", "rest": ".*", "star": "[^/]*", "one": "[^/]"}


@lru_cache(maxsize=256)
def compile_glob(pattern: str) -> re.Pattern[str]:
    """A pattern for whole paths relative to the root, case-sensitive.

    ``*`` and ``?`` stop at ``/``; ``**/`` is any number of folders, none
    included; ``[ab]``, ``[!ab]`` and ``{py,pyi}`` are sets and alternatives, and themselves too:
    ``app/[id]/page.tsx`` is also the file of that name. A
    pattern without ``/`` matches a name in any folder; one that names a folder matches
    all in it, but for a last ``*`` behind a ``/``, which stays in its folder. A pattern behind ``!``
    matches every path but its own. Of several, divided by commas, one matches and none of those behind ``!``
    does. Raises `ValueError` when it cannot be read.
    """
    parts = patterns_in(pattern)
    if parts != [pattern]:
        return _any_of(pattern, parts)
    if pattern.startswith("!"):
        return re.compile(f"(?!{compile_glob(pattern[1:]).pattern}).*", re.DOTALL)
    return _one(pattern)


def _one(pattern: str) -> re.Pattern[str]:
    cleaned = _INSIDE_A_NAME.sub("*", pattern.replace("\\", "/").removeprefix("./").lstrip("/"))
    cleaned = _REPEATED.sub("**/", cleaned)
    if cleaned.count("**") > MAX_FOLDER_WILDCARDS:
        raise ValueError(
            f"The path glob {pattern!r} has {cleaned.count('**')} '**'; "
            f"at most {MAX_FOLDER_WILDCARDS} are read."
        )
    folder_only = cleaned.endswith("/")
    cleaned = cleaned.rstrip("/")
    if cleaned in ("", "."):
        return re.compile("", re.DOTALL)
    anywhere = "" if "/" in cleaned or folder_only else "(?:.*/)?"
    starred = "/" in cleaned and "*" in cleaned.rpartition("/")[2]  # ``src/*`` is what lies in src itself
    below = "/.*" if folder_only else "" if starred else "(?:/.*)?"
    try:
        regex = without_backtracking(_translate(cleaned, pattern))
        if _BRACKETS.search(cleaned):
            regex = f"(?:{regex}|{without_backtracking(_as_written(cleaned))})"
        return re.compile(anywhere + regex + below + r"\Z", re.DOTALL)
    except re.error as error:
        raise ValueError(
            f"The path glob {pattern!r} cannot be read ({error.msg}); check its brackets."
        ) from error


def _any_of(whole: str, parts: Sequence[str]) -> re.Pattern[str]:
    left_out = "".join(f"(?!{compile_glob(part[1:]).pattern})" for part in parts if part.startswith("!"))
    wanted = [compile_glob(part).pattern for part in parts if not part.startswith("!")]
    if not left_out:  # a file may have a comma in its name
        wanted.append(_one(whole).pattern)
    return re.compile(left_out + (f"(?:{'|'.join(wanted)})" if wanted else ".*"), re.DOTALL)


def _translate(pattern: str, shown: str) -> str:
    out, depth = [], 0
    for match in _TOKEN.finditer(pattern):
        kind, text = match.lastgroup, match[0]
        if kind == "set":
            out.append(_set(text))
        elif kind != "plain":
            out.append(_PATTERNS[str(kind)])
        elif text == "[":
            raise ValueError(f"The path glob {shown!r} has a '[' without a ']'; close it or leave it out.")
        elif text == "{":
            depth += 1
            out.append("(?:")
        elif text == "}" and depth:
            depth -= 1
            out.append(")")
        elif text == "," and depth:
            out.append("|")
        else:
            out.append(re.escape(text))
    if depth:
        raise ValueError(f"The path glob {shown!r} has a '{{' without a '}}'; close it or leave it out.")
    return "".join(out)


def _as_written(pattern: str) -> str:
    """A pattern whose brackets and braces are those of a path: a router's ``[slug]``, a ``{{name}}``."""
    return "".join(
        _PATTERNS.get(str(match.lastgroup)) or re.escape(match[0])
        for match in _TOKEN_OF_PATHS.finditer(pattern)
    )


def _set(text: str) -> str:
    negated = text[1] in "!^"
    inside = text[2:-1] if negated else text[1:-1]
    escaped = re.sub(r"([\\\[\]&|~^])", r"\\\1", inside).replace("--", r"-\-")  # re warns of a bare --
    return f"(?!/)[{'^' if negated else ''}{escaped}]"
