"""The language of a file: by its name, and by its beginning where the name is not enough."""

from __future__ import annotations

import re

from codebase_server.files.endings import BY_EXTENSION, BY_INTERPRETER, BY_NAME

LANGUAGES: tuple[str, ...] = tuple(
    sorted({*BY_EXTENSION.values(), *BY_NAME.values(), *BY_INTERPRETER.values(), "text", "matlab", "unknown"})
)
"""Every word that `language_of` may answer."""

DATA_LANGUAGES = frozenset({"json", "json5", "xml", "csv", "text", "yaml", "diff"})
"""Formats whose large files are data."""

PROSE_LANGUAGES = frozenset({"markdown", "rst", "asciidoc", "rdoc", "org", "latex", "typst", "text"})

_CALLED = {
    "c++": "cpp",
    "c#": "csharp",
    "f#": "fsharp",
    "objective-c": "objc",
    "golang": "go",
    "shell": "bash",
    "docker": "dockerfile",
    "terraform": "hcl",
    "node": "javascript",
    "vb": "vbnet",
}
"""What people call languages beside the words of `LANGUAGES` and the endings of files."""

_SHEBANG = re.compile(r"#!\s*(?:\S*/)?([^\s/]+)(?:\s+(?:-\S+\s+)*(?:\w+=\S*\s+)*([^\s]+))?")
_C_ONLY_HEADER = re.compile(
    r"^\s*(?:class\s+(?:\w+\s+)?\w+\s*(?:final\s*)?(?:[:{;]|$)|namespace\s*(?:[\w:]*\s*\{|\w[\w:]*\s*$)|template\s*<"
    r"|public\s*:|private\s*:|protected\s*:|using\s+(?:namespace\s|\w+\s*=|[\w:]+;)|enum\s+class\b"
    r"|#\s*include\s*<[a-z_]+>)|\bstd::|\bconstexpr\b|\bnullptr\b|\bvirtual\s+(?:[\w:]+[\s*&]+)*~?\w+\s*\(|\boperator\s*[^\w\s]",
    re.MULTILINE,
)
_MATLAB = re.compile(r"^\s*(?:function\b|classdef\b|%)", re.MULTILINE)
_OBJECTIVE_C = re.compile(
    r"^\s*(?:@(?:interface|implementation|protocol|import|class)\b|#import\b)", re.MULTILINE
)
_PERL_TEST = re.compile(r"^\s*(?:use\s+\w|my\s+[$@%]|#!.*perl)", re.MULTILINE)


def language_of(path: str, head: str = "") -> str:
    """The language of a file as one lower-case word of `LANGUAGES`.

    ``path`` has ``/`` between its parts. ``head`` is the beginning of the
    text; without it a script with no extension is ``unknown``, and a ``.h``
    file is taken for C++ (whose grammar reads C as well).
    """
    name = path.rpartition("/")[2].lower()
    language = BY_NAME.get(name) or BY_EXTENSION.get(name.rpartition(".")[2] if "." in name[1:] else "")
    if language is None:
        language = _by_affix(name)
    if head:
        return _settle(name, language, head)
    return language or "unknown"


def language_named(word: str) -> str:
    """The language that people call ``word``: ``ts``, ``C#`` and ``golang`` too; the word itself, folded,
    where there is none."""
    folded = word.strip().casefold()
    if folded in LANGUAGES:
        return folded
    return _CALLED.get(folded) or BY_EXTENSION.get(folded.lstrip(".")) or folded


def _by_affix(name: str) -> str | None:
    """``Dockerfile.dev``, ``dev.Dockerfile``, ``Makefile.am``, ``LICENSE-MIT``, ``README.fr``."""
    for affix in ("dockerfile", "makefile", "license", "licence", "readme", "changelog", "jenkinsfile"):
        if name.startswith((affix + ".", affix + "-", affix + "_")) or name.endswith("." + affix):
            return BY_NAME[affix]
    return None


def _settle(name: str, language: str | None, head: str) -> str:
    """Decides by content where the name alone is ambiguous or says nothing."""
    if language is None:
        return _by_shebang(head) or ("xml" if head.startswith("<?xml") else "unknown")
    if language == "cpp" and name.endswith(".h"):
        if _OBJECTIVE_C.search(head):
            return "objc"
        return "cpp" if _C_ONLY_HEADER.search(head) else "c"
    if language == "objc" and name.endswith(".m") and not _OBJECTIVE_C.search(head) and _MATLAB.search(head):
        return "matlab"
    if name.endswith(".t") and not _PERL_TEST.search(head):
        return "text"
    if name.endswith(".inc") and "<?" not in head:
        return "text"
    return language


def _by_shebang(head: str) -> str | None:
    first_line = head.partition("\n")[0]
    if not first_line.startswith("#!"):
        return None
    match = _SHEBANG.match(first_line)
    if match is None:
        return None
    program = match[2] if match[1] == "env" and match[2] else match[1]
    program = program.rpartition("/")[2].lower()
    return BY_INTERPRETER.get(program) or BY_INTERPRETER.get(program.rstrip("0123456789."))
