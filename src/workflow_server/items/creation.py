"""Storing new items, alone or as a plan, in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from workflow_server.dependencies import kept
from workflow_server.dependencies.refusals import refuse_dependency_cycle
from workflow_server.dependencies.surroundings import open_blockers, open_children
from workflow_server.find.similar import alike, warning
from workflow_server.history.events import Change, append
from workflow_server.items import gate, halted
from workflow_server.items.checks import invalid
from workflow_server.items.model import Item, snapshot
from workflow_server.items.planning import (
    Draft,
    leave_out_what_is_below,
    naming,
    parents_first,
    refuse_cycles,
)
from workflow_server.items.rows import insert, load
from workflow_server.items.written import refuse_unknown_ids
from workflow_server.records import Actor
from workflow_server.store.identifiers import new_item_ids
from workflow_server.types import catalog
from workflow_server.types.catalog import TypeDefinition

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
    ordered = parents_first(connection, drafts, local)
    leave_out_what_is_below(ordered, local)
    across = refuse_cycles(connection, ordered, local)
    likes = alike(connection, [draft.made.title for draft in ordered])
    for draft, found in zip(ordered, likes, strict=True):
        draft.alike = [row["id"] for _, row in found]
        draft.warnings += warning(found)
    new = [draft.made for draft in ordered]
    insert(connection, kept.of_new(connection, new))
    if across:
        for draft in ordered:
            with naming(draft):
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
    with naming(draft):
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
        with naming(draft):
            refuse_unknown_ids(
                connection,
                {
                    "parent_id": {item.parent_id} & outside if item.parent_id else (),
                    "blocked_by": outside.intersection(item.blocked_by),
                    "links": outside.intersection(other for _, other in item.links),
                },
            )


def _gate(connection: sqlite3.Connection, drafts: Sequence[Draft]) -> None:
    for draft in drafts:
        item = draft.made
        if item.status != "completed":
            continue
        blockers = load(connection, open_blockers(connection, [item.id]).get(item.id, []))
        children = load(connection, open_children(connection, [item.id]).get(item.id, []))
        matters = gate.open_matters(item, list(blockers.values()), list(children.values()))
        if matters:
            with naming(draft):
                raise gate.refuse(item, matters)
