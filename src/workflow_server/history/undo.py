"""Taking back an event: the fields it changed get back what they held, unless somebody changed them since."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bridge.agreed.errors import TandemError
from workflow_server.claims import decide
from workflow_server.history import saying, worked_on
from workflow_server.history.events import Change, append, changes_since, latest_of_item, names, sentence
from workflow_server.history.parts import changes_of, others_alive, standing
from workflow_server.items import halted
from workflow_server.items.deleting import refuse_under_deleted
from workflow_server.items.model import LIST_FIELDS, Item, difference, from_record, recorded
from workflow_server.items.rows import load, withdraw_note
from workflow_server.items.written import Pending, descendants, existing, refuse_moved, store_changes
from workflow_server.records import Actor, Event
from workflow_server.store.identifiers import new_event_id
from workflow_server.types.retracting import TYPE_MARK, retract

Json = dict[str, Any]

CLAIM_ACTIONS = ("claim", "renew", "release")


@dataclass
class Undone:
    """The event taken back, the one that did so, and the items as they are now."""

    undone: str
    event: str
    items: dict[str, Item]
    changed: dict[str, list[str]]
    now_ready: list[str] = field(default_factory=list)
    warnings: dict[str, list[str]] = field(default_factory=dict)
    told: str = ""


def last_event(connection: sqlite3.Connection, item_id: str) -> str:
    """The newest change of an item that is no claim, renewal or release."""
    existing(connection, [item_id], deleted=True)
    row = connection.execute(
        """SELECT event.id FROM change CROSS JOIN event ON event.seq = change.seq
           WHERE change.item_id = ? AND event.action NOT IN ('claim', 'renew', 'release')
           ORDER BY change.seq DESC LIMIT 1""",
        (item_id,),
    ).fetchone()
    if row is None:
        raise TandemError("nothing_to_undo", f"{item_id} has no change to take back.", "See `history`.")
    return str(row[0])


@dataclass(frozen=True)
class Move:
    """A move to be taken back: which items, from which project, to which; None is this one."""

    ids: list[str]
    home: str | None
    away: str | None


def move_of(connection: sqlite3.Connection, event_id: str, only: str | None = None) -> Move | None:
    """The move that ``event_id`` is, seen from the project that the items left or from where they came to,
    of all of them that are still there or of ``only`` one; None for any other event. Raises
    ``already_undone`` when they are back.
    """
    row = connection.execute("SELECT seq FROM event WHERE id = ? AND action = 'move'", (event_id,)).fetchone()
    if row is None:
        return None
    changes = changes_of(connection, row["seq"])
    items = load(connection, [change.item_id for change in changes])
    marks = changes[0].after or {}
    left, came = marks.get("moved_to"), marks.get("moved_from")
    heads = [one.id for one in items.values() if one.parent_id not in items]
    if only is not None:
        heads = [only]
    stay = [one for one in heads if (items[one].deleted_at is None) == (left is not None)]
    if len(stay) == len(heads):
        raise TandemError(
            "already_undone",
            f"{', '.join(stay[:10])} is no longer where {event_id} put it.",
            "Move it with update_work_item(to_project=...).",
            details={"event": event_id},
        )
    return Move([one for one in heads if one not in stay], came, left)


def undo_last(
    connection: sqlite3.Connection, item_id: str, actor: Actor, now: str, *, force: bool = False
) -> Undone:
    """Take back the newest change of an item that is no claim: its part of the event alone. Where a claim
    came after it and is in the way, the refusal says which change was meant.
    """
    target = last_event(connection, item_id)
    try:
        return undo(connection, target, actor, now, only=item_id, force=force)
    except TandemError as error:
        since = [one for one in latest_of_item(connection, item_id, 20) if one["action"] in CLAIM_ACTIONS]
        (meant,) = [one for one in latest_of_item(connection, item_id, 1_000) if one["event"] == target][:1]
        after = [one for one in since if one["seq"] > meant["seq"]]
        if "field" not in error.details or not after:
            raise
        raise TandemError(
            error.code,
            f"Of claims undo takes none back, so it takes {sentence(meant)}. But a {after[-1]['action']} by "
            f"{after[-1]['actor']} at {after[-1]['at']} came after it: {error.message}",
            "Release the claim first (claim_work_item with action=release and the claim_token), or set the "
            "field yourself.",
            details=error.details,
        ) from error


def undo(
    connection: sqlite3.Connection,
    event_id: str,
    actor: Actor,
    now: str,
    *,
    only: str | None = None,
    force: bool = False,
) -> Undone:
    """Take back what one event did, to all its items or to ``only`` one, in one transaction, as a new event.

    Items that it would delete and that were worked on since are not, unless ``force``.
    """
    target = connection.execute("SELECT * FROM event WHERE id = ?", (event_id,)).fetchone()
    if target is None:
        raise TandemError(
            "event_not_found",
            f"Event '{event_id}' is not in this project.",
            "Events look like ev_abc...; find them in the history of an item.",
            details={"event": event_id},
        )
    _refuse_kind(target)
    changes = standing(connection, target, only)
    types = [change for change in changes if change.item_id.startswith(TYPE_MARK)]
    changes = [change for change in changes if change not in types]
    items = existing(connection, [change.item_id for change in changes], deleted=True)
    for item in items.values():
        refuse_moved(connection, item)
        decide.check_write(item, None, actor, now)
    doomed = worked_on.items_of([one.item_id for one in changes if _deletes(one)], items)
    if not force and (worked := worked_on.since(connection, target["seq"], doomed, now)):
        raise worked_on.refuse(event_id, doomed, worked, alone=only is not None)
    event = new_event_id()
    pending = Pending(items)
    for change in changes:
        item = items[change.item_id]
        if mark := decide.over(item, None, actor, now, asks_token=False):
            pending.marks[item.id] = mark
        pending.after[item.id] = _before(connection, item, change, event, now)
        _undo_note(connection, pending, item, change)
    _refuse_orphans(connection, pending, event_id)
    told = {
        one: [*_changed(items[one], pending.after[one]), *(["note"] if one in pending.extra else [])]
        for one in items
    }
    recorded_changes, ready = store_changes(connection, pending, now)
    recorded_changes += [retract(connection, change, now) for change in types]
    append(connection, actor, now, "undo", recorded_changes, event=event, undoes=event_id)
    warnings = {one: [decide.over_warning(items[one], now)] for one in pending.marks}
    now_so = load(connection, items)
    if now_so:
        halts = halted.by_change(connection, items, now_so, actor, now)
        warnings.setdefault(next(iter(items)), []).extend(halts)
    left = connection.execute("SELECT count(*) FROM change WHERE seq = ?", (target["seq"],)).fetchone()[0]
    return Undone(
        event_id, event, now_so, told, ready, warnings, saying.taken_back(target, items, told, left, types)
    )


def _deletes(change: Change) -> bool:
    """Whether an undo of the change deletes the item: it made it, or restored it."""
    restored = change.before is not None and change.before.get("deleted_at") is not None
    return change.before is None or (restored and (change.after or {}).get("deleted_at", "") is None)


def _changed(before: Item, after: Item) -> list[str]:
    return list(difference(before, after)[1])


def _refuse_kind(target: sqlite3.Row) -> None:
    action = target["action"]
    if action in CLAIM_ACTIONS:
        raise TandemError(
            "not_undoable",
            f"{target['id']} is a {action}, which says who works on an item and changes nothing of it.",
            "Use claim_work_item with action=release and the claim_token.",
        )


def _before(connection: sqlite3.Connection, item: Item, change: Change, event: str, now: str) -> Item:
    """``item`` with the change taken out of it."""
    if change.before is None and item.deleted_at is not None:
        return item  # it is gone already, by an event of its own
    if change.before is None:
        return replace(item, deleted_at=now, deleted_by=event, claim=None)
    after = change.after or {}
    values: Json = {}
    for name, was in change.before.items():
        if name not in after or name not in Item.__dataclass_fields__ or name == "claim":
            continue
        values[name] = from_record(name, _taken_out(connection, item, name, was, after[name], change))
    if "status" in values:
        values.setdefault("completed_at", None)
    return replace(item, **values)


def _taken_out(
    connection: sqlite3.Connection, item: Item, name: str, was: Any, became: Any, change: Change
) -> Any:
    """What field ``name`` holds without the change ``was`` to ``became``, keeping later changes beside it."""
    present = recorded(item, name)
    if present == became:
        return was
    if name in LIST_FIELDS:
        added = [value for value in became if value not in was]
        removed = [value for value in was if value not in became]
        kept = [value for value in present if value not in added]
        return kept + [value for value in removed if value not in kept]
    if name == "metadata":
        clashing = [
            key
            for key in {*was, *became}
            if was.get(key) != became.get(key) and present.get(key) != became.get(key)
        ]
        if not clashing:
            keys = {key for key in {*was, *became} if was.get(key) != became.get(key)}
            kept_keys = {key: value for key, value in present.items() if key not in keys}
            return {**kept_keys, **{key: was[key] for key in keys if key in was}}
    since = [
        event
        for event in changes_since(connection, item.id, change.version or 0)
        if name in (event["after"] or {})
    ]
    raise TandemError(
        "undo_conflict",
        f"`{name}` of {item.id} '{item.title}' was changed again since: {names(since)}.",
        _instead(connection, item, name, since),
        details={"id": item.id, "field": name, "events": [event["event"] for event in since]},
    )


def _instead(connection: sqlite3.Connection, item: Item, name: str, since: Sequence[Event]) -> str:
    """What to do where ``name`` was changed again. To undo the later event is no advice where it changed
    other items too.
    """
    advice = (
        f"Set `{name}` of {item.id} yourself, or take back the part of another item with undo by its `id`."
    )
    if not since:
        return advice
    last = since[-1]
    (touched,) = connection.execute("SELECT count(*) FROM change WHERE seq = ?", (last["seq"],)).fetchone()
    return (
        f"Undo {last['event']} first, which changed this item alone, or s{advice[1:]}"
        if touched == 1
        else advice
    )


def _undo_note(connection: sqlite3.Connection, pending: Pending, item: Item, change: Change) -> None:
    after = change.after or {}
    for name, opposite in (("note", "note_withdrawn"), ("note_withdrawn", "note")):
        if note := after.get(name):
            withdraw_note(connection, item, note["id"], withdrawn=name == "note")
            pending.extra[item.id] = {opposite: note}


def _refuse_orphans(connection: sqlite3.Connection, pending: Pending, event_id: str) -> None:
    """No living item under a deleted one, whichever way the undo goes."""
    raised = [
        one for one in pending.after.values() if pending.before[one.id].deleted_at and not one.deleted_at
    ]
    refuse_under_deleted(connection, raised)
    buried = [
        one.id for one in pending.after.values() if one.deleted_at and not pending.before[one.id].deleted_at
    ]
    left = others_alive(
        connection, [one for one in descendants(connection, buried) if one not in pending.after]
    )
    if left:
        raise TandemError(
            "undo_conflict",
            "Taking back this creation would delete items that have others below them: "
            f"{', '.join(left[:10])}.",
            "delete_work_item deletes an item with all below it; or move these first. "
            f"What {event_id} made as a whole is taken back by undo(event={event_id}).",
            details={"ids": left},
        )
