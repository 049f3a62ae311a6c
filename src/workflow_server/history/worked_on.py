"""What would be lost if items were taken away again: whatever was done with them since."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence

from bridge.agreed.errors import TandemError
from bridge.agreed.wording import counted, first_of
from workflow_server.history.parts import taken_back
from workflow_server.items.model import Item
from workflow_server.items.rows import as_json

_NO_WORK = ("claim", "renew", "release", "undo", "define_type", "delete", "restore", "move")
_MOST_NAMED = 3
_DID = {"complete": "completed", "cancel": "cancelled", "note": "noted on", "relink": "relinked"}


def since(connection: sqlite3.Connection, seq: int, doomed: Mapping[str, Item], now: str) -> dict[str, str]:
    """Of the items that an undo of event ``seq`` would delete, those that somebody worked on since, each with
    the last that was done: a change that stands, a claim that runs, or another item that waits for it or
    links to it. Items deleted meanwhile count for nothing.
    """
    alive = {one: item for one, item in doomed.items() if item.deleted_at is None}
    told = _dependants(connection, alive)
    told |= _changed(connection, seq, alive)
    for one, item in alive.items():
        if item.claim is not None and item.claim.runs(now):
            told[one] = f"claimed by {item.claim.by} at {item.claim.at}"
    return {one: told[one] for one in alive if one in told}


def _changed(connection: sqlite3.Connection, seq: int, alive: Mapping[str, Item]) -> dict[str, str]:
    rows = connection.execute(
        f"""SELECT change.item_id, change.after, event.id, event.action, event.actor, event.at,
                   EXISTS (SELECT 1 FROM event AS later WHERE later.undoes = event.id) AS undone
            FROM json_each(?) AS wanted
            CROSS JOIN change ON change.item_id = wanted.value AND change.seq > ?
            CROSS JOIN event ON event.seq = change.seq
            WHERE event.action NOT IN ({", ".join("?" * len(_NO_WORK))}) ORDER BY change.seq""",
        (as_json(list(alive)), seq, *_NO_WORK),
    ).fetchall()
    told: dict[str, str] = {}
    for row in rows:
        one = row["item_id"]
        if row["undone"] and one in taken_back(connection, row["id"], [one]):
            continue
        names = [
            name for name in json.loads(row["after"] or "{}") if name not in ("completed_at", "over_claim")
        ]
        did = _DID.get(row["action"]) or f"{', '.join(names[:3]) or row['action']} changed"
        told[one] = f"{did} by {row['actor']} at {row['at']}"
    return told


def _dependants(connection: sqlite3.Connection, alive: Mapping[str, Item]) -> dict[str, str]:
    """Living items beside those that wait for one of them or link to it."""
    told: dict[str, str] = {}
    for words, sql in (
        ("links to it", "SELECT item_id, other_id FROM link WHERE other_id"),
        ("waits for it", "SELECT item_id, blocker_id FROM dependency WHERE blocker_id"),
    ):
        rows = connection.execute(
            f"""SELECT tie.* FROM ({sql} IN (SELECT value FROM json_each(?))) AS tie
                CROSS JOIN item ON item.id = tie.item_id WHERE item.deleted_at IS NULL""",
            (as_json(list(alive)),),
        )
        told |= {other: f"{one} {words}" for one, other in rows if one not in alive}
    return told


def refuse(event_id: str, doomed: Mapping[str, Item], told: Mapping[str, str], *, alone: bool) -> TandemError:
    """The refusal to delete ``doomed`` while ``told`` says what was done with some of them; ``alone`` when it
    is about one item and not the whole event.
    """
    named = first_of(
        [f"{one} '{doomed[one].title[:60]}' ({what})" for one, what in told.items()], _MOST_NAMED, "; "
    )
    if alone:
        (one,) = list(doomed)[:1]
        message = f"Its last change is that it was made ({event_id}), and it was worked on since: {named}."
        hint = f"delete_work_item(id={one}) deletes it, and so does undo with force=true."
    else:
        were = "was" if len(told) == 1 else "were"
        message = (
            f"Taking back {event_id} deletes {counted(len(doomed), 'item')}, of which {len(told)} {were} "
            f"worked on since: {named}."
        )
        hint = (
            "force=true takes it back with that work; delete_work_item, or undo by `id`, takes back one item "
            "and leaves the others."
        )
    return TandemError(
        "undo_conflict",
        message,
        hint,
        details={"event": event_id, "ids": list(told)[:100], "count": len(told)},
    )


def items_of(ids: Sequence[str], items: Mapping[str, Item]) -> dict[str, Item]:
    """``ids`` with their items, in order."""
    return {one: items[one] for one in ids}
