"""Following a project as it changes, by whichever process: the newest event's number is asked for at short
intervals.

A file watcher would see every checkpoint of the database and miss changes on network drives; one indexed read
twice a second costs less than either mistake.
"""

from collections.abc import AsyncIterator

import anyio

from workflow_server.records import Call, Event
from workflow_server.service import WorkflowService

INTERVAL_SECONDS = 0.3
"""A change is seen in every window within a second; this leaves time to fetch and draw it."""
_PAGE = 200


async def follow(
    service: WorkflowService, call: Call, since: int | None = None, interval: float = INTERVAL_SECONDS
) -> AsyncIterator[list[Event]]:
    """Events of the call's project after `since` (default: from now on), in batches, for ever."""
    seen = await service.head(call) if since is None else since
    while True:
        if await service.head(call) > seen:
            answer = await service.history(call, since=seen, limit=_PAGE)
            if answer["events"]:
                yield answer["events"]
            seen = answer["next_cursor"]
        else:
            await anyio.sleep(interval)
