"""Moving items to another project: two files, so two transactions, the receiving one first.

If the program dies between them, the items stand in both projects, and moving
them again finishes the move; they are never in neither.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bridge.agreed.errors import TandemError
from workflow_server.claims import decide
from workflow_server.dependencies import kept
from workflow_server.history.events import Change, append
from workflow_server.items.deleting import left_alone
from workflow_server.items.model import MAX_DEPTH, Item, snapshot
from workflow_server.items.rows import add_note, as_json, insert, load
from workflow_server.items.written import Pending, descendants, existing, store_changes
from workflow_server.records import Actor
from workflow_server.store.identifiers import new_event_id
from workflow_server.types import catalog
from workflow_server.types.catalog import TypeDefinition

_IMPOSSIBLE_TIES = frozenset({"dependency_cycle", "parent_cycle", "too_deep"})


@dataclass
class Parcel:
    """Items on their way, parents first, with their notes, their history and the types they need."""

    items: list[Item]
    notes: list[sqlite3.Row]
    events: list[sqlite3.Row]
    changes: list[sqlite3.Row]
    types: list[TypeDefinition]
    warnings: list[str] = field(default_factory=list)
    marks: dict[str, dict[str, object]] = field(default_factory=dict)

    @property
    def ids(self) -> list[str]:
        """The ids of the items, parents first."""
        return [item.id for item in self.items]


def pack(
    connection: sqlite3.Connection, ids: Sequence[str], token: str | None, actor: Actor, now: str
) -> Parcel:
    """Everything about ``ids`` and what lives below them, cut loose from what stays behind."""
    heads = existing(connection, ids)
    below = load(connection, descendants(connection, ids))
    going = {**heads, **{one.id: one for one in below.values() if one.deleted_at is None}}
    warnings: list[str] = []
    marks: dict[str, dict[str, object]] = {}
    items = []
    for item in sorted(going.values(), key=lambda one: len(one.path)):
        decide.check_write(item, token, actor, now)
        if mark := decide.over(item, token, actor, now):
            marks[item.id] = mark
            warnings.append(decide.over_warning(item, now))
        if item.claim and item.claim.runs(now):
            warnings.append(
                f"{item.id} was claimed by {item.claim.by}; the claim, and its token, end with the move. "
                "Claim it again in its new project."
            )
        items.append(_cut_loose(item, going, warnings))
    among = as_json(list(going))
    changes = connection.execute(
        "SELECT * FROM change WHERE item_id IN (SELECT value FROM json_each(?)) ORDER BY seq", (among,)
    ).fetchall()
    return Parcel(
        items,
        connection.execute(
            "SELECT * FROM note WHERE item_id IN (SELECT value FROM json_each(?)) AND withdrawn "
            "= 0 ORDER BY id",
            (among,),
        ).fetchall(),
        connection.execute(
            "SELECT * FROM event WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq",
            (as_json(sorted({row["seq"] for row in changes})),),
        ).fetchall(),
        changes,
        [catalog.required(connection, name) for name in sorted({item.item_type for item in items})],
        warnings + left_alone(connection, going),
        marks,
    )


def _cut_loose(item: Item, going: dict[str, Item], warnings: list[str]) -> Item:
    """``item`` without parent, blockers and links that stay behind; a warning for each."""
    left = [f"its blocker {one}" for one in item.blocked_by if one not in going]
    left += [f"its {kind} link to {one}" for kind, one in item.links if one not in going]
    if item.parent_id is not None and item.parent_id not in going:
        left.append(f"its parent {item.parent_id}")
    if left:
        warnings.append(
            f"{item.id} left behind {', '.join(left)}: items of two projects cannot be connected."
        )
    parent = item.parent_id if item.parent_id in going else None
    return replace(
        item,
        parent_id=parent,
        blocked_by=tuple(one for one in item.blocked_by if one in going),
        links=tuple(link for link in item.links if link[1] in going),
        claim=None,
    )


def unpack(
    connection: sqlite3.Connection, parcel: Parcel, source: str, actor: Actor, now: str
) -> tuple[str | None, list[str]]:
    """Put a parcel into this project, with its history; the event, and warnings. Items that an earlier try
    brought are left as they are. Those that once lived here have their former ties again, where what they
    were tied to is there still.
    """
    there = load(connection, parcel.ids)
    for item in parcel.items:
        if item.id in there and there[item.id].created_at != item.created_at:
            raise TandemError(
                "id_taken",
                f"The receiving project has another item {item.id}.",
                "Leave this item where it is.",
            )
    _bring_types(connection, parcel.types)
    arriving = [
        item for item in parcel.items if item.id not in there or there[item.id].deleted_at is not None
    ]
    changes, told = _settled(connection, arriving, there, source, now)
    kept.refresh(connection, [item.id for item in arriving])
    _bring_notes(connection, parcel, arriving, returning=set(there))
    _bring_history(connection, parcel, {item.id for item in arriving})
    return (append(connection, actor, now, "move", changes) if changes else None), told


def _settled(
    connection: sqlite3.Connection, arriving: Sequence[Item], there: Mapping[str, Item], source: str, now: str
) -> tuple[list[Change], list[str]]:
    """Store the arriving items, with the ties that they once had here if those can be had again."""
    tied, told = _regained(connection, arriving, there)
    if told:
        connection.execute("SAVEPOINT ties")
        try:
            return _stored(connection, tied, there, source, now), told
        except TandemError as error:
            if error.code not in _IMPOSSIBLE_TIES:
                raise
            connection.execute("ROLLBACK TO ties")
            told = [f"Their former ties here are not restored: {error.message}"]
        finally:
            connection.execute("RELEASE ties")
    return _stored(connection, arriving, there, source, now), told


def _regained(
    connection: sqlite3.Connection, arriving: Sequence[Item], there: Mapping[str, Item]
) -> tuple[list[Item], list[str]]:
    """The arriving items with the parent, blockers and links that their graves here still name, and in
    sentences which those are.
    """
    graves = [there[item.id] for item in arriving if item.id in there]
    named = {other for grave in graves for other in (grave.parent_id, *grave.blocked_by) if other}
    named |= {other for grave in graves for _, other in grave.links}
    here = {one.id for one in load(connection, named).values() if one.deleted_at is None}
    here |= {item.id for item in arriving}
    tied, told = [], []
    for item in arriving:
        grave = there.get(item.id, item)
        blockers = [one for one in grave.blocked_by if one in here and one not in item.blocked_by]
        links = [link for link in grave.links if link[1] in here and link not in item.links]
        parent = grave.parent_id if item.parent_id is None and grave.parent_id in here else None
        regained = [f"its parent {parent}"] if parent else []
        regained += [f"its blocker {one}" for one in blockers]
        regained += [f"its {kind} link to {one}" for kind, one in links]
        if regained:
            told.append(f"{item.id} has {', '.join(regained)} again.")
        tied.append(
            replace(
                item,
                parent_id=parent or item.parent_id,
                blocked_by=(*item.blocked_by, *blockers),
                links=(*item.links, *links),
            )
        )
    return tied, told


def _stored(
    connection: sqlite3.Connection, arriving: Sequence[Item], there: Mapping[str, Item], source: str, now: str
) -> list[Change]:
    """Parents come before children."""
    paths = {
        one.id: one.path
        for one in load(connection, {one.parent_id for one in arriving if one.parent_id}).values()
    }
    settled: list[Item] = []
    for item in arriving:
        path = paths[item.id] = f"{paths.get(item.parent_id or '', '/')}{item.id}/"
        if path.count("/") - 1 > MAX_DEPTH:
            raise TandemError("too_deep", f"{item.id} would lie {path.count('/') - 1} levels deep.")
        settled.append(replace(item, path=path, version=item.version + 1, updated_at=now))
    if new := [item for item in settled if item.id not in there]:
        insert(connection, sorted(new, key=lambda one: one.n))  # beside each other as they were made
    _return(connection, {item.id: there[item.id] for item in settled if item.id in there}, settled)
    return [Change(item.id, item.version, None, {**snapshot(item), "moved_from": source}) for item in settled]


def _return(connection: sqlite3.Connection, graves: Mapping[str, Item], settled: Sequence[Item]) -> None:
    """Items that once lived here come back: their rows are filled anew, all alive before the first, since
    they may name each other.
    """
    if not graves:
        return
    connection.execute(
        "UPDATE item SET deleted_at = NULL, deleted_by = NULL WHERE id IN (SELECT value FROM json_each(?))",
        (as_json(list(graves)),),
    )
    coming = {item.id: item for item in settled if item.id in graves}
    wanted = {one: replace(item, n=graves[one].n, path=graves[one].path) for one, item in coming.items()}
    store_changes(connection, Pending(dict(graves), wanted), settled[0].updated_at)
    connection.executemany(
        "UPDATE item SET version = ?, path = ? WHERE id = ?",
        [(item.version, item.path, item.id) for item in coming.values()],
    )


def _bring_types(connection: sqlite3.Connection, types: Sequence[TypeDefinition]) -> None:
    for definition in types:
        here = catalog.find(connection, definition.name)
        if here is None:
            connection.execute(
                "INSERT INTO item_type (name, version, description, schema, at) VALUES (?, ?, ?, ?, '')",
                (definition.name, definition.version, definition.description, as_json(definition.schema)),
            )


def _bring_notes(
    connection: sqlite3.Connection, parcel: Parcel, arriving: Sequence[Item], returning: set[str]
) -> None:
    rows = load(connection, [item.id for item in arriving])
    for note in parcel.notes:
        if note["item_id"] not in rows:
            continue
        known = connection.execute(
            "SELECT 1 FROM note WHERE item_id = ? AND at = ? AND text = ?",
            (note["item_id"], note["at"], note["text"]),
        ).fetchone()
        if note["item_id"] not in returning or not known:
            add_note(connection, rows[note["item_id"]], note["text"], note["author"], note["at"])


def _bring_history(connection: sqlite3.Connection, parcel: Parcel, ids: set[str]) -> None:
    """Append the events of the arriving items as they were, under new numbers; known ones are not
    repeated.
    """
    columns = ("id", "at", "actor", "client", "door", "action", "undoes", "override_reason")
    for event in parcel.events:
        row = connection.execute("SELECT seq FROM event WHERE id = ?", (event["id"],)).fetchone()
        seq: Any = row[0] if row else None
        if seq is None:
            seq = connection.execute(
                f"INSERT INTO event ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
                [event[name] for name in columns],
            ).lastrowid
        connection.executemany(
            "INSERT OR IGNORE INTO change (item_id, seq, version, before, after) VALUES (?, ?, ?, ?, ?)",
            [
                (change["item_id"], seq, change["version"], change["before"], change["after"])
                for change in parcel.changes
                if change["seq"] == event["seq"] and change["item_id"] in ids
            ],
        )


def still_so(connection: sqlite3.Connection, parcel: Parcel, ids: Sequence[str]) -> bool:
    """Whether nobody changed the items, or made or deleted one below them, since they were packed."""
    heads = load(connection, [*ids, *descendants(connection, ids)])
    present = {one.id: one.version for one in heads.values() if one.deleted_at is None}
    return present == {item.id: item.version for item in parcel.items}


def bury(connection: sqlite3.Connection, parcel: Parcel, target: str, actor: Actor, now: str) -> list[str]:
    """Mark the moved items as gone from this project; answer what their leaving made ready."""
    items = {one.id: one for one in load(connection, parcel.ids).values() if one.deleted_at is None}
    event = new_event_id()
    pending = Pending(
        items,
        {one.id: replace(one, deleted_at=now, deleted_by=event, claim=None) for one in items.values()},
        {one: {"moved_to": target} for one in items},
        {one: mark for one, mark in parcel.marks.items() if one in items},
    )
    changes, ready = store_changes(connection, pending, now)
    if changes:
        append(connection, actor, now, "move", changes, event=event)
    return ready
