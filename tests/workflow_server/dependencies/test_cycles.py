"""The search for cycles, against plain reachability on random graphs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tests.workflow_server.desk import Desk

from workflow_server.dependencies.cycles import (
    Neighbours,
    Node,
    StoredRequirements,
    break_rings,
    find_path,
    find_ring,
)

edges = st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20)


def node(number: int) -> Node:
    return ("start" if number % 2 else "finish", str(number))


def graph(pairs: set[tuple[int, int]]) -> tuple[Neighbours, Neighbours]:
    def forward(nodes: Iterable[Node]) -> list[tuple[Node, Node]]:
        wanted = set(nodes)
        return [(node(a), node(b)) for a, b in pairs if node(a) in wanted]

    def backward(nodes: Iterable[Node]) -> list[tuple[Node, Node]]:
        wanted = set(nodes)
        return [(node(b), node(a)) for a, b in pairs if node(b) in wanted]

    return forward, backward


def reachable(pairs: set[tuple[int, int]], source: int) -> set[int]:
    seen, front = {source}, {source}
    while front:
        front = {b for a, b in pairs if a in front} - seen
        seen |= front
    return seen


@given(edges, st.integers(0, 7), st.integers(0, 7))
def test_a_path_is_found_exactly_when_there_is_one_and_follows_edges(
    pairs: set[tuple[int, int]], source: int, target: int
) -> None:
    path = find_path([node(source)], [node(target)], *graph(pairs))
    assert (path is not None) == (target in reachable(pairs, source))
    if path is not None:
        assert (path[0], path[-1]) == (node(source), node(target))
        known = {(node(a), node(b)) for a, b in pairs}
        assert all(step in known for step in pairwise(path))


@given(edges)
def test_a_ring_is_found_exactly_when_a_node_reaches_itself(pairs: set[tuple[int, int]]) -> None:
    table: dict[Node, list[Node]] = {}
    for a, b in pairs:
        table.setdefault(node(a), []).append(node(b))
    ring = find_ring(table)
    looped = any(a in reachable(pairs, b) for a, b in pairs)
    assert (ring is not None) == looped
    if ring is not None:
        assert ring[0] == ring[-1]
        assert all(after in table[before] for before, after in pairwise(ring))


@given(edges.map(lambda pairs: {(a, b) for a, b in pairs if a < b}), edges)
def test_edges_that_may_go_do_until_no_ring_is_left(
    fixed: set[tuple[int, int]], loose: set[tuple[int, int]]
) -> None:
    """The fixed ones are as parents are: they close none by themselves."""
    table: dict[Node, list[Node]] = {}
    for a, b in sorted(fixed | loose):
        table.setdefault(node(a), []).append(node(b))
    may_go = {(node(a), node(b)) for a, b in loose - fixed}
    removed = break_rings(table, lambda one, other: (one, other) in may_go)
    assert set(removed) <= may_go
    left = {(a, b) for a, b in loose - fixed if (node(a), node(b)) not in removed}
    kept = fixed | left
    assert table == {key: [node(b) for a, b in sorted(kept) if node(a) == key] for key in table}
    assert not any(a in reachable(kept, b) for a, b in kept), "no ring is left"
    for a, b in loose - fixed - left:
        assert a in reachable(fixed | loose, b), "none went that closed none"


async def test_what_is_stored_reads_the_same_in_both_directions(desk: Desk) -> None:
    """An item starts after its blockers finished and after its parent started; it finishes after it started
    and after its children finished. Looked at from the other end, each of these is the same edge.
    """
    blocker = (await desk.create("Blocker"))["id"]
    epic = (await desk.create("Epic"))["id"]
    child = (await desk.create("Child", parent_id=epic, blocked_by=[blocker]))["id"]
    loner = (await desk.create("Loner"))["id"]
    _, store = await desk.service.open_store(desk.call)
    nodes: list[Node] = [(kind, one) for kind in ("start", "finish") for one in (blocker, epic, child, loner)]
    own = {(("finish", one), ("start", one)) for one in (blocker, epic, child, loner)}
    wanted = own | {
        (("start", child), ("finish", blocker)),
        (("start", child), ("start", epic)),
        (("finish", epic), ("finish", child)),
    }

    def look(nodes: list[Node]) -> tuple[set[tuple[Node, Node]], set[tuple[Node, Node]]]:
        return forward[tuple(nodes)], backward[tuple(nodes)]

    forward: dict[tuple[Node, ...], set[tuple[Node, Node]]] = {}
    backward: dict[tuple[Node, ...], set[tuple[Node, Node]]] = {}

    def read(connection: sqlite3.Connection) -> None:
        graph = StoredRequirements(connection)
        for asked in (nodes, *([node] for node in nodes)):
            forward[tuple(asked)] = set(graph.required_by(asked))
            backward[tuple(asked)] = {(one, other) for other, one in graph.requiring(asked)}

    await store.read(read)
    assert look(nodes) == (wanted, wanted)
    for node in nodes:
        assert look([node]) == (
            {edge for edge in wanted if edge[0] == node},
            {edge for edge in wanted if edge[1] == node},
        )
