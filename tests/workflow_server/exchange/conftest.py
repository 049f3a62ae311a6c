"""A service over a folder of its own, and a call to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from workflow_server.records import Actor, Call, WorkItem
from workflow_server.service import WorkflowService


@dataclass
class Project:
    """One project of one service."""

    service: WorkflowService
    call: Call

    def named(self, name: str) -> Project:
        """Another project of the same service."""
        return Project(self.service, replace(self.call, project=name))

    async def items(self) -> dict[str, WorkItem]:
        """All living items by title."""
        page = await self.service.list_work_items(self.call, {"limit": 200})
        ids = [row["id"] for row in page["items"]]
        if not ids:
            return {}
        found: list[WorkItem] = []
        for start in range(0, len(ids), 50):
            answer = await self.service.get_work_items(
                self.call, ids[start : start + 50], include=["notes", "history"]
            )
            found += answer["items"]
        return {item["title"]: item for item in found}

    async def history(self) -> list[dict[str, Any]]:
        """Every event, without the number that belongs to the file."""
        answer = await self.service.history(self.call, limit=500)
        return [{name: value for name, value in event.items() if name != "seq"} for event in answer["events"]]


@pytest.fixture
async def project(tmp_path: Path) -> AsyncIterator[Project]:
    service = WorkflowService(tmp_path / "data", default_project="here")
    made = Project(service, Call(Actor("ann", "tests 1", "cli")))
    await service.create_project(made.call, "here")
    yield made
    await service.close()
