"""Creating items, alone and as plans."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, cast

from workflow_server.items import repeated
from workflow_server.items.checks import invalid, optional, shown
from workflow_server.items.creation import create
from workflow_server.items.evidence import given_evidence, with_evidence
from workflow_server.items.fields import CREATE_CHECKS, checked
from workflow_server.items.model import Item
from workflow_server.items.planning import Draft
from workflow_server.items.rows import load
from workflow_server.items.whole import whole
from workflow_server.records import Actor, Call, ItemAnswer, NewItem, PlanAnswer, PlanItem, Status, WorkItem
from workflow_server.service.base import ServiceBase, writable

MAX_PLAN = 200
_KEY = optional(CREATE_CHECKS["idempotency_key"])


class _RehearsedError(Exception):
    """Takes a rehearsed plan back out of the transaction. ``names`` are, for the ids that go with it, the
    keys or titles that the plan gave; ``together`` are the warnings about the whole plan.
    """

    def __init__(self, names: dict[str, str], together: list[str]) -> None:
        super().__init__()
        self.names = names
        self.together = together


class Creating(ServiceBase):
    """``create_work_item`` and ``create_work_items``."""

    async def create_work_item(self, call: Call, item: NewItem) -> ItemAnswer:
        """Store one item and answer it whole.

        Raises ``invalid_argument``, ``invalid_metadata``, ``work_item_not_found``,
        ``too_deep``, ``not_done`` and ``dependency_cycle``.
        """
        fields = _new(item)
        project, store = await self._open(call, make=True)
        draft = Draft(fields)
        warnings = [*project.told, *await self._link(project.of(call), [draft])]
        now = self._now()

        def work(connection: sqlite3.Connection) -> tuple[Item, WorkItem, str | None, list[str]]:
            writable(connection)
            earlier = _earlier(connection, fields)
            if earlier is not None:
                found, told = earlier
                told = [*draft.warnings, *told]
                return found, whole(connection, {found.id: found}, now)[0], None, told
            event = create(connection, [draft], call.actor, now)
            _remember(connection, fields, draft.made.id, now)
            stored = load(connection, [draft.made.id])
            return stored[draft.made.id], whole(connection, stored, now)[0], event, draft.warnings

        made, answer, event, told = await store.write(work)
        warnings += told
        self._linking.show_known({made.id: made}, [answer])
        answer["warnings"] = list(dict.fromkeys([*warnings, *answer["warnings"]]))
        answer["project"] = project.name
        return {
            "project": project.name,
            "warnings": answer["warnings"],
            "item": answer,
            "event": event,
            "created": event is not None,
        }

    async def create_work_items(
        self,
        call: Call,
        items: Sequence[NewItem],
        *,
        dry_run: bool = False,
        idempotency_key: str | None = None,
    ) -> PlanAnswer:
        """Store a plan of up to 200 items in one transaction, or nothing. A repeat with the plan's
        ``idempotency_key`` answers the items of the first try.

        An error's message begins with the item's place and key in the plan.
        """
        if isinstance(items, str) or not isinstance(items, Sequence) or not items:
            raise invalid("items", f"is {shown(items)}.", "Give a list of 1 to 200 items.")
        if len(items) > MAX_PLAN:
            raise invalid("items", f"has {len(items)} entries, at most {MAX_PLAN} fit.", "Split the plan.")
        drafts = [
            Draft(_new(item, f"items[{place}]."), f"items[{place}].") for place, item in enumerate(items)
        ]
        _give_keys(drafts, _KEY("idempotency_key", idempotency_key))
        _refuse_repeated(drafts)
        project, store = await self._open(call, make=not dry_run)
        warnings = [*project.told, *await self._link(project.of(call), drafts)]
        now = self._now()
        rehearsed: dict[str, str] = {}
        try:
            event, together = await store.write(
                lambda connection: _plan(connection, drafts, call.actor, now, dry_run)
            )
        except _RehearsedError as done:
            event, rehearsed, together = None, done.names, done.together
        found = sum(draft.found for draft in drafts)
        return {
            "project": project.name,
            "warnings": list(
                dict.fromkeys([*together, *warnings, *(told for draft in drafts for told in draft.warnings)])
            ),
            "items": [_planned(draft, rehearsed) for draft in drafts],
            "event": event,
            "dry_run": dry_run,
            "created": len(drafts) - found,
            "found": found,
        }

    async def _link(self, call: Call, drafts: Sequence[Draft]) -> list[str]:
        """Fill in the records of all drafts, and the warnings that each one's code gives rise to; answers
        those that are about the whole call.
        """
        criteria = [draft.fields.get("acceptance_criteria", ()) for draft in drafts]
        references = [draft.fields.get("entity_references", ()) for draft in drafts]
        linked = await self._linking.link_each(call, [*references, *map(given_evidence, criteria)])
        records, each = linked["records"], linked["each"]
        for place, draft in enumerate(drafts):
            behind = len(drafts) + place
            if references[place]:
                draft.fields["entity_references"] = tuple(records[place])
            if criteria[place]:
                evidence = tuple(records[behind])
                draft.fields["acceptance_criteria"] = with_evidence(criteria[place], evidence)
            draft.warnings += [*each[place], *each[behind]]
        of_drafts = {text for group in each for text in group}
        return [text for text in linked["warnings"] if text not in of_drafts]


def _new(item: NewItem, where: str = "") -> dict[str, Any]:
    fields = checked(item, CREATE_CHECKS, where)
    if "title" not in fields:
        raise invalid(f"{where}title", "is missing.", "Every work item needs a title.")
    return fields


def _refuse_repeated(drafts: Sequence[Draft]) -> None:
    """Two items of a plan under one ``idempotency_key`` could not be told apart when it is tried again."""
    first: dict[str, Draft] = {}
    for draft in drafts:
        key = draft.fields.get("idempotency_key")
        if key is not None and (earlier := first.setdefault(key, draft)) is not draft:
            raise invalid(
                f"{draft.where}idempotency_key",
                f"is '{key}', which {earlier.where.rstrip('.')} has.",
                "Give every item of a plan a key of its own.",
            )


def _give_keys(drafts: Sequence[Draft], key: str | None) -> None:
    """A key of the whole plan is one for each item that has none of its own, by its place."""
    for place, draft in enumerate(drafts if key is not None else ()):
        draft.fields.setdefault("idempotency_key", f"{key}#{place}")


def _plan(
    connection: sqlite3.Connection, drafts: list[Draft], actor: Actor, now: str, dry_run: bool
) -> tuple[str | None, list[str]]:
    """Store what of the plan is not there yet; items that a first try has made stand in their places."""
    writable(connection)
    for draft in drafts:
        earlier = _earlier(connection, draft.fields)
        if earlier is not None:
            draft.item, told = earlier
            draft.warnings += told
            draft.found = True
    fresh = [draft for draft in drafts if draft.item is None]
    before = repeated.sent_before(connection, fresh, actor, now)
    made_before = {draft.key: draft.made.id for draft in drafts if draft.item and draft.key}
    event = create(connection, fresh, actor, now, made_before) if fresh else None
    for draft in fresh:
        _remember(connection, draft.fields, draft.made.id, now)
    together = repeated.found_again(drafts)
    together += repeated.told(connection, fresh, before, None if dry_run else event)
    if dry_run:
        raise _RehearsedError({draft.made.id: draft.key or draft.made.title for draft in fresh}, together)
    return event, together


def _planned(draft: Draft, rehearsed: Mapping[str, str]) -> PlanItem:
    """What was made of a draft; of a rehearsal, in the plan's own names: an id would be another next time."""
    item = draft.made
    return {
        "key": draft.key,
        "id": "" if item.id in rehearsed else item.id,
        "title": item.title,
        "status": cast("Status", item.status),
        "version": item.version,
        "parent_id": rehearsed.get(item.parent_id, item.parent_id) if item.parent_id else None,
        "blocked_by": [rehearsed.get(one, one) for one in item.blocked_by],
        "warnings": draft.warnings,
    }


def _fingerprint(fields: dict[str, Any]) -> str:
    text = json.dumps(
        {name: value for name, value in fields.items() if name != "entity_references"},
        sort_keys=True,
        default=list,
    )
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _earlier(connection: sqlite3.Connection, fields: dict[str, Any]) -> tuple[Item, list[str]] | None:
    """The item that an earlier create with the same ``idempotency_key`` made."""
    key = fields.get("idempotency_key")
    if key is None:
        return None
    row = connection.execute("SELECT item_id, fingerprint FROM idempotency WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    item = load(connection, [row["item_id"]])[row["item_id"]]
    warnings = [
        f"already_created: idempotency_key '{key}' made {item.id} at {item.created_at}; nothing was stored."
    ]
    if row["fingerprint"] != _fingerprint(fields):
        warnings.append("The arguments differ from that first create: use update_work_item, or another key.")
    if item.deleted_at:
        warnings.append(f"{item.id} was deleted at {item.deleted_at}.")
    return item, warnings


def _remember(connection: sqlite3.Connection, fields: dict[str, Any], item_id: str, now: str) -> None:
    key = fields.get("idempotency_key")
    if key is not None:
        connection.execute(
            "INSERT INTO idempotency (key, item_id, fingerprint, at) VALUES (?, ?, ?, ?)",
            (key, item_id, _fingerprint(fields), now),
        )
