"""Random identifiers. Items are never removed from a file, so checking against it keeps an id from
being reused.
"""

from __future__ import annotations

import json
import re
import secrets
import sqlite3

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
ITEM_ID = re.compile(r"wi_[a-z2-7]{7}\Z")


def _random(length: int) -> str:
    bits = secrets.randbits(5 * length)
    return "".join(_ALPHABET[bits >> 5 * place & 31] for place in range(length))


def new_item_ids(connection: sqlite3.Connection, count: int) -> list[str]:
    """Ids that no living or deleted item of this file has, all different."""
    fresh: dict[str, None] = {}
    while len(fresh) < count:
        candidates = ["wi_" + _random(7) for _ in range(count - len(fresh))]
        taken = connection.execute(
            "SELECT id FROM item WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(candidates),)
        )
        known = {identifier for (identifier,) in taken}
        fresh.update(dict.fromkeys(one for one in candidates if one not in known))
    return list(fresh)


def new_event_id() -> str:
    """Fifty random bits; the unique column refuses the collision nobody will see."""
    return "ev_" + _random(10)


def new_claim_token() -> str:
    """An unguessable token, shown once to the winner of a claim."""
    return "ct_" + secrets.token_urlsafe(18)
