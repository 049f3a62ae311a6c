"""A plan that was sent before: told once and first, not item by item."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence

from bridge.agreed.wording import counted, first_of
from workflow_server.items.planning import Draft
from workflow_server.items.rows import as_json
from workflow_server.records import Actor
from workflow_server.store.clock import later

_ALIKE, _KNOWN = "possible_duplicate:", "already_created:"
"""What the warnings begin with that a line of the whole plan replaces."""

_WITHIN_MINUTES = 15
_NEWEST_EVENTS = 2_000
_FEW = 3
"""Up to so many likely duplicates of a plan are told each with its item."""


def sent_before(
    connection: sqlite3.Connection, drafts: Sequence[Draft], actor: Actor, now: str
) -> str | None:
    """The event by which the same actor made items of exactly these titles minutes ago, if it stands."""
    if len(drafts) < 2:
        return None
    rows = connection.execute(
        """SELECT id, seq FROM event
           WHERE seq > (SELECT coalesce(max(seq), 0) FROM event) - ? AND action = 'create_plan'
             AND actor = ? AND at > ?
             AND NOT EXISTS (SELECT 1 FROM event AS later WHERE later.undoes = event.id)
           ORDER BY seq DESC""",
        (_NEWEST_EVENTS, actor.name, later(now, -_WITHIN_MINUTES)),
    ).fetchall()
    wanted = Counter(str(draft.fields["title"]) for draft in drafts)
    for row in rows:
        titles = connection.execute("SELECT after ->> '$.title' FROM change WHERE seq = ?", (row["seq"],))
        if Counter(str(title) for (title,) in titles) == wanted:
            return str(row["id"])
    return None


def told(
    connection: sqlite3.Connection, drafts: Sequence[Draft], before: str | None, event: str | None
) -> list[str]:
    """One line each for a plan that was sent ``before`` and for items that look like others, in place of a
    warning with each item, where they are many.
    """
    back = f" undo(event={event}) takes this one back." if event else ""
    if before is not None:
        _leave_out(drafts, _ALIKE)
        return [
            f"sent_twice: you made a plan of the same {counted(len(drafts), 'title')} minutes ago "
            f"({before}), and now a second time.{back} With an idempotency_key a repeat returns the first."
        ]
    doubtful = [draft for draft in drafts if draft.alike]
    if len(doubtful) <= _FEW:
        return []
    _leave_out(doubtful, _ALIKE)
    most = _plan_of(connection, [draft.alike[0] for draft in doubtful])
    named = first_of([f"{draft.made.title[:60]!r} like {draft.alike[0]}" for draft in doubtful], _FEW, "; ")
    where = f"items of an earlier plan ({most})" if most else "items that are there"
    return [f"possible_duplicate: {len(doubtful)} look like {where}: {named}.{back}"]


def _leave_out(drafts: Sequence[Draft], warning: str) -> None:
    for draft in drafts:
        draft.warnings = [one for one in draft.warnings if not one.startswith(warning)]


def _plan_of(connection: sqlite3.Connection, ids: Sequence[str]) -> str | None:
    """The plan that made most of ``ids``, if one made more than half."""
    row = connection.execute(
        """SELECT event.id, count(*) AS number FROM json_each(?) AS wanted
           CROSS JOIN change ON change.item_id = wanted.value AND change.before IS NULL
           CROSS JOIN event ON event.seq = change.seq AND event.action = 'create_plan'
           GROUP BY event.id ORDER BY number DESC LIMIT 1""",
        (as_json(list(ids)),),
    ).fetchone()
    return str(row["id"]) if row is not None and row["number"] * 2 > len(ids) else None


def found_again(drafts: Sequence[Draft]) -> list[str]:
    """One line in place of a warning with each item that an earlier try made, where they are many."""
    known = [draft for draft in drafts if any(one.startswith(_KNOWN) for one in draft.warnings)]
    if len(known) <= _FEW:
        return []
    _leave_out(known, _KNOWN)
    return [f"already_created: {len(known)} items are those of an earlier try with the same idempotency_key."]
