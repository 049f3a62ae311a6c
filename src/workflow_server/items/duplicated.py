"""Items that are said to duplicate one that is open: whoever is offered them is told."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from workflow_server.items.rows import as_json

_OPEN_ORIGINALS = """SELECT link.item_id, other.id, other.title, other.status FROM json_each(?) AS wanted
    CROSS JOIN link ON link.item_id = wanted.value AND link.kind = 'duplicates'
    CROSS JOIN item AS other ON other.id = link.other_id
    WHERE +other.deleted_at IS NULL AND +other.status IN ('planned', 'active', 'blocked')
    ORDER BY wanted.key, other.n"""


def told(connection: sqlite3.Connection, ids: Sequence[str]) -> list[str]:
    """A warning for each of the ``ids`` that duplicates an open item, in their order."""
    return [
        f"duplicates: {one} duplicates {other} '{title[:60]}', which is {status}: do the work "
        "once, and cancel the other."
        for one, other, title, status in connection.execute(_OPEN_ORIGINALS, (as_json(list(ids)),))
    ]
