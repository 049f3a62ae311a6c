"""The ASGI application of the loopback door and the server that runs it on a bound socket."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator

import uvicorn
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from bridge.hosting.server import HostedServer
from bridge.loopback.guard import Guard
from codebase_server.doors.http import problems
from codebase_server.doors.http.routes import routes
from codebase_server.service import CodebaseService


def application(service: CodebaseService, mcp: HostedServer, token: str) -> ASGIApp:
    """All routes, and `mcp` at ``/mcp``, behind the guard: Host, Origin and bearer token, on every one."""
    # The guard checks Host and Origin before the SDK sees a request, on this and every other route.
    streamable = mcp.streamable_http_app(
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False)
    )

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with mcp.session_manager.run():
            yield

    app = Starlette(
        routes=[*routes(service), *streamable.routes],
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
