"""Both doors listen on a socket that sends an answer's body before its head is acknowledged."""

from __future__ import annotations

import asyncio
import socket

from bridge.loopback.sockets import listening


async def test_a_connection_is_served_without_nagles_waiting() -> None:
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
