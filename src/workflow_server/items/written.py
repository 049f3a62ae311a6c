"""Writing items: every path that changes rows goes through here, so none forgets a version, an event or
a kept column.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bridge.agreed.errors import TandemError
from workflow_server.dependencies import kept
from workflow_server.dependencies.refusals import (
    refuse_dependency_cycle,
    refuse_depth,
    refuse_parent_cycle,
    refuse_under_itself,
)
from workflow_server.history.events import Change
from workflow_server.items.model import Item, difference
from workflow_server.items.rows import as_json, load, save
from workflow_server.items.unknown import not_found


@dataclass
class Pending:
    """Items being changed in one transaction: what they were, what they are to be, extra words for the
    event, and marks, which are kept where something else is.
    """

    before: dict[str, Item]
    after: dict[str, Item] = field(default_factory=dict)
    extra: dict[str, dict[str, object]] = field(default_factory=dict)
    marks: dict[str, dict[str, object]] = field(default_factory=dict)


def former_claim(before: Item) -> dict[str, str] | None:
    """What the history keeps of a claim that ends or is replaced."""
    claim = before.claim
    if claim is None:
        return None
    lease = {"lease_until": claim.lease_until} if claim.lease_until else {}
    return {"by": claim.by, "at": claim.at, **lease}


def store_changes(
    connection: sqlite3.Connection, pending: Pending, now: str
) -> tuple[list[Change], list[str]]:
    """Write all pending items with new versions; answer the event's changes and the ids that became ready.

    Raises for a blocker, link or parent that does not exist, for cycles, and
    past the deepest level; the caller's transaction then takes everything back.
    """
    changes: list[Change] = []
    structural: set[str] = set()
    beside: set[str] = set()
    for identifier, wanted in pending.after.items():
        before = pending.before[identifier]
        was, is_now = difference(before, wanted)
        extra = pending.extra.get(identifier, {})
        if before.claim and not wanted.claim and "claim" not in extra:
            was, is_now = {**was, "claim": former_claim(before)}, {**is_now, "claim": None}
        after = (
            replace(wanted, version=before.version + 1, updated_at=now) if was or is_now or extra else wanted
        )
        _refuse_unknown(connection, before, after)
        save(connection, before, after)
        pending.after[identifier] = after
        if after.version != before.version:
            mark = pending.marks.get(identifier, {})
            changes.append(Change(identifier, after.version, was, {**is_now, **extra, **mark}))
        if is_now.keys() & {"status", "parent_id", "blocked_by", "defer_until", "deleted_at"}:
            structural.add(identifier)
            beside.update(set(before.blocked_by) - set(after.blocked_by))
            beside.update(
                {before.parent_id} if before.parent_id and before.parent_id != after.parent_id else ()
            )
    _move(connection, pending)
    for identifier in structural:
        added = set(pending.after[identifier].blocked_by) - set(pending.before[identifier].blocked_by)
        refuse_dependency_cycle(connection, identifier, sorted(added))
    ready = kept.refresh(connection, structural, beside) if structural else []
    return changes, ready


def _refuse_unknown(connection: sqlite3.Connection, before: Item, after: Item) -> None:
    known_before = {*before.blocked_by, *(other for _, other in before.links), before.parent_id}
    named: dict[str, set[str]] = {
        "blocked_by": set(after.blocked_by) - known_before,
        "links": {other for _, other in after.links} - known_before,
        "parent_id": {after.parent_id} - known_before if after.parent_id else set(),
    }
    wanted = set().union(*named.values())
    if after.id in wanted and after.id != after.parent_id:
        raise TandemError(
            "dependency_cycle",
            f"{after.id} cannot wait for or link to itself.",
            "Name another item.",
            details={"cycle": [after.id, after.id]},
        )
    if wanted:
        refuse_unknown_ids(connection, named)


def refuse_unknown_ids(connection: sqlite3.Connection, named: Mapping[str, Iterable[str]]) -> None:
    """Raise ``work_item_not_found`` for the first field that names an item that is not there, or is
    deleted.
    """
    wanted = {identifier for ids in named.values() for identifier in ids}
    alive = {
        row[0]: row[1]
        for row in connection.execute(
            "SELECT id, deleted_at FROM item WHERE id IN (SELECT value FROM json_each(?))",
            (as_json(list(wanted)),),
        )
    }
    for name, ids in named.items():
        for identifier in sorted(ids):
            if identifier not in alive:
                raise not_found(connection, identifier, name)
            if alive[identifier] is not None:
                item = load(connection, [identifier])[identifier]
                if (project := moved_to(connection, item)) is not None:
                    raise moved_away(item, project, f", named by `{name}`,")
                raise TandemError(
                    "work_item_deleted",
                    f"Work item {identifier}, named by `{name}`, was deleted at {alive[identifier]}.",
                    "Restore it with delete_work_item(id, restore=true), or name another.",
                    details={"id": identifier, "field": name},
                )


def moved_to(connection: sqlite3.Connection, item: Item) -> str | None:
    """The project that an item, gone from this one, was moved to; None for one that is deleted."""
    if item.deleted_by is None:
        return None
    row = connection.execute(
        """SELECT json_extract(change.after, '$.moved_to') FROM event
           JOIN change ON change.seq = event.seq AND change.item_id = ? WHERE event.id = ?""",
        (item.id, item.deleted_by),
    ).fetchone()
    return None if row is None or row[0] is None else str(row[0])


def moved_away(item: Item, project: str, where: str = "") -> TandemError:
    """The error for an item that lives in another project now."""
    return TandemError(
        "moved_away",
        f"{item.id} '{item.title}'{where} was moved to project '{project}' at {item.deleted_at}.",
        f"Work on it there (project '{project}'), or take the move back with undo.",
        details={"id": item.id, "project": project},
    )


def refuse_moved(connection: sqlite3.Connection, item: Item) -> None:
    """Raise ``moved_away`` for what is left here of an item that lives in another project now: it is shown
    to nobody, and to restore or change it would have the item in both.
    """
    if (project := moved_to(connection, item)) is not None:
        raise moved_away(item, project)


def existing(connection: sqlite3.Connection, ids: Sequence[str], *, deleted: bool = False) -> dict[str, Item]:
    """The items with these ids. Raises for one that is unknown or, unless ``deleted``, deleted."""
    items = load(connection, ids)
    for identifier in ids:
        if identifier not in items:
            raise not_found(connection, identifier)
        item = items[identifier]
        if item.deleted_at is not None and not deleted:
            refuse_moved(connection, item)
            raise TandemError(
                "work_item_deleted",
                f"Work item {identifier} '{item.title}' was deleted at {item.deleted_at}.",
                "Restore it first with delete_work_item(id, restore=true).",
                details={"id": identifier, "deleted_at": item.deleted_at},
            )
    return {identifier: items[identifier] for identifier in ids}


def _move(connection: sqlite3.Connection, pending: Pending) -> None:
    """Give items under a new parent, with all below them, their new paths; refuse cycles and depth."""
    for identifier, after in pending.after.items():
        if after.parent_id == pending.before[identifier].parent_id:
            continue
        item = load(connection, [identifier])[identifier]
        path = f"/{identifier}/"
        if after.parent_id is not None:
            parent = load(connection, [after.parent_id])[after.parent_id]
            refuse_under_itself(item, parent)
            refuse_depth(identifier, parent, _height(connection, item))
            refuse_parent_cycle(connection, identifier, parent.id)
            path = f"{parent.path}{identifier}/"
        connection.execute(
            "UPDATE item SET path = ? || substr(path, ?) WHERE id IN (SELECT value FROM json_each(?))",
            (path, len(item.path) + 1, as_json([identifier, *descendants(connection, [identifier])])),
        )
        pending.after[identifier] = replace(after, path=path)


def _height(connection: sqlite3.Connection, item: Item) -> int:
    below = descendants(connection, [item.id])
    deepest = connection.execute(
        """SELECT coalesce(max(length(path) - length(replace(path, '/', ''))), 0) FROM item
           WHERE id IN (SELECT value FROM json_each(?))""",
        (as_json([item.id, *below]),),
    ).fetchone()[0]
    return int(deepest) - 1 - len(item.ancestors)


def descendants(connection: sqlite3.Connection, ids: Sequence[str]) -> list[str]:
    """Everything below ``ids``, deleted ones included, nearest level first."""
    found: list[str] = []
    level = list(ids)
    while level:
        level = [
            row[0]
            for row in connection.execute(
                "SELECT id FROM item WHERE parent_id IN (SELECT value FROM json_each(?)) ORDER BY n",
                (as_json(level),),
            )
        ]
        found += level
    return found
