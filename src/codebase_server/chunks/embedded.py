"""Pages with scripts inside (Vue, Svelte, Astro, HTML): what scripts define is found as in files of scripts.

All but the scripts is blanked out, so that every byte stays where it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

LANGUAGES: Final = frozenset({"vue", "svelte", "astro", "html"})

LONGEST_TAG: Final = 2_000
"""Characters and quoted values of a ``<script>`` tag that are looked at."""

COMPONENTS: Final = frozenset(
    {"defineComponent", "defineNuxtComponent", "defineCustomElement", "Vue.extend", "Vue.component"}
)
"""Calls around the object that is a page's component."""

_BLANKED: Final = re.compile(rb"[^\n]")
_OPEN: Final = re.compile(
    rb"<script\b((?:[^\"'<>]|\"[^\"]{0,500}\"|'[^']{0,500}'){0,%d}+)>" % LONGEST_TAG, re.IGNORECASE
)
_CLOSE: Final = re.compile(rb"</script\b", re.IGNORECASE)
_FRONT_MATTER: Final = re.compile(rb"\s*---[ \t]*\n")
_FRONT_MATTER_END: Final = re.compile(rb"^---[ \t]*$", re.MULTILINE)
_TYPE: Final = re.compile(rb"\btype\s*=\s*[\"']?([^\s\"'>]+)", re.IGNORECASE)
_LANG: Final = re.compile(rb"\blang\s*=\s*[\"']?([\w/-]+)", re.IGNORECASE)
_SCRIPT_TYPES: Final = re.compile(rb"module|(?:text|application)/(?:(?:java|ecma|type)script|babel|jsx)")
_TYPESCRIPT: Final = frozenset({b"ts", b"typescript", b"tsx"})
_GRAMMARS: Final = frozenset({b"ts", b"typescript", b"tsx", b"js", b"javascript", b"jsx"})


def scripts_alone(language: str, source: bytes) -> tuple[str, bytes] | None:
    """The language of a page's scripts and the page with all else blanked; None without a script."""
    kept = bytearray(_BLANKED.sub(b" ", source))
    spec = ""
    for start, end, is_typescript in _scripts(language, source):
        kept[start:end] = source[start:end]
        spec = "typescript" if is_typescript or spec == "typescript" else "javascript"
    return (spec, bytes(kept)) if spec else None


def _scripts(language: str, source: bytes) -> Iterator[tuple[int, int, bool]]:
    """Where each script begins and ends, and whether it is TypeScript."""
    at = 0
    if language == "astro" and (front := _FRONT_MATTER.match(source)):
        closed = _FRONT_MATTER_END.search(source, front.end())
        at = closed.start() if closed else len(source)
        yield front.end(), at, True
    while opened := _OPEN.search(source, at):
        closed = _CLOSE.search(source, opened.end())
        at = closed.start() if closed else len(source)
        kind, lang = _TYPE.search(opened[1]), _LANG.search(opened[1])
        is_script = kind is None or _SCRIPT_TYPES.fullmatch(kind[1].lower()) is not None
        word = lang[1].lower() if lang else (b"ts" if language == "astro" else b"js")
        if is_script and word in _GRAMMARS:
            yield opened.end(), at, word in _TYPESCRIPT
