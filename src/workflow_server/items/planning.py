"""Items about to be made, and how they hang together: parents, depth, cycles, before anything is stored."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bridge.agreed.errors import TandemError
from workflow_server.dependencies.cycles import Node, StoredRequirements, find_path, find_ring, told
from workflow_server.dependencies.refusals import refuse_depth
from workflow_server.items.model import Item
from workflow_server.items.rows import load


@dataclass
class Draft:
    """An item about to be made: checked fields, its name in the plan, its stored references, and the items
    that there are with a title like its own.
    """

    fields: dict[str, Any]
    where: str = ""
    item: Item | None = None
    warnings: list[str] = field(default_factory=list)
    alike: list[str] = field(default_factory=list)
    found: bool = False

    @property
    def key(self) -> str | None:
        """The plan's own name for it."""
        return self.fields.get("key")

    @property
    def made(self) -> Item:
        """The item, once it has an id."""
        assert self.item is not None
        return self.item


class naming:  # noqa: N801 - reads as a verb at its uses
    """Puts the draft's place in the plan before the message of an error raised inside."""

    def __init__(self, draft: Draft):
        self._draft = draft

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, TandemError) and self._draft.where and not error.details.get("item"):
            place = self._draft.where.rstrip(".")
            named = f"{place} (key '{self._draft.key}')" if self._draft.key else f"{place}"
            error.details["item"] = place
            if not error.message.startswith(f"`{place}"):
                error.message = f"{named}: {error.message}"


def parents_first(
    connection: sqlite3.Connection, drafts: Sequence[Draft], local: Mapping[str, Draft]
) -> list[Draft]:
    """The drafts with parents before children, each with its path. Raises for a parent cycle and for
    depth.
    """
    outside = {draft.made.parent_id for draft in drafts if draft.made.parent_id not in local} - {None}
    parents: dict[str, Item] = load(connection, [identifier for identifier in outside if identifier])
    ordered: list[Draft] = []
    waiting = list(drafts)
    while waiting:
        later: list[Draft] = []
        for draft in waiting:
            item = draft.made
            if item.parent_id is not None and item.parent_id not in parents:
                later.append(draft)
                continue
            if item.parent_id is not None:
                parent = parents[item.parent_id]
                with naming(draft):
                    refuse_depth(draft.key or item.id, parent, 1)
                draft.item = replace(item, path=f"{parent.path}{item.id}/")
                if parent.status in ("completed", "cancelled"):
                    draft.warnings.append(f"Its parent {parent.id} '{parent.title}' is {parent.status}.")
            parents[item.id] = draft.made
            ordered.append(draft)
        if len(later) == len(waiting):
            named = [str(draft.key) for draft in later]
            raise TandemError(
                "parent_cycle",
                f"In this plan {', '.join(named)} are each other's parents.",
                "One of them needs no parent, or another one.",
                details={"cycle": named},
            )
        waiting = later
    return ordered


def leave_out_what_is_below(drafts: Sequence[Draft], local: Mapping[str, Draft]) -> None:
    """Take out of each draft's blockers what lies below it, and say so.

    In other trackers an epic waits for its tasks by a dependency of its own. Here it does anyhow: it is
    finished after all below it. As blockers they would keep it from starting, and with it themselves.
    """
    for draft in drafts:
        item = draft.made
        below = [one for one in item.blocked_by if one in local and item.id in local[one].made.ancestors]
        if below:
            draft.item = replace(item, blocked_by=tuple(one for one in item.blocked_by if one not in below))
            named = ", ".join(f"'{local[one].key or local[one].made.title}'" for one in below)
            draft.warnings.append(
                f"An item is finished after all below it: left out of its blocked_by: {named}."
            )


def refuse_cycles(
    connection: sqlite3.Connection, drafts: Sequence[Draft], local: Mapping[str, Draft]
) -> bool:
    """Refuse cycles inside the plan; answer whether one through stored items is possible and must be
    looked for.

    Stored items require new ones only as parents, so without a stored parent
    that what the plan waits for requires, no cycle can pass through them.
    """
    edges: dict[Node, list[Node]] = {}
    sources: set[Node] = set()
    targets: set[Node] = set()
    for draft in drafts:
        item = draft.made
        start: Node = ("start", item.id)
        finish: Node = ("finish", item.id)
        edges.setdefault(finish, []).append(start)
        for blocker in item.blocked_by:
            edges.setdefault(start, []).append(("finish", blocker))
            if blocker not in local:
                sources.add(("finish", blocker))
        if item.parent_id is not None:
            edges.setdefault(start, []).append(("start", item.parent_id))
            edges.setdefault(("finish", item.parent_id), []).append(finish)
            if item.parent_id not in local:
                sources.add(("start", item.parent_id))
                targets.add(("finish", item.parent_id))
    ring = find_ring(edges)
    if ring is not None:
        ids = told(ring)
        names = [local[one].key or local[one].made.title if one in local else one for one in ids]
        drawn = " waits for ".join(f"'{name}'" for name in names)
        raise TandemError(
            "dependency_cycle",
            f"This plan closes a cycle: {drawn}.",
            "Remove one of these `blocked_by`, or choose another parent.",
            details={"cycle": names},
        )
    graph = StoredRequirements(connection)
    waits = any(draft.made.blocked_by for draft in drafts)
    return bool(waits and targets and find_path(sources, targets, graph.required_by, graph.requiring))
