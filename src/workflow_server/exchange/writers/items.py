"""Every living item of a project, whole, in the order of creation."""

from __future__ import annotations

from workflow_server.records import Call, ItemQuery, WorkItem
from workflow_server.service import WorkflowService

_PAGE = 200
_AT_ONCE = 50


async def all_items(service: WorkflowService, call: Call) -> list[WorkItem]:
    """Read the project page by page; references come as they were last known or are checked, as a get
    does.
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
    items: list[WorkItem] = []
    for start in range(0, len(ids), _AT_ONCE):
        answer = await service.get_work_items(call, ids[start : start + _AT_ONCE], include=["notes"])
        items += answer["items"]
    return sorted(items, key=lambda item: (item["created_at"], item["id"]))
