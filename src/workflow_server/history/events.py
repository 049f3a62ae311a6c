"""Appending and reading events."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow_server.claims.decide import OVER_CLAIM
from workflow_server.items.evidence import shown_criterion
from workflow_server.items.model import Item
from workflow_server.items.rows import as_json
from workflow_server.records import Actor, Event
from workflow_server.store.identifiers import new_event_id

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What an event did to one item: the fields that changed, before (``None``: it was created) and after."""

    item_id: str
    version: int | None
    before: Json | None
    after: Json | None


def append(
    connection: sqlite3.Connection,
    actor: Actor,
    now: str,
    action: str,
    changes: Iterable[Change],
    *,
    event: str | None = None,
    undoes: str | None = None,
    override_reason: str | None = None,
) -> str:
    """Append one event with its changes, in the transaction that makes them, and answer its id."""
    identifier = event or new_event_id()
    seq = connection.execute(
        """INSERT INTO event (id, at, actor, client, door, action, undoes, override_reason)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        (identifier, now, actor.name, actor.client, actor.door, action, undoes, override_reason),
    ).lastrowid
    connection.executemany(
        "INSERT INTO change (item_id, seq, version, before, after) VALUES (?, ?, ?, ?, ?)",
        [
            (
                change.item_id,
                seq,
                change.version,
                None if change.before is None else as_json(change.before),
                None if change.after is None else as_json(change.after),
            )
            for change in changes
        ],
    )
    return identifier


_EVENTS = """
SELECT event.*, change.item_id, change.version, change.before, change.after,
       (SELECT id FROM event AS later WHERE later.undoes = event.id
          AND EXISTS (SELECT 1 FROM change AS part
                      WHERE part.item_id = change.item_id AND part.seq = later.seq)
        ORDER BY later.seq DESC LIMIT 1) AS undone_by
FROM change CROSS JOIN event ON event.seq = change.seq
"""
_LINES = "SELECT 1 FROM change CROSS JOIN event ON event.seq = change.seq"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which events: those of an actor, in any case of letters, and those from a time on; all by default."""

    actor: str | None = None
    at: str | None = None

    @property
    def sql(self) -> str:
        """What goes behind another condition."""
        by = "" if self.actor is None else " AND event.actor = ? COLLATE NOCASE"
        return by + ("" if self.at is None else " AND event.at >= ?")

    @property
    def parameters(self) -> list[str]:
        """The values of `sql`, in order."""
        return [one for one in (self.actor, self.at) if one is not None]


ALL = Chosen()


def of_item(
    connection: sqlite3.Connection, item_id: str, *, since: int = 0, limit: int = 1_000, chosen: Chosen = ALL
) -> list[Event]:
    """Events of one item after ``since``, oldest first."""
    rows = connection.execute(
        f"{_EVENTS} WHERE change.item_id = ? AND change.seq > ?{chosen.sql} ORDER BY change.seq LIMIT ?",
        (item_id, since, *chosen.parameters, limit),
    )
    return [_event(row) for row in rows]


def latest_of_item(
    connection: sqlite3.Connection, item_id: str, limit: int, chosen: Chosen = ALL
) -> list[Event]:
    """The newest ``limit`` events of one item, oldest first."""
    rows = connection.execute(
        f"{_EVENTS} WHERE change.item_id = ?{chosen.sql} ORDER BY change.seq DESC LIMIT ?",
        (item_id, *chosen.parameters, limit),
    ).fetchall()
    return [_event(row) for row in reversed(rows)]


def of_project(
    connection: sqlite3.Connection, *, since: int, limit: int, chosen: Chosen = ALL
) -> tuple[list[Event], int]:
    """Whole events after ``since``, at least one and then up to about ``limit`` lines, and the cursor
    behind them.
    """
    rows = connection.execute(
        f"{_EVENTS} WHERE change.seq > ?{chosen.sql} ORDER BY change.seq, change.item_id LIMIT ?",
        (since, *chosen.parameters, limit + 1),
    ).fetchall()
    if len(rows) <= limit:
        return [_event(row) for row in rows], rows[-1]["seq"] if rows else since
    last = rows[-1]["seq"]
    whole = [row for row in rows if row["seq"] < last]
    if not whole:  # one event larger than the page: told whole, or the cursor could not move
        whole = connection.execute(
            f"{_EVENTS} WHERE change.seq = ? ORDER BY change.item_id", (last,)
        ).fetchall()
    return [_event(row) for row in whole], whole[-1]["seq"]


def newest_of_project(
    connection: sqlite3.Connection, *, before: int | None, limit: int, chosen: Chosen = ALL
) -> tuple[list[Event], int]:
    """Whole events before ``before`` (None: the newest), oldest first, ``limit`` lines or what more the
    oldest of them has; and the ``before`` of the page that is older, 0 when there is none.
    """
    end = 2**62 if before is None else before
    rows = connection.execute(
        f"{_EVENTS} WHERE change.seq < ?{chosen.sql} ORDER BY change.seq DESC, change.item_id DESC LIMIT ?",
        (end, *chosen.parameters, limit),
    ).fetchall()
    if not rows:
        return [], 0
    first: int = rows[-1]["seq"]
    whole = [row for row in rows if row["seq"] > first] + connection.execute(
        f"{_EVENTS} WHERE change.seq = ? ORDER BY change.item_id DESC", (first,)
    ).fetchall()
    older = connection.execute(
        f"SELECT EXISTS ({_LINES} WHERE change.seq < ?{chosen.sql})", (first, *chosen.parameters)
    ).fetchone()[0]
    return [_event(row) for row in reversed(whole)], first if older else 0


def _event(row: sqlite3.Row) -> Event:
    event: Event = {
        "seq": row["seq"],
        "event": row["id"],
        "at": row["at"],
        "actor": row["actor"],
        "client": row["client"],
        "door": row["door"],
        "action": row["action"],
        "item_id": row["item_id"],
        "version": row["version"],
        "before": _shown(row["before"]),
        "after": _shown(row["after"]),
    }
    if row["undoes"]:
        event["undoes"] = row["undoes"]
    if row["undone_by"]:
        event["undone_by"] = row["undone_by"]
    if row["override_reason"]:
        event["override_reason"] = row["override_reason"]
    return event


def _shown(fields: str | None) -> Json | None:
    """Fields of a change without the snapshots of code, which are for undoing, not for reading."""
    if fields is None:
        return None
    shown: Json = json.loads(fields)
    if "entity_references" in shown:
        shown["entity_references"] = [record["ref"] for record in shown["entity_references"]]
    if isinstance(claim := shown.get("claim"), dict):  # of the token it is told by: for `claims.late` alone
        shown["claim"] = {name: value for name, value in claim.items() if name != "key"}
    if "acceptance_criteria" in shown:
        shown["acceptance_criteria"] = [*map(shown_criterion, shown["acceptance_criteria"])]
    return shown


def count(connection: sqlite3.Connection, item_id: str | None, chosen: Chosen = ALL) -> int:
    """How many lines the history of an item, or of the project, has."""
    if chosen == ALL:
        sql = "SELECT count(*) FROM change" + ("" if item_id is None else " WHERE item_id = ?")
        return int(connection.execute(sql, () if item_id is None else (item_id,)).fetchone()[0])
    of, values = ("", []) if item_id is None else (" AND change.item_id = ?", [item_id])
    sql = f"SELECT count(*) FROM ({_LINES} WHERE 1{of}{chosen.sql})"
    return int(connection.execute(sql, (*values, *chosen.parameters)).fetchone()[0])


def head(connection: sqlite3.Connection) -> int:
    """``seq`` of the newest event, 0 in an empty project."""
    return int(connection.execute("SELECT coalesce(max(seq), 0) FROM event").fetchone()[0])


def changes_since(connection: sqlite3.Connection, item_id: str, version: int) -> list[Event]:
    """The events that took an item past ``version``."""
    rows = connection.execute(
        f"{_EVENTS} WHERE change.item_id = ? AND change.version > ? ORDER BY change.seq", (item_id, version)
    )
    return [_event(row) for row in rows]


def over_claim(connection: sqlite3.Connection, item_id: str) -> list[Event]:
    """The newest changes of an item, oldest first, as far as all were made over a claim, without its token:
    what its holder does not know of.
    """
    found: list[Event] = []
    rows = connection.execute(f"{_EVENTS} WHERE change.item_id = ? ORDER BY change.seq DESC", (item_id,))
    for row in rows:
        event = _event(row)
        if OVER_CLAIM not in (event["after"] or {}):
            break
        found.insert(0, event)
    return found


def over_sentence(event: Event) -> str:
    """Who did what to an item that somebody else held."""
    after = event["after"] or {}
    fields = ", ".join(name for name in after if name not in (OVER_CLAIM, "claim", "completed_at"))
    did = {"complete": "completed it", "cancel": "cancelled it", "delete": "deleted it"}.get(
        event["action"], f"changed {fields or 'it'}"
    )
    return (
        f"{event['actor']} ({event['client'] or event['door']}, {event['door']}) {did} at {event['at']} "
        f"without the claim_token ({event['event']})"
    )


def told_holder(
    connection: sqlite3.Connection, item_id: str, *, ended: bool, unsure_of: str = ""
) -> list[str]:
    """What the holder of an item is told of writes over the claim since their own last one; ``ended`` says
    that the claim went with them. ``unsure_of`` is the holder's name where it may be another window of theirs
    that is told.
    """
    since = over_claim(connection, item_id)
    if not since:
        return []
    what = "; ".join(over_sentence(event) for event in since[-5:])
    if unsure_of:
        after = " That claim ended with it." if ended else ""
        whose = f"While {unsure_of} held {item_id} (you, if you have its claim_token; else another window)"
        return [f"{whose}: {what}.{after}"]
    after = " Your claim ended with that." if ended else ""
    return [f"While you held {item_id}: {what}.{after} Read it again with get_work_item."]


def told_readers(
    connection: sqlite3.Connection, items: Mapping[str, Item], actor: Actor
) -> dict[str, list[str]]:
    """The same for whoever reads items as their holder, known here by name, program and door alone. Over MCP
    two windows of a host have these in common, and a read brings no token.
    """
    rows = connection.execute(
        """SELECT change.item_id FROM json_each(?) AS wanted CROSS JOIN change
           ON change.item_id = wanted.value
              AND change.seq = (SELECT max(seq) FROM change AS newest WHERE newest.item_id = wanted.value)
           WHERE (change.after ->> '$.over_claim.by', change.after ->> '$.over_claim.client',
                  change.after ->> '$.over_claim.door') = (?, ?, ?)""",
        (as_json(list(items)), actor.name, actor.client, actor.door),
    )
    unsure_of = actor.name if actor.door == "mcp" else ""
    return {
        one: told_holder(connection, one, ended=items[one].claim is None, unsure_of=unsure_of)
        for (one,) in rows.fetchall()
    }


def sentence(event: Event) -> str:
    """Who changed what, when, in one line."""
    fields = ", ".join((event["after"] or {}).keys()) or event["action"]
    return (
        f"{event['actor']} changed {fields} at {event['at']} (version {event['version']}, {event['event']})"
    )


def names(events: Sequence[Event]) -> str:
    """Several events in one line."""
    return "; ".join(sentence(event) for event in events)
