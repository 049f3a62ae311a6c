"""The ASGI application of the loopback door."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Route
from starlette.types import ASGIApp

from bridge.loopback.guard import Guard
from codebase_server.doors.http import problems
from codebase_server.doors.http.late import LateMcp
from codebase_server.doors.http.routes import routes
from codebase_server.service import CodebaseService

if TYPE_CHECKING:
    from bridge.hosting.server import HostedServer


def application(service: CodebaseService, make_mcp: Callable[[], HostedServer], token: str) -> ASGIApp:
    """All routes, and MCP at ``/mcp``, behind the guard: Host, Origin and bearer token, on every one."""
    mcp = LateMcp(make_mcp)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with mcp.running():
            yield

    app = Starlette(
        routes=[*routes(service), Route("/mcp", endpoint=mcp)],
        lifespan=lifespan,
        exception_handlers={
            HTTPException: problems.known,
            ClientDisconnect: problems.gone,
            Exception: problems.unforeseen,
        },
    )
    return Guard(app, token=token)
