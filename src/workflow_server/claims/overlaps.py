"""Claimed work about the same code: two who change it at once have to agree."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from bridge.agreed.wording import first_of
from workflow_server.find.keys import overlap_keys
from workflow_server.items.model import Item
from workflow_server.items.rows import as_json, load

_MOST_NAMED = 3


def code_of(item: Item) -> set[str]:
    """The keys that references of other items to the same code have."""
    return {key for record in item.entity_references for key in overlap_keys(record)}


def claimed_code(connection: sqlite3.Connection, now: str) -> dict[str, str]:
    """Keys of the code that running claims are about, with the item that holds each."""
    rows = connection.execute(
        """SELECT reference_key.key, item.id
           FROM item CROSS JOIN reference_key ON reference_key.item_id = item.id
           WHERE item.claim_key IS NOT NULL AND (item.lease_until IS NULL OR item.lease_until > ?)
             AND item.deleted_at IS NULL""",
        (now,),
    )
    return dict(rows.fetchall())


def why_all(connection: sqlite3.Connection, overlapping: Mapping[str, str]) -> str:
    """Why ``avoid_overlap`` left nothing to claim: ready items, each with the claimed one of its code."""
    shown = list(overlapping.items())[:_MOST_NAMED]
    items = load(connection, {one for pair in shown for one in pair})

    def titled(identifier: str) -> str:
        return f"{identifier} '{items[identifier].title[:60]}'"

    pairs = []
    for one, other in shown:
        claim = items[other].claim
        pairs.append(f"{titled(one)} with {titled(other)}" + (f", which {claim.by} holds" if claim else ""))
    who = "The only ready item that matches is" if len(overlapping) == 1 else (
        f"All {len(overlapping)} ready items that match are")  # fmt: skip
    named = first_of(pairs, _MOST_NAMED, "; ", of=len(overlapping))
    return (
        f"{who} about the code of claimed work: {named}. Wait for it, or claim without "
        "avoid_overlap and agree on who changes that code."
    )


def told(connection: sqlite3.Connection, item: Item, now: str) -> list[str]:
    """A warning that names the claimed items about the same code, or none."""
    code = code_of(item)
    if not code:
        return []
    rows = connection.execute(
        """SELECT DISTINCT item.id, item.title, item.claim FROM json_each(?) AS wanted
           CROSS JOIN reference_key ON reference_key.key = wanted.value
           CROSS JOIN item ON item.id = reference_key.item_id
           WHERE item.id <> ?
             AND item.claim_key IS NOT NULL AND (item.lease_until IS NULL OR item.lease_until > ?)
             AND item.deleted_at IS NULL""",
        (as_json(sorted(code)), item.id, now),
    ).fetchall()
    if not rows:
        return []
    named = "; ".join(f"{row['id']} '{row['title'][:60]}'" for row in rows[:5])
    return [f"overlap: claimed work is about the same code: {named}. Agree on who changes it."]
