"""The server that both loopback doors run on: uvicorn, with few connections, none of which waits for ever.

Whoever is on the machine can open connections, without any token. Each takes a handle of this process,
which has 256 (macOS) or 1,024 of them for everything, its files and git included.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from bridge.loopback.sockets import BACKLOG

MOST_CONNECTIONS: Final = 100
"""Open at once. A board has one for each window, a host or the bridge a few."""
REQUEST_S: Final = 10.0
"""How long a connection may take to send the head of a request; on this machine it takes a millisecond."""


class Protocol(H11Protocol):
    """HTTP on a connection that ends when no request comes, or when another one needs its place."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._since = 0.0
        self._ends: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._wait_for_a_request()
        if len(self.connections) > MOST_CONNECTIONS:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._ends is not None:
            self._ends.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._wait_for_a_request()

    @property
    def _answers(self) -> bool:
        """Whether a request is under way; an event stream is one."""
        return self.cycle is not None and not self.cycle.response_complete

    def _wait_for_a_request(self) -> None:
        if self._ends is not None:
            self._ends.cancel()
        self._since = self.loop.time()
        self._ends = self.loop.call_later(REQUEST_S, self._end_unless_it_answers)

    def _end_unless_it_answers(self) -> None:
        if not self._answers:
            self.transport.abort()

    def _make_room(self) -> None:
        """End the one that has waited longest without a request; this one, the newest, where all answer."""
        open_ones = [one for one in self.connections if isinstance(one, Protocol)]
        longest = min((one for one in open_ones if not one._answers), key=lambda one: one._since)
        self.connections.discard(longest)
        longest.transport.abort()


class Server(uvicorn.Server):
    """A uvicorn that leaves the process's signals to the process."""

    def stop(self) -> None:
        """Take no more requests, finish those under way, and return from `run`."""
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def server(behind: ASGIApp) -> Server:
    """The server of an application; `serve` or `run` with ``sockets=[...]`` runs it until it is stopped."""
    config = uvicorn.Config(
        behind,
        http=Protocol,
        ws="none",
        backlog=BACKLOG,
        proxy_headers=False,
        log_config=None,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=1,  # hardly ever reached: the process ends before
        server_header=False,
    )
    return Server(config)
