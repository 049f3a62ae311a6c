"""Items whose titles are alike: a warning before a duplicate is made, and the ``similar_to`` filter."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from bridge.agreed.wording import first_of
from workflow_server.find.likeness import LIKELY_DUPLICATE, likeness, title_bands

_CANDIDATES = 20
"""Titles compared with a new one."""
_PER_BAND = 5
"""Of these from one band, newest first: where more share it, they are a series rather than duplicates."""
_SHOWN = 3


def alike(
    connection: sqlite3.Connection, titles: Sequence[str], *, excluding: str | None = None
) -> list[list[tuple[float, sqlite3.Row]]]:
    """For each title the living items with a title like it, most alike first, then newest."""
    asking: dict[int, list[int]] = {}
    for place, title in enumerate(titles):
        for band in title_bands(title):
            asking.setdefault(band, []).append(place)
    # most titles of a plan are like none: to find that out takes a tenth of asking for the newest of a band
    shared = connection.execute(
        """SELECT value FROM json_each(?) AS wanted
           WHERE EXISTS (SELECT 1 FROM title_band WHERE band = wanted.value)""",
        (json.dumps(sorted(asking)),),
    )
    there = {band for (band,) in shared}
    rows = connection.execute(
        """SELECT wanted.value AS band, item.n, item.id, item.title, item.status
           FROM json_each(?) AS wanted CROSS JOIN item ON item.n IN (
               SELECT n FROM title_band WHERE band = wanted.value ORDER BY n DESC LIMIT ?)""",
        (json.dumps([band for band in asking if band in there]), _PER_BAND),
    )
    found: list[dict[int, tuple[float, sqlite3.Row]]] = [{} for _ in titles]
    for row in rows:
        for place in asking[row["band"]]:
            known = found[place]
            if len(known) < _CANDIDATES and row["n"] not in known and row["id"] != excluding:
                known[row["n"]] = (likeness(titles[place], row["title"]), row)
    return [
        sorted(
            (pair for pair in known.values() if pair[0] >= LIKELY_DUPLICATE),
            key=lambda pair: (-pair[0], -pair[1]["n"]),
        )
        for known in found
    ]


def warning(found: Sequence[tuple[float, sqlite3.Row]]) -> list[str]:
    """A warning that names likely duplicates, or none."""
    if not found:
        return []
    named = [f"{row['id']} '{row['title'][:80]}' ({row['status']})" for _, row in found]
    return [
        f"possible_duplicate: looks like {first_of(named, _SHOWN, '; ')}. If it is the same work, "
        "delete this one or link it with kind duplicates."
    ]
