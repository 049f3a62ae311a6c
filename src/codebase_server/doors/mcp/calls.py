"""Service calls in worker threads: cancellation, progress, and the client's roots when they are needed."""

from __future__ import annotations

import functools
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import unquote, urlsplit

import anyio
import anyio.to_thread
from mcp.server.mcpserver import Context
from mcp.shared.exceptions import MCPError

from bridge.hosting import waits
from codebase_server.service.answers import IndexAnswer
from codebase_server.service.errors import RootNeededError

if TYPE_CHECKING:
    from codebase_server.service import CodebaseService

PROGRESS_SECONDS: Final = 0.2
"""Time between two progress notifications."""

Returned = TypeVar("Returned")


async def no_wait() -> None:
    """Ready at once: for servers without a loopback door of their own."""


async def in_thread(call: Callable[[], Returned]) -> Returned:
    """Run a call in a thread; a cancelled request leaves the thread to end by itself."""
    return await anyio.to_thread.run_sync(waits.until_begun("a free thread", call), abandon_on_cancel=True)


class Calls:
    """Runs service calls of one server off the event loop."""

    def __init__(self, service: CodebaseService, ready: Callable[[], Awaitable[None]]) -> None:
        self._service = service
        self._ready = ready
        self._asked_for_roots = anyio.Lock()

    async def read(self, ctx: Context, call: Callable[[], Returned]) -> Returned:
        """Run one call in a thread; a cancelled request leaves the thread to end by itself."""
        return await self._with_roots(ctx, call)

    async def index(self, ctx: Context, *, root: str | None, force: bool) -> IndexAnswer:
        """Run an indexing pass with progress; cancelling the request stops the pass."""
        progress = _Progress()
        cancelled = threading.Event()
        call = functools.partial(
            self._service.index_repository,
            root=root,
            force=force,
            progress=progress.tell,
            cancelled=cancelled.is_set,
        )
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(progress.report, ctx)
                answer = await self._with_roots(ctx, call)
                tasks.cancel_scope.cancel()
        except anyio.get_cancelled_exc_class():
            cancelled.set()
            raise
        except ExceptionGroup as group:
            # The reporter never raises, so the one inside is the call's own.
            raise group.exceptions[0] from None
        await progress.finish(ctx, answer["files"])
        return answer

    async def _with_roots(self, ctx: Context, call: Callable[[], Returned]) -> Returned:
        with waits.during("this server's own start"):
            await self._ready()
        try:
            return await in_thread(call)
        except RootNeededError:
            with waits.during("the host's answer to roots/list"):
                offered = await self._offer_client_roots(ctx)
            if not offered:
                raise
        return await in_thread(call)

    async def _offer_client_roots(self, ctx: Context) -> bool:
        """Ask the client for its roots, where it offers any, and hand them to the service."""
        capabilities = ctx.client_capabilities
        if capabilities is None or capabilities.roots is None:
            return False
        async with self._asked_for_roots:
            try:
                listed = await ctx.session.list_roots()
            except MCPError:
                # The modern era has no channel from server to client; some clients announce and refuse.
                return False
        folders = [folder for root in listed.roots if (folder := folder_of(str(root.uri))) is not None]
        return self._service.offer_roots(folders)


class _Progress:
    """The latest progress of a pass, told by its thread and reported by the event loop."""

    def __init__(self) -> None:
        self._done = 0
        self._total = 0
        self._message = ""
        self._told = -1

    def tell(self, done: int, total: int, message: str) -> None:
        # Three plain stores: a reader that sees two of them is corrected a moment later.
        self._done, self._total, self._message = done, total, message

    async def report(self, ctx: Context) -> None:
        while True:
            await anyio.sleep(PROGRESS_SECONDS)
            if self._done > self._told:
                self._told = self._done
                await ctx.report_progress(self._told, self._total or None, self._message)

    async def finish(self, ctx: Context, files: int) -> None:
        """Say that all is done, also of a pass so short that nothing was told; progress only ever grows."""
        if max(files, self._done) > self._told:
            self._told = max(files, self._done)
            await ctx.report_progress(self._told, self._told, f"{files} files indexed")


def folder_of(uri: str) -> Path | None:
    """The folder that a root's ``file://`` URI names, or None for any other scheme."""
    parts = urlsplit(uri)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        return None
    path = unquote(parts.path)
    if len(path) > 2 and path[0] == "/" and path[2] == ":":
        path = path[1:]  # file:///C:/folder
    return Path(path)
