"""Languages that are indented by nesting: read one definition after the other, by where lines begin.

One bracket that is not closed costs a parser whatever comes after it. The lines still say by where they begin
what stands beside what: each stretch from one line at the left margin to the next is parsed by itself, and of
a class that is broken each member, between the head and the last line of the class. So a break costs the
definition that it is in, which is then known by its first line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from codebase_server.chunks import grammars
from codebase_server.chunks.items import Item, Scope
from codebase_server.chunks.kinds import CLASS_LIKE
from codebase_server.chunks.recovery.levels import Level, Reading, items_within
from codebase_server.chunks.recovery.margins import NAMED, Margins
from codebase_server.chunks.spec import words
from codebase_server.chunks.walk import items_of

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

    from codebase_server.chunks.spec import Spec

LANGUAGES: Final = words(
    "python starlark ruby php javascript typescript tsx java csharp go rust kotlin swift scala dart lua"
)
"""Languages that people and formatters indent by nesting, and whose definitions begin lines."""

MOST_PARSES: Final = 2_000
MOST_READ: Final = 12
"""Parses of parts of one file, and how many times its length they may read: with more it is no source code
that a person wrote, and the tree of the whole has to do."""

ALLOWED: Final = 3
"""Files of the same length whose steps and time the parts of one may take together: code made to hurt takes
its grammar as long in parts as at once, and there are many parts."""

_DEEPEST: Final = 6
"""Levels of classes and blocks that are taken apart."""

_CALLABLE_WORDS: Final = frozenset("def fn func fun function sub".split())
_FILE: Final = Scope("", "", 0)


@dataclass(frozen=True, slots=True)
class _Around:
    """What is parsed before and behind a stretch, as rows from one to another, and the scope it stands in;
    ``outer`` is the scope of what is parsed before it."""

    heads: tuple[tuple[int, int], ...] = ()
    tails: tuple[tuple[int, int], ...] = ()
    outer: Scope = _FILE
    scope: Scope = _FILE


def items_apart(spec: Spec, data: bytes, whole: Tree, items: Sequence[Item]) -> list[Item]:
    """The definitions of a file whose tree has errors, each stretch of it that was lost parsed by itself.

    :param items: what the tree of the whole file gave; what comes back may have some of them.
    """
    return _Reader(spec, data).read(whole, items)


def gains(apart: Iterable[Item], items: Iterable[Item]) -> bool:
    """Whether parts have definitions that the tree of the whole lacks, and as many as it has beside them."""
    found, before = _names(apart), _names(items)
    return len(found - before) >= max(1, len(before - found))


def _names(items: Iterable[Item]) -> set[tuple[str, int]]:
    names: set[tuple[str, int]] = set()
    for item in items:
        names.add((item.qualified, item.declared))
        names |= _names(item.children)
    return names


class _Reader:
    def __init__(self, spec: Spec, data: bytes) -> None:
        self._spec = spec
        self._data = data
        self._margins = Margins(spec, data)
        self._offsets = [0]
        for line in data.split(b"\n"):
            self._offsets.append(self._offsets[-1] + len(line) + 1)
        self._offsets[-1] = len(data)
        self._file = ""
        self._parses = MOST_PARSES
        self._bytes = MOST_READ * len(data)
        self._allowance = grammars.Allowance(ALLOWED * len(data))

    def read(self, whole: Tree, items: Sequence[Item]) -> list[Item]:
        """The definitions of the file, by the stretches that begin at the left margin."""
        last = len(self._margins.lines) - 1
        tag = 0 if self._margins.lines[0].startswith("<?") else -1  # without it PHP is text
        around = _Around(heads=((0, 0),) if tag == 0 else ())
        stretches = list(self._margins.cut(tag + 1, last, 0, whole.root_node))
        self._file = whole.root_node.type
        found = self._stretches(stretches, around, 0, self._level(stretches, whole.root_node, items, None))
        return found if self._may_go_on() else []

    def _level(
        self, stretches: Sequence[tuple[int, int]], top: Node, items: Sequence[Item], parent: str | None
    ) -> Level | None:
        if not stretches:
            return None
        rows = stretches[0][0], self._margins.last_filled(*stretches[-1])
        return Level(self._spec, self._file, top, items, rows, parent)

    def _stretches(
        self, stretches: Iterable[tuple[int, int]], around: _Around, depth: int, level: Level | None
    ) -> list[Item]:
        return [
            item for first, last in stretches for item in self._stretch(first, last, around, depth, level)
        ]

    def _reading(self, first: int, last: int, around: _Around, level: Level | None) -> Reading | None:
        """A stretch as it was read with what is beside it, or else by itself; None where it is not read."""
        known = level.read(first, self._margins.last_filled(first, last)) if level is not None else None
        if known is not None:
            return known
        tree = self._parse([*around.heads, (first, last), *around.tails])
        if tree is None:
            return None
        items = items_of(tree.root_node, self._data, self._spec, around.outer)
        return Reading(tree.root_node, self._within(items, first, last), not tree.root_node.has_error)

    def _stretch(self, first: int, last: int, around: _Around, depth: int, level: Level | None) -> list[Item]:
        """The definitions of some rows that begin with one, or with a block of them."""
        read = self._reading(first, last, around, level)
        if read is None or read.is_whole:
            return read.items if read is not None else []
        items = read.items
        begins = self._margins.declared(first, last)
        named = NAMED.match(self._margins.stripped[begins])
        is_called = named is not None and named["word"] in _CALLABLE_WORDS
        own = next((item for item in items if item.declared <= begins + 1), None)
        if own is not None and not own.members:
            return items
        whole = own
        header, parts, closer = self._margins.taken_apart(begins, last, read.node)
        rows = [*around.heads, (first, self._margins.last_filled(first, last)), *around.tails]
        head_rows = [*around.heads, (first, header), *closer, *around.tails]
        # What cannot be taken apart is all head: it has been read.
        found = items if head_rows == rows else self._items(head_rows, around.outer, first, header)
        if found is not None:
            own = next((item for item in found if item.declared - 1 >= begins), None)
        is_sound = own is not None
        if own is None and named is not None:
            own = self._by_first_line(first, begins, named, around.scope)
        if own is not None:
            # A new one: what the tree of the whole has may be shown after all.
            own = replace(own, end=max(own.end, self._margins.last_filled(begins, last) + 1))
            if is_called or not own.members:
                return [own]
        if depth >= _DEEPEST or not parts:
            return [own] if own is not None else items
        scope = around.scope if own is None else own.scope(around.scope.depth + 1)
        if own is not None and not is_sound:  # its head is what is broken
            inner = replace(around, outer=scope, scope=scope)
        else:
            heads, tails = (*around.heads, (first, header)), (*closer, *around.tails)
            inner = replace(around, heads=heads, tails=tails, scope=scope)
        knows = (whole is None) == (own is None) and (whole is None or own is None or _are_alike(whole, own))
        level = self._level(parts, read.node, items, scope.qualified) if knows else None
        members = self._stretches(parts, inner, depth + 1, level)
        if own is None:
            return members
        own.children = []
        for item in members:
            _attach(own, item)
        return [own]

    def _items(
        self, rows: Sequence[tuple[int, int]], scope: Scope, first: int, last: int
    ) -> list[Item] | None:
        """The definitions in some rows that begin between two of them; None where they are not read."""
        tree = self._parse(rows)
        if tree is None:
            return None
        return self._within(items_of(tree.root_node, self._data, self._spec, scope), first, last)

    def _by_first_line(self, first: int, row: int, named: re.Match[str], scope: Scope) -> Item:
        """A definition whose head does not parse, as its first line tells it."""
        is_called = named["word"] in _CALLABLE_WORDS
        inside = Scope(named["receiver"], "struct", 1, scope.is_test) if named["receiver"] else scope
        kind = "function" if is_called else named["word"]
        if kind == "function" and inside.kind in CLASS_LIKE:
            kind = "method"
        return Item(
            name=named["name"],
            qualified=inside.name(named["name"]),
            kind=kind,
            start=first + 1,
            end=row + 1,
            declared=row + 1,
            signature=self._margins.stripped[row].rstrip("{:").rstrip(),
            doc="",
            parent=inside.qualified,
            own=True,
            listed=True,
            members=not is_called,
            is_test=inside.is_test,
        )

    def _within(self, items: Iterable[Item], first: int, last: int) -> list[Item]:
        """Those that begin in some rows, also where what is around them begins before."""
        found = items_within(items, first, last)
        for item in found:
            item.end = min(item.end, last + 1)
        return found

    def _parse(self, rows: Sequence[tuple[int, int]]) -> Tree | None:
        stretches = [(self._offsets[first], self._offsets[last + 1]) for first, last in rows if last >= first]
        self._parses -= 1
        self._bytes -= sum(end - start for start, end in stretches)
        if not self._may_go_on():
            return None
        return grammars.parse(self._spec.grammar, self._data, stretches, self._allowance)

    def _may_go_on(self) -> bool:
        return self._parses > 0 and self._bytes > 0


def _are_alike(one: Item, other: Item) -> bool:
    return (one.qualified, one.kind) == (other.qualified, other.kind)


def _attach(own: Item, item: Item) -> None:
    """Puts a member where its parent says: in a class or in one inside it."""
    home = _home(own, item.parent)
    if home is None:  # a break took it out of its class
        home = own
        _requalify(item, own.qualified)
    home.children.append(item)


def _home(own: Item, parent: str) -> Item | None:
    if own.qualified == parent:
        return own
    return next((found for child in own.children if (found := _home(child, parent)) is not None), None)


def _requalify(item: Item, parent: str) -> None:
    item.parent, item.qualified = parent, f"{parent}.{item.name}"
    for child in item.children:
        _requalify(child, item.qualified)
