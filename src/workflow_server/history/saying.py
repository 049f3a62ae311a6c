"""What an undo did, in one line that stays short however many items it is about."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from bridge.agreed.wording import counted, first_of
from workflow_server.history.events import Change
from workflow_server.items.model import Item

_MOST_NAMED = 3
_MADE_OF = {
    "create": "the creation",
    "create_plan": "the plan",
    "undo": "the undo",
    "complete": "the completion",
    "delete": "the deletion",
    "restore": "the restoring",
}


def taken_back(
    target: sqlite3.Row,
    items: Mapping[str, Item],
    changed: Mapping[str, Sequence[str]],
    of: int,
    types: Sequence[Change],
) -> str:
    """``took back the plan of ann at …: 200 items deleted: wi_a 'T', … and 197 more``, and how many others
    the event keeps.

    :param of: how many items and types the event is about.
    """
    groups: dict[str, list[str]] = {}
    for one, fields in changed.items():
        groups.setdefault(_did(items[one], fields), []).append(f"{one} '{items[one].title[:60]}'")
    parts = [
        f"{counted(len(named), 'item')} {did}: {first_of(named, _MOST_NAMED)}"
        for did, named in groups.items()
    ]
    parts += [f"type {change.item_id.partition(':')[2]} as it was" for change in types]
    what = _MADE_OF.get(target["action"], f"the {target['action']}")
    rest = of - len(items) - len(types)
    kept = f" (the {counted(rest, 'other item')} of that event stay as they are)" if rest > 0 else ""
    if rest == 1:
        kept = " (the other item of that event stays as it is)"
    head = f"took back {what} by {target['actor']} at {target['at']}"
    return f"{head}: {'; '.join(parts) or 'nothing is left of it'}{kept}"


def _did(item: Item, fields: Sequence[str]) -> str:
    """What became of an item, ``item`` as it was before the undo."""
    if "deleted_at" in fields:
        return "restored" if item.deleted_at is not None else "deleted"
    named = [name for name in fields if name != "completed_at"]
    return f"with {', '.join(named)} as before" if named else "as they were already"
