"""Ids of chunks that no earlier chunk hands its own to."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Container

_BASE_32 = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = tuple(map("".join, itertools.product(_BASE_32, repeat=2)))
"""Two base-32 characters for each 10 bits: a first index makes an id for each chunk there is."""

_SHIFTS = (54, 44, 34, 24, 14, 4)
"""Where the first 60 bits of 64 begin, 10 at a time."""


def derived_id(repository: str, path: str, symbol: str, ordinal: int, part: int = 0, salt: int = 0) -> str:
    """``c_`` and 12 base-32 characters, a hash of where the chunk stands.

    The same place gives the same id on every machine, so that ids survive the
    loss of the index as long as nothing was carried. ``part`` is 0 for a whole
    definition; ``salt`` is raised until the id belongs to no other code.
    """
    key = "\0".join((repository, path, symbol, str(ordinal), str(part), str(salt)))
    digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    bits = int.from_bytes(digest, "big")
    return "c_" + "".join([_PAIRS[bits >> shift & 1023] for shift in _SHIFTS])


def unused_id(repository: str, path: str, symbol: str, ordinal: int, part: int, used: Container[str]) -> str:
    """The first derived id that is not in ``used``."""
    salt = 0
    while (candidate := derived_id(repository, path, symbol, ordinal, part, salt)) in used:
        salt += 1
    return candidate
