"""A project to an archive."""

from __future__ import annotations

import json
import sqlite3

from workflow_server.exchange.archive.form import lines_of
from workflow_server.records import Call
from workflow_server.service import WorkflowService
from workflow_server.store.clock import stamp, system_clock


async def exported(service: WorkflowService, call: Call) -> str:
    """The call's project as the text of an archive, of one moment."""
    project, store = await service.open_store(call)

    def read(connection: sqlite3.Connection) -> str:
        lines = (
            json.dumps(line, ensure_ascii=False, separators=(",", ":"))
            for line in lines_of(connection, project, stamp(system_clock()))
        )
        return "\n".join(lines) + "\n"

    return await store.read(read)
