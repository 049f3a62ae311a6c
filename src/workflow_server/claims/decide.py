"""The rules of claims, as pure functions of the item, the caller and the time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, Literal

from bridge.agreed.errors import TandemError
from workflow_server.items.model import ClaimState, Item
from workflow_server.records import Actor
from workflow_server.store.clock import later

Json = dict[str, Any]
Standing = Literal["free", "mine", "theirs"]

OVER_CLAIM: Final = "over_claim"
"""Key in the history of a change that was made without the token of the claim that ran."""


KEY_LENGTH: Final = 16
"""Characters of a token's hash that the event of its claim keeps: enough to know it again, of no use to
take it.
"""


def key_of(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def standing(item: Item, token: str | None, now: str) -> Standing:
    """Whose the item is. A lapsed claim is still its holder's until another takes it."""
    claim = item.claim
    if claim is None:
        return "free"
    if token is not None and claim.key == key_of(token):
        return "mine"
    return "theirs" if claim.runs(now) else "free"


def described(item: Item, now: str) -> str:
    """Who holds the item, since and until when."""
    claim = item.claim
    if claim is None or not claim.runs(now):
        return "nobody holds it"
    client = f" ({claim.client})" if claim.client else ""
    until = f" until {claim.lease_until}" if claim.lease_until else " without a lease"
    return f"{claim.by}{client} holds it through {claim.door} since {claim.at}{until}"


GIVING_BACK = "Setting its status to planned gives it back"


def refusal(item: Item, now: str) -> str:
    """Why nobody else can claim a held ``item``, and what helps when its holder is gone."""
    told = f"{item.id} '{item.title}' is claimed: {described(item, now)}."
    endless = item.claim is not None and item.claim.lease_until is None
    return f"{told} {GIVING_BACK}, if its holder is gone." if endless else told


def refuse_late(item: Item, now: str, since: Sequence[str] = ()) -> TandemError:
    """The refusal of a token that no longer holds ``item``; ``since`` tells what happened meanwhile."""
    told = "".join(f" {one}" for one in since)
    return TandemError(
        "claim_lost",
        f"The claim_token given for {item.id} '{item.title}' is not, or no longer, its holder's: "
        f"{described(item, now)}.{told}",
        "Stop working on it, read it again with get_work_item, and claim it anew if it is ready.",
        details={"id": item.id},
    )


def check_write(item: Item, token: str | None, actor: Actor, now: str) -> None:
    """Raise when this write would go over somebody's claim.

    A token that is not the holder's is always refused. Without one, a write
    under another name than the holder's is refused while a lease runs.
    """
    claim = item.claim
    if token is not None:
        if claim is not None and standing(item, token, now) != "mine":
            raise refuse_late(item, now)
        return
    if claim is not None and claim.lease_until is not None and claim.runs(now) and claim.by != actor.name:
        raise TandemError(
            "claimed",
            f"{item.id} '{item.title}' is claimed: {described(item, now)}.",
            "Pass its claim_token if that is you, or wait until the lease ends.",
            details={"id": item.id, "claimed_by": claim.by, "lease_until": claim.lease_until},
        )


def over(item: Item, token: str | None, actor: Actor, now: str, *, asks_token: bool = True) -> Json:
    """What the history keeps of a write that goes over a running claim without its token, which is allowed
    while no lease runs; empty for a write that does not.

    People give no tokens on the board and the command line, so what the claim's own name, program and door
    do there goes over nothing. Over MCP two windows look alike: there the token alone tells, where the call
    ``asks_token``.
    """
    claim = item.claim
    if claim is None or token is not None or not claim.runs(now):
        return {}
    alike = (claim.by, claim.client, claim.door) == (actor.name, actor.client, actor.door)
    if alike and not (asks_token and actor.door == "mcp"):
        return {}
    return {OVER_CLAIM: {"by": claim.by, "client": claim.client, "door": claim.door, "at": claim.at}}


def over_warning(item: Item, now: str) -> str:
    """What whoever wrote over the claim on ``item`` is told."""
    assert item.claim is not None
    return (
        f"{item.id} is claimed: {described(item, now)}. Done without its claim_token: pass it if it is "
        f"yours; else agree with {item.claim.by}, who is told on reading the item, or undo."
    )


def renewed(item: Item, token: str | None, actor: Actor, now: str) -> Item:
    """``item`` with its lease starting anew when the writer is its holder."""
    claim = item.claim
    if claim is None or claim.minutes is None:
        return item
    holder = standing(item, token, now) == "mine" or (
        token is None and claim.runs(now) and claim.by == actor.name
    )
    return replace(item, claim=replace(claim, lease_until=later(now, claim.minutes))) if holder else item


def taken(item: Item, token: str, actor: Actor, minutes: float | None, now: str) -> Item:
    """``item`` held by the owner of ``token``; a planned item becomes active."""
    claim = ClaimState(
        by=actor.name,
        client=actor.client,
        door=actor.door,
        at=now,
        key=key_of(token),
        minutes=minutes,
        lease_until=later(now, minutes) if minutes is not None else None,
        from_status=item.status,
    )
    return replace(item, claim=claim, status="active" if item.status == "planned" else item.status)


def released(item: Item) -> Item:
    """``item`` held by nobody; one that the claim made active is planned again."""
    assert item.claim is not None
    back = item.status == "active" and item.claim.from_status == "planned"
    return replace(item, claim=None, status="planned" if back else item.status)
