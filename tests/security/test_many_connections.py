"""Whoever is on the machine may open connections and say nothing: the server works on."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from tests.codebase_server.doors.processes import StdioServer, endpoint
from tests.scenarios.conftest import World

from bridge.loopback import serving

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="handles are limited otherwise there"),
]
HANDLES = 256
"""As many as macOS gives a program that a desktop starts."""
LIMITED = f"""
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_NOFILE, ({HANDLES}, {HANDLES}))
sys.argv[0] = "codebase_server"
runpy.run_module("codebase_server", run_name="__main__", alter_sys=True)
"""


@contextmanager
def silent(url: str, count: int) -> Iterator[list[socket.socket]]:
    """So many connections on which a request was begun, and does not go on."""
    parts = urlsplit(url)
    with ExitStack() as held:
        made = []
        for _ in range(count):
            one = socket.create_connection((parts.hostname or "", parts.port or 0), timeout=30)
            made.append(held.enter_context(one))
            one.sendall(b"GET /health HTTP/1.1\r\nX-Slow: ")
        yield made


def is_open(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def test_a_server_over_stdio_works_on_while_somebody_holds_connections_open(world: World) -> None:
    server = StdioServer(["-c", LIMITED], world.environment(), world.folder)
    try:
        server.initialize()
        server.record("index_repository")
        told = endpoint(world.folder)
        with silent(told["url"], 2 * HANDLES) as held:
            assert psutil.Process(server.process.pid).num_fds() < HANDLES - 50
            world.write("src/new.py", "def brand_new_function():\n    return 1\n")
            assert server.record("index_repository", force=True)["files"] == 3
            found = server.record("search_code", query="brand_new_function")
            assert found["results"][0]["symbol"] == "brand_new_function"
            headers = {"Authorization": f"Bearer {told['token']}"}
            answer = httpx.get(told["url"] + "/health", headers=headers, timeout=30, trust_env=False)
            assert answer.status_code == 200, "who has something to say is let in"
            assert sum(map(is_open, held)) <= serving.MOST_CONNECTIONS
    finally:
        server.stop()


def test_a_request_that_does_not_come_is_not_waited_for(world: World) -> None:
    server = world.start_workflow()
    headers = {"Authorization": f"Bearer {server.token}"}
    with (
        silent(server.url, 3) as held,
        httpx.Client(headers=headers, trust_env=False, timeout=30) as client,
        client.stream("GET", server.url + "/mcp/events") as events,
    ):
        deadline = time.monotonic() + 6 * serving.REQUEST_S
        while any(map(is_open, held)) and time.monotonic() < deadline:
            for one in held:
                with_more(one)
            time.sleep(0.5)
        assert not any(map(is_open, held)), "a byte now and then is no request either"
        client.post(server.url + "/mcp/work_items", json={"title": "An item"})
        assert next(events.iter_lines()), "an event stream says little for long, and stays"


def with_more(connection: socket.socket) -> None:
    """One more byte of the head, where there is still somebody."""
    with suppress(OSError):
        connection.sendall(b"x")
