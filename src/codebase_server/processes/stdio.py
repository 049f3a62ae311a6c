"""MCP over stdio: the process that a host launches, with the loopback door beside it.

Order matters. The wire is claimed before anything can print; the SDK is
imported next, because the host waits for `initialize`; the index, numpy and
the HTTP server follow in a thread once the first message is answered. A tool
call waits for that thread to have decided who holds the loopback door.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from bridge.agreed import limits
from bridge.hosting import logs, wire
from bridge.hosting.life import Lifetime
from codebase_server.runtime.collecting import collect_rarely
from codebase_server.settings import APPLICATION, Settings

if TYPE_CHECKING:
    from anyio.abc import TaskGroup
    from mcp.server.context import CallNext, HandlerResult, ServerMiddleware, ServerRequestContext

    from codebase_server.doors.http.door import Door
    from codebase_server.service import CodebaseService

logger = logging.getLogger(__name__)

WARM_UP_AFTER_S: Final = 0.02
"""Time given to the first answer to leave the process before imports compete with it."""


def serve_stdio(load: Callable[[], Settings]) -> int:
    """Serve the host on stdin and stdout until it goes; returns an exit code only in theory.

    :param load: reads the settings, once the wire is claimed: a server that may not
        start leaves no word of anybody's on it either. What it raises is raised.
    """
    pipe = wire.claim()
    settings = load()
    life = Lifetime()
    logs.configure(APPLICATION)
    life.follow_signals()
    life.follow_parent()

    import anyio

    from codebase_server.doors.mcp import server as mcp_server
    from codebase_server.service import CodebaseService

    service = CodebaseService(settings)
    life.on_end("service", service.abandon)
    pipe.when_ended(lambda: life.end_soon("the host closed stdin"))

    async def main() -> None:
        beside = _Beside(service, settings, life)
        server = mcp_server.build(service, ready=beside.decided)
        collect_rarely()
        async with anyio.create_task_group() as tasks:
            server.middleware.append(beside.after_first_message(tasks))
            await server.serve(pipe)
            life.end("the host closed stdin")

    anyio.run(main)
    return 0


class _Beside:
    """What runs beside the MCP connection: the warm-up and the loopback door."""

    def __init__(self, service: CodebaseService, settings: Settings, life: Lifetime) -> None:
        import anyio

        self._service = service
        self._settings = settings
        self._life = life
        self._decided = anyio.Event()
        self._started = False

    async def decided(self) -> None:
        """Wait until the loopback door is bound, or known to be held by another server."""
        await self._decided.wait()

    def after_first_message(self, tasks: TaskGroup) -> ServerMiddleware[Any]:
        """A middleware that starts everything else when the first message has been answered."""

        async def middleware(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
            if not self._started:
                self._started = True
                tasks.start_soon(self._run)
            return await call_next(ctx)

        return middleware

    async def _run(self) -> None:
        import anyio
        import anyio.to_thread

        await anyio.sleep(WARM_UP_AFTER_S)
        async with anyio.create_task_group() as tasks:
            try:
                if self._settings.http:
                    door = await anyio.to_thread.run_sync(self._claim_door)
                    tasks.start_soon(door.serve)
            except Exception:
                # Without the door this host is served all the same; others ask another server.
                logger.exception("the loopback door could not be opened")
            finally:
                self._decided.set()
            await anyio.to_thread.run_sync(self._warm_up)

    def _warm_up(self) -> None:
        limits.share_freed_memory()
        try:
            self._service.warm_up()
        except Exception:
            # The first call will meet the same failure and tell its caller.
            logger.exception("warming up failed")

    def _claim_door(self) -> Door:
        from codebase_server.processes import loopback

        door = loopback.door(self._service, self._settings)
        self._life.on_end("loopback door", door.release)
        door.try_to_claim()
        return door
