"""Claiming in one transaction: look, decide and take while no other writer can."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bridge.agreed.errors import TandemError
from workflow_server.claims import decide, offering, overlaps
from workflow_server.dependencies.surroundings import verdicts
from workflow_server.find import nothing
from workflow_server.find.filters import compiled, text_terms
from workflow_server.find.text import all_of
from workflow_server.history.events import append, told_holder
from workflow_server.items import duplicated
from workflow_server.items.checks import invalid, shown
from workflow_server.items.model import Item
from workflow_server.items.rows import load
from workflow_server.items.written import Pending, existing, former_claim, store_changes
from workflow_server.records import RELEASED, Actor
from workflow_server.store.identifiers import new_claim_token
from workflow_server.types.filters import Condition

MAX_LEASE_MINUTES = 60 * 24 * 30
_LOOKED_AT_ONCE = 200
_MOST_NAMED = 3


@dataclass
class Claimed:
    """Outcome of a claim; ``token`` only for the winner."""

    item: Item | None
    token: str | None = None
    reason: str | None = None
    warnings: list[str] = field(default_factory=list)


def check_lease(minutes: object) -> float | None:
    """A lease length that makes sense, or ``None`` for a claim that does not lapse."""
    if minutes is None:
        return None
    if (
        isinstance(minutes, bool)
        or not isinstance(minutes, int | float)
        or not 0 < minutes <= MAX_LEASE_MINUTES
    ):
        raise invalid(
            "lease_minutes", f"is {shown(minutes)}.", f"It must be above 0 and at most {MAX_LEASE_MINUTES}."
        )
    return float(minutes)


def claim_one(
    connection: sqlite3.Connection,
    item_id: str,
    token: str | None,
    minutes: float | None,
    actor: Actor,
    now: str,
    *,
    avoid_overlap: bool = False,
) -> Claimed:
    """Claim the given item if it is ready, with ``avoid_overlap`` also only if no running claim is about its
    code; by its holder's token this renews the claim.
    """
    item = existing(connection, [item_id])[item_id]
    whose = decide.standing(item, token, now)
    if whose == "mine":
        assert token is not None
        told = told_holder(connection, item_id, ended=False)
        return replace(_renew(connection, item, token, minutes, actor, now), warnings=told)
    if whose == "theirs":
        return Claimed(None, reason=decide.refusal(item, now))
    verdict = verdicts(connection, {item.id: item}, now)[item.id]
    if not verdict.ready:
        return Claimed(None, reason=f"{item.id} '{item.title}' is not ready: {'; '.join(verdict.reasons)}.")
    if avoid_overlap and (
        shared := overlaps.code_of(item) & (busy := overlaps.claimed_code(connection, now)).keys()
    ):
        return Claimed(None, reason=overlaps.why_all(connection, {item.id: busy[min(shared)]}))
    return _take(connection, item, minutes, actor, now)


def claim_best(
    connection: sqlite3.Connection,
    filters: Mapping[str, Any],
    minutes: float | None,
    actor: Actor,
    now: str,
    *,
    avoid_overlap: bool,
) -> Claimed:
    """Claim the first ready item of the filters; with ``avoid_overlap`` the first about code that no running
    claim is about, or none.
    """
    wanted = _wanted(connection, filters, "ready", now)
    ids = offering.in_order(connection, wanted, actor, now, is_all=avoid_overlap, to=filters.get("assignee"))
    if not ids:
        return Claimed(None, reason=_why_none(connection, filters, now))
    if not avoid_overlap:
        return _take(connection, load(connection, ids)[ids[0]], minutes, actor, now)
    overlapping: dict[str, str] = {}
    busy = overlaps.claimed_code(connection, now)
    for start in range(0, len(ids), _LOOKED_AT_ONCE):
        items = load(connection, ids[start : start + _LOOKED_AT_ONCE])
        for one in ids[start : start + _LOOKED_AT_ONCE]:
            shared = overlaps.code_of(items[one]) & busy.keys()
            if not shared:
                return _take(connection, items[one], minutes, actor, now)
            overlapping[one] = busy[min(shared)]
    return Claimed(None, reason=overlaps.why_all(connection, overlapping))


def _wanted(connection: sqlite3.Connection, filters: Mapping[str, Any], view: str, now: str) -> Condition:
    """All filters of a claim, its words too, as one condition on the items of a view."""
    sql, parameters = compiled(connection, {**filters, "view": view, "below": True}, now)
    if terms := text_terms(filters):
        sql += " AND item.n IN (SELECT rowid FROM item_text WHERE item_text MATCH ?)"
        parameters.append(all_of(terms))
    return sql, parameters


def _take(
    connection: sqlite3.Connection, item: Item, minutes: float | None, actor: Actor, now: str
) -> Claimed:
    token = new_claim_token()
    warnings = overlaps.told(connection, item, now) + duplicated.told(connection, [item.id])
    warnings += offering.told(connection, item, actor, now)
    after = decide.taken(item, token, actor, minutes, now)
    said = {"by": actor.name, "lease_minutes": minutes, "key": decide.key_of(token)[: decide.KEY_LENGTH]}
    _record(connection, item, after, actor, now, "claim", said)
    return Claimed(load(connection, [item.id])[item.id], token, warnings=warnings)


def _renew(
    connection: sqlite3.Connection, item: Item, token: str, minutes: float | None, actor: Actor, now: str
) -> Claimed:
    """The holder claims again: the same claim, with a lease that starts anew."""
    claim = item.claim
    assert claim is not None
    length = minutes if minutes is not None else claim.minutes
    if length is not None:
        after = decide.renewed(replace(item, claim=replace(claim, minutes=length)), token, actor, now)
        _record(connection, item, after, actor, now, "renew", {"by": claim.by, "lease_minutes": length})
    return Claimed(load(connection, [item.id])[item.id], token)


def renew(
    connection: sqlite3.Connection,
    item_id: str,
    token: str | None,
    minutes: float | None,
    actor: Actor,
    now: str,
) -> Claimed:
    """Start the lease anew. Raises ``claim_lost`` for anyone but the holder."""
    item = existing(connection, [item_id])[item_id]
    told = told_holder(connection, item_id, ended=item.claim is None)
    if decide.standing(item, _given(token), now) != "mine":
        raise decide.refuse_late(item, now, told)
    assert token is not None
    return replace(_renew(connection, item, token, minutes, actor, now), warnings=told)


def release(
    connection: sqlite3.Connection, item_id: str, token: str | None, actor: Actor, now: str
) -> Claimed:
    """Give the item back. Raises ``claim_lost`` for anyone but the holder; releasing twice is no error."""
    item = existing(connection, [item_id])[item_id]
    told = told_holder(connection, item_id, ended=item.claim is None)
    if item.claim is None:
        return Claimed(item, reason=f"{item.id} was not claimed.", warnings=told)
    if decide.standing(item, _given(token), now) != "mine":
        raise decide.refuse_late(item, now, told)
    _record(connection, item, decide.released(item), actor, now, "release", {"by": item.claim.by})
    return Claimed(load(connection, [item.id])[item.id], reason=RELEASED, warnings=told)


def _given(token: str | None) -> str:
    if token is None:
        raise invalid(
            "claim_token",
            "is missing.",
            "Pass the claim_token that the claim answered; it proves who holds the item. "
            f"{decide.GIVING_BACK} without one; while a lease runs, only under its holder's name.",
        )
    return token


def _record(
    connection: sqlite3.Connection,
    before: Item,
    after: Item,
    actor: Actor,
    now: str,
    action: str,
    told: dict[str, Any],
) -> None:
    pending = Pending({before.id: before}, {before.id: after}, {before.id: {"claim": told}})
    changes, _ = store_changes(connection, pending, now)
    former = {"claim": former_claim(before)}
    told_both = [replace(change, before={**(change.before or {}), **former}) for change in changes]
    append(connection, actor, now, action, told_both)


def _why_none(connection: sqlite3.Connection, filters: Mapping[str, Any], now: str) -> str:
    """Why nothing is ready: how many open items there are within the filters, and what keeps them."""
    sql, parameters = _wanted(connection, filters, "all", now)
    row = connection.execute(
        f"""SELECT count(*) AS open,
                   coalesce(sum(takeable = 1 AND claim_key IS NOT NULL
                       AND (lease_until IS NULL OR lease_until > ?)), 0) AS claimed,
                   coalesce(sum(held), 0) AS held,
                   coalesce(sum(held = 0 AND open_children > 0), 0) AS parents,
                   coalesce(sum(takeable = 1 AND deferred_until > ?), 0) AS deferred
            FROM item WHERE closed = 0 AND {sql}""",
        [now, now, *parameters],
    ).fetchone()
    if not row["open"]:
        given = ", ".join(f"{name} {shown(value)}" for name, value in filters.items())
        absent = [one.removeprefix("no_match: ") for one in nothing.why(connection, filters)]
        why = " ".join(one[0].upper() + one[1:] for one in absent)
        return f"No open item matches{f' ({given})' if given else ''}.{f' {why}' if why else ''}"
    reasons = (
        ("held", "waits", "wait", "for something (list_work_items view=blocked says what)"),
        ("claimed", "is", "are", "claimed"),
        ("deferred", "is", "are", "deferred"),
        ("parents", "has", "have", "open children"),
    )
    told = ", ".join(
        f"{row[name]} {one if row[name] == 1 else many} {what}"
        for name, one, many, what in reasons
        if row[name]
    )
    return f"None of the {row['open']} open items that match is ready: {told}."


def refuse_action(action: object) -> TandemError:
    """The error for an action that is none."""
    return invalid("action", f"is {shown(action)}.", "It must be one of: claim, renew, release.")
