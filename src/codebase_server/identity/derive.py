"""Ids of chunks that no earlier chunk hands its own to."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Container

_CHARACTERS = 12


def derived_id(repository: str, path: str, symbol: str, ordinal: int, part: int = 0, salt: int = 0) -> str:
    """``c_`` and 12 base-32 characters, a hash of where the chunk stands.

    The same place gives the same id on every machine, so that ids survive the
    loss of the index as long as nothing was carried. ``part`` is 0 for a whole
    definition; ``salt`` is raised until the id belongs to no other code.
    """
    key = "\0".join((repository, path, symbol, str(ordinal), str(part), str(salt)))
    digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return "c_" + base64.b32encode(digest)[:_CHARACTERS].decode().lower()


def unused_id(repository: str, path: str, symbol: str, ordinal: int, part: int, used: Container[str]) -> str:
    """The first derived id that is not in ``used``."""
    salt = 0
    while (candidate := derived_id(repository, path, symbol, ordinal, part, salt)) in used:
        salt += 1
    return candidate
