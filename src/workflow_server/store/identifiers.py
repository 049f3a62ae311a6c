"""Random identifiers. Items are never removed from a file, so checking against it keeps an id from
being reused.
"""

from __future__ import annotations

import re
import secrets
import sqlite3

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
ITEM_ID = re.compile(r"wi_[a-z2-7]{7}\Z")
EVENT_ID = re.compile(r"ev_[a-z2-7]{10}\Z")


def _random(length: int) -> str:
    bits = secrets.randbits(5 * length)
    return "".join(_ALPHABET[bits >> 5 * place & 31] for place in range(length))


def new_item_id(connection: sqlite3.Connection) -> str:
    """An id that no living or deleted item of this file has."""
    while True:
        candidate = "wi_" + _random(7)
        if not connection.execute("SELECT 1 FROM item WHERE id = ?", (candidate,)).fetchone():
            return candidate


def new_event_id() -> str:
    """Fifty random bits; the unique column refuses the collision nobody will see."""
    return "ev_" + _random(10)


def new_claim_token() -> str:
    """An unguessable token, shown once to the winner of a claim."""
    return "ct_" + secrets.token_urlsafe(18)
