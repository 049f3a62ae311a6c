"""One update of one or many items, in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bridge.agreed.errors import TandemError
from workflow_server.claims import decide, late
from workflow_server.dependencies.surroundings import open_blockers, open_children
from workflow_server.history.events import append, changes_since, names, told_holder
from workflow_server.items import gate, halted
from workflow_server.items.change import action_of, changed
from workflow_server.items.model import CLOSED_STATUSES, Item, difference
from workflow_server.items.rows import add_note, load, same_note
from workflow_server.items.written import Pending, existing, store_changes
from workflow_server.records import Actor
from workflow_server.types import catalog


@dataclass(frozen=True, slots=True)
class Guards:
    """What must hold for a write to go through, and what is waived."""

    expected_version: int | None = None
    claim_token: str | None = None
    override_reason: str | None = None


@dataclass
class Written:
    """What an update did: the items as they are now, the fields each changed, whom it freed."""

    event: str | None
    items: dict[str, Item]
    changed: dict[str, list[str]]
    now_ready: list[str] = field(default_factory=list)
    warnings: dict[str, list[str]] = field(default_factory=dict)


def update(
    connection: sqlite3.Connection,
    ids: Sequence[str],
    changes: Mapping[str, Any],
    actor: Actor,
    now: str,
    guards: Guards,
) -> Written:
    """Apply checked ``changes`` to all ``ids``, or raise and change none."""
    items = existing(connection, ids)
    pending = Pending(items)
    token = guards.claim_token
    told_of_claims: dict[str, list[str]] = {}
    repeats: dict[str, list[str]] = {}
    for identifier, item in items.items():
        _check_version(connection, item, guards.expected_version)
        decide.check_write(item, token, actor, now)
        if token is not None:
            ended = item.claim is None
            after_it = late.told(connection, item, token, changes) if ended else []
            told_of_claims[identifier] = told_holder(connection, identifier, ended=ended) or after_it
        elif mark := decide.over(item, token, actor, now):
            pending.marks[identifier] = mark
            told_of_claims[identifier] = [decide.over_warning(item, now)]
        if repeated := _apply(connection, pending, item, changes, token, actor, now):
            repeats[identifier] = [repeated]
    told = {identifier: _changed_fields(pending, identifier) for identifier in items}
    recorded, now_ready = store_changes(connection, pending, now)
    finished = [item for item in pending.after.values() if _completes(items[item.id], item)]
    overridden = _gate(connection, finished, guards.override_reason)
    event = None
    if recorded:
        actions = {action_of(items[change.item_id], pending.after[change.item_id]) for change in recorded}
        action = actions.pop() if len(actions) == 1 else "update"
        reason = guards.override_reason if overridden else None
        event = append(connection, actor, now, action, recorded, override_reason=reason)
    written = load(connection, items)
    warnings = {}
    for identifier, item in items.items():
        of_claim = told_of_claims.get(identifier, ()) if token or told[identifier] else ()
        warnings[identifier] = [
            *of_claim,
            *repeats.get(identifier, ()),
            *_warnings(connection, item, written[identifier], actor),
        ]
    warnings[next(iter(items))] += halted.by_change(connection, items, written, actor, now)
    return Written(
        event,
        {identifier: written[identifier] for identifier in items},
        told,
        startable(connection, now_ready, now),
        warnings,
    )


def _apply(
    connection: sqlite3.Connection,
    pending: Pending,
    item: Item,
    changes: Mapping[str, Any],
    token: str | None,
    actor: Actor,
    now: str,
) -> str | None:
    """Put one item as it shall be, and its note, among what is pending; answers what is to be said of a note
    that is there already.
    """
    after = changed(item, {name: value for name, value in changes.items() if name != "note"}, now)
    if difference(item, after)[1].keys() & {"metadata", "item_type"}:
        catalog.check_metadata(catalog.required(connection, after.item_type), after.metadata)
    pending.after[item.id] = decide.renewed(after, token, actor, now)
    if note := changes.get("note"):
        if (at := same_note(connection, item, note, actor.name, now)) is not None:
            return f"note_repeated: you gave {item.id} the same note at {at}; it is kept once."
        number = add_note(connection, item, note, actor.name, now)
        pending.extra[item.id] = {"note": {"id": number, "text": note}}
    return None


_MOST_CHANGES = 5
"""Of what happened since the version that a caller knows, the newest; the history has all."""


def _check_version(connection: sqlite3.Connection, item: Item, expected: int | None) -> None:
    if expected is None or expected == item.version:
        return
    if expected > item.version:
        raise TandemError(
            "version_conflict",
            f"{item.id} is at version {item.version}; expected_version {expected} has never been.",
            "Read it again with get_work_item.",
            details={"id": item.id, "version": item.version, "changes": []},
        )
    since = changes_since(connection, item.id, expected)
    told, earlier = since[-_MOST_CHANGES:], len(since) - _MOST_CHANGES
    before = f"{earlier} earlier change{'s' if earlier > 1 else ''}; " if earlier > 0 else ""
    raise TandemError(
        "version_conflict",
        f"{item.id} is at version {item.version}, not {expected}: {before}{names(told)}.",
        f"Read it again and repeat the change with expected_version={item.version}.",
        details={
            "id": item.id,
            "version": item.version,
            "changes": [
                {
                    "event": event["event"],
                    "by": event["actor"],
                    "at": event["at"],
                    "version": event["version"],
                    "fields": sorted(event["after"] or {}),
                }
                for event in told
            ],
            "change_count": len(since),
        },
    )


def _changed_fields(pending: Pending, identifier: str) -> list[str]:
    _, after = difference(pending.before[identifier], pending.after[identifier])
    shown = [name for name in after if name != "completed_at"]
    before, now = pending.before[identifier], pending.after[identifier]
    if before.claim and not now.claim and now.status not in CLOSED_STATUSES:
        shown.append("claim")
    return shown + (["note"] if identifier in pending.extra else [])


def _completes(before: Item, after: Item) -> bool:
    return after.status == "completed" and before.status != "completed"


def _gate(connection: sqlite3.Connection, finished: Sequence[Item], override_reason: str | None) -> bool:
    """Refuse items completed with something open, judged after all changes of the call. Answers whether
    any was let through.
    """
    ids = [item.id for item in finished]
    lineage = {ancestor for item in finished for ancestor in item.ancestors}
    blockers, children = open_blockers(connection, [*ids, *lineage]), open_children(connection, ids)
    around = {other for group in (*blockers.values(), *children.values()) for other in group}
    near = load(connection, around | lineage)
    overridden = False
    for item in finished:
        matters = gate.open_matters(
            item,
            [near[other] for other in blockers.get(item.id, ())],
            [near[other] for other in children.get(item.id, ())],
        )
        for ancestor in reversed(item.ancestors):
            holding = [near[other] for other in blockers.get(ancestor, ()) if other != item.id]
            matters += gate.held_by(near[ancestor], holding)
        if matters and not (override_reason and override_reason.strip()):
            raise gate.refuse(item, matters)
        overridden = overridden or bool(matters)
    return overridden


def startable(connection: sqlite3.Connection, ids: Sequence[str], now: str) -> list[str]:
    """Those of the takeable ``ids`` that nobody holds and no date defers."""
    return [
        item.id
        for item in load(connection, ids[:200]).values()
        if not (item.claim and item.claim.runs(now))
        and not (item.deferred_until and item.deferred_until > now)
    ]


def _warnings(connection: sqlite3.Connection, before: Item, after: Item, actor: Actor) -> list[str]:
    found: list[str] = []
    if after.status == "active" and before.status != "active" and after.claim is None and actor.door == "mcp":
        found.append(
            f"Nobody holds {after.id}: claim_work_item(id={after.id}) makes it yours, or others claim it."
        )
    if (
        after.status == "blocked"
        and before.status != "blocked"
        and not after.status_reason
        and not after.waits
    ):
        found.append(
            f"{after.id} is blocked without a reason: say why with status_reason, or name blocked_by."
        )
    if after.status == "cancelled" and before.status != "cancelled" and after.open_children:
        named = ", ".join(open_children(connection, [after.id])[after.id][:5])
        found.append(f"{after.id} is cancelled, its {after.open_children} open children are not: {named}.")
    if not before.open and after.open and after.parent_id:
        parent = load(connection, [after.parent_id])[after.parent_id]
        if not parent.open:
            found.append(f"Its parent {parent.id} '{parent.title}' is {parent.status}.")
    return [*found, *_evidence_of_nothing(before, after)]


def _evidence_of_nothing(before: Item, after: Item) -> list[str]:
    """A criterion that is open again keeps its evidence, so that a slip costs nothing; whoever means it
    hears so.
    """
    proved = {(one["text"], one["evidence"]) for one in before.acceptance_criteria if one["done"]}
    return [
        f"Criterion {index} of {after.id} is open again and keeps its evidence '{one['evidence'][:60]}'; "
        f'{{"index": {index}, "evidence": ""}} in criteria takes it out.'
        for index, one in enumerate(after.acceptance_criteria)
        if not one["done"] and one["evidence"] and (one["text"], one["evidence"]) in proved
    ]
