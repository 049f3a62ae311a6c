"""Who holds the loopback door: one server a port and data folder, the next one when it dies.

The holder of a lock file binds the port. The operating system frees the lock
with its process, however that ends, so a waiting server sees the death of the
holder by the lock alone: it connects to nobody and believes no file.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from bridge.agreed import endpoint, places, proof, system
from bridge.agreed.endpoint import Endpoint, EndpointRoot
from bridge.loopback import tokens
from bridge.loopback.sockets import HOST, listening
from codebase_server.settings import Settings

if TYPE_CHECKING:
    from filelock import FileLock
    from starlette.types import ASGIApp

    from codebase_server.service import CodebaseService

logger = logging.getLogger(__name__)

LOOK_AGAIN_S: Final = 0.5
"""How often a waiting server tries the lock, and a holder looks for new roots. Take-over is due in 2 s."""


class Door:
    """The loopback door of one process: claimed, or waited for.

    :param behind: makes the application that answers, given the token it must want;
        called when the door is held.
    """

    def __init__(
        self, service: CodebaseService, settings: Settings, behind: Callable[[str], ASGIApp]
    ) -> None:
        self._service = service
        self._settings = settings
        self._behind = behind
        self._guard = threading.Lock()
        self._lock: FileLock | None = None
        self._socket: socket.socket | None = None
        self._endpoint: Endpoint | None = None
        self._released = False

    @property
    def held(self) -> bool:
        """Whether this process holds the door."""
        return self._socket is not None

    @property
    def url(self) -> str:
        """Where the door is; empty while another process holds it."""
        return self._endpoint.url if self._endpoint is not None else ""

    def try_to_claim(self) -> bool:
        """Bind the port and write the endpoint file, unless another server holds the door; whether held."""
        with self._guard:
            if self._released or self.held:
                return self.held
            lock = self._locked()
            if lock is None:
                return False
            try:
                self._lock, self._socket = lock, self._bound()
                self._publish()
            except BaseException:
                self._let_go()
                raise
            with contextlib.suppress(OSError):
                endpoint.sweep("codebase")
            return True

    async def serve(self) -> None:
        """Serve whenever this process holds the door, for as long as the process lives."""
        import anyio
        import anyio.to_thread

        while not self._released:
            if not await anyio.to_thread.run_sync(self._try_quietly):
                await anyio.sleep(LOOK_AGAIN_S)
                continue
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._follow_roots)
                await self._answer()
                tasks.cancel_scope.cancel()

    def release(self) -> None:
        """Take the endpoint file away, close the port, free the lock; from any thread, at the end."""
        self._released = True
        with self._guard:
            self._let_go()

    async def _answer(self) -> None:
        from bridge.loopback.serving import server

        bound = self._socket
        if bound is not None:
            await server(self._behind(self._token())).serve(sockets=[bound])

    async def _follow_roots(self) -> None:
        """Keep the list of roots in the endpoint file true: other processes add roots too."""
        import anyio
        import anyio.to_thread

        while True:
            await anyio.sleep(LOOK_AGAIN_S)
            await anyio.to_thread.run_sync(self._publish_if_changed)

    def _try_quietly(self) -> bool:
        try:
            return self.try_to_claim()
        except Exception:
            logger.exception("the loopback door could not be taken over; it is tried again")
            return False

    def _locked(self) -> FileLock | None:
        from filelock import FileLock, Timeout

        folder = places.private_folder(places.runtime_folder())
        name = f"codebase-door.{self._service.data_dir_id}.{self._settings.port}.lock"
        lock = FileLock(folder / name, is_singleton=False, thread_local=False)
        if self._settings.port == 0:
            return lock  # a free port of one's own has no rivals
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return None
        return lock

    def _bound(self) -> socket.socket:
        """The port, or a free one when something that is not ours holds it."""
        try:
            return listening(self._settings.port)
        except OSError as problem:
            if problem.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            port = self._settings.port
            logger.warning("port %d is held by %s; a free one is taken", port, self._holder(port))
            return listening(0)

    def _holder(self, port: int) -> str:
        """Who holds a port, as far as endpoint files tell."""
        for told in endpoint.read_all("codebase"):
            other = told.data_dir_id != self._service.data_dir_id
            if other and urlsplit(told.url).port == port and system.process_runs(told.pid):
                return f"a codebase-server of another data folder (process {told.pid})"
        return "another program"

    def _token(self) -> str:
        return tokens.user_token() if self._settings.token else ""

    def _publish(self) -> None:
        assert self._socket is not None  # called by who holds the door
        port = self._socket.getsockname()[1]
        token = self._token()
        told = Endpoint(
            url=f"http://{HOST}:{port}",
            token=token,
            proof=proof.SCHEME if token else "",
            pid=os.getpid(),
            data_dir_id=self._service.data_dir_id,
            roots=tuple(EndpointRoot(str(root.path), root.repository) for root in self._service.roots()),
            file=self._file(port),
        )
        if told != self._endpoint and told.file is not None:
            endpoint.write(told.file, told)
            self._endpoint = told

    def _file(self, port: int) -> Path:
        """The main endpoint file, unless this is a free port or another living server stands in it."""
        main = endpoint.file_of("codebase")
        stands = endpoint.read(main)
        if self._settings.port not in (0, port):
            if stands is not None and self._is_relic(stands):
                endpoint.remove(main, pid=stands.pid)
            return endpoint.file_of("codebase", port)
        # Who says it listens where this process listens is over, though its number may still be taken:
        # a killed process stays in the table until its host asks after it.
        elsewhere = stands is not None and stands.url != f"http://{HOST}:{port}"
        if stands is not None and elsewhere and stands.pid != os.getpid() and stands.alive:
            return endpoint.file_of("codebase", port)
        return main

    def _is_relic(self, told: Endpoint) -> bool:
        """Whether an endpoint file is of a server that held this process's lock and was killed, so that who
        listens there now is a stranger. Its number may be another process's by now.
        """
        agreed = f"http://{HOST}:{self._settings.port}"
        return told.url == agreed and told.data_dir_id == self._service.data_dir_id

    def _publish_if_changed(self) -> None:
        with self._guard:
            try:
                if not self._released and self._endpoint is not None:
                    self._publish()
            except Exception:
                logger.exception("the endpoint file could not be brought up to date")

    def _let_go(self) -> None:
        told, self._endpoint = self._endpoint, None
        bound, self._socket = self._socket, None
        lock, self._lock = self._lock, None
        if told is not None and told.file is not None:
            with contextlib.suppress(OSError):
                endpoint.remove(told.file)
        if bound is not None:
            bound.close()
        if lock is not None:
            lock.release()
