"""A desk to work at in tests: the real service on real files, a clock to turn, short words for calls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from workflow_server.records import (
    Actor,
    BriefItem,
    Call,
    ClaimAnswer,
    Include,
    ItemChanges,
    ItemQuery,
    ListAnswer,
    NewItem,
    PlanItem,
    UpdateAnswer,
    WorkItem,
)
from workflow_server.service import WorkflowService


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        """Let time pass: ``pass_(minutes=5)``."""
        self.now += timedelta(**time)


class Desk:
    """One caller with a service of its own; two desks on one folder are two programs."""

    def __init__(self, data_dir: Path, clock: HandClock, name: str = "ann", project: str | None = "demo"):
        self.clock = clock
        self.service = WorkflowService(data_dir, default_project=project, clock=clock)
        self.call = Call(Actor(name, "test-client 1", "mcp"))

    def as_(self, name: str, door: str = "mcp") -> Desk:
        """The same service, called by somebody else."""
        other = Desk.__new__(Desk)
        other.clock, other.service = self.clock, self.service
        other.call = Call(Actor(name, "other-client 2", door))
        return other

    async def create(self, title: str = "Work", **fields: Any) -> WorkItem:
        """A new item, whole."""
        answer = await self.service.create_work_item(self.call, cast("NewItem", {"title": title, **fields}))
        return answer["item"]

    async def plan(self, *items: dict[str, Any], dry_run: bool = False) -> dict[str, PlanItem]:
        """A plan's items by key."""
        answer = await self.service.create_work_items(
            self.call, [cast("NewItem", item) for item in items], dry_run=dry_run
        )
        return {str(item["key"]): item for item in answer["items"]}

    async def get(self, id: str, *include: Include) -> WorkItem:  # noqa: A002
        """One item, whole."""
        return (await self.service.get_work_items(self.call, [id], include=include))["items"][0]

    async def update(
        self,
        ids: str | Sequence[str],
        *,
        expected_version: int | None = None,
        claim_token: str | None = None,
        override_reason: str | None = None,
        **changes: Any,
    ) -> UpdateAnswer:
        """Change one or several items."""
        return await self.service.update_work_items(
            self.call,
            [ids] if isinstance(ids, str) else ids,
            cast("ItemChanges", changes),
            expected_version=expected_version,
            claim_token=claim_token,
            override_reason=override_reason,
        )

    async def page(self, **query: Any) -> ListAnswer:
        """A page."""
        return await self.service.list_work_items(self.call, cast("ItemQuery", query))

    async def rows(self, **query: Any) -> list[BriefItem]:
        """The rows of a page."""
        return (await self.page(**query))["items"]

    async def ids(self, **query: Any) -> list[str]:
        """The ids of a page."""
        return [item["id"] for item in (await self.page(**query))["items"]]

    async def claim(self, id: str | None = None, **arguments: Any) -> ClaimAnswer:  # noqa: A002
        """Claim one item or the best."""
        return await self.service.claim_work_item(self.call, id=id, **arguments)
