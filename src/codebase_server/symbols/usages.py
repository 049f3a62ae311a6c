"""The lines that mention a name as a whole word, each with the chunk around it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from codebase_server.chunks.embedded import LANGUAGES as PAGES
from codebase_server.search.globs import compile_glob
from codebase_server.search.pool import Pools
from codebase_server.store import Placement, Snapshot, StoredDefinition
from codebase_server.symbols import components
from codebase_server.symbols.aim import Aim
from codebase_server.symbols.bare import is_equation
from codebase_server.symbols.context import Manner, manner_of
from codebase_server.symbols.definitions import asked
from codebase_server.symbols.postings import Holders
from codebase_server.symbols.receivers import Doubt

READ_AT_ONCE: Final = 256
MOST_COUNTED: Final = 1_000
"""Usages after which counting stops: nobody reads on, and a common word would read the whole repository."""

_KIND_ORDER: Final = {"code": 0, "tests": 1}
_MARKED: Final = frozenset({"elixir", "ruby", "crystal"})
"""Languages in which ``get!`` and ``get?`` are other names than ``get``."""

_BEFORE: Final = re.compile(r"\w[-!?*+<>=%&]+\Z")
_AFTER: Final = re.compile(r"[-!?*+<>=%&]")
_BEFORE_HYPHEN: Final = re.compile(r"\w-+\Z")
_AFTER_HYPHEN: Final = re.compile(r"-+\w")
_JOINED: Final = {
    **dict.fromkeys(("clojure", "scheme", "racket", "elisp", "commonlisp"), (_BEFORE, _AFTER)),
    **dict.fromkeys(
        ("powershell", "nix", "scss", "css", "just", "make", *PAGES), (_BEFORE_HYPHEN, _AFTER_HYPHEN)
    ),
}
"""Languages in which ``find-door`` is one name: what of a longer one stands before and after a part of it."""

_END: Final = re.compile(r"\s*end\b", re.IGNORECASE)
"""Fortran's last line of a procedure, which may say its name again."""

_CASELESS: Final = frozenset({"fortran", "powershell", "cmake", "batch", "commonlisp"})
"""Languages in which ``OPEN`` and ``open`` are one name."""

_MARKUP: Final = frozenset({"html", "xml", "css", "scss", "unknown"})
"""Languages that hold names as data: generated pages, project files, listings of an interface."""

_BUILDING: Final = frozenset({"hcl", "make", "just", "cmake"})
"""Languages of configuration that use by name what they define."""

_MANNER_ORDER: Final = {"call": 0, "use": 0, "import": 1, "comment": 2, "text": 3}


@dataclass(frozen=True, slots=True)
class Usage:
    """One line that mentions the name, and how much speaks for another of that name."""

    placement: Placement
    line: int
    text: str
    manner: Manner
    doubt: Doubt = Doubt.NONE


MOST_OF_A_LINE: Final = 8
"""Mentions of a name on one line that are looked at for the plainest: for each, much of the line is read."""


def find(
    snapshot: Snapshot,
    pools: Pools,
    name: str,
    elsewhere: Sequence[StoredDefinition] = (),
    *,
    path: str | None,
    limit: int,
) -> tuple[list[Usage], int, int]:
    """The first `limit` usages, how many there are (at most `MOST_COUNTED`), and how many of them are likely
    and in code.

    Calls and uses in code come first, then imports, tests, comments, and prose
    last; among code, where several definitions share the name, those that are
    likely meant before the others, and those beside the definition before those in
    other top folders. Definitions are not usages. The postings
    tell which chunks hold the identifier; only these are read.

    :param elsewhere: the definitions meant by a name that none bears: inherited, or under another name.
    """
    wanted = asked(snapshot, name)
    if signed := next((one.name for one in elsewhere if one.name.rstrip("?!") == wanted.last), ""):
        wanted = replace(wanted, segments=(*wanted.segments[:-1], signed))
    if not re.search(r"\w", wanted.last):  # an operator: the postings know identifiers only
        return [], 0, 0
    ending = "" if wanted.prefix else r"(?![\w$])"
    words = [wanted.last]
    if any(one.symbol_kind == components.KIND for one in elsewhere):
        words = list(components.spellings(wanted.last))
    word = rf"(?<![\w$])(?:{'|'.join(map(re.escape, words))}){ending}"
    pattern, caseless = re.compile(word), re.compile(word, re.IGNORECASE)
    holders = Holders(snapshot, pools)
    aim = Aim(snapshot, pools, holders, wanted, elsewhere)
    matches = compile_glob(path) if path else None
    each = [holders.chunks_by_file("" if wanted.prefix else word, matches, aim.is_likely) for word in words]
    versions = each[0] if len(each) == 1 else np.unique(np.concatenate(each))
    found: list[Usage] = []
    for usage in _mentions(snapshot, versions, (pattern, caseless), aim):
        found.append(usage)
        if len(found) >= MOST_COUNTED:
            break
    found.sort(key=lambda usage: _order(usage, aim))
    return found[:limit], len(found), sum(map(_is_likely, found))


def _is_likely(usage: Usage) -> bool:
    """Whether it is one that a reader looks for: in comments the name is a word more often than not."""
    return usage.doubt < Doubt.MUCH and usage.manner not in ("comment", "text")


def _order(usage: Usage, aim: Aim) -> tuple[object, ...]:
    place = usage.placement
    return (
        usage.manner == "text",
        usage.manner == "comment",
        max(usage.doubt, Doubt.SOME) if usage.manner == "import" else usage.doubt,
        _KIND_ORDER.get(place.kind, 2),
        _MANNER_ORDER[usage.manner],
        not aim.is_beside(place.path),
        place.path,
        usage.line,
    )


def _mentions(
    snapshot: Snapshot,
    versions: NDArray[np.int32],
    patterns: tuple[re.Pattern[str], re.Pattern[str]],
    aim: Aim,
) -> Iterator[Usage]:
    for start in range(0, len(versions), READ_AT_ONCE):
        part = snapshot.placements(versions[start : start + READ_AT_ONCE].tolist())
        contents = snapshot.contents(one.version_id for one in part)
        for one in part:
            pattern = patterns[one.language in _CASELESS]
            yield from _in_chunk(one, contents.get(one.version_id, ""), pattern, aim)


def _in_chunk(placement: Placement, text: str, pattern: re.Pattern[str], aim: Aim) -> Iterator[Usage]:
    """Each line of a chunk that mentions the name, once, by its plainest mention that is no definition."""
    is_prose = placement.language in _MARKUP or (
        placement.kind in ("docs", "config")
        and not (placement.language in _BUILDING and placement.language in aim.languages)
    )
    best: Usage | None = None
    counted_to, line, of_line = 0, placement.start_line, 0
    for match in pattern.finditer(text):
        lines = text.count("\n", counted_to, match.start())
        line, of_line = line + lines, 1 if lines else of_line + 1
        counted_to = match.start()
        if (
            of_line > MOST_OF_A_LINE
            or aim.defines(placement.path, line)
            or _is_marked(text, match.start(), match.end(), placement.language)
            or is_equation(text, match.start(), placement.language)
        ):
            continue
        manner = "text" if is_prose else manner_of(text, match.start(), match.end(), placement.language)
        doubt = aim.doubt(placement, text, match, manner)
        if best is not None and best.line == line:
            if (doubt, _MANNER_ORDER[manner]) < (best.doubt, _MANNER_ORDER[best.manner]):
                best = replace(best, manner=manner, doubt=doubt)
            continue
        if best is not None:
            yield best
        end = text.find("\n", match.end())
        shown = text[text.rfind("\n", 0, match.start()) + 1 : end if end >= 0 else len(text)]
        if placement.language == "fortran" and _END.match(shown):
            best = None
            continue
        best = Usage(placement, line, shown, manner, doubt)
    if best is not None:
        yield best


def _is_lifetime(text: str, start: int, end: int) -> bool:
    """Whether a name in Rust is that of a lifetime or of a loop: ``&'run str``, ``'run: loop``; a character
    is ended by a mark, and one that ends before is followed by a word only in macros (``'a'b``)."""
    return (
        text[start - 1 : start] == "'" and text[end : end + 1] != "'" and text[start - 3 : start - 2] != "'"
    )


def _is_marked(text: str, start: int, end: int, language: str) -> bool:
    """Whether the name goes on with a mark that is part of it: ``get!(key)``, not ``get != key``; in Lisp and
    its kin also on the other side: ``door`` is not named by ``find-door``."""
    if language == "rust" and _is_lifetime(text, start, end):
        return True
    if language in _JOINED:
        before, after = _JOINED[language]
        return before.search(text, max(0, start - 80), start) is not None or bool(after.match(text, end))
    return language in _MARKED and text[end : end + 1] in ("!", "?") and text[end + 1 : end + 2] != "="
