"""The ASGI application of the loopback door and the server that runs it on a bound socket."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
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
        exception_handlers={HTTPException: problems.known, Exception: problems.unforeseen},
    )
    return Guard(app, token=token)


class _Server(uvicorn.Server):
    """A uvicorn that leaves the process's signals to the process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def server(behind: ASGIApp) -> uvicorn.Server:
    """The server; `serve(sockets=[...])` runs it until ``should_exit``."""
    config = uvicorn.Config(
        behind,
        log_config=None,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=1,
        server_header=False,
    )
    return _Server(config)
