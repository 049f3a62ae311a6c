"""Items out of and into the tables. Every statement about item rows stands here."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from workflow_server.find.keys import reference_keys
from workflow_server.find.likeness import title_bands
from workflow_server.items.evidence import records_of
from workflow_server.items.model import ClaimState, Item
from workflow_server.types.values import flatten

_PLAIN = (
    "id", "title", "item_type", "status", "status_reason", "priority", "parent_id", "description", "assignee",
    "due", "defer_until", "completed_at", "deleted_at", "deleted_by", "version", "created_at", "updated_at",
)  # fmt: skip
_JSON = ("labels", "acceptance_criteria", "metadata", "created_by")
_KEPT = ("n", "path", "waits", "frees", "open_children", "held", "deferred_until")


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


def insert(connection: sqlite3.Connection, item: Item, *, holds: bool) -> int:
    """Store a new item and answer its number. ``holds``: kept columns other than the path come from the
    item.
    """
    values: dict[str, Any] = {name: getattr(item, name) for name in _PLAIN}
    values.update({name: as_json(getattr(item, name)) for name in _JSON}, path=item.path)
    values.update(_claim_columns(item.claim))
    if holds:
        values.update(waits=item.waits, held=int(item.held), deferred_until=item.deferred_until)
    columns = ", ".join(values)
    places = ", ".join(f":{name}" for name in values)
    n = connection.execute(f"INSERT INTO item ({columns}) VALUES ({places})", values).lastrowid
    assert n is not None
    _put_lists(connection, n, None, item)
    _index_text(connection, n, None, item)
    return n


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
    _index_text(connection, before.n, before, after)


def _claim_columns(claim: ClaimState | None) -> dict[str, Any]:
    if claim is None:
        return {"claim": None, "claim_key": None, "lease_until": None}
    return {"claim": as_json(asdict(claim)), "claim_key": claim.key, "lease_until": claim.lease_until}


def _put_lists(connection: sqlite3.Connection, n: int, before: Item | None, after: Item) -> None:
    _put_pairs(
        connection, "dependency (item_id, blocker_id)", "item_id = ? AND blocker_id = ?", after.id,
        [(blocker,) for blocker in (before.blocked_by if before else ())],
        [(blocker,) for blocker in after.blocked_by],
    )  # fmt: skip
    _put_pairs(
        connection, "link (item_id, kind, other_id)", "item_id = ? AND kind = ? AND other_id = ?", after.id,
        list(before.links) if before else [], list(after.links),
    )  # fmt: skip
    if (before.labels if before else ()) != after.labels:
        connection.execute("DELETE FROM label WHERE n = ?", (n,)) if before else None
        connection.executemany(
            "INSERT OR IGNORE INTO label (label, n) VALUES (?, ?)", [(label, n) for label in after.labels]
        )
    if (before.metadata if before else {}) != after.metadata:
        connection.execute("DELETE FROM metadata_value WHERE n = ?", (n,)) if before else None
        connection.executemany(
            "INSERT OR IGNORE INTO metadata_value (path, kind, number, text, n) VALUES (?, ?, ?, ?, ?)",
            [(*value, n) for value in flatten(after.metadata)],
        )
    if (records_of(before) if before else ()) != records_of(after):
        _put_references(connection, after, fresh=before is None)


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
    table: str,
    where: str,
    item_id: str,
    before: Sequence[tuple[str, ...]],
    after: Sequence[tuple[str, ...]],
) -> None:
    name = table.split(" ", 1)[0]
    gone = [(item_id, *pair) for pair in before if pair not in after]
    come = [(item_id, *pair) for pair in after if pair not in before]
    if gone:
        connection.executemany(f"DELETE FROM {name} WHERE {where}", gone)
    if come:
        places = ", ".join("?" * len(come[0]))
        connection.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({places})", come)


def _criteria_text(item: Item) -> str:
    return "\n".join(criterion["text"] for criterion in item.acceptance_criteria)


def _index_text(connection: sqlite3.Connection, n: int, before: Item | None, after: Item) -> None:
    """Keep full text and title likeness: deleted items are in neither."""
    was = before is not None and before.deleted_at is None
    is_now = after.deleted_at is None
    if was and not is_now:
        connection.execute("DELETE FROM item_text WHERE rowid = ?", (n,))
        connection.execute("DELETE FROM title_band WHERE n = ?", (n,))
        return
    if is_now and not was:
        notes = _notes_text(connection, after.id) if before else ""
        connection.execute(
            "INSERT INTO item_text (rowid, title, description, criteria, notes) VALUES (?, ?, ?, ?, ?)",
            (n, after.title, after.description, _criteria_text(after), notes),
        )
        _put_bands(connection, n, after.title)
        return
    if before is None or not is_now:
        return
    if (before.title, before.description, _criteria_text(before)) != (
        after.title, after.description, _criteria_text(after),
    ):  # fmt: skip
        connection.execute(
            "UPDATE item_text SET title = ?, description = ?, criteria = ? WHERE rowid = ?",
            (after.title, after.description, _criteria_text(after), n),
        )
    if before.title != after.title:
        connection.execute("DELETE FROM title_band WHERE n = ?", (n,))
        _put_bands(connection, n, after.title)


def _put_bands(connection: sqlite3.Connection, n: int, title: str) -> None:
    connection.executemany(
        "INSERT OR IGNORE INTO title_band (band, n) VALUES (?, ?)", [(band, n) for band in title_bands(title)]
    )


def _notes_text(connection: sqlite3.Connection, item_id: str) -> str:
    rows = connection.execute(
        "SELECT text FROM note WHERE item_id = ? AND withdrawn = 0 ORDER BY id", (item_id,)
    )
    return "\n".join(text for (text,) in rows)


def add_note(connection: sqlite3.Connection, item: Item, text: str, author: str, at: str) -> int:
    """Append a note and answer its number."""
    note = connection.execute(
        "INSERT INTO note (item_id, text, author, at) VALUES (?, ?, ?, ?)", (item.id, text, author, at)
    ).lastrowid
    assert note is not None
    _index_notes(connection, item)
    return note


def withdraw_note(connection: sqlite3.Connection, item: Item, note: int, *, withdrawn: bool) -> None:
    """Hide a note from the item, as undoing its event does, or show it again."""
    connection.execute(
        "UPDATE note SET withdrawn = ? WHERE id = ? AND item_id = ?", (int(withdrawn), note, item.id)
    )
    _index_notes(connection, item)


def _index_notes(connection: sqlite3.Connection, item: Item) -> None:
    connection.execute(
        "UPDATE item_text SET notes = ? WHERE rowid = ?", (_notes_text(connection, item.id), item.n)
    )


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
