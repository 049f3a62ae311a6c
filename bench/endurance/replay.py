"""The history of a project file, replayed: what every item must be, who held it, what was confirmed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from bench.endurance.record import Acknowledged
from workflow_server.items.model import RECORDED, Item, recorded
from workflow_server.items.rows import load

Json = dict[str, Any]


class Replay:
    """Keeps the replayed state between checks, so that a check costs what happened since the last."""

    def __init__(self) -> None:
        self.events = 0
        self._read_to = 0
        self._items: dict[str, Json] = {}
        self._versions: dict[str, int] = {}
        self._held: set[str] = set()
        self._made: dict[tuple[str, int], tuple[str, Json]] = {}
        """Action and fields of every version."""

    def problems(self, connection: sqlite3.Connection, confirmed: Iterable[Acknowledged]) -> list[str]:
        """Read on, compare the items touched, and look for every confirmed write. Empty when all is well."""
        touched: set[str] = set()
        found = []
        for row in connection.execute(
            "SELECT change.*, event.action FROM change JOIN event USING (seq) WHERE seq > ? ORDER BY seq",
            (self._read_to,),
        ):
            self._read_to = row["seq"]
            self.events += 1
            touched.add(row["item_id"])
            found += self._apply(row)
        found += self._differences(connection, touched)
        for write in confirmed:
            found += self._missing(write)
        return found

    def everything(self, connection: sqlite3.Connection) -> list[str]:
        """Compare all items, however long ago they were touched."""
        stored = {row[0] for row in connection.execute("SELECT id FROM item")}
        lost = [f"{one} is in the history and not in the table" for one in self._items.keys() - stored]
        return lost + self._differences(connection, stored)

    def _apply(self, row: sqlite3.Row) -> list[str]:
        item, version = row["item_id"], row["version"]
        after: Json = json.loads(row["after"] or "{}")
        before: Json = json.loads(row["before"] or "{}")
        found = []
        if version != self._versions.get(item, 0) + 1:
            found.append(f"{item} goes from version {self._versions.get(item, 0)} to {version}")
        replayed = self._items.setdefault(item, {})
        found += [
            f"{item} version {version}: {name} was {replayed.get(name)!r}, its history says {before[name]!r}"
            for name in RECORDED
            if name in before and not _same(replayed.get(name), before[name])
        ]
        replayed.update({name: after[name] for name in RECORDED if name in after})
        self._versions[item] = version
        self._made[item, version] = (row["action"], after)
        return found + self._claims(item, row["action"])

    def _claims(self, item: str, action: str) -> list[str]:
        if action == "claim":
            twice = item in self._held
            self._held.add(item)
            return [f"{item} was claimed by two"] if twice else []
        if action in ("release", "complete", "cancel", "delete"):
            self._held.discard(item)
        return []

    def _differences(self, connection: sqlite3.Connection, ids: Iterable[str]) -> list[str]:
        found = []
        for identifier, item in load(connection, ids).items():
            replayed = self._items.get(identifier, {})
            found += [
                f"{identifier}: {name} is {recorded(item, name)!r}, its history gives {replayed.get(name)!r}"
                for name in RECORDED
                if not _same(recorded(item, name), replayed.get(name))
            ]
            if item.version != self._versions.get(identifier):
                found.append(f"{identifier} is at version {item.version}, its history at another")
            found += self._holder(item)
        return found

    def _holder(self, item: Item) -> list[str]:
        held = item.id in self._held
        return (
            [] if held == (item.claim is not None) else [f"{item.id}: history and table differ on its claim"]
        )

    def _missing(self, write: Acknowledged) -> list[str]:
        action, after = self._made.get((write.item, write.version), ("", {}))
        if not action:
            return [f"lost: {write}"]
        renamed = write.title and after.get("title") != write.title
        if renamed or (write.action == "claim" and action != "claim"):
            return [f"overwritten: {write}, its version is {action} {after}"]
        return []


def _same(one: Any, other: Any) -> bool:
    """Nothing, an empty text and an empty list are the same: a creation keeps only what is not empty."""
    return bool(_plain(one) == _plain(other))


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], dict) and "ref" in value[0]:
        return [record["ref"] for record in value]  # what a reference resolved to is found anew, not history
    return list(value) if isinstance(value, tuple) else value or None
