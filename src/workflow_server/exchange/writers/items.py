"""Every living item of a project, whole, in the order of the plan."""

from __future__ import annotations

from collections.abc import Sequence

from workflow_server.records import Call, ItemQuery, WorkItem
from workflow_server.service import WorkflowService

_PAGE = 200
_AT_ONCE = 50


async def all_items(service: WorkflowService, call: Call) -> list[WorkItem]:
    """Read the project page by page; references come as they were last known or are checked, as a get
    does. What is below an item follows it, and beside each other items stand as they were made.
    """
    ids: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        query: ItemQuery = {"sort": "created", "limit": _PAGE}
        if cursor:
            query["cursor"] = cursor
        page = await service.list_work_items(call, query)
        ids += [row["id"] for row in page["items"]]
        cursor = page["next_cursor"]
    ids.reverse()  # a page begins with the newest
    items: list[WorkItem] = []
    for start in range(0, len(ids), _AT_ONCE):
        answer = await service.get_work_items(call, ids[start : start + _AT_ONCE], include=["notes"])
        items += answer["items"]
    return _as_planned(items)


def _as_planned(items: Sequence[WorkItem]) -> list[WorkItem]:
    known = {item["id"] for item in items}
    below: dict[str | None, list[WorkItem]] = {}
    for item in items:
        below.setdefault(item["parent_id"] if item["parent_id"] in known else None, []).append(item)
    ordered: list[WorkItem] = []
    waiting = below.get(None, [])[::-1]
    while waiting:
        item = waiting.pop()
        ordered.append(item)
        waiting += below.get(item["id"], [])[::-1]
    return ordered
