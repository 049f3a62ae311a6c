"""Items out of and into the tables. Every statement about item rows stands here."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from operator import attrgetter
from typing import Any

from workflow_server.find.keys import reference_keys
from workflow_server.items import indexed
from workflow_server.items.evidence import records_of
from workflow_server.items.model import ClaimState, Item
from workflow_server.store.clock import later
from workflow_server.types.values import flatten

_PLAIN = (
    "id", "title", "item_type", "status", "status_reason", "priority", "parent_id", "description", "assignee",
    "due", "defer_until", "completed_at", "deleted_at", "deleted_by", "version", "created_at", "updated_at",
)  # fmt: skip
_JSON = ("labels", "acceptance_criteria", "metadata", "created_by")
_PLAIN_OF = attrgetter(*_PLAIN)
_COUNTED = ("waits", "frees", "open_children", "held", "deferred_until")
_COUNTED_OF = attrgetter(*_COUNTED)
_INSERTED = ("n", "path", *_PLAIN, *_COUNTED, *_JSON, "claim", "claim_key", "lease_until")
_KEPT = ("n", "path", *_COUNTED)

_PUT_BLOCKER = "INSERT OR IGNORE INTO dependency (item_id, blocker_id) VALUES (?, ?)"
_PUT_LINK = "INSERT OR IGNORE INTO link (item_id, kind, other_id) VALUES (?, ?, ?)"
_PUT_LABEL = "INSERT OR IGNORE INTO label (label, n) VALUES (?, ?)"
_PUT_VALUE = "INSERT OR IGNORE INTO metadata_value (path, kind, number, text, n) VALUES (?, ?, ?, ?, ?)"
_EMPTY = {"()": "[]", "[]": "[]", "{}": "{}"}
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def as_json(value: Any) -> str:
    """Compact JSON text, as stored."""
    return _encode(value) if value else _EMPTY.get(str(value)) or _encode(value)


def load(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, Item]:
    """The items with these ids that exist, deleted ones included, each with its lists."""
    wanted = as_json(list(ids))
    among = "IN (SELECT value FROM json_each(?))"
    rows = connection.execute(f"SELECT * FROM item WHERE id {among}", (wanted,)).fetchall()
    if not rows:
        return {}
    blockers = _grouped(
        connection, f"SELECT item_id, blocker_id FROM dependency WHERE item_id {among}", wanted
    )
    links = _grouped(connection, f"SELECT item_id, kind, other_id FROM link WHERE item_id {among}", wanted)
    references = _grouped(
        connection, f"SELECT item_id, record FROM reference WHERE item_id {among} ORDER BY position", wanted
    )
    notes = dict(
        connection.execute(
            f"SELECT item_id, count(*) FROM note WHERE item_id {among} AND withdrawn = 0 GROUP BY item_id",
            (wanted,),
        ).fetchall()
    )
    return {
        row["id"]: _item(
            row,
            blocked_by=tuple(blocker for (blocker,) in blockers.get(row["id"], ())),
            links=tuple((kind, other) for kind, other in links.get(row["id"], ())),
            entity_references=tuple(json.loads(record) for (record,) in references.get(row["id"], ())),
            note_count=notes.get(row["id"], 0),
        )
        for row in rows
    }


def _grouped(connection: sqlite3.Connection, sql: str, wanted: str) -> dict[str, list[tuple[Any, ...]]]:
    groups: dict[str, list[tuple[Any, ...]]] = {}
    for row in connection.execute(sql, (wanted,)):
        groups.setdefault(row[0], []).append(tuple(row)[1:])
    return groups


def _item(row: sqlite3.Row, **lists: Any) -> Item:
    fields = {name: row[name] for name in _PLAIN + _KEPT}
    fields["held"] = bool(fields["held"])
    fields.update(
        labels=tuple(json.loads(row["labels"])),
        acceptance_criteria=tuple(json.loads(row["acceptance_criteria"])),
        metadata=json.loads(row["metadata"]),
        created_by=json.loads(row["created_by"]),
        claim=ClaimState(**json.loads(row["claim"])) if row["claim"] else None,
    )
    return Item(**fields, **lists)


def insert(connection: sqlite3.Connection, items: Sequence[Item]) -> None:
    """Store new items, each with the path and the kept columns it has."""
    (last,) = connection.execute("SELECT coalesce(max(n), 0) FROM item").fetchone()
    rows = list(enumerate(items, start=last + 1))
    connection.executemany(
        f"INSERT INTO item ({', '.join(_INSERTED)}) VALUES ({', '.join('?' * len(_INSERTED))})",
        [_inserted(n, item) for n, item in rows],
    )
    many = connection.executemany
    many(_PUT_BLOCKER, [(item.id, blocker) for item in items for blocker in item.blocked_by])
    many(_PUT_LINK, [(item.id, *link) for item in items for link in item.links])
    many(_PUT_LABEL, [(label, n) for n, item in rows for label in item.labels])
    many(_PUT_VALUE, [(*value, n) for n, item in rows for value in flatten(item.metadata)])
    for item in items:
        if records_of(item):
            _put_references(connection, item, fresh=True)
    indexed.put(connection, [(n, item) for n, item in rows if item.deleted_at is None])


def _inserted(n: int, item: Item) -> tuple[Any, ...]:
    claim = _claim_columns(item.claim)
    return (
        n,
        item.path,
        *_PLAIN_OF(item),
        *_COUNTED_OF(item),
        *(as_json(getattr(item, name)) for name in _JSON),
        *claim.values(),
    )


def save(connection: sqlite3.Connection, before: Item, after: Item) -> None:
    """Write what differs between two states of one item."""
    changed = {name: getattr(after, name) for name in _PLAIN if getattr(before, name) != getattr(after, name)}
    changed.update(
        {
            name: as_json(getattr(after, name))
            for name in _JSON
            if getattr(before, name) != getattr(after, name)
        }
    )
    if before.claim != after.claim:
        changed.update(_claim_columns(after.claim))
    if changed:
        assignments = ", ".join(f"{name} = :{name}" for name in changed)
        connection.execute(f"UPDATE item SET {assignments} WHERE n = :n", {**changed, "n": before.n})
    _put_lists(connection, before.n, before, after)
    indexed.follow(connection, before.n, before, after)


def _claim_columns(claim: ClaimState | None) -> dict[str, Any]:
    if claim is None:
        return {"claim": None, "claim_key": None, "lease_until": None}
    return {"claim": as_json(asdict(claim)), "claim_key": claim.key, "lease_until": claim.lease_until}


def _put_lists(connection: sqlite3.Connection, n: int, before: Item, after: Item) -> None:
    _put_pairs(
        connection, _PUT_BLOCKER, "dependency WHERE item_id = ? AND blocker_id = ?", after.id,
        [(blocker,) for blocker in before.blocked_by], [(blocker,) for blocker in after.blocked_by],
    )  # fmt: skip
    _put_pairs(
        connection, _PUT_LINK, "link WHERE item_id = ? AND kind = ? AND other_id = ?", after.id,
        before.links, after.links,
    )  # fmt: skip
    if before.labels != after.labels:
        connection.execute("DELETE FROM label WHERE n = ?", (n,))
        connection.executemany(_PUT_LABEL, [(label, n) for label in after.labels])
    if before.metadata != after.metadata:
        connection.execute("DELETE FROM metadata_value WHERE n = ?", (n,))
        connection.executemany(_PUT_VALUE, [(*value, n) for value in flatten(after.metadata)])
    if records_of(before) != records_of(after):
        _put_references(connection, after)


def _put_references(connection: sqlite3.Connection, item: Item, *, fresh: bool = False) -> None:
    """Replace the stored references of an item and the keys it is found by."""
    if not fresh:
        connection.execute("DELETE FROM reference WHERE item_id = ?", (item.id,))
        connection.execute("DELETE FROM reference_key WHERE item_id = ?", (item.id,))
    connection.executemany(
        "INSERT INTO reference (item_id, position, given, record) VALUES (?, ?, ?, ?)",
        [
            (item.id, place, record["ref"], as_json(record))
            for place, record in enumerate(item.entity_references)
        ],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO reference_key (key, item_id) VALUES (?, ?)",
        [(key, item.id) for record in records_of(item) for key in reference_keys(record)],
    )


def _put_pairs(
    connection: sqlite3.Connection,
    put: str,
    gone: str,
    item_id: str,
    before: Sequence[tuple[str, ...]],
    after: Sequence[tuple[str, ...]],
) -> None:
    connection.executemany(f"DELETE FROM {gone}", [(item_id, *pair) for pair in before if pair not in after])
    connection.executemany(put, [(item_id, *pair) for pair in after if pair not in before])


def add_note(connection: sqlite3.Connection, item: Item, text: str, author: str, at: str) -> int:
    """Append a note and answer its number."""
    note = connection.execute(
        "INSERT INTO note (item_id, text, author, at) VALUES (?, ?, ?, ?)", (item.id, text, author, at)
    ).lastrowid
    assert note is not None
    indexed.notes_changed(connection, item)
    return note


_SAME_NOTE_MINUTES = 1


def same_note(connection: sqlite3.Connection, item: Item, text: str, author: str, now: str) -> str | None:
    """When ``author`` gave the item this very note, if it is the newest and no minute old: then it is the
    same call made again.
    """
    row = connection.execute(
        "SELECT text, author, at FROM note WHERE item_id = ? AND withdrawn = 0 ORDER BY id DESC LIMIT 1",
        (item.id,),
    ).fetchone()
    if row is None or (row["text"], row["author"]) != (text, author):
        return None
    return str(row["at"]) if row["at"] > later(now, -_SAME_NOTE_MINUTES) else None


def withdraw_note(connection: sqlite3.Connection, item: Item, note: int, *, withdrawn: bool) -> None:
    """Hide a note from the item, as undoing its event does, or show it again."""
    connection.execute(
        "UPDATE note SET withdrawn = ? WHERE id = ? AND item_id = ?", (int(withdrawn), note, item.id)
    )
    indexed.notes_changed(connection, item)


def keep_learned(
    connection: sqlite3.Connection, before: Mapping[str, Item], learned: Mapping[str, Item]
) -> None:
    """Store what a check learned of references, for items whose records are still as they were asked about.

    This is knowledge about the references, not a change of the item: no
    version, no event, and whatever somebody changed meanwhile stays.
    """
    for identifier, present in load(connection, learned).items():
        if records_of(present) != records_of(before[identifier]):
            continue
        known = learned[identifier]
        _put_references(connection, known)
        connection.execute(
            "UPDATE item SET acceptance_criteria = ? WHERE id = ?",
            (as_json(known.acceptance_criteria), identifier),
        )
