"""Work in progress that a change has made wait: who makes it wait is told, as who frees something is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from workflow_server.claims import decide
from workflow_server.dependencies.surroundings import verdicts
from workflow_server.items.model import Item
from workflow_server.items.rows import as_json, load
from workflow_server.items.written import descendants
from workflow_server.records import Actor

_MOST_NAMED: Final = 5

_DEPENDENTS = """SELECT dependency.item_id FROM json_each(?) AS wanted
    CROSS JOIN dependency ON dependency.blocker_id = wanted.value"""


def by_change(
    connection: sqlite3.Connection,
    before: Mapping[str, Item],
    after: Mapping[str, Item],
    actor: Actor,
    now: str,
) -> list[str]:
    """A sentence for each item that is active or claimed and waits since ``before`` became ``after``: for one
    that is open again, for a blocker it was given, or for a child that came to stand under it.
    """
    opened = [one for one, item in after.items() if item.open and not before[one].open]
    given = [one for one, item in after.items() if item.waits > before[one].waits]
    waiting = {*given, *(row[0] for row in connection.execute(_DEPENDENTS, (as_json(opened),)))}
    moved = [item for one, item in after.items() if item.open and item.parent_id != before[one].parent_id]
    parents = {item.parent_id for item in moved} | {after[one].parent_id for one in opened}
    waiting.update(descendants(connection, sorted(waiting)) if waiting else ())
    return [*_waiting(connection, waiting, now), *by_children(connection, parents, actor, now)]


def by_children(
    connection: sqlite3.Connection, parents: Iterable[str | None], actor: Actor, now: str
) -> list[str]:
    """A sentence for each of the ``parents`` of new open items that somebody else has claimed."""
    told = []
    for item in load(connection, sorted({one for one in parents if one})).values():
        claim = item.claim
        if claim is None or not claim.runs(now) or not item.open or not item.open_children:
            continue
        if (claim.by, claim.client, claim.door) != (actor.name, actor.client, actor.door):
            told.append(
                f"Its parent {item.id} '{item.title[:60]}' is claimed: {decide.described(item, now)}. It is "
                "finished after all below it: agree on who does this."
            )
    return told


def _waiting(connection: sqlite3.Connection, ids: Iterable[str], now: str) -> Sequence[str]:
    items = {
        one: item
        for one, item in load(connection, sorted(ids)).items()
        if item.open and item.held and (item.status == "active" or (item.claim and item.claim.runs(now)))
    }
    judged = verdicts(connection, items, now)
    told = []
    for item in sorted(items.values(), key=lambda one: one.n):
        claim = item.claim if item.claim and item.claim.runs(now) else None
        state = f"claimed by {claim.by}" if claim else "active"
        why = "; ".join(reason for reason in judged[item.id].reasons if "claimed by" not in reason)
        told.append(f"{item.id} '{item.title[:60]}' is {state}, and no longer ready: {why}.")
    more = [f"{len(told) - _MOST_NAMED} more are no longer ready."] if len(told) > _MOST_NAMED else []
    return told[:_MOST_NAMED] + more
