"""The lines that mention a name as a whole word, each with the chunk around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from codebase_server.chunks.kinds import CALLABLE, CLASS_LIKE
from codebase_server.search.globs import compile_glob
from codebase_server.search.pool import Pools
from codebase_server.store import Placement, Snapshot, StoredDefinition
from codebase_server.symbols.context import Manner, manner_of, receiver
from codebase_server.symbols.postings import Holders
from codebase_server.symbols.receivers import Doubt, Receivers
from codebase_server.symbols.wanted import Wanted, module_of

READ_AT_ONCE: Final = 256
MOST_COUNTED: Final = 1_000
"""Usages after which counting stops: nobody reads on, and a common word would read the whole repository."""

MOST_DEFINED: Final = 2_000
HEAD_LINES: Final = 4
"""Lines from the first of a definition to the one with its name: annotations and a type may stand before."""

_KIND_ORDER: Final = {"code": 0, "tests": 1}
_MANNER_ORDER: Final = {"call": 0, "use": 0, "import": 1, "comment": 2, "text": 3}
_SHARED_FOLDERS: Final = frozenset({"go", "java", "kotlin", "csharp", "swift", "scala", "c", "cpp"})
"""Languages whose files see each other's names without an import, mostly those of one folder."""


_IMPLICIT: Final = frozenset("java csharp kotlin swift cpp ruby scala dart groovy objc".split())
"""Languages in which a class calls its own methods by their bare names."""

_UNBRACKETED: Final = frozenset({"ruby", "scala"})
"""Languages in which a call needs no brackets."""

_CALLED: Final = CALLABLE | CLASS_LIKE
_ASSIGNED: Final = re.compile(r"\s*(?::[^=:\n]{1,60})?=(?![=>])")


@dataclass(frozen=True, slots=True)
class Usage:
    """One line that mentions the name, and how much speaks for another of that name."""

    placement: Placement
    line: int
    text: str
    manner: Manner
    doubt: Doubt = Doubt.NONE


def find(
    snapshot: Snapshot, pools: Pools, name: str, *, path: str | None, limit: int
) -> tuple[list[Usage], int]:
    """The first `limit` usages, and how many there are (at most `MOST_COUNTED`).

    Calls and uses in code come first, then imports, tests, comments, and prose
    last; among code, where several definitions share the name, those that are
    likely meant before the others. Definitions are not usages. The postings
    tell which chunks hold the identifier; only these are read.
    """
    wanted = Wanted.parse(name)
    if not wanted.last:
        return [], 0
    ending = "" if wanted.prefix else r"(?![\w$])"
    pattern = re.compile(rf"(?<![\w$]){re.escape(wanted.last)}{ending}")
    holders = Holders(snapshot, pools)
    aim = _Aim(snapshot, holders, wanted)
    matches = compile_glob(path) if path else None
    versions = holders.chunks_by_file("" if wanted.prefix else wanted.last, matches, aim.is_likely)
    found: list[Usage] = []
    for usage in _mentions(snapshot, versions, pattern, aim):
        found.append(usage)
        if len(found) >= MOST_COUNTED:
            break
    found.sort(key=_order)
    return found[:limit], len(found)


def _order(usage: Usage) -> tuple[object, ...]:
    place = usage.placement
    return (
        usage.manner == "text",
        usage.manner == "comment",
        usage.doubt,
        _KIND_ORDER.get(place.kind, 2),
        _MANNER_ORDER[usage.manner],
        place.path,
        usage.line,
    )


def _mentions(
    snapshot: Snapshot, versions: NDArray[np.int32], pattern: re.Pattern[str], aim: _Aim
) -> Iterator[Usage]:
    for start in range(0, len(versions), READ_AT_ONCE):
        part = snapshot.placements(versions[start : start + READ_AT_ONCE].tolist())
        contents = snapshot.contents(one.version_id for one in part)
        for one in part:
            yield from _in_chunk(one, contents.get(one.version_id, ""), pattern, aim)


def _in_chunk(placement: Placement, text: str, pattern: re.Pattern[str], aim: _Aim) -> Iterator[Usage]:
    """Each line of a chunk that mentions the name, once, by its plainest mention that is no definition."""
    is_prose = placement.kind in ("docs", "config")
    best: Usage | None = None
    counted_to, line = 0, placement.start_line
    for match in pattern.finditer(text):
        line += text.count("\n", counted_to, match.start())
        counted_to = match.start()
        if aim.defines(placement.path, line):
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
        best = Usage(placement, line, shown, manner, doubt)
    if best is not None:
        yield best


class _Aim:
    """Which of the definitions that share a name is meant, and where those words are likely to mean it."""

    def __init__(self, snapshot: Snapshot, holders: Holders, wanted: Wanted) -> None:
        named = [
            one
            for one in snapshot.definitions(wanted.last, prefix=wanted.prefix, limit=MOST_DEFINED)
            if one.name == wanted.last or wanted.prefix
        ]
        code = [one for one in named if one.symbol_kind != "section"]
        self._heads: dict[str, list[range]] = {}
        for one in code:
            head = range(one.start_line, min(one.end_line, one.start_line + HEAD_LINES) + 1)
            self._heads.setdefault(one.path, []).append(head)
        meant = [one for one in code if wanted.fit(one) is not None]
        self._shapeless = not meant or wanted.prefix
        self._alone = len(meant) == len(code)
        self._members = all(_owner(one) for one in meant)
        self._free = all(not _owner(one) for one in meant)
        self._is_called = all(one.symbol_kind in _CALLED for one in meant)
        self._homes = {one.path for one in meant}
        words = {_owner(one) or _module(one.path) for one in meant}
        self._words = {word.casefold() for word in words} | {
            part for one in meant for part in module_of(one.path)[-2:]
        }
        self._files = set() if self._alone else self._homes.union(*(holders.paths(word) for word in words))
        self._receivers = Receivers(map(_owner, meant), filter(None, map(_owner, code)))
        self._folders = {one.path.rpartition("/")[0] for one in meant if one.language in _SHARED_FOLDERS}

    def defines(self, path: str, line: int) -> bool:
        """Whether a mention is the definition itself, the first in its head. Asked in the order of lines."""
        heads = self._heads.get(path)
        if not heads:
            return False
        own = [head for head in heads if line in head]
        for head in own:
            heads.remove(head)
        return bool(own)

    def is_likely(self, path: str) -> bool:
        """Whether a file likely mentions what was asked for: it names the class or module, or is beside."""
        return self._alone or path in self._files or path.rpartition("/")[0] in self._folders

    def doubt(self, placement: Placement, text: str, match: re.Match[str], manner: Manner) -> Doubt:
        """How doubtful it is that a mention is one of what was asked for."""
        if not self._is_meant(placement, text, match, manner):
            return Doubt.MUCH
        if self._alone or self._shapeless or not self._members or manner not in ("call", "use"):
            return Doubt.NONE
        before = receiver(text, match.start())
        around = placement.symbol.rpartition(".")[0].rpartition(".")[2]
        if before is None:  # ``close()`` in a class is its own
            before = "self"
        return self._receivers.doubt(before, around, placement.version_id, text)

    def _is_meant(self, placement: Placement, text: str, match: re.Match[str], manner: Manner) -> bool:
        """Whether a mention is likely one of what was asked for, by its file and by what stands beside it."""
        if self._shapeless or manner == "text":
            return True
        if not self.is_likely(placement.path):
            return False
        if manner in ("import", "comment"):
            return True
        if self._is_called and _ASSIGNED.match(text, match.end()):
            return False  # a variable or an argument of that name
        before = receiver(text, match.start())
        if self._members:
            if before is not None:
                return True
            # ``get(key)`` inside the class is its own; ``key`` alone is a variable, but for Ruby
            at_home = placement.path in self._homes and placement.language in _IMPLICIT
            return at_home and (manner == "call" or placement.language in _UNBRACKETED or not self._is_called)
        return not self._free or before is None or before.casefold() in self._words


def _owner(one: StoredDefinition) -> str:
    """The class that a member belongs to; empty for what stands in a module."""
    owner = one.qualified.rpartition(".")[0].rpartition(".")[2]
    return owner if one.symbol_kind not in CLASS_LIKE else ""


def _module(path: str) -> str:
    parts = module_of(path)
    return parts[-1] if parts else ""
