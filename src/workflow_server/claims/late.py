"""A token whose claim has ended: what came after it, and which writes go through all the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from bridge.agreed.errors import TandemError
from workflow_server.claims.decide import KEY_LENGTH, OVER_CLAIM, key_of
from workflow_server.history.events import latest_of_item
from workflow_server.items.model import Item
from workflow_server.records import Event

_LOOKED_AT = 200
_MOST_TOLD = 3
_DID = {"complete": "completed it", "cancel": "cancelled it", "claim": "claimed it", "delete": "deleted it"}
_FREE = frozenset({"note"})


def told(connection: sqlite3.Connection, item: Item, token: str, changes: Iterable[str]) -> list[str]:
    """What whoever writes to ``item``, which nobody holds, with the ``token`` of a claim that ended is told.

    :param changes: the names of the fields that the call gives, as it names them.

    Raises ``claim_lost`` where the write would go over what others did after that claim; a note goes over
    nothing.
    """
    row = connection.execute(
        "SELECT max(seq) FROM change WHERE item_id = ? AND after ->> '$.claim.key' = ?",
        (item.id, key_of(token)[:KEY_LENGTH]),
    ).fetchone()
    events = [
        event for event in latest_of_item(connection, item.id, _LOOKED_AT) if event["seq"] >= (row[0] or 0)
    ]
    if row[0] is None or not events:
        return [f"Nobody holds {item.id}: the claim_token given is that of no claim that runs."]
    mine = events[0]
    others = _by_others(mine, events[1:])
    if not others:
        return []
    what = f"{_ended(mine, others)} {'; '.join(_sentence(event) for event in others[-_MOST_TOLD:])}."
    theirs = {name for event in others for name in event["after"] or {}}
    fields = {name.removeprefix("add_").removeprefix("remove_") for name in changes} - _FREE
    over = (
        "status" in fields
        or bool(fields & theirs)
        or ("criteria" in fields and "acceptance_criteria" in theirs)
    )
    if over:
        raise TandemError(
            "claim_lost",
            f"The claim on {item.id} '{item.title}' that this claim_token proves has ended. {what}",
            "Read it again with get_work_item. A note is kept with this token; to change the rest, claim it "
            "anew, or leave the token out.",
            details={"id": item.id, "events": [event["event"] for event in others]},
        )
    if events[-1] not in others:  # told with that write
        return []
    return [f"Your claim on {item.id} has ended. {what} Read it again with get_work_item."]


def _by_others(mine: Event, later: Sequence[Event]) -> list[Event]:
    """Those events after the claim ``mine`` that were not done under it."""
    who = (mine["actor"], mine["client"], mine["door"])
    return [
        event
        for event in later
        if event["action"] not in ("renew", "release")
        and ((event["actor"], event["client"], event["door"]) != who or OVER_CLAIM in (event["after"] or {}))
    ]


def _ended(mine: Event, others: Sequence[Event]) -> str:
    for event in others:
        claim = (event["before"] or {}).get("claim")
        if isinstance(claim, dict) and claim.get("at") == mine["at"] and claim.get("lease_until"):
            return f"Your lease ended at {claim['lease_until']};"
    return f"You claimed it at {mine['at']};"


def _sentence(event: Event) -> str:
    after = event["after"] or {}
    names = ", ".join(one for one in after if one not in (OVER_CLAIM, "claim", "completed_at"))
    did = _DID.get(event["action"]) or f"changed {names or 'it'}"
    return f"{event['actor']} {did} at {event['at']} ({event['event']})"
