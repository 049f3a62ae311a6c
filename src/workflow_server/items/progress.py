"""How far the work below an item is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from workflow_server.items.rows import as_json
from workflow_server.records import Progress


def progress(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, Progress]:
    """For each item that has any below it, at whatever depth, how many there are and how many are done."""
    rows = connection.execute(
        """WITH RECURSIVE below(top, id) AS (
               SELECT wanted.value, item.id FROM json_each(?) AS wanted
               CROSS JOIN item ON item.parent_id = wanted.value
               UNION ALL SELECT below.top, item.id FROM below CROSS JOIN item ON item.parent_id = below.id
           )
           SELECT top, sum(item.status = 'completed') AS done, count(*) AS total
           FROM below CROSS JOIN item ON item.id = below.id
           WHERE +item.deleted_at IS NULL AND item.status <> 'cancelled' GROUP BY top""",
        (as_json(list(ids)),),
    )
    return {row["top"]: {"done": row["done"], "total": row["total"]} for row in rows}
