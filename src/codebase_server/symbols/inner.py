"""Definitions that no outline lists, told by the line that makes them: functions within functions, members
of classes without a name, and what stands in code that no grammar understands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from codebase_server.chunks.kinds import CALLABLE
from codebase_server.files import kind_of
from codebase_server.store import StoredDefinition
from codebase_server.symbols.context import manner_of
from codebase_server.symbols.postings import Held, Holders
from codebase_server.symbols.wanted import Wanted

MOST_FOUND: Final = 50

_LONGEST_LINE: Final = 1_000
"""Characters of a line that may define something."""

_LONGEST: Final = 200
"""Characters of the line that are shown as the signature."""

_KINDS: Final = {
    **dict.fromkeys("def defp fn fun func function sub procedure proc".split(), "function"),
    **dict.fromkeys("defmacro defmacrop macro macro_rules!".split(), "macro"),
    **dict.fromkeys("@callback @macrocallback".split(), "function"),
    **dict.fromkeys("type typealias @type @typep @opaque".split(), "type"),
    **{word: word for word in "class interface struct enum trait object record protocol module".split()},
}
"""Words that say of the name behind them that it is defined here."""

_OF_VALUES: Final = {"ocaml": ("function", "fun"), "elixir": ("fn", "fun"), "erlang": ("fun",)}
"""Those behind which stands a pattern or an argument instead: ``function Red -> 1`` in OCaml."""

_WORDS: Final = "|".join(map(re.escape, sorted(_KINDS, key=len, reverse=True)))
_DEFINED: Final = re.compile(
    rf"(?:^|(?<=[\s;{{(]))(?P<word>{_WORDS})\*?[ \t]+"
    r"(?:<[^<>\n]*>[ \t]*|\([^()\n]*\)[ \t]*)?(?:[\w$<>?]+\.)?`?\Z"
)
"""What stands on the line before a name that is defined by a word."""
_STARTS: Final = frozenset(" \t\n\r\f\v;{(,")
_ASSIGNED: Final = re.compile(r"\s*(?::[^=\n]+)?:?=\s*")
"""What stands behind a name that is given a value."""
_A_FUNCTION: Final = re.compile(
    r"(?:async\s+)?(?:(?:function|func|fn|fun|lambda)\b|->|\\|\|[^|\n]*\|"
    r"|(?:<[^<>\n]*>\s*)?\([^()]*\)(?:\s*:[^=\n]+)?\s*=>|[\w$]+\s*=>)"
)
"""The value that makes a name one of a function."""

_BARE: Final = re.compile(r"[ \t]*(?:[\w<>\[\],.?:~@$]+[ \t*&]+)*")
"""Before the name of a function of the C family, or of a method in an object: a type or nothing."""
_ARGUMENTS: Final = re.compile(r"[ \t]*(?=\()")

_TYPED: Final = frozenset("c cpp java csharp dart objc cuda d php vala".split())
"""Languages whose functions begin with a type or a word for who may call them."""
_SHORT: Final = frozenset("javascript typescript tsx vue svelte astro".split())
"""Languages whose objects have methods without a word before them."""
_ANNOUNCING: Final = frozenset({"c", "cpp", "objc", "cuda"})
"""Languages whose functions are declared apart from their bodies."""

_NO_TYPE: Final = frozenset(
    "return new throw else await yield case delete goto typeof not and or in of is as assert if while for"
    " switch catch using lock do default".split()
)
_LONGEST_HEAD: Final = 2_000
_OPENS: Final = re.compile(r"(?:[\w:<>\[\]?|&.,\s]|->|(?<=\n)[ \t]*#[^\n]*+)*+(?:\{|=>)")
_TYPE_ALONE: Final = re.compile(r"[\w*:<>,& \t]*[\w*>]")
"""A line before a function's name that says its type and nothing else, as GNU and BSD write C."""


def by_line(holders: Holders, wanted: Wanted) -> list[StoredDefinition]:
    """The lines that make a name, in code before tests; of a qualified one, those in what it begins with."""
    placed = [one for one in holders.placed(wanted.last) if one.kind in ("code", "tests")]
    placed = [one for one in placed if _is_within(one.symbol, wanted)]
    placed.sort(key=lambda one: (one.kind != "code", one.path, one.start_line))
    contents = holders.texts(placed)
    made: dict[tuple[str, int], StoredDefinition] = {}
    for one in placed:
        for found in _in_chunk(one, contents.get(one.version_id, ""), wanted.last):
            made.setdefault((found.path, found.start_line), found)
        if len(made) >= MOST_FOUND:
            break
    return list(made.values())


def with_body(holders: Holders, wanted: Wanted, rows: Sequence[StoredDefinition]) -> list[StoredDefinition]:
    """The lines in code that make a function of which all definitions known only declare it or are tests': a
    grammar that lost its way leaves a prototype in a header and nothing of what it announces."""
    if wanted.prefix or wanted.members or not rows or not all(map(_is_only_announced, rows)):
        return []
    known = {(one.path, one.start_line) for one in rows}
    return [
        one
        for one in by_line(holders, wanted)
        if one.symbol_kind == "function"
        and kind_of(one.path, one.language) == "code"
        and (one.path, one.start_line) not in known
    ]


def _is_only_announced(one: StoredDefinition) -> bool:
    if one.symbol_kind not in CALLABLE:
        return one.symbol_kind == "test"
    is_prototype = one.language in _ANNOUNCING and one.signature.endswith(";")
    return is_prototype or kind_of(one.path, one.language) == "tests"


def _is_within(symbol: str, wanted: Wanted) -> bool:
    if not wanted.is_qualified:
        return True
    return wanted.segments[-2].casefold() in (part.casefold() for part in symbol.split("."))


def _in_chunk(placed: Held, text: str, name: str) -> Iterator[StoredDefinition]:
    for kind, start, end in places(text, name, placed.language):
        if manner_of(text, start, end, placed.language) in ("comment", "import"):
            continue
        line = placed.start_line + text.count("\n", 0, start)
        begin, stop = text.rfind("\n", 0, start) + 1, text.find("\n", end)
        yield StoredDefinition(
            path=placed.path,
            language=placed.language,
            name=name,
            qualified=f"{placed.symbol}.{name}" if placed.symbol else name,
            symbol_kind=kind,
            start_line=line,
            end_line=line,
            signature=text[begin : stop if stop >= 0 else len(text)].strip()[:_LONGEST],
            parent=placed.symbol,
        )


def places(text: str, name: str, language: str) -> Iterator[tuple[str, int, int]]:
    """Kind, beginning and end of the name where a line makes it."""
    found = list(_occurrences(text, name))
    for start, end, line in found:
        match = _DEFINED.search(text[line:start])
        if match is not None and match["word"] not in _OF_VALUES.get(language, ()):
            yield _KINDS[match["word"]], start, end
    for start, end, _ in found:
        if start and text[start - 1] not in _STARTS:
            continue
        value = _ASSIGNED.match(text, end)
        if value is not None and _A_FUNCTION.match(text, value.end()):
            yield "function", start, end
    for start, end, line in found if language in _TYPED or language in _SHORT else ():
        arguments = _ARGUMENTS.match(text, end)
        if arguments is None or not _BARE.fullmatch(text, line, start):
            continue
        words = text[line:start].split()
        if not words and language in ("c", "cpp"):
            above = text[text.rfind("\n", 0, max(line - 1, 0)) + 1 : line].rstrip("\n")
            words = above.split() if _TYPE_ALONE.fullmatch(above) else []
        if _may_stand_before(words, language) and _has_body(text, arguments.end()):
            yield "function", start, end


def _occurrences(text: str, name: str) -> Iterator[tuple[int, int, int]]:
    """Where a name stands that no longer word begins with: its beginning, its end, and that of its line.

    Found as text: to try what defines a name at each character of hundreds of chunks takes ten times as long.
    Not on lines longer than anybody writes, of which each try would read all.
    """
    start = text.find(name)
    line = stop = -1
    while start >= 0:
        end = start + len(name)
        if start > stop:
            line = text.rfind("\n", 0, start) + 1
            stop = text.find("\n", end)
            stop = len(text) if stop < 0 else stop
        if stop - line > _LONGEST_LINE:
            end = stop
        elif end == len(text) or not (text[end].isalnum() or text[end] in "_$"):
            yield start, end, line
        start = text.find(name, end)


def _may_stand_before(words: list[str], language: str) -> bool:
    if _NO_TYPE.intersection(words) or any(word.endswith((".", ":")) for word in words):
        return False
    if language in _TYPED:
        return bool(words)
    return all(word in ("async", "get", "set", "static", "*", "function") for word in words)


def _has_body(text: str, at: int) -> bool:
    """Whether the arguments that begin at a place are followed by a body."""
    depth = 0
    for place in range(at, min(len(text), at + _LONGEST_HEAD)):
        depth += (text[place] == "(") - (text[place] == ")")
        if not depth:
            return _OPENS.match(text, place + 1) is not None
    return False
