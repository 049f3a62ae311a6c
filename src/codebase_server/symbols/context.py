"""What a line says about a name that stands in it: a call, an import, a comment."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, Literal

from codebase_server.chunks.embedded import LANGUAGES as PAGES
from codebase_server.chunks.languages import SPECS

Manner = Literal["call", "use", "import", "comment", "text"]
"""How a line mentions a name. ``comment``: in a comment or a string; ``text``: in prose or data."""

_IMPORT_LINE: Final = re.compile(
    r"""\s*(?:from\s+[\w.]+\s+import\b|import\b(?!\s*\()|export\s[^=(]*(?:\bfrom\b|\}|\*)|(?:pub(?:\([^)]*\))?\s+)?use\s+[^\s(]"""
    r"""|(?:const|let|var)\s[^=]+=\s*(?:await\s+)?(?:require|import)\s*\("""
    r"""|(?:global\s+)?using\s+(?!\(|var\b)|\#\s*(?:include|import)\b|(?:require|require_relative|source|alias)\s)"""
)
_IMPORT_OPEN: Final = re.compile(
    r"""^[ \t]*(?:from\s+\S+\s+import\s*\([^)]*|(?:import|export)\s*(?:type\s*)?\{[^}]*|import\s*\([^)]*"""
    r"""|(?:pub(?:\([^)]*\))?\s+)?use\s+[\w:\\]*[:\\]\{[^;]*)\Z""",
    re.MULTILINE,
)
"""An import begun on an earlier line and not ended before the name."""
_LOOK_BACK: Final = 1_500

_CALL: Final = re.compile(r"(?:::)?(?:<[^<>()]*(?:<[^<>()]*>)?[^<>()]*>|\[[^\[\]()]*\])?!?\s?\(")
_NO_QUOTE: Final = frozenset(
    "rust haskell ocaml clojure scheme racket commonlisp elisp scala elixir sml".split()
)
"""Languages in which ``'`` opens no string on its own."""


_ATTRIBUTE: Final = re.compile(r"""(?:^|\s)(?:[@:#]|v-|on|bind:|x-)[\w:.\[\]-]*=(["'])""")
"""The beginning of an attribute that holds code: ``@click="..."``, ``:to="..."``, ``onclick="..."``."""


@cache
def _marks(language: str) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...], bool]:
    if language in PAGES:
        return ("//",), (("<!--", "-->"), ("/*", "*/")), False
    spec = SPECS.get(language)
    if spec is None:
        return ("#", "//"), (), False
    return spec.line_comments, spec.block_comments, spec.docstrings


def manner_of(text: str, start: int, end: int, language: str) -> Manner:
    """How ``text[start:end]``, a name in a chunk of code, is mentioned.

    Told by the marks around it, without a parser: thousands are looked at for one answer.
    """
    line_start = text.rfind("\n", 0, start) + 1
    if _is_quiet(text, line_start, start, language):
        return "comment"
    if _IMPORT_LINE.match(text, line_start) and (line_start == 0 or text[line_start - 1] == "\n"):
        return "import"
    if _IMPORT_OPEN.search(text, max(0, start - _LOOK_BACK), start):
        return "import"
    return "call" if _CALL.match(text, end) else "use"


def _is_quiet(text: str, line_start: int, at: int, language: str) -> bool:
    """Whether a place lies in a comment or in a string without code in it."""
    line_comments, block_comments, docstrings = _marks(language)
    before = text[line_start:at]
    for mark in line_comments:
        found = before.find(mark)
        if found >= 0 and _comments(before, found, mark) and not _open_quote(before[:found], language):
            return True
    if ("/*", "*/") in block_comments and _CONTINUED.match(before):
        return True  # of a comment that began in an earlier chunk, or does so here
    for opening, closing in block_comments:
        if opening == closing:
            if text.count(opening, 0, at) % 2:
                return True
            continue
        opened = text.rfind(opening, 0, at)
        if opened >= 0 and text.find(closing, opened + len(opening), at) < 0:
            line = text[text.rfind("\n", 0, opened) + 1 : opened]
            if not _open_quote(line, language):
                return True
    if docstrings and any(text.count(mark, 0, at) % 2 for mark in ('"""', "'''")):
        return not _is_interpolated(text, at)
    quote = _open_quote(before, language)
    opened_at = before.rfind(quote)  # code in a string stands in braces that are still open
    if quote and language in PAGES and (code := _code_of_attribute(before)) is not None:
        return bool(_open_quote(code, language))
    return bool(quote) and before.rfind("{", opened_at) <= before.rfind("}", opened_at)


_CONTINUED: Final = re.compile(r"\s*\*(?:\s|$)")


def _code_of_attribute(before: str) -> str | None:
    """The beginning of the code in an attribute that is still open; None outside of one."""
    begun = list(_ATTRIBUTE.finditer(before))
    if not begun:
        return None
    code = before[begun[-1].end() :]
    return None if begun[-1][1] in code else code


def _comments(before: str, found: int, mark: str) -> bool:
    if mark == '"':  # of Vim, where a string begins alike: a comment stands on a line of its own
        return not before[:found].strip()
    if mark != "#":
        return True
    # ``${#list}``, ``"#{value}"``, ``#[Attribute]``, ``object#method``
    return (not found or before[found - 1].isspace()) and before[found + 1 : found + 2] not in ("[", "{")


def _is_interpolated(text: str, at: int) -> bool:
    opened = max(text.rfind('"""', 0, at), text.rfind("'''", 0, at))
    return text[max(0, opened - 2) : opened].lower().endswith(("f", "fr", "rf")) and (
        text.rfind("{", opened, at) > text.rfind("}", opened, at)
    )


def _open_quote(before: str, language: str) -> str:
    """The mark of a string that is open at the end of the beginning of a line; empty when none is."""
    if '"' not in before and "'" not in before and "`" not in before:
        return ""
    marks = '"`' if language in _NO_QUOTE else "\"'`"
    inside, skip = "", False
    for character in before:
        if skip:
            skip = False
        elif character == "\\":
            skip = True
        elif inside:
            inside = "" if character == inside else inside
        elif character in marks:
            inside = character
    return inside


def receiver(text: str, start: int, language: str = "") -> str | None:
    """The name before the point, arrow or colons that stand before a name; empty when it is no plain name,
    None when nothing of the kind stands there."""
    found = _pattern(language).search(text, max(0, start - 80), start)
    return None if found is None else found[1] or ""


def is_part(text: str, start: int, language: str = "") -> bool:
    """Whether the receiver of a name is itself a part of something: ``git().pool.close``."""
    found = _pattern(language).search(text, max(0, start - 80), start)
    if found is None or not found[1]:
        return False
    return _POINT.search(text, max(0, found.start() - 80), found.start()) is not None


_BEFORE_POINT: Final = r"([A-Za-z_$][\w$]*)?(?:<[^<>]*>)?[)\]}!?'\"]?\s*"
_RECEIVER: Final = re.compile(_BEFORE_POINT + r"(?:\?\.|(?<!\.)\.|->|::|&\.|#)\s*\Z")
"""A second point is none of a member: spread (``...base``), ranges (``0..n``), ``..base`` in Rust."""
_OF_ARROWS: Final = re.compile(_BEFORE_POINT + r"(?:\?->|->|::)\s*\Z")
_OF_MODULES: Final = re.compile(r"\b([A-Z][\w']*)\.\Z")
_POINT: Final = re.compile(r"(?:(?<!\.)\.|->|::)\s*\Z")

_RECEIVERS: Final = {
    **dict.fromkeys(("php", "perl"), _OF_ARROWS),  # a point joins strings
    "haskell": _OF_MODULES,  # a point composes functions: ``f . trim``, ``f.trim``
}


def _pattern(language: str) -> re.Pattern[str]:
    return _RECEIVERS.get(language, _RECEIVER)
