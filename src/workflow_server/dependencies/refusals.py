"""The checks a write makes before it adds a blocker or moves an item."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from bridge.agreed.errors import TandemError
from workflow_server.dependencies.cycles import Node, StoredRequirements, find_path, told
from workflow_server.items.model import MAX_DEPTH, Item
from workflow_server.items.rows import as_json


def refuse_dependency_cycle(connection: sqlite3.Connection, waiting: str, blockers: Iterable[str]) -> None:
    """Raise ``dependency_cycle``, showing it, when ``waiting`` could then never start. The rows are
    already written.
    """
    graph = StoredRequirements(connection)
    for blocker in blockers:
        target: Node = ("start", waiting)
        path = find_path([("finish", blocker)], [target], graph.required_by, graph.requiring)
        if path is not None:
            raise cycle_error(
                connection, "dependency_cycle", f"{waiting} cannot wait for {blocker}", [waiting, *told(path)]
            )


def refuse_parent_cycle(connection: sqlite3.Connection, child: str, parent: str) -> None:
    """Raise ``parent_cycle`` or ``dependency_cycle`` when ``child`` under ``parent`` could never start
    or finish.
    """
    graph = StoredRequirements(connection)
    starts = find_path([("start", parent)], [("start", child)], graph.required_by, graph.requiring)
    finishes = find_path([("finish", child)], [("finish", parent)], graph.required_by, graph.requiring)
    if path := starts or finishes:
        ids = told(path)
        ring = [child, *ids] if starts else [parent, *ids]
        raise cycle_error(connection, "dependency_cycle", f"{child} cannot become a child of {parent}", ring)


def cycle_error(connection: sqlite3.Connection, code: str, what: str, ring: list[str]) -> TandemError:
    """The refusal of a cycle, drawn with titles."""
    shown = [one for place, one in enumerate(ring) if place == 0 or one != ring[place - 1]]
    titles = dict(
        connection.execute(
            "SELECT id, title FROM item WHERE id IN (SELECT value FROM json_each(?))", (as_json(shown),)
        ).fetchall()
    )
    drawn = " waits for ".join(f"{one} '{titles.get(one, '?')[:40]}'" for one in shown)
    return TandemError(
        code,
        f"{what}, that closes a cycle: {drawn}.",
        "Remove one of these dependencies first (remove_blocked_by), or choose another blocker or parent.",
        details={"cycle": shown},
    )


def refuse_under_itself(item: Item, parent: Item) -> None:
    """Raise ``parent_cycle`` when ``parent`` is ``item`` or lies below it."""
    if item.id == parent.id or item.id in parent.ancestors:
        below = [*parent.ancestors, parent.id]
        ring = [*below[below.index(item.id) :], item.id]
        raise TandemError(
            "parent_cycle",
            f"{item.id} cannot become a child of {parent.id}, which is itself or lies below it: "
            f"{' > '.join(ring)}.",
            "Choose a parent outside its own subtree.",
            details={"cycle": ring},
        )


def refuse_depth(item: str, parent: Item, height: int) -> None:
    """Raise ``too_deep`` when a subtree of ``height`` levels under ``parent`` passes the deepest level."""
    depth = len(parent.ancestors) + 1 + height
    if depth > MAX_DEPTH:
        raise TandemError(
            "too_deep",
            f"{item} under {parent.id} would reach level {depth}; the deepest is {MAX_DEPTH}.",
            f"Choose a parent higher up: {' > '.join([*parent.ancestors, parent.id])}.",
            details={"depth": depth, "limit": MAX_DEPTH},
        )
