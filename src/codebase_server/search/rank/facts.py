"""What a path and a symbol say by themselves, worked out once each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from codebase_server.terms import stem, subwords
from codebase_server.terms.identifiers import ids, term_id

_TESTS = re.compile(
    r"(^|/)(tests?|specs?|__tests__|testing|testdata|fixtures?|mocks?)/|(^|/)(test_|conftest)|[._-](test|tests|spec)\.|Tests?\.\w+$|Spec\.\w+$"
)
_VENDORED = re.compile(r"(^|/)(vendor|vendored|_vendor|third[_-]?party|external|extern|node_modules|deps)/")
_EXAMPLES = re.compile(
    r"(^|/)_?(examples?|samples?|demos?|docs?_src|tutorials?|benchmarks?|bench|playground)/", re.IGNORECASE
)
_COMPAT = re.compile(r"(^|/)_?(compat|legacy|deprecated|shims?)[/._]", re.IGNORECASE)
_ENTRY = re.compile(r"(^|/)(__init__\.pyi?|index\.[cm]?[jt]sx?|package-info\.java)$")
_STUB = re.compile(r"\.(d\.[cm]?ts|pyi)$")


@dataclass(frozen=True, slots=True)
class PathFacts:
    """``stem_words`` and ``folder_words``: stemmed parts of the file's name and of its folders."""

    stem_words: tuple[str, ...]
    folder_words: frozenset[str]
    tests: bool
    vendored: bool
    examples: bool
    compat: bool
    entry: bool
    stub: bool
    depth: int


@lru_cache(maxsize=20_000)
def path_facts(path: str) -> PathFacts:
    """The facts of a path relative to its root."""
    folder, _, name = path.rpartition("/")
    base = name.split(".", 1)[0] if not name.startswith(".") else name
    return PathFacts(
        stem_words=tuple(dict.fromkeys(_words(base))),
        folder_words=frozenset(_words(folder)),
        tests=bool(_TESTS.search(path)),
        vendored=bool(_VENDORED.search(path)),
        examples=bool(_EXAMPLES.search(path)),
        compat=bool(_COMPAT.search(path)),
        entry=bool(_ENTRY.search(path)),
        stub=bool(_STUB.search(path)),
        depth=path.count("/"),
    )


@dataclass(frozen=True, slots=True)
class SymbolFacts:
    """``segments``: the parts of a qualified name, lower-cased, without underscores, innermost last.

    ``own_words`` are the stemmed parts of the last segment, ``outer_words`` of the others. ``word_ids``
    are the term numbers of ``own_words``, ``name_terms`` all distinct terms of the last segment.
    ``private`` says that its name begins with a single underscore, the custom of many languages.
    """

    segments: tuple[str, ...]
    own_words: tuple[str, ...]
    outer_words: frozenset[str]
    word_ids: tuple[int, ...] = ()
    name_terms: tuple[int, ...] = ()
    private: bool = False


_SEGMENT = re.compile(r"\w+[?!]?")


@lru_cache(maxsize=60_000)
def symbol_facts(symbol: str) -> SymbolFacts:
    """The facts of a qualified symbol; of an empty one, empty facts."""
    segments = _SEGMENT.findall(symbol)
    if not segments:
        return SymbolFacts((), (), frozenset())
    own, last = tuple(dict.fromkeys(_words(segments[-1]))), segments[-1].rstrip("?!")
    return SymbolFacts(
        segments=tuple(segment.replace("_", "").casefold().rstrip("?!") for segment in segments),
        own_words=own,
        outer_words=frozenset(word for segment in segments[:-1] for word in _words(segment)),
        word_ids=tuple(term_id("word", word) for word in own),
        name_terms=tuple(dict.fromkeys(ids(last))),
        private=last.startswith("_") and not last.startswith("__"),
    )


def _words(text: str) -> list[str]:
    return [stem(part) for run in re.findall(r"\w+", text) for part in subwords(run)]
