"""What a foreign file says of items that an earlier import made, where it has changed since.

The state that an import left stands in the history: the file is held against that, not against the item as
it is now, on which people here have worked.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from bridge.agreed.errors import TandemError
from workflow_server.exchange.foreign import ForeignFile, ForeignItem
from workflow_server.items.checks import shown
from workflow_server.items.fields import CHECKS
from workflow_server.items.model import MAX_DEPTH
from workflow_server.items.rows import as_json
from workflow_server.records import Call
from workflow_server.service import WorkflowService

Json = dict[str, Any]

_DEFAULTS: Json = {
    "title": "", "item_type": "task", "description": "", "status": "planned", "priority": 2, "assignee": None,
    "due": None, "defer_until": None, "labels": [], "acceptance_criteria": [], "parent_id": None,
    "blocked_by": [],
}  # fmt: skip


async def changed_in_file(
    service: WorkflowService, call: Call, file: ForeignFile, known: Mapping[str, str]
) -> list[str]:
    """A sentence for each item of the file that is here already and of which the file says something else
    than it did when it was imported.
    """
    here = [item for item in file.items if item.key in known]
    if not here:
        return []
    _, store = await service.open_store(call)
    imported = await store.read(lambda connection: _imported(connection, [known[item.key] for item in here]))
    edges = _Edges(file.items, known)
    told = []
    for item in here:
        state = imported.get(known[item.key])
        if state is not None and (different := _different(item, state, edges)):
            told.append(f"{item.key} ({known[item.key]}): {', '.join(different)}")
    return told


def _imported(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, Json]:
    """The items as imports left them, from what their events say; `note` holds all notes they added."""
    rows = connection.execute(
        """SELECT change.item_id, change.after FROM change JOIN event ON event.seq = change.seq
           WHERE event.door = 'import' AND change.item_id IN (SELECT value FROM json_each(?))
           ORDER BY change.seq""",
        (as_json(list(ids)),),
    )
    states: dict[str, Json] = {}
    for item_id, after in rows:
        said: Json = json.loads(after) if after else {}
        state = states.setdefault(item_id, {**_DEFAULTS, "note": []})
        if note := said.pop("note", None):
            state["note"].append(note["text"])
        state.update(said)
    return states


class _Edges:
    """Parents and blockers of the file as ids here, without those that an import cannot have kept."""

    def __init__(self, items: Iterable[ForeignItem], known: Mapping[str, str]) -> None:
        self._items = {item.key: item for item in items}
        self._known = known

    def other_parent(self, item: ForeignItem, held: str | None) -> str | None:
        """The key of the parent that is not the one of the import; None also where it would be below the
        item, or is nowhere, or where the item was hung higher than the file says, being too deep.
        """
        wanted = self._known.get(item.parent or "")
        if item.parent is None or wanted in (None, held) or self._leads(item.parent, item.key):
            return None
        above, key = [item.parent], item.parent
        while (over := self._items[key].parent if key in self._items else None) and over not in above:
            above.append(over)
            key = over
        is_hung_higher = len(above) >= MAX_DEPTH and held in {self._known.get(one) for one in above}
        return None if is_hung_higher else item.parent

    def new_blockers(self, item: ForeignItem, held: Iterable[str]) -> list[str]:
        """Keys of what the item waits for in the file and did not when it was imported."""
        return [
            key
            for key in dict.fromkeys(item.blocked_by)
            if key in self._known and self._known[key] not in set(held) and not self._leads(key, item.key)
        ]

    def _leads(self, start: str, end: str) -> bool:
        """Whether `end` is met on the ways up and back from `start`: an edge that closes a circle was never
        imported.
        """
        seen: set[str] = set()
        open_keys = [start]
        while open_keys:
            key = open_keys.pop()
            if key == end:
                return True
            if key in self._items and key not in seen:
                item = self._items[key]
                open_keys += [*item.blocked_by, *([item.parent] if item.parent else [])]
            seen.add(key)
        return False


def _different(item: ForeignItem, state: Json, edges: _Edges) -> list[str]:
    """What differs, field by field, in words."""
    told = [
        f"{name} {shown(state[name])[:60]} → {shown(said)[:60]}"
        for name in ("title", "status", "priority", "item_type", "assignee", "due", "defer_until")
        if (said := _kept(name, getattr(item, name))) != state[name]
    ]
    if _kept("description", item.description) != state["description"]:
        told.append("description")
    if {*map(str.casefold, item.labels)} != {*map(str.casefold, state["labels"])}:
        told.append(f"labels {', '.join(item.labels) or 'none'}")
    criteria = [(text, done) for text, done in item.criteria]
    if criteria != [(each["text"], each["done"]) for each in state["acceptance_criteria"]]:
        told.append("acceptance criteria")
    fresh = [note for note in item.notes if note not in state["note"]]
    if fresh:
        told.append(f"{len(fresh)} new note{'s' if len(fresh) > 1 else ''}")
    if parent := edges.other_parent(item, state["parent_id"]):
        told.append(f"parent {parent}")
    if blockers := edges.new_blockers(item, state["blocked_by"]):
        told.append(f"waits for {', '.join(blockers)}")
    return told


def _kept(name: str, value: Any) -> Any:
    """A field of the file as the service keeps it: times in UTC, titles on one line; as it is where the
    service would refuse it.
    """
    if not value:
        return value if value == 0 else _DEFAULTS[name]
    try:
        return CHECKS[name](name, value)
    except TandemError:
        return value
