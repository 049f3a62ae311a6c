"""Items whose titles are alike: a warning before a duplicate is made, and the ``similar_to`` filter."""

from __future__ import annotations

import sqlite3

from workflow_server.find.likeness import LIKELY_DUPLICATE, likeness, title_bands

_CANDIDATES = 20
"""Titles compared with a new one: where more share a band, they are a series rather than duplicates."""
_SHOWN = 3


def alike(
    connection: sqlite3.Connection, title: str, *, excluding: str | None = None
) -> list[tuple[float, sqlite3.Row]]:
    """Living items with a title like ``title``, most alike first, then newest."""
    bands = title_bands(title)
    rows = connection.execute(
        f"""SELECT DISTINCT item.n, item.id, item.title, item.status FROM title_band
            CROSS JOIN item ON item.n = title_band.n
            WHERE title_band.band IN ({", ".join("?" * len(bands))}) LIMIT ?""",
        (*bands, _CANDIDATES),
    )
    seen = {row["n"]: (likeness(title, row["title"]), row) for row in rows if row["id"] != excluding}
    found = [(score, row) for score, row in seen.values() if score >= LIKELY_DUPLICATE]
    return sorted(found, key=lambda pair: (-pair[0], -pair[1]["n"]))


def likely_duplicates(
    connection: sqlite3.Connection, title: str, *, excluding: str | None = None
) -> list[str]:
    """A warning that names likely duplicates of ``title``, or none."""
    found = alike(connection, title, excluding=excluding)
    if not found:
        return []
    named = "; ".join(f"{row['id']} '{row['title'][:80]}' ({row['status']})" for _, row in found[:_SHOWN])
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return [
        f"possible_duplicate: looks like {named}{more}. If it is the same work, delete this one or link it "
        "with kind duplicates."
    ]
