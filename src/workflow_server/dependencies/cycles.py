"""Refusing orders of work that can never be carried out.

Starting an item requires that its blockers are finished and that its parent
may start; finishing one requires that it was started and that its children
are finished. A cycle among these requirements is a deadlock, also when no
single kind of edge closes it: a child that waits for its own parent, or two
parents whose children wait for each other's parent.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Literal

from workflow_server.items.rows import as_json

Node = tuple[Literal["start", "finish"], str]
Neighbours = Callable[[Iterable[Node]], list[tuple[Node, Node]]]
"""From nodes to edges ``(node, neighbour)``."""


def find_path(
    sources: Iterable[Node], targets: Iterable[Node], forward: Neighbours, backward: Neighbours
) -> list[Node] | None:
    """A path of requirements from one of ``sources`` to one of ``targets``, or ``None``.

    Searches from both ends, always widening the smaller frontier, so that a
    new leaf costs next to nothing however large the graph on the other side.
    """
    came: dict[Node, Node | None] = dict.fromkeys(sources)
    goes: dict[Node, Node | None] = dict.fromkeys(targets)
    front, back = set(came), set(goes)
    if both := front & back:
        return [min(both)]
    while front and back:
        if len(front) <= len(back):
            front = _widen(front, came, forward)
            met = front & goes.keys()
        else:
            back = _widen(back, goes, backward)
            met = back & came.keys()
        if met:
            middle = min(met)
            return [*reversed(_trail(middle, came)), *_trail(middle, goes)[1:]]
    return None


def _widen(frontier: set[Node], seen: dict[Node, Node | None], neighbours: Neighbours) -> set[Node]:
    reached: set[Node] = set()
    for node, neighbour in neighbours(frontier):
        if neighbour not in seen:
            seen[neighbour] = node
            reached.add(neighbour)
    return reached


def _trail(node: Node, links: dict[Node, Node | None]) -> list[Node]:
    trail = [node]
    while (following := links[trail[-1]]) is not None:
        trail.append(following)
    return trail


def find_ring(edges: Mapping[Node, Iterable[Node]]) -> list[Node] | None:
    """A cycle among ``edges``, its first node repeated at the end, or ``None``."""
    finished: set[Node] = set()
    for root in edges:
        if ring := _ring_ahead(edges, _trail_from(root, edges, finished), finished):
            return ring
    return None


def break_rings(
    edges: dict[Node, list[Node]], removable: Callable[[Node, Node], bool]
) -> list[tuple[Node, Node]]:
    """Take removable edges out of ``edges`` until they close no cycle; answers those. Of each cycle met the
    last removable edge goes, and the search goes on from where it began.

    The edges that stay must close none by themselves.
    """
    finished: set[Node] = set()
    removed: list[tuple[Node, Node]] = []
    for root in list(edges):
        trail = _trail_from(root, edges, finished)
        while ring := _ring_ahead(edges, trail, finished):
            edge = next((pair for pair in reversed([*pairwise(ring)]) if removable(*pair)), None)
            if edge is None:
                continue
            removed.append(edge)
            edges[edge[0]].remove(edge[1])
            nodes = list(trail)
            for behind in nodes[nodes.index(edge[0]) + 1 :]:
                del trail[behind]
            trail[edge[0]] = iter(edges[edge[0]])
    return removed


_Trail = dict[Node, Iterator[Node]]
"""A path of the search, each node with those after it that were not gone to yet."""


def _trail_from(root: Node, edges: Mapping[Node, Iterable[Node]], finished: set[Node]) -> _Trail:
    return {} if root in finished else {root: iter(edges.get(root, ()))}


def _ring_ahead(
    edges: Mapping[Node, Iterable[Node]], trail: _Trail, finished: set[Node]
) -> list[Node] | None:
    """Go on with ``trail``, depth first and without recursion, up to the next cycle: it, its first node
    repeated at the end, or ``None`` when all that can be reached is ``finished``.
    """
    while trail:
        node, rest = next(reversed(trail.items()))
        following = next((other for other in rest if other not in finished), None)
        if following is None:
            finished.add(node)
            del trail[node]
        elif following in trail:
            ring = list(trail)
            return [*ring[ring.index(following) :], following]
        else:
            trail[following] = iter(edges.get(following, ()))
    return None


class StoredRequirements:
    """The requirement graph as it lies in the tables, deleted items included: they may be restored."""

    def __init__(self, connection: sqlite3.Connection):
        self._connection = connection

    def required_by(self, nodes: Iterable[Node]) -> list[tuple[Node, Node]]:
        """Edges to what the nodes require."""
        starts, finishes = _split(nodes)
        edges: list[tuple[Node, Node]] = [(("finish", item), ("start", item)) for item in finishes]
        edges += [
            (("start", item), ("finish", blocker))
            for item, blocker in self._pairs(
                "SELECT item_id, blocker_id FROM dependency WHERE item_id", starts
            )
        ]
        edges += [
            (("start", item), ("start", parent))
            for item, parent in self._pairs(
                "SELECT id, parent_id FROM item WHERE parent_id IS NOT NULL AND id", starts
            )
        ]
        edges += [
            (("finish", parent), ("finish", child))
            for parent, child in self._pairs("SELECT parent_id, id FROM item WHERE parent_id", finishes)
        ]
        return edges

    def requiring(self, nodes: Iterable[Node]) -> list[tuple[Node, Node]]:
        """Edges to what requires the nodes."""
        starts, finishes = _split(nodes)
        edges: list[tuple[Node, Node]] = [(("start", item), ("finish", item)) for item in starts]
        edges += [
            (("finish", blocker), ("start", item))
            for blocker, item in self._pairs(
                "SELECT blocker_id, item_id FROM dependency WHERE blocker_id", finishes
            )
        ]
        edges += [
            (("start", parent), ("start", child))
            for parent, child in self._pairs("SELECT parent_id, id FROM item WHERE parent_id", starts)
        ]
        edges += [
            (("finish", child), ("finish", parent))
            for child, parent in self._pairs(
                "SELECT id, parent_id FROM item WHERE parent_id IS NOT NULL AND id", finishes
            )
        ]
        return edges

    def _pairs(self, sql: str, ids: list[str]) -> list[tuple[str, str]]:
        if not ids:
            return []
        rows = self._connection.execute(f"{sql} IN (SELECT value FROM json_each(?))", (as_json(ids),))
        return [(one, other) for one, other in rows]


def _split(nodes: Iterable[Node]) -> tuple[list[str], list[str]]:
    starts: list[str] = []
    finishes: list[str] = []
    for kind, item in nodes:
        (starts if kind == "start" else finishes).append(item)
    return starts, finishes


def told(path: Iterable[Node]) -> list[str]:
    """The ids along a path, each once in a row."""
    ids: list[str] = []
    for _, item in path:
        if not ids or ids[-1] != item:
            ids.append(item)
    return ids
