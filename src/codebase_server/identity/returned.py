"""Code that stands where a reference left it, while its id lives on in a copy.

An id goes along when code is moved. Where the code was copied, deleted and put back (by a branch that moved
it, a checkout, an undo), the copy has the id and what stands at the old place is new to the index. Who wrote
the reference means what stands where it stood.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from codebase_server.identity.meant import Meant
from codebase_server.store import Placement, Snapshot

_EDITED: Final = 0.75
"""Least similarity for code of the same name at the old place to be what was meant, edited since, and not a
new one beside code that was moved away."""


def returned(
    snapshot: Snapshot,
    placement: Placement,
    meant: Meant,
    compare: Callable[[Placement], tuple[bool, float | None]],
) -> Placement | None:
    """The chunk at the place that was meant, where ``placement``, which has the id, stands elsewhere.

    It has the code that was meant, formatting aside; or code much like it, where that is now in another file.
    ``compare`` says whether a chunk has other code than was meant, and how alike the two are.
    """
    if not meant.path or not meant.content_hash or meant.stands(placement.path, placement.symbol):
        return None
    symbol = placement.symbol if meant.symbol is None or meant.within else meant.symbol
    here = [one for one in snapshot.chunks_in(meant.path) if one.symbol == symbol]
    equal = [one for one in here if one.content_hash == meant.content_hash]
    if equal:
        return equal[0]
    if len(here) != 1:
        return None
    changed, alike = compare(here[0])
    if not changed:
        return here[0]
    went_whole = placement.path != meant.path and placement.content_hash == meant.content_hash
    return here[0] if symbol and went_whole and (alike or 0.0) >= _EDITED else None
