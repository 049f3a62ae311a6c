"""Which of the classes that define a method a call on some value means, as far as names tell.

No types are known. What is: the class around the call, where the receiver is ``self``; a line of the same
function that has the receiver's name beside a class's (``pool: Pool``, ``Pool pool``, ``pool = Pool(``, Go's
``(p *Pool)``); and the receiver's own name (``pool``, ``connectionPool``, ``conn`` of ``Connection``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from enum import IntEnum
from functools import lru_cache
from typing import Final

from codebase_server.terms import subwords

SELF: Final = frozenset({"self", "this", "cls", "Self", "super", "base", "parent", "static"})
_WORD: Final = re.compile(r"[A-Za-z_$][\w$]*")
_ARGUMENTS: Final = re.compile(r"<[^<>]*(?:<[^<>]*>)?[^<>]*>")
"""What a generic type holds is another type than its own."""
_MOST_LINES: Final = 12
"""Lines with a receiver's name that are looked at for its declaration."""


class Doubt(IntEnum):
    """How sure it is that a mention means what was asked for; in the order in which they are shown."""

    NONE = 0
    SOME = 1
    MUCH = 2
    """Another class of that method is the likelier one."""


class Receivers:
    """What the receivers of a method say, of classes that are meant and others that define it too.

    :param own: names of the classes that are meant.
    :param others: names of the others.
    :param bases: names of classes among them that those which are meant derive from: a call on a value of
        such a class may mean either.
    """

    def __init__(self, own: Iterable[str], others: Iterable[str], bases: Iterable[str] = ()) -> None:
        self._own = frozenset(own)
        self._bases = frozenset(bases) - self._own
        self._others = frozenset(others) - self._own - self._bases
        self._all = self._own | self._others | self._bases
        self._declared: dict[tuple[int, str], str] = {}

    @property
    def classes(self) -> frozenset[str]:
        """The names of all classes that define the method."""
        return self._all

    def of_types(self, types: AbstractSet[str]) -> Doubt:
        """What it tells that a receiver is declared with one of some classes; `Doubt.SOME` for none."""
        if not types or types & self._bases or (types & self._own and types & self._others):
            return Doubt.SOME
        return Doubt.NONE if types & self._own else Doubt.MUCH

    def around(self, symbol: str) -> str:
        """The innermost class around a place that defines the method, else just the innermost one."""
        scopes = symbol.split(".")
        known = (scope for scope in reversed(scopes) if scope in self._all)
        return next(known, scopes[-2] if len(scopes) > 1 else "")

    def doubt(self, receiver: str, around: str, version: int, text: str) -> Doubt:
        """What a receiver tells.

        :param receiver: the plain name before the point; empty for anything else.
        :param around: the class that the mention stands in; empty for none.
        :param version: what tells the chunk of ``text`` from others.
        """
        if not (self._others or self._bases) or not receiver:
            return Doubt.SOME
        if receiver in SELF:
            return self._of(around) if receiver not in ("super", "base", "parent") else Doubt.SOME
        if receiver in self._all:
            return self._of(receiver)
        key = version, receiver
        if key not in self._declared:
            self._declared[key] = self._declaration(receiver, text)
        declared = self._declared[key]
        if declared:
            return self._of(declared)
        own = max((likeness(receiver, name) for name in self._own), default=0)
        base = max((likeness(receiver, name) for name in self._bases), default=0)
        other = max((likeness(receiver, name) for name in self._others), default=0)
        if own > other:
            return Doubt.NONE
        return Doubt.MUCH if other > max(own, base) else Doubt.SOME

    def _of(self, name: str) -> Doubt:
        if name in self._own:
            return Doubt.NONE
        return Doubt.MUCH if name in self._others else Doubt.SOME

    def _declaration(self, receiver: str, text: str) -> str:
        """The class that a line has beside the receiver where nothing is asked of it; empty for none."""
        at, lines = text.find(receiver), 0
        while at >= 0 and lines < _MOST_LINES:
            end = at + len(receiver)
            start, stop = text.rfind("\n", 0, at) + 1, text.find("\n", end)
            line = text[start : stop if stop >= 0 else len(text)]
            whole = not (
                text[at - 1 : at].isalnum() or text[at - 1 : at] == "_" or text[end : end + 1].isalnum()
            )
            if whole and not text.startswith((".", "->", "?.", "::", "_"), end):
                lines += 1
                named = self._beside(line, at - start, end - start)
                if named:
                    return named
            at = text.find(receiver, end)
        return ""

    def _beside(self, line: str, at: int, end: int) -> str:
        """The first class named between the brackets and commas that ``line[at:end]`` stands between."""
        begin = max(line.rfind(mark, 0, at) for mark in ",;()") + 1
        stops = [found for mark in ",;()" if (found := line.find(mark, end)) >= 0]
        part = line[begin : min(stops, default=len(line))]
        for word in _WORD.findall(_ARGUMENTS.sub("", part)):
            if word in self._all:
                return str(word)
        return ""


@lru_cache(maxsize=20_000)
def likeness(receiver: str, name: str) -> int:
    """How much a variable's name is like a class's: 3 the same words, 2 the same last words, 1 one is an
    abbreviation of the other's last word or its initials, 0 neither."""
    ours, theirs = subwords(receiver), subwords(name)
    if not ours or not theirs:
        return 0
    if ours == theirs:
        return 3
    if ours[-1] == theirs[-1]:
        return 2
    initials = "".join(word[0] for word in theirs)
    begins = len(ours[-1]) > 1 and theirs[-1].startswith(ours[-1])
    return int(begins or (len(ours) == 1 and ours[0] == initials))
