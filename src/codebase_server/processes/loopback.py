"""The loopback door with everything behind it: REST routes, and MCP over streamable HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codebase_server.doors.http.door import Door
from codebase_server.settings import Settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from bridge.hosting.server import HostedServer
    from codebase_server.service import CodebaseService


def door(service: CodebaseService, settings: Settings) -> Door:
    """The door of this process, not yet claimed. Cheap: the HTTP server is imported when it is held."""

    def mcp() -> HostedServer:
        from codebase_server.doors.mcp import server

        return server.build(service)

    def behind(token: str) -> ASGIApp:
        from codebase_server.doors.http.app import application

        return application(service, mcp, token)

    return Door(service, settings, behind)
