"""Names drawn from a repository and asked as people ask for them; the definition is the answer.

As code spells them, in lower case, in the other custom of joining words, with what is around them, called,
declared, with their kind. Drawn by hash: the same in every run.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TypeVar

from bench.retrieval.dataset import Target
from bench.retrieval.memory import ParsedTree

from codebase_server.records import Definition
from codebase_server.search.query import understand
from codebase_server.search.rank.versions import TYPES
from codebase_server.terms import subwords

TYPE, CALL, DATA, MACRO = "type", "function", "data", "macro"
_SORTS = {
    **dict.fromkeys((*TYPES, "type"), TYPE),
    **dict.fromkeys(("function", "method"), CALL),
    **dict.fromkeys(("constant", "variable", "field", "property", "member"), DATA),
    "macro": MACRO,
}
_BARE = {TYPE: 16, CALL: 16, DATA: 12, MACRO: 6}
"""Of each sort so many a repository; of the other manners about half as many."""
_KEYWORDS = {
    "py": "def", "rb": "def", "ex": "def", "go": "func", "swift": "func", "rs": "fn", "zig": "fn",
    "kt": "fun",
}  # fmt: skip
_JOINERS = {"rs": "::", "cc": "::", "cpp": "::", "h": "::", "hpp": "::", "php": "::", "rb": "#"}
_SHORTEST = 3
_LONG, _BRIEF = 5, 2
"""Lines. Of two files that define a name the one with the code has at least, the other at most so many."""

Place = tuple[str, int]
"""A path, and the line on which a definition begins."""
Asked = tuple[str, tuple[Target, ...], str]


@dataclass(frozen=True, slots=True)
class _Names:
    """The definitions in a tree's code.

    Places by sort and name, and by holder and name; files that have a name whatever its case; kinds of types.
    """

    of_sort: Mapping[str, Mapping[str, set[Place]]]
    inside: Mapping[tuple[str, str], set[Place]]
    files: Mapping[str, set[str]]
    kinds: Mapping[str, str]

    def single(self, sort: str) -> dict[str, set[Place]]:
        """The names of a sort that one file defines; types go before what is called like one."""
        others = [] if sort in (TYPE, MACRO) else [self.of_sort[TYPE]]
        others += [self.of_sort[CALL]] if sort == DATA else []
        return {
            name: places
            for name, places in self.of_sort[sort].items()
            if len({path for path, _ in places}) == 1 and not any(name in other for other in others)
        }

    def unlike(self, name: str) -> bool:
        """No other file has the name in another spelling."""
        return len(self.files[_folded(name)]) == 1


def drawn(tree: ParsedTree) -> list[Asked]:
    """Questions with the lines of their definitions and the manner in which they are put."""
    names = _names_of(tree)
    found = [
        *_bare(names),
        *_qualified(names),
        *_with_keywords(names),
        *_declared(tree),
    ]
    return [
        (text, tuple(Target(path, line, line) for path, line in sorted(places)), manner)
        for text, places, manner in found
        if understand(text).is_symbol
    ]


_Found = Iterator[tuple[str, set[Place], str]]


def _bare(names: _Names) -> _Found:
    for sort, most in _BARE.items():
        single = names.single(sort)
        for name in _some(single, most):
            yield name, single[name], f"{sort}, as spelt"
        for name in _some((n for n in single if not names.unlike(n)), 8):
            yield name, single[name], f"{sort}, another differs in case"
        alone = [name for name in single if names.unlike(name)]
        if sort != DATA:
            for name in _some((n for n in alone if n != n.lower()), 8):
                yield name.lower(), single[name], f"{sort}, lower case"
        if sort in (TYPE, CALL):
            for name in _some((n for n in alone if _respelt(n) != n), 6):
                yield _respelt(name), single[name], f"{sort}, words joined otherwise"
        if sort == CALL:
            for name in _some(single, 6):
                yield f"{name}()", single[name], "called"


def _qualified(names: _Names) -> _Found:
    single = {pair: places for pair, places in names.inside.items() if len({p for p, _ in places}) == 1}
    folded: dict[str, int] = defaultdict(int)
    for pair in single:
        folded[".".join(pair).lower()] += 1
    for i, (outer, name) in enumerate(_some(single, 24)):
        places = single[outer, name]
        joiner = "." if i % 4 == 3 else _JOINERS.get(_ending(places), ".")
        yield f"{outer}{joiner}{name}{'()' * (i % 5 == 4)}", places, "qualified"
        if 4 <= i < 10 and folded[f"{outer}.{name}".lower()] == 1:
            yield f"{outer}.{name}".lower(), places, "qualified, lower case"


def _with_keywords(names: _Names) -> _Found:
    calls = names.single(CALL)
    for name in _some((n for n in calls if _ending(calls[n]) in _KEYWORDS), 21)[16:]:
        yield f"{_KEYWORDS[_ending(calls[name])]} {name}", calls[name], "with a keyword"
    types = names.single(TYPE)
    for i, name in enumerate(_some((n for n in types if n[0].isupper()), 22)[16:]):
        text = f"{names.kinds[name]} {name}" if i % 2 else f"where is {name} defined"
        yield text, types[name], "with a keyword"


def _declared(tree: ParsedTree) -> _Found:
    """Names that one file defines and another only declares."""
    every: dict[str, list[tuple[str, Definition]]] = defaultdict(list)
    for file, one in tree.definitions:
        if tree.sources[file].kind == "code" and _SORTS.get(one.kind) in (TYPE, CALL) and len(one.name) > 3:
            every[one.name].append((tree.sources[file].path, one))
    found: dict[str, set[Place]] = {}
    for name, places in every.items():
        longest: dict[str, int] = defaultdict(int)
        for path, one in places:
            longest[path] = max(longest[path], one.end_line - one.start_line + 1)
        if len(longest) != 2 or len({_SORTS[one.kind] for _, one in places}) > 1:
            continue
        brief, long = sorted(longest, key=lambda path: longest[path])
        if longest[long] >= _LONG and longest[brief] <= _BRIEF:
            found[name] = {
                (path, one.start_line)
                for path, one in places
                if path == long and one.end_line - one.start_line + 1 >= _LONG
            }
    for name in _some(found, 10):
        yield name, found[name], "declared elsewhere too"


def _names_of(tree: ParsedTree) -> _Names:
    of_sort: dict[str, dict[str, set[Place]]] = {sort: defaultdict(set) for sort in _BARE}
    inside: dict[tuple[str, str], set[Place]] = defaultdict(set)
    files: dict[str, set[str]] = defaultdict(set)
    kinds: dict[str, str] = {}
    for file, one in tree.definitions:
        source = tree.sources[file]
        if source.kind in ("code", "tests"):
            files[_folded(one.name)].add(source.path)
        sort = _SORTS.get(one.kind)
        if source.kind != "code" or sort is None or not re.fullmatch(r"[$@]?\w+[?!]?", one.name):
            continue
        if len(one.name) < _SHORTEST + 2 * (sort == DATA):
            continue
        place = source.path, one.start_line
        of_sort[sort][one.name].add(place)
        if sort == TYPE:
            kinds[one.name] = one.kind
        holder = re.split(r"\.|::", one.parent)[-1]
        if re.fullmatch(r"\w+", holder):
            inside[holder, one.name].add(place)
    return _Names(of_sort, inside, files, kinds)


_T = TypeVar("_T")


def _some(names: Iterable[_T], most: int) -> list[_T]:
    return sorted(names, key=lambda name: hashlib.blake2b(repr(name).encode(), digest_size=8).digest())[:most]


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


def _respelt(name: str) -> str:
    """``parse_args`` for ``parseArgs`` and the other way round."""
    words = [word.lower() for word in subwords(name)]
    if len(words) < 2:
        return name
    if "_" in name:
        return words[0] + "".join(word.capitalize() for word in words[1:])
    return "_".join(words)


def _ending(places: Iterable[Place]) -> str:
    return PurePosixPath(min(places)[0]).suffix.lstrip(".")
