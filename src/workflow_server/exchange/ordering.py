"""The order in which the items of another tracker are made, and what of their edges cannot be kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from workflow_server.dependencies.cycles import Node, break_rings
from workflow_server.exchange.foreign import ForeignItem
from workflow_server.items.model import MAX_DEPTH

_WAITS: Final = ("start", "finish")
"""The edge of a blocker: an item is started after it is finished."""


class Ordering:
    """Parents and blockers as they can be kept.

    :param known: ids here of what an earlier import made, by key.
    :param left_out: takes a line for each edge that closes a circle or leads nowhere.
    """

    def __init__(
        self, items: Mapping[str, ForeignItem], known: Mapping[str, str], left_out: list[str]
    ) -> None:
        self._items = items
        self._known = known
        self._left_out = left_out
        self.parents: dict[str, str | None] = {}
        self.blockers: dict[str, list[str]] = {}

    def ordered(self, fresh: Iterable[ForeignItem]) -> list[ForeignItem]:
        """Items so that parents and blockers come first; what closes a circle or leads nowhere is
        reported.
        """
        wanted = list(fresh)
        for item in wanted:
            self.parents[item.key] = self._parent(item)
            self.blockers[item.key] = [
                key for key in dict.fromkeys(item.blocked_by) if self._there(item, key)
            ]
        self._break_rings()
        done: dict[str, ForeignItem] = {}
        for item in wanted:
            self._visit(item, done)
        return list(done.values())

    def _there(self, item: ForeignItem, key: str) -> bool:
        if key in self._items or key in self._known:
            return key != item.key
        self._left_out.append(f"{item.key}: waits for {key}, which is not in the file")
        return False

    def _parent(self, item: ForeignItem) -> str | None:
        if item.parent is None or item.parent == item.key:
            return None
        if item.parent not in self._items and item.parent not in self._known:
            self._left_out.append(f"{item.key}: its parent {item.parent} is not in the file")
            return None
        chain = self._chain(item.parent)
        if item.key in chain:
            self._left_out.append(f"{item.key}: its parents form a circle")
            return None
        if len(chain) >= MAX_DEPTH:
            higher = chain[-(MAX_DEPTH - 1)]
            self._left_out.append(f"{item.key}: deeper than {MAX_DEPTH} levels, hung under {higher}")
            return higher
        return item.parent

    def _chain(self, key: str) -> list[str]:
        """`key` and its parents upwards, each once."""
        chain: list[str] = []
        current: str | None = key
        while current is not None and current not in chain:
            chain.append(current)
            current = self._items[current].parent if current in self._items else None
        return chain

    def _break_rings(self) -> None:
        """Take out blockers until every item can be started and finished. In other trackers a parent may wait
        for its own child, or a child for its parent; here either would keep both from ever being started.
        """
        edges: dict[Node, list[Node]] = {}
        for key, blockers in self.blockers.items():
            start: Node = ("start", key)
            edges.setdefault(("finish", key), []).append(start)
            edges.setdefault(start, []).extend(("finish", blocker) for blocker in blockers)
            if parent := self.parents.get(key):
                edges[start].append(("start", parent))
                edges.setdefault(("finish", parent), []).append(("finish", key))
        for (_, waiting), (_, blocker) in break_rings(edges, lambda one, other: (one[0], other[0]) == _WAITS):
            self.blockers[waiting].remove(blocker)
            below = waiting in self._chain(blocker)[1:]
            why = "is below it and is finished first anyhow" if below else "waits for it"
            self._left_out.append(f"{waiting}: waits for {blocker}, which {why}")

    def _visit(self, item: ForeignItem, done: dict[str, ForeignItem]) -> None:
        """Depth-first with a stack of its own: a chain of blockers may be longer than Python's stack."""
        stack: list[tuple[ForeignItem, bool]] = [(item, False)]
        while stack:
            current, left = stack.pop()
            if left:
                done[current.key] = current
            elif current.key not in done:
                stack.append((current, True))
                for key in (*self.blockers.get(current.key, ()), self.parents.get(current.key)):
                    if key in self._items and key not in done and key not in self._known:
                        stack.append((self._items[key], False))
