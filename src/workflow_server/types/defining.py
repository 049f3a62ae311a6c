"""Defining a type and changing it, with what that means for the items there are."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bridge.agreed.errors import TandemError
from workflow_server.history.events import Change, append
from workflow_server.items.checks import invalid, shown
from workflow_server.items.model import Item
from workflow_server.items.rows import as_json, load
from workflow_server.items.written import Pending, store_changes
from workflow_server.records import Actor, ItemType
from workflow_server.types import catalog
from workflow_server.types.builtin import BUILT_IN
from workflow_server.types.catalog import TypeDefinition
from workflow_server.types.compatibility import breaking_changes
from workflow_server.types.retracting import TYPE_MARK
from workflow_server.types.validation import check_effort, check_schema, problems

Json = dict[str, Any]
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,49}\Z")
_NAMED_ITEMS = 20


@dataclass
class Defined:
    """The type as it is now, what its change breaks, how many items were given defaults."""

    definition: TypeDefinition
    event: str | None
    breaking: list[str] = field(default_factory=list)
    migrated: int = 0
    warnings: list[str] = field(default_factory=list)


def checked_name(name: object) -> str:
    """A type name: snake case, up to 50 characters."""
    if not isinstance(name, str) or not _NAME.match(name):
        raise invalid(
            "name",
            f"is {shown(name)}.",
            "Use snake_case: a-z, 0-9 and _, up to 50, not starting with a digit.",
        )
    return name


def define(
    connection: sqlite3.Connection,
    name: str,
    schema: Json | None,
    description: str | None,
    actor: Actor,
    now: str,
    *,
    allow_breaking: bool,
    defaults: Mapping[str, Any] | None,
) -> Defined:
    """Make a type, or change it to a new version.

    A change that refuses what was accepted needs ``allow_breaking``, or
    ``defaults`` that make every item fit; else ``breaking_change`` lists the
    items. An unchanged definition stores nothing.
    """
    old = catalog.find(connection, name)
    if schema is not None:
        check_effort(schema)
    new_schema = check_schema(schema) if schema is not None else old.schema if old else {"type": "object"}
    told = description if description is not None else old.description if old else ""
    if old is not None and (old.schema, old.description) == (new_schema, told) and not defaults:
        return Defined(old, None, warnings=[f"Type '{name}' already was so; nothing was stored."])
    definition = TypeDefinition(name, old.version + 1 if old else 1, told, new_schema)
    breaking = breaking_changes(old.schema, new_schema) if old else []
    changes, migrated, misfits = _migrate(connection, definition, defaults or {}, now)
    if misfits and defaults and not allow_breaking:
        breaking = breaking or ["the defaults do not make every item fit"]
    if breaking and not allow_breaking and (misfits or not defaults):
        raise _refusal(name, breaking, misfits)
    connection.execute(
        "INSERT INTO item_type (name, version, description, schema, at) VALUES (?, ?, ?, ?, ?)",
        (name, definition.version, told, as_json(new_schema), now),
    )
    before = {"schema": old.schema, "description": old.description} if old else None
    changes.append(
        Change(f"{TYPE_MARK}{name}", definition.version, before, {"schema": new_schema, "description": told})
    )
    event = append(connection, actor, now, "define_type", changes)
    warnings = [f"{one} no longer fits: {why}" for one, why in list(misfits.items())[:_NAMED_ITEMS]]
    return Defined(definition, event, breaking, migrated, warnings)


def _migrate(
    connection: sqlite3.Connection, definition: TypeDefinition, defaults: Mapping[str, Any], now: str
) -> tuple[list[Change], int, dict[str, str]]:
    """Lay ``defaults`` under every item's metadata; answer the changes and the items that do not fit
    after it.
    """
    ids = [
        row[0]
        for row in connection.execute(
            "SELECT id FROM item WHERE item_type = ? ORDER BY n", (definition.name,)
        )
    ]
    changes: list[Change] = []
    misfits: dict[str, str] = {}
    for start in range(0, len(ids), 500):
        items = load(connection, ids[start : start + 500])
        pending = Pending(items)
        for item in items.values():
            filled: Item = replace(item, metadata={**defaults, **item.metadata})
            if filled.metadata != item.metadata:
                pending.after[item.id] = filled
            found = problems(definition.schema, filled.metadata)
            if found and item.deleted_at is None:
                misfits[item.id] = found[0]
        changes += store_changes(connection, pending, now)[0]
    return changes, len(changes), misfits


def _refusal(name: str, breaking: list[str], misfits: Mapping[str, str]) -> TandemError:
    named = "; ".join(f"{one}: {why}" for one, why in list(misfits.items())[:5])
    items = (
        f"{len(misfits)} items would no longer fit ({named})" if misfits else "no item of today would misfit"
    )
    return TandemError(
        "breaking_change",
        f"This changes type '{name}' so that it refuses what it took: {'; '.join(breaking)}; {items}.",
        "Give `defaults` for what is missing, pass allow_breaking=true, or only add optional properties.",
        details={"breaking": breaking, "items": list(misfits)[:1000], "item_count": len(misfits)},
    )


def listed(connection: sqlite3.Connection) -> list[ItemType]:
    """All types with the number of their living items."""
    counts = dict(
        connection.execute(
            "SELECT item_type, count(*) FROM item WHERE deleted_at IS NULL GROUP BY item_type"
        ).fetchall()
    )
    return [
        shown_type(catalog.required(connection, name), counts.get(name, 0))
        for name in catalog.names(connection)
    ]


def shown_type(definition: TypeDefinition, items: int) -> ItemType:
    """A type as an answer."""
    return {
        "name": definition.name,
        "version": definition.version,
        "description": definition.description,
        "schema": json.loads(json.dumps(definition.schema)),
        "built_in": definition.name in BUILT_IN,
        "items": items,
    }
