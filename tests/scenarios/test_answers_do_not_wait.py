"""The doors of both servers send the body of an answer without waiting for its head to be acknowledged."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import pytest

from codebase_server.doors.http import door
from workflow_server.doors.rest import serving


@pytest.mark.parametrize("listening", [door._listening, serving._bound], ids=["codebase", "workflow"])
async def test_a_connection_is_served_without_nagles_waiting(
    listening: Callable[[int], socket.socket],
) -> None:
    told: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def served(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        own = writer.get_extra_info("socket")
        told.set_result(own.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    with listening(0) as bound:
        server = await asyncio.start_server(served, sock=bound)
        _, writer = await asyncio.open_connection(*bound.getsockname())
        assert await asyncio.wait_for(told, 10)
        writer.close()
        server.close()
