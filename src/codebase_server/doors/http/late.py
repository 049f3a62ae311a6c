"""MCP over HTTP, made when it is first asked for: the SDK takes longer to import than all the rest."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from bridge.hosting.server import HostedServer

logger = logging.getLogger(__name__)


class LateMcp:
    """The ASGI application at ``/mcp``.

    :param make: imports the SDK and makes the server; called once, in a thread, by the first request.
    """

    def __init__(self, make: Callable[[], HostedServer]) -> None:
        self._make = make
        self._wanted = anyio.Event()
        self._decided = anyio.Event()
        self._app: ASGIApp | None = None
        self._problem: Exception | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._wanted.set()
        await self._decided.wait()
        if self._app is None:
            raise RuntimeError("MCP could not be made") from self._problem
        await self._app(scope, receive, send)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """For the life of the application around it: sessions end with it."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._run)
            yield
            tasks.cancel_scope.cancel()

    async def _run(self) -> None:
        await self._wanted.wait()
        try:
            server, app = await anyio.to_thread.run_sync(self._made)
        except Exception as problem:  # whoever asks is told, and the other routes go on
            logger.exception("MCP could not be made")
            self._problem = problem
            self._decided.set()
            return
        async with server.session_manager.run():
            self._app = app
            self._decided.set()
            await anyio.sleep_forever()

    def _made(self) -> tuple[HostedServer, ASGIApp]:
        from mcp.server.transport_security import TransportSecuritySettings

        server = self._make()
        # The guard checks Host and Origin before the SDK sees a request, on this and every other route.
        open_to_the_guard = TransportSecuritySettings(enable_dns_rebinding_protection=False)
        return server, server.streamable_http_app(transport_security=open_to_the_guard)
