"""Code without a name whose id slid along its file.

Settings, workflows and prose are cut by lines. As lines come and go, such a chunk is known again by half of
what it holds, pass after pass, until nothing is left in it of what a reference meant, while that stands in
the chunk beside it. A name would have held it; without one, what was kept of the code says where it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from codebase_server.identity.meant import Meant
from codebase_server.identity.pieces import Rules
from codebase_server.identity.placing import SAME_PLACE
from codebase_server.store import Placement, Snapshot

_MOST_COMPARED: Final = 60


def drifted(
    snapshot: Snapshot,
    placement: Placement,
    meant: Meant,
    compare: Callable[[Placement], tuple[bool, float | None]],
) -> Placement | None:
    """The chunk of the same file that the code is in which was meant, where ``placement``, which has the id,
    is hardly like it and another clearly is.

    ``compare`` says whether a chunk has other code than was meant, and how alike the two are.
    """
    if meant.symbol != "" or meant.content_hash == placement.content_hash:
        return None
    rules = Rules()
    changed, alike = compare(placement)
    if not changed or alike is None or alike >= rules.same_run:
        return None
    here = snapshot.chunks_in(placement.path)
    others = [one for one in here if one.version_id != placement.version_id]
    scored = [(compare(one)[1] or 0.0, one) for one in others[:_MOST_COMPARED]]
    scored.sort(key=lambda pair: (-pair[0], pair[1].start_line))
    second = max(alike, scored[1][0] if len(scored) > 1 else 0.0)
    if not scored or scored[0][0] < max(SAME_PLACE, second + rules.margin):
        return None
    return scored[0][1]
