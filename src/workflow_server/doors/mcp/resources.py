"""Items and ready lists as resources that a client can subscribe to."""

from __future__ import annotations

import contextlib

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError

from bridge.agreed.errors import TandemError
from workflow_server.doors.application import Application
from workflow_server.doors.mcp.callers import call_of
from workflow_server.doors.text.items import item_text
from workflow_server.doors.text.rows import page
from workflow_server.records import Call, Include, ItemsAnswer

ITEM = "workflow://item/{id}"
READY = "workflow://project/{name}/ready"


def item_uri(item_id: str) -> str:
    """The address of an item."""
    return f"workflow://item/{item_id}"


def ready_uri(project: str) -> str:
    """The address of what can be started in a project."""
    return f"workflow://project/{project}/ready"


def add_resources(server: MCPServer, application: Application) -> None:
    """Register both templates."""

    @server.resource(ITEM, title="Work item", mime_type="text/markdown")
    async def item(id: str, ctx: Context) -> str:  # noqa: A002 - the template's name for it
        """One work item, whole, with its notes, children, history and the state of its code."""
        call = call_of(application, ctx)
        try:
            answer = await _found(application, call, id)
        except TandemError as error:
            raise _refused(error) from error
        return "\n\n".join([f"in project {answer['project']}", *map(item_text, answer["items"])])

    @server.resource(READY, title="Ready work", mime_type="text/plain")
    async def ready(name: str, ctx: Context) -> str:
        """What can be started now in a project, best first."""
        try:
            answer = await application.service.list_work_items(
                call_of(application, ctx, name), {"view": "ready", "limit": 50}
            )
        except TandemError as error:
            raise _refused(error) from error
        return page(answer)


async def _found(application: Application, call: Call, item_id: str) -> ItemsAnswer:
    """The item, in the call's own project or in whichever has it: the address names no project, and an
    answer about another project than the session's sends its reader here too.
    """
    service = application.service
    parts: tuple[Include, ...] = ("children", "notes", "history")
    try:
        return await service.get_work_items(call, [item_id], include=parts)
    except TandemError as error:
        if error.code != "work_item_not_found":
            raise
        for project in (await service.list_projects(call))["projects"]:
            there = Call(call.actor, project["name"], call.folders, call.roots)
            with contextlib.suppress(TandemError):
                return await service.get_work_items(there, [item_id], include=parts)
        raise


def _refused(error: TandemError) -> ResourceError:
    kind = ResourceNotFoundError if error.code.endswith("not_found") else ResourceError
    return kind(error.text)
