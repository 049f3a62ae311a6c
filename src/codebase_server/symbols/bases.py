"""What a class derives from, as its signature says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from codebase_server.chunks.kinds import CLASS_LIKE
from codebase_server.store import Snapshot

DEEPEST: Final = 8

_MOST: Final = 30
_NAME: Final = re.compile(r"[A-Za-z_$][\w$]*")
_NO_BASES: Final = frozenset(
    "class struct interface trait protocol extends implements with where public private protected internal"
    " virtual final sealed abstract open data static export default partial record object enum of".split()
)


def generations(snapshot: Snapshot, heirs: Iterable[str]) -> Iterator[list[str]]:
    """The names of what some classes derive from, then of what these do, and so on; each name once."""
    now = list(heirs)
    seen = set(now)
    for _ in range(DEEPEST):
        now = [base for heir in now for base in bases(snapshot, heir) if base not in seen]
        if not now:
            return
        yield now
        seen.update(now)


def bases(snapshot: Snapshot, name: str) -> list[str]:
    """The names after a class's own in its signature: what it may derive from."""
    found: dict[str, None] = {}
    for one in snapshot.definitions(name):
        if one.symbol_kind in CLASS_LIKE and one.name == name:
            behind = one.signature.partition(name)[2]
            found.update(dict.fromkeys(word for word in _NAME.findall(behind) if word not in _NO_BASES))
    return list(found)[:_MOST]
