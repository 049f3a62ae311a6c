"""Completions for what a person types into a prompt or a resource address: ids, projects, types, statuses."""

from __future__ import annotations

from typing import get_args

from mcp.server import MCPServer
from mcp_types import (
    Completion,
    CompletionArgument,
    CompletionContext,
    PromptReference,
    ResourceTemplateReference,
)

from workflow_server.doors.application import Application
from workflow_server.records import Actor, Call, Status

_MOST = 100
"""The most values that the protocol lets an answer carry."""


def add_completions(server: MCPServer, application: Application) -> None:
    """Register the handler."""

    @server.completion()  # type: ignore[no-untyped-call, untyped-decorator]  # so in the SDK
    async def complete(
        ref: PromptReference | ResourceTemplateReference,
        argument: CompletionArgument,
        context: CompletionContext | None,
    ) -> Completion:
        call = application.call(Actor("mcp-client", "", "mcp"))
        values = await _values(application, call, argument.name, argument.value)
        return Completion(values=values[:_MOST], total=len(values), has_more=len(values) > _MOST)


async def _values(application: Application, call: Call, name: str, typed: str) -> list[str]:
    if name == "id":
        return await _ids(application, call, typed)
    if name in ("project", "name"):
        answer = await application.service.list_projects(call)
        return _beginning([each["name"] for each in answer["projects"]], typed)
    if name == "item_type":
        return _beginning([each["name"] for each in await application.service.item_types(call)], typed)
    if name == "status":
        return _beginning(list(get_args(Status)), typed)
    return []


async def _ids(application: Application, call: Call, typed: str) -> list[str]:
    """Ids that begin as typed; any other text is searched for."""
    by_text = bool(typed) and not "wi_".startswith(typed[:3])
    if by_text:
        found = await application.service.list_work_items(call, {"text": f"{typed}*", "limit": _MOST})
        return [row["id"] for row in found["items"]]
    found = await application.service.list_work_items(call, {"sort": "updated", "limit": 200})
    return _beginning([row["id"] for row in found["items"]], typed)


def _beginning(values: list[str], typed: str) -> list[str]:
    return [value for value in values if value.startswith(typed)]
