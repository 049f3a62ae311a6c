"""What a path and a symbol say by themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from codebase_server.terms import stem, subwords

_TESTS = re.compile(
    r"(^|/)(tests?|specs?|__tests__|testing|testdata|fixtures?|mocks?)/|(^|/)(test_|conftest)|[._-](test|tests|spec)\.|Tests?\.\w+$|Spec\.\w+$"
)
_VENDORED = re.compile(
    r"(^|/)(vendor|vendored|_vendor|third[_-]?party|external|extern|node_modules|bower_components|site-packages"
    r"|deps|dist|_site)/|[.-](min|bundle)\.[cm]?js$"
)
"""What others wrote, and what was built from the sources: the place to read is elsewhere."""
_EXAMPLES = re.compile(
    r"(^|/)_?(examples?|samples?|snippets|demos?|docs|docs?_src|website|tutorials?|benchmarks?|bench|playground)/",
    re.IGNORECASE,
)
"""Code that shows or measures what the repository is for; ``doc``, ``snippet`` and ``site`` name packages."""
_COMPAT = re.compile(r"(^|/)_?(compat|legacy|deprecated|shims?)[/._]", re.IGNORECASE)
_ENTRY = re.compile(r"(^|/)(__init__\.pyi?|index\.[cm]?[jt]sx?|package-info\.java)$")
_STUB = re.compile(r"\.(d\.[cm]?ts|pyi)$")


class PathFacts(NamedTuple):
    """``stem_words`` and ``folder_words``: stemmed parts of the file's name and of its folders, each once."""

    stem_words: tuple[str, ...]
    folder_words: tuple[str, ...]
    tests: bool
    vendored: bool
    examples: bool
    compat: bool
    entry: bool
    stub: bool
    depth: int


def path_facts(path: str) -> PathFacts:
    """The facts of a path relative to its root."""
    folder, _, name = path.rpartition("/")
    base = name.split(".", 1)[0] if not name.startswith(".") else name
    around = _folder_facts(folder)
    return PathFacts(
        stem_words=tuple(dict.fromkeys(_words(base))),
        folder_words=around.words,
        tests=bool(_TESTS.search(path)),
        vendored=around.vendored or bool(_VENDORED.search(name)),
        examples=around.examples,
        compat=bool(_COMPAT.search(path)),
        entry=bool(_ENTRY.search(name)),
        stub=bool(_STUB.search(name)),
        depth=path.count("/"),
    )


class _FolderFacts(NamedTuple):
    words: tuple[str, ...]
    vendored: bool
    examples: bool


@lru_cache(maxsize=5_000)
def _folder_facts(folder: str) -> _FolderFacts:
    """What all files of a folder share."""
    return _FolderFacts(
        tuple(dict.fromkeys(_words(folder))),
        bool(_VENDORED.search(f"{folder}/")),
        bool(_EXAMPLES.search(f"{folder}/")),
    )


_SEGMENT = re.compile(r"\w+(?:-+\w+)*[?!]?")
"""``find-door`` is one name in Lisp, PowerShell and build files."""


def segments_of(symbol: str) -> list[str]:
    """The parts of a qualified symbol as they are spelt, innermost last."""
    return _SEGMENT.findall(symbol)


def folded_segments(symbol: str) -> tuple[str, ...]:
    """The parts of a qualified symbol in lower case, without what joins or ends words; innermost last."""
    return tuple([_segment(segment)[0] for segment in segments_of(symbol)])


class OwnFacts(NamedTuple):
    """Of an innermost name: as `folded_segments` has it, its stemmed parts, each once, and as it is spelt.

    ``private`` says that it begins with a single underscore, the custom of many languages.
    """

    folded: str
    words: tuple[str, ...]
    last: str
    private: bool


def own_facts(segment: str) -> OwnFacts:
    """The facts of a symbol's innermost name."""
    last = segment.rstrip("?!")
    return OwnFacts(*_looked_at(segment), last, last.startswith("_") and not last.startswith("__"))


def outer_words(segments: Sequence[str]) -> tuple[str, ...]:
    """The stemmed parts of the names around an innermost one, each once."""
    return tuple(dict.fromkeys([word for segment in segments for word in _segment(segment)[1]]))


def _looked_at(segment: str) -> tuple[str, tuple[str, ...]]:
    """A segment folded, and its stemmed parts."""
    return segment.replace("_", "").replace("-", "").casefold().rstrip("?!"), tuple(
        dict.fromkeys(_words(segment))
    )


_segment = lru_cache(maxsize=5_000)(_looked_at)
"""The same few classes hold most functions."""


def _words(text: str) -> list[str]:
    return [stem(part) for run in re.findall(r"\w+", text) for part in subwords(run)]
