"""Storing new items, alone or as a plan, in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bridge.agreed.errors import TandemError
from workflow_server.dependencies import kept
from workflow_server.dependencies.cycles import Node, StoredRequirements, find_path, find_ring, told
from workflow_server.dependencies.refusals import refuse_dependency_cycle, refuse_depth
from workflow_server.dependencies.surroundings import open_blockers, open_children
from workflow_server.find.similar import likely_duplicates
from workflow_server.history.events import Change, append
from workflow_server.items import gate, halted
from workflow_server.items.checks import invalid
from workflow_server.items.model import Item, snapshot
from workflow_server.items.rows import insert, load
from workflow_server.items.written import refuse_unknown_ids
from workflow_server.records import Actor
from workflow_server.store.identifiers import new_item_ids
from workflow_server.types import catalog
from workflow_server.types.catalog import TypeDefinition


@dataclass
class Draft:
    """An item about to be made: checked fields, its name in the plan, its stored references."""

    fields: dict[str, Any]
    where: str = ""
    item: Item | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def key(self) -> str | None:
        """The plan's own name for it."""
        return self.fields.get("key")

    @property
    def made(self) -> Item:
        """The item, once it has an id."""
        assert self.item is not None
        return self.item


_FIELDS = (
    "title", "item_type", "description", "status", "status_reason", "priority", "labels", "assignee",
    "entity_references", "acceptance_criteria", "due", "defer_until", "metadata",
)  # fmt: skip


def create(
    connection: sqlite3.Connection,
    drafts: Sequence[Draft],
    actor: Actor,
    now: str,
    earlier: Mapping[str, str] | None = None,
) -> str:
    """Store all ``drafts``, fill in their items, and answer the event's id.

    ``earlier`` are keys of the plan whose items an earlier try has made.

    Raises, naming the draft, for unknown ids, types and metadata that do not
    fit, cycles, depth, and items created as completed that are not done.
    """
    ids = new_item_ids(connection, len(drafts))
    keys = {**(earlier or {}), **_keys(drafts, ids)}
    author = {"name": actor.name, "client": actor.client, "door": actor.door}
    types: dict[str, TypeDefinition] = {}
    for draft, identifier in zip(drafts, ids, strict=True):
        _identify(connection, draft, identifier, keys, author, types, now)
    local = {draft.made.id: draft for draft in drafts}
    _refuse_unknown(connection, drafts, local)
    ordered = _parents_first(connection, drafts, local)
    _leave_out_what_is_below(ordered, local)
    across = _refuse_cycles(connection, ordered, local)
    duplicates = likely_duplicates(connection, [draft.made.title for draft in ordered])
    for draft, warnings in zip(ordered, duplicates, strict=True):
        draft.warnings += warnings
    new = [draft.made for draft in ordered]
    insert(connection, kept.of_new(connection, new))
    if across:
        for draft in ordered:
            with _naming(draft):
                refuse_dependency_cycle(connection, draft.made.id, draft.made.blocked_by)
    beside = kept.outside(new)
    if beside:
        kept.refresh(connection, (), beside)
    _gate(connection, drafts)
    for draft in drafts:
        if draft.made.parent_id in beside:
            draft.warnings += halted.by_children(connection, [draft.made.parent_id], actor, now)
    return append(
        connection,
        actor,
        now,
        "create" if len(drafts) == 1 else "create_plan",
        [Change(item.id, 1, None, snapshot(item)) for item in new],
    )


def _keys(drafts: Sequence[Draft], ids: Sequence[str]) -> dict[str, str]:
    """The id behind each key of the plan."""
    keys: dict[str, str] = {}
    for draft, identifier in zip(drafts, ids, strict=True):
        if draft.key is None:
            continue
        if draft.key in keys:
            raise invalid(f"{draft.where}key", f"is '{draft.key}', which an earlier item of this plan has.")
        keys[draft.key] = identifier
    return keys


def _identify(
    connection: sqlite3.Connection,
    draft: Draft,
    identifier: str,
    keys: Mapping[str, str],
    author: dict[str, Any],
    types: dict[str, TypeDefinition],
    now: str,
) -> None:
    given = draft.fields
    status = given.get("status", "planned")
    draft.item = Item(
        id=identifier,
        path=f"/{identifier}/",
        **{name: given[name] for name in _FIELDS if name in given},
        parent_id=keys.get(given.get("parent_id") or "", given.get("parent_id")),
        blocked_by=tuple(
            dict.fromkeys(keys.get(blocker, blocker) for blocker in given.get("blocked_by", ()))
        ),
        links=tuple(dict.fromkeys((kind, keys.get(other, other)) for kind, other in given.get("links", ()))),
        completed_at=now if status == "completed" else None,
        created_at=now,
        updated_at=now,
        created_by=author,
    )
    with _naming(draft):
        name = draft.made.item_type
        if name not in types:
            types[name] = catalog.required(connection, name, f"{draft.where}item_type")
        catalog.check_metadata(types[name], draft.made.metadata, f"{draft.where}metadata")


def _refuse_unknown(
    connection: sqlite3.Connection, drafts: Sequence[Draft], local: Mapping[str, Draft]
) -> None:
    outside = {
        identifier
        for draft in drafts
        for identifier in (
            draft.made.parent_id, *draft.made.blocked_by, *(other for _, other in draft.made.links)
        )
        if identifier and identifier not in local
    }  # fmt: skip
    if not outside:
        return
    for draft in drafts:
        item = draft.made
        with _naming(draft):
            refuse_unknown_ids(
                connection,
                {
                    "parent_id": {item.parent_id} & outside if item.parent_id else (),
                    "blocked_by": outside.intersection(item.blocked_by),
                    "links": outside.intersection(other for _, other in item.links),
                },
            )


def _parents_first(
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
                with _naming(draft):
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


def _leave_out_what_is_below(drafts: Sequence[Draft], local: Mapping[str, Draft]) -> None:
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


def _refuse_cycles(
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


def _gate(connection: sqlite3.Connection, drafts: Sequence[Draft]) -> None:
    for draft in drafts:
        item = draft.made
        if item.status != "completed":
            continue
        blockers = load(connection, open_blockers(connection, [item.id]).get(item.id, []))
        children = load(connection, open_children(connection, [item.id]).get(item.id, []))
        matters = gate.open_matters(item, list(blockers.values()), list(children.values()))
        if matters:
            with _naming(draft):
                raise gate.refuse(item, matters)


class _naming:  # noqa: N801 - reads as a verb at its uses
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
