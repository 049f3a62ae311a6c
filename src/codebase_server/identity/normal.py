"""Code without what does not matter to it: white space, comments, formatting.

Two strengths. `normal_hash` is coarse and fast, runs over every chunk, and finds
code that moved. `same_code` is strict and slow, runs on two texts, and decides
whether a chunk is *unchanged*.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache, lru_cache

from codebase_server.identity import grouping

_HASH_COMMENTS = frozenset(
    "python ruby perl elixir r toml make makefile just julia coffeescript crystal nim graphql terraform hcl "
    "starlark properties ini tcl awk".split()
)
_SLASH_COMMENTS = frozenset(
    "javascript typescript tsx jsx go rust java c cpp csharp kotlin swift scala php dart zig groovy "
    "objc objective-c solidity proto protobuf css scss less json5 jsonc verilog svelte vue d v cuda "
    "glsl hlsl wgsl astro gleam prisma gomod kdl".split()
)
_DASH_COMMENTS = frozenset("lua haskell sql elm ada vhdl purescript agda idris".split())
_STAR_COMMENTS = frozenset("ocaml coq".split())
_MARKUP = frozenset("html xml svg markdown vue svelte".split())
WITHOUT_COMMENTS = frozenset(
    "asciidoc assembly cobol csv diff embedded_template gotmpl heex jinja2 json notebook org rdoc rst "
    "template text typst unknown xcode".split()
)
"""Words of `files.LANGUAGES` whose comments are none, or count as text: prose, data, templates in another
language, and those whose signs differ from one dialect to the next."""
_SEMICOLON = frozenset("clojure lisp elisp asm".split())
_SEMICOLON_AND_BLOCKS = frozenset("scheme racket commonlisp".split())
_WORD_HASH = frozenset("bash shell fish zsh yaml".split())
"""Languages in which ``#`` begins a comment only where a word could begin: ``${name#prefix}`` is code."""

_LONE_QUOTE = frozenset(
    "rust haskell elm ada clojure lisp scheme racket commonlisp elisp purescript ocaml coq fsharp lean "
    "agda idris vbnet".split()
)
_SLASHED_BLOCK = r"/\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/)?"
"""To where it is closed, or to the end."""

_SLASHES = r"//[^\n]*|" + _SLASHED_BLOCK
_CMAKE_BLOCKS = "".join(rf"#\[{signs}\[.*?(?:\]{signs}\]|\Z)|" for signs in ("", "=", "==", "==="))
"""Spelt out: a group would be kept with the code, since comments are what splits it."""

_OWN_COMMENTS = {
    "php": (_SLASHES + r"|#(?!\[)[^\n]*", ("//", "/*", "#")),
    "lua": (r"--\[\[.*?(?:\]\]|\Z)|--[^\n]*", ("--",)),
    "powershell": (r"<#.*?(?:#>|\Z)|(?<![^\s;{}()|])#[^\n]*", ("#",)),
    "cmake": (_CMAKE_BLOCKS + r"#[^\n]*", ("#",)),
    "gitignore": (r"(?m:^)#[^\n]*", ("#",)),
    "dockerfile": (r"(?m:^[ \t]*)#[^\n]*", ("#",)),
    "nix": (r"#[^\n]*|/\*.*?(?:\*/|\Z)", ("#", "/*")),
    "jsonnet": (r"#[^\n]*|" + _SLASHES, ("#", "//", "/*")),
    "vim": (r"(?m:^[ \t]*)[\"#][^\n]*", ('"', "#")),
    "fortran": (
        r"![^\n]*|(?m:^)(?:\*|[cC](?=[ \t*>!-]|\n)(?![^\n]*=))[^\n]*",  # ``c = 1`` is no comment
        ("!", "*", "c", "C"),
    ),
    "fsharp": (r"//[^\n]*|\(\*(?!\)).*?(?:\*\)|\Z)", ("//", "(*")),
    "pascal": (r"//[^\n]*|\{.*?(?:\}|\Z)|\(\*.*?(?:\*\)|\Z)", ("//", "{", "(*")),
    "thrift": (_SLASHES + r"|#[^\n]*", ("//", "/*", "#")),
    "lean": (r"--[^\n]*|/-.*?(?:-/|\Z)", ("--", "/-")),
    "vbnet": (r"'[^\n]*", ("'",)),
    "batch": (r"(?im:^[ \t]*)(?:@?rem\b|::)[^\n]*", ("::", "rem", "REM", "Rem")),
}
"""Languages with forms of their own, and marks without which there is no comment."""
_PERCENT = frozenset("erlang latex matlab prolog".split())
_OFFSIDE = frozenset("python haskell yaml nim coffeescript fsharp elm makefile make just pug".split())
"""Languages in which indentation is meaning."""


def _string(quote: str, line_break: str = "", marks: int = 1) -> str:
    """A string between quotes, kept in two groups: the quote that it begins with, and what follows.

    A pattern whose every branch begins with one character is looked for several times as fast as one whose
    branches begin with groups, so the first quote is caught by looking back.
    """
    if marks > 1:
        inside = rf"(?:\\.|[^\\])*?{quote * marks}"
    else:
        plain = rf"[^{quote}\\{line_break}]*+"
        inside = rf"{plain}(?:\\.{plain})*+{quote}"
    return rf"{quote}(?<=({quote}))({quote * (marks - 1)}{inside})"


_LONG_STRINGS = _string('"', marks=3) + "|" + _string("'", marks=3) + "|"
_STRINGS = _string('"', r"\n") + "|" + _string("'", r"\n")
_INDENTED_STRING = r"'(?<=('))('(?:''[$'\\\\]|(?!'').)*'')|"  # of Nix
_BACKTICKS = "|" + _string("`")

_FORMATTING = b" \t\n\r\f\v,;()\\"
_TOKEN = re.compile(r"\"\"\"|'''|\"|'|[A-Za-z_$@]\w*|\d[\w.]*|\S")
_CLOSERS = frozenset(")]}>")
_CLOSING_LINE = re.compile(r"\s*(?:(?:[)\]};,.]|\bend\b)\s*)*|\s*(?i:end)\s+\w+\s*")
"""Nothing, closing brackets, ``end``, or ``End Class``."""
_BRACKETS = frozenset({"(", ")"})
_QUOTES = frozenset({'"', "'", '"""', "'''"})
_ONE_QUOTE = bytes.maketrans(b"'`", b'""')


_BY_MARK: tuple[tuple[frozenset[str], str, tuple[str, ...]], ...] = (
    (_SLASH_COMMENTS, _SLASHES, ("//", "/*")),
    (_HASH_COMMENTS, r"#[^\n]*", ("#",)),
    (
        _DASH_COMMENTS,
        r"--[^\n]*|\{-[^-]*+(?:-(?!\})[^-]*+)*+(?:-\})?|" + _SLASHED_BLOCK,
        ("--", "{-", "/*"),
    ),
    (_STAR_COMMENTS, r"\(\*(?!\)).*?(?:\*\)|\Z)", ("(*",)),
    (_SEMICOLON, r";[^\n]*", (";",)),
    (_SEMICOLON_AND_BLOCKS, r";[^\n]*|#\|.*?(?:\|#|\Z)", (";", "#|")),
    (_WORD_HASH, r"(?<![^\s;(&|])#[^\n]*", ("#",)),
    (_PERCENT, r"%[^\n]*", ("%",)),
)


def has_comments(language: str) -> bool:
    """Whether comments of the language are told from its code."""
    return _comment_pattern(language) is not None


@cache
def _comment_pattern(language: str) -> tuple[re.Pattern[str], tuple[str, ...]] | None:
    """Strings (kept, in groups) or comments (dropped), and marks without which there is no comment."""
    known = _OWN_COMMENTS.get(language) or next(
        ((comment, marks) for group, comment, marks in _BY_MARK if language in group), None
    )
    if known is None:
        markup = re.compile(r"(?!)()|<!--.*?(?:-->|\Z)", re.DOTALL), ("<!--",)
        return markup if language in _MARKUP else None
    comment, marks = known
    # In Rust, Scala, Haskell, Lisp and their kin a lone ' is a lifetime, a symbol or part of a name:
    # taken for a string it would swallow code, so there only double quotes are strings.
    strings = _string('"') if language in _LONE_QUOTE else _STRINGS
    triple = _LONG_STRINGS if language in {"python", "elixir", "kotlin", "scala", "swift", "java"} else ""
    triple = _INDENTED_STRING if language == "nix" else triple
    ticks = _BACKTICKS if language in {"javascript", "typescript", "tsx", "jsx", "go"} else ""
    if language == "vim":  # where ``"`` begins strings too, but none at the beginning of a line
        return re.compile(f"{comment}|{strings}", re.DOTALL), marks
    return re.compile(f"{triple}{strings}{ticks}|{comment}", re.DOTALL), marks


def without_comments(code: str, language: str) -> str:
    """The code with comments taken out as far as one regular expression can tell; strings stay whole."""
    known = _comment_pattern(language)
    if known is None or not any(mark in code for mark in known[1]):
        return code
    # Text and strings in turn, None for a comment: quicker than a substitution by what was matched.
    return "".join(filter(None, known[0].split(code)))


def normal_bytes(code: str, language: str) -> bytes:
    """What is hashed: no comments, no white space, one kind of quote, none of ``, ; ( ) \\``.

    Those marks come and go when a formatter breaks or joins lines.
    """
    raw = without_comments(code, language).encode("utf-8", "surrogatepass")
    return raw.translate(_ONE_QUOTE, _FORMATTING)


def normal_hash(code: str, language: str) -> int:
    """A signed 64-bit number, the same for the same code however it is formatted and commented.

    0 for code of which nothing is left: two empty chunks say nothing about each other.
    """
    left = normal_bytes(code, language)
    if not left:
        return 0
    return int.from_bytes(hashlib.blake2b(left, digest_size=8).digest(), "big", signed=True)


def tokens(code: str, language: str) -> list[str]:
    """Words, numbers and single marks, without comments and white space; quotes of one kind."""
    return list(_tokens(code, language))


@lru_cache(maxsize=8)  # two texts are first asked whether they are the same, then how alike they are
def _tokens(code: str, language: str) -> tuple[str, ...]:
    return tuple(
        '"' if token in _QUOTES else token for token in _TOKEN.findall(without_comments(code, language))
    )


def same_code(one: str, other: str, language: str, names: tuple[str, str] = ("", "")) -> bool:
    """Whether two texts are the same code: alike but for comments, white space and trailing commas.

    Where indentation is meaning, the shape of the indentation must agree too, whatever its depth. Elsewhere
    lines at the end that only close something say nothing: with the last method of a class stands what
    closes the class, until another method comes behind it. ``names`` are the qualified names of the two,
    whose last parts are not told apart. White space within strings is not told apart either.
    """
    if one == other:
        return True
    own, its = (name.rsplit(".", 1)[-1] for name in names)
    before, now = _called(own, its, _strict(one, language)), _strict(other, language)
    if language == "python" and before != now and _but_for_brackets(before) == _but_for_brackets(now):
        return grouping.same_tree(one, other, (own, its))
    if language in _OFFSIDE:
        return before == now and _indentation(one, language) == _indentation(other, language)
    if before == now or before[:1] != now[:1]:
        return before == now
    before, now = (_strict(_without_closing_lines(code, language), language) for code in (one, other))
    return _called(own, its, before) == now


def _but_for_brackets(stream: list[str]) -> list[str]:
    return [token for token in stream if token not in _BRACKETS]


def _called(name: str, becomes: str, stream: list[str]) -> list[str]:
    if name == becomes or not name or becomes in stream:
        return stream
    return [becomes if token == name else token for token in stream]


def _without_closing_lines(code: str, language: str) -> str:
    lines = without_comments(code, language).split("\n")
    while lines and _CLOSING_LINE.fullmatch(lines[-1]):
        lines.pop()
    return "\n".join(lines)


def _strict(code: str, language: str) -> list[str]:
    found: list[str] = []
    for token in _tokens(code, language):
        if token in _CLOSERS and found and found[-1] == ",":
            found.pop()
        found.append(token)
    return found


def _indentation(code: str, language: str) -> list[tuple[str, int]]:
    """For each statement's line its first token and its depth, counted in levels, not columns.

    No more than a token: what else stands on the line is where a formatter breaks it and how it quotes.
    """
    levels: list[int] = []
    shape: list[tuple[str, int]] = []
    depth = 0  # within brackets, line breaks are formatting
    for line in without_comments(code, language).expandtabs(8).split("\n"):
        stripped = line.strip()
        if not stripped:
            continue
        if depth == 0:
            column = len(line) - len(line.lstrip())
            while levels and levels[-1] > column:
                levels.pop()
            if not levels or levels[-1] < column:
                levels.append(column)
            if stripped[0] not in ")]}":
                shape.append((_first_token(stripped), len(levels)))
        depth = max(0, depth + sum(stripped.count(c) for c in "([{") - sum(stripped.count(c) for c in ")]}"))
    return shape


def _first_token(line: str) -> str:
    found = _TOKEN.match(line)
    token = found.group() if found else ""
    return '"' if token in {"'", '"""', "'''"} else token
