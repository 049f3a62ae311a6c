"""The filters of a list or a claim as SQL conditions on ``item``."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from typing import Any

from bridge.agreed.syntax import given as read_given
from bridge.agreed.syntax import parse
from workflow_server.find import text as full_text
from workflow_server.history.events import Chosen
from workflow_server.history.since import moment
from workflow_server.items.checks import Check, invalid, list_of, metadata, one_of, shown, text
from workflow_server.items.fields import CHECKS, MAX_PASTED
from workflow_server.items.model import STATUSES
from workflow_server.items.rows import as_json
from workflow_server.items.written import existing
from workflow_server.types import catalog
from workflow_server.types.filters import Condition, conditions

WHOLE_TREE = ("ready", "blocked", "claimed")
"""Views of what can be worked on: in them, as for a claim, ``parent_id`` means all below the item, since the
work of an epic lies below its stories.
"""

_BELOW = """item.id IN (WITH RECURSIVE below(id) AS (
    SELECT id FROM item WHERE parent_id = ?
    UNION ALL SELECT item.id FROM below CROSS JOIN item ON item.parent_id = below.id) SELECT id FROM below)"""

VIEWS = ("all", "ready", "blocked", "claimed", "deleted")
SORTS = ("relevance", "priority", "created", "updated", "due", "title")

READY = (
    "item.takeable = 1 AND (item.claim_key IS NULL OR item.lease_until <= ?)"
    " AND (item.deferred_until IS NULL OR item.deferred_until <= ?)"
)
"""True of exactly the items that `readiness.judge` calls ready; parameters: now, now."""

_TEXT = text(2_000, empty=False)
_WORDS = list_of(text(100, empty=False))


def _limit(field: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 200:
        raise invalid(field, f"is {shown(value)}.", "It must be a whole number from 1 to 200.")
    return value


QUERY_CHECKS: dict[str, Check] = {
    "view": one_of(VIEWS),
    "status": list_of(one_of(STATUSES)),
    "item_type": _WORDS,
    "label": _WORDS,
    "assignee": CHECKS["assignee"],
    "parent_id": text(100, empty=False),
    "text": _TEXT,
    "similar_to": _TEXT,
    "reference": text(MAX_PASTED, empty=False),
    "metadata": metadata,
    "changed_since": text(100, empty=False),
    "changed_by": text(200, empty=False),
    "sort": one_of(SORTS),
    "limit": _limit,
    "cursor": _TEXT,
}


def compiled(connection: sqlite3.Connection, query: Mapping[str, Any], now: str) -> Condition:
    """All filters of a checked ``query`` but ``text`` and ``similar_to``, combined with *and*."""
    parts: list[Condition] = [_view(query.get("view", "all"), now)]
    if query.get("status"):
        parts.append((f"item.status IN ({_places(query['status'])})", list(query["status"])))
    if query.get("item_type"):
        for name in query["item_type"]:
            catalog.required(connection, name)
        parts.append((f"item.item_type IN ({_places(query['item_type'])})", list(query["item_type"])))
    if query.get("label"):
        places = _places(query["label"])
        parts.append((f"item.n IN (SELECT n FROM label WHERE label IN ({places}))", list(query["label"])))
    if assignee := query.get("assignee"):
        parts.append(
            ("item.assignee IS NULL", []) if assignee == "none" else ("item.assignee = ?", [assignee])
        )
    if parent := query.get("parent_id"):
        if parent == "none":
            parts.append(("item.parent_id IS NULL", []))
        else:
            existing(connection, [parent], deleted=True)
            deep = query.get("below") or query.get("view") in WHOLE_TREE
            parts.append((_BELOW if deep else "item.parent_id = ?", [parent]))
    if query.get("metadata"):
        parts += conditions(query["metadata"])
    if reference := query.get("reference"):
        parts.append(_about(reference))
    if "changed_since" in query or "changed_by" in query:
        parts.append(_changed(query, now))
    return " AND ".join(f"({sql})" for sql, _ in parts), [value for _, values in parts for value in values]


def _changed(query: Mapping[str, Any], now: str) -> Condition:
    """Items with an event of that actor, from that moment on."""
    since = query.get("changed_since")
    chosen = Chosen(query.get("changed_by"), moment("changed_since", since, now) if since else None)
    return (
        "item.id IN (SELECT change.item_id FROM event CROSS JOIN change ON change.seq = event.seq"
        f" WHERE 1{chosen.sql})",
        list(chosen.parameters),
    )


def _places(values: Any) -> str:
    return ", ".join("?" * len(values))


def _view(view: str, now: str) -> Condition:
    if view == "ready":
        return READY, [now, now]
    if view == "blocked":
        return "item.waiting = 1", []
    if view == "claimed":
        return (
            "item.deleted_at IS NULL AND item.claim_key IS NOT NULL"
            " AND (item.lease_until IS NULL OR item.lease_until > ?)",
            [now],
        )
    if view == "deleted":  # what moved to another project is deleted nowhere
        return (
            "item.deleted_at IS NOT NULL"
            " AND item.deleted_by NOT IN (SELECT id FROM event WHERE action = 'move')",
            [],
        )
    return "item.deleted_at IS NULL", []


_KNOWN = "item.id IN (SELECT item_id FROM reference_key WHERE key IN (SELECT value FROM json_each(?)))"
_INSIDE = "item.id IN (SELECT item_id FROM reference_key WHERE key >= ? AND key < ?)"
_TOUCHING = """item.id IN (
    SELECT reference.item_id FROM reference_key
    JOIN reference ON reference.item_id = reference_key.item_id
    JOIN json_each(json_array(
        json_extract(reference.record, '$.snapshot'), json_extract(reference.record, '$.now')
    )) AS place
    WHERE reference_key.key = ? AND place.value ->> '$.path' = ?
      AND coalesce(place.value ->> '$.start_line', 0) <= ?
      AND coalesce(place.value ->> '$.end_line', 0) >= ?)"""


_SOMEWHERE = r"""item.id IN (
    SELECT item_id FROM reference_key
    WHERE key >= 'file:' AND key < 'file;' AND (key LIKE ? ESCAPE '\' OR key LIKE ? ESCAPE '\'))"""


def _plain(text: str) -> str:
    """`text` for LIKE, with no character that stands for others."""
    return re.sub(r"([%_\\])", r"\\\1", text)


def _about(reference: str) -> Condition:
    """Items about a chunk, a symbol, a file, lines of a file, or anything in a folder.

    A bare name is a file, a folder or a symbol: ``Meter.add``, or its last part alone. Behind ``**/`` a path
    is meant wherever it stands within a longer one.
    """
    given = read_given(reference).ref  # a search result may be pasted here too
    parsed = parse(given)
    keys = [f"ref:{given}"]
    if parsed.form == "chunk":
        return _KNOWN, [as_json([*keys, f"chunk:{parsed.chunk_id}"])]
    if parsed.form == "symbol":
        return _KNOWN, [as_json([*keys, f"symbol:{parsed.path}::{parsed.symbol}"])]
    if parsed.form == "lines":
        at = [f"file:{parsed.path}", parsed.path, parsed.end_line, parsed.start_line]
        return f"{_KNOWN} OR {_TOUCHING}", [as_json(keys), *at]
    if parsed.form == "path":
        folder = parsed.path.rstrip("/")
        if folder.startswith("**/"):  # the end of a path, or folders somewhere in it
            end = folder.removeprefix("**/")
            here, inside = _about(end)
            return f"({here}) OR {_SOMEWHERE}", [*inside, f"%/{_plain(end)}", f"%/{_plain(end)}/%"]
        keys += [f"file:{folder}", f"name:{folder}"]
        return f"{_KNOWN} OR {_INSIDE}", [as_json(keys), f"file:{folder}/", f"file:{folder}0"]
    return _KNOWN, [as_json(keys)]


def text_terms(query: Mapping[str, Any]) -> list[full_text.Term]:
    """The terms of the ``text`` filter; raises when it has no word."""
    given = query.get("text")
    if not given:
        return []
    found = full_text.terms(given)
    if not found:
        raise invalid(
            "text", f"is {shown(given)}, which holds no word to look for.", "Write letters or digits."
        )
    return found
