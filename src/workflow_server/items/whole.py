"""Items as answers: whole ones and brief rows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from workflow_server.dependencies.readiness import Verdict
from workflow_server.dependencies.surroundings import open_blockers, verdicts
from workflow_server.history.events import latest_of_item
from workflow_server.items.due import is_over
from workflow_server.items.evidence import shown_criterion
from workflow_server.items.model import CLOSED_STATUSES, ClaimState, Item, recorded
from workflow_server.items.rows import as_json
from workflow_server.records import BriefItem, Claim, Criterion, Include, Link, Note, Status, WorkItem

HISTORY_LINES = 50
"""Events of an item that ``include=["history"]`` shows; the rest are had with `history`."""

LAST_NOTES = 5
"""Notes that an item shows unasked, the newest; ``note_count`` tells whether there are more."""

_AMONG = "IN (SELECT value FROM json_each(?))"


def whole(
    connection: sqlite3.Connection, items: Mapping[str, Item], now: str, include: Sequence[Include] = ()
) -> list[WorkItem]:
    """The items with everything an answer holds. References are as stored; checking them comes after."""
    judged = verdicts(connection, items, now)
    blocks = _pairs(
        connection,
        """SELECT dependency.blocker_id, dependency.item_id FROM json_each(?) AS wanted
           CROSS JOIN dependency ON dependency.blocker_id = wanted.value
           CROSS JOIN item ON item.id = dependency.item_id
           WHERE +item.deleted_at IS NULL""",
        items,
    )
    linked = _links_to(connection, items)
    answers = []
    for identifier, item in items.items():
        answer = _whole(item, judged[identifier], blocks.get(identifier, []), linked.get(identifier, []), now)
        if item.note_count:
            answer["notes"] = notes(connection, identifier, None if "notes" in include else LAST_NOTES)
        if "children" in include:
            answer["children"] = children(connection, identifier, now)
        if "history" in include:
            answer["history"] = latest_of_item(connection, identifier, HISTORY_LINES)
        answers.append(answer)
    return answers


def _whole(item: Item, verdict: Verdict, blocks: list[str], linked: list[Link], now: str) -> WorkItem:
    answer: WorkItem = {
        "id": item.id,
        "title": item.title,
        "item_type": item.item_type,
        "status": cast("Status", item.status),
        "status_reason": item.status_reason,
        "priority": item.priority,
        "parent_id": item.parent_id,
        "path": [*item.ancestors, item.id],
        "links": cast("list[Link]", recorded(item, "links")),
        "linked_from": linked,
        "description": item.description,
        "labels": list(item.labels),
        "assignee": item.assignee,
        "acceptance_criteria": cast(
            "list[Criterion]", [shown_criterion(criterion) for criterion in item.acceptance_criteria]
        ),
        "blocked_by": list(item.blocked_by),
        "blocks": blocks,
        "entity_references": [record["ref"] for record in item.entity_references],
        "valid_references": [],
        "stale_references": [],
        "reference_details": [],
        "metadata": item.metadata,
        "notes": [],
        "note_count": item.note_count,
        "due": item.due,
        "defer_until": item.defer_until,
        "claim": shown_claim(item.claim, now),
        "ready": verdict.ready,
        "version": item.version,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "completed_at": item.completed_at,
        "deleted_at": item.deleted_at,
        "created_by": str(item.created_by.get("name", "")),
        "created_via": {name: value for name, value in item.created_by.items() if name != "name"},
        "warnings": [],
    }
    if item.open:
        if is_over(item.due, now):
            answer["overdue"] = True
        if waits := [one for one in item.blocked_by if one in verdict.blockers]:
            answer["waits_for"] = waits
        if not verdict.ready:
            answer["why_blocked"] = list(verdict.reasons)
    return answer


def shown_claim(claim: ClaimState | None, now: str) -> Claim | None:
    """A running claim without what proves it."""
    if claim is None or not claim.runs(now):
        return None
    return {
        "by": claim.by,
        "client": claim.client,
        "door": claim.door,
        "at": claim.at,
        "lease_until": claim.lease_until,
    }


def _pairs(connection: sqlite3.Connection, sql: str, ids: Iterable[str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for one, other in connection.execute(sql, (as_json(list(ids)),)):
        groups.setdefault(one, []).append(other)
    return groups


def _links_to(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, list[Link]]:
    groups: dict[str, list[Link]] = {}
    rows = connection.execute(
        """SELECT link.other_id, link.kind, link.item_id FROM json_each(?) AS wanted
           CROSS JOIN link ON link.other_id = wanted.value
           CROSS JOIN item ON item.id = link.item_id
           WHERE +item.deleted_at IS NULL ORDER BY item.n DESC""",
        (as_json(list(ids)),),
    )
    for other, kind, source in rows:
        groups.setdefault(other, []).append({"kind": kind, "id": source})
    return groups


def notes(connection: sqlite3.Connection, item_id: str, last: int | None = None) -> list[Note]:
    """The notes of an item, oldest first; only the ``last`` few when given."""
    rows = connection.execute(
        "SELECT id, text, author, at FROM note WHERE item_id = ? AND withdrawn = 0 ORDER BY id DESC LIMIT ?",
        (item_id, -1 if last is None else last),
    ).fetchall()
    return [
        {"id": row["id"], "text": row["text"], "by": row["author"], "at": row["at"]} for row in reversed(rows)
    ]


def children(connection: sqlite3.Connection, item_id: str, now: str) -> list[BriefItem]:
    """Brief rows of the living children, in the order they were made."""
    rows = connection.execute(
        "SELECT * FROM item WHERE parent_id = ? AND +deleted_at IS NULL ORDER BY n", (item_id,)
    ).fetchall()
    return brief(connection, rows, now)


def brief(connection: sqlite3.Connection, rows: Sequence[sqlite3.Row], now: str) -> list[BriefItem]:
    """Rows of ``item`` as brief items: what is empty is left out."""
    ids = [row["id"] for row in rows]
    waiting = open_blockers(connection, [row["id"] for row in rows if row["waits"]])
    references = {
        row["item_id"]: row
        for row in connection.execute(
            f"""SELECT item_id, count(*) AS number, sum(record ->> '$.state' IS 'stale') AS gone,
                       sum(record ->> '$.state' IS 'unresolved') AS unfound
                FROM reference WHERE item_id {_AMONG} GROUP BY item_id""",
            (as_json(ids),),
        )
    }
    return [_brief(row, waiting.get(row["id"], []), references.get(row["id"]), now) for row in rows]


def _brief(row: sqlite3.Row, waiting: list[str], references: sqlite3.Row | None, now: str) -> BriefItem:
    item: BriefItem = {
        "id": row["id"],
        "title": row["title"],
        "item_type": row["item_type"],
        "status": row["status"],
        "priority": row["priority"],
        "version": row["version"],
        "updated_at": row["updated_at"],
    }
    optional: dict[str, Any] = {
        "parent_id": row["parent_id"],
        "labels": json.loads(row["labels"]),
        "assignee": row["assignee"],
        "due": row["due"],
        "overdue": row["status"] not in CLOSED_STATUSES and is_over(row["due"], now),
        "deleted_at": row["deleted_at"],
        "blocked_by": waiting,
        "references": references and references["number"],
        "stale": references and references["gone"],
        "unresolved": references and references["unfound"],
    }
    claim = ClaimState(**json.loads(row["claim"])) if row["claim"] else None
    if claim is not None and claim.runs(now):
        optional["claimed_by"] = claim.by
    criteria = json.loads(row["acceptance_criteria"])
    if criteria:
        optional["criteria"] = f"{sum(criterion['done'] for criterion in criteria)}/{len(criteria)}"
    return cast("BriefItem", {**item, **{name: value for name, value in optional.items() if value}})
