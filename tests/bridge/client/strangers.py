"""Servers that misbehave, each in one way, on a free port."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(behave: Behaviour) -> AsyncIterator[str]:
    """Serve ``behave`` for every connection; yields the URL."""
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await behave(reader, writer)
        finally:
            tasks.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def free_port() -> int:
    """A loopback port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def request_of(reader: asyncio.StreamReader) -> dict[str, Any]:
    """Read one request whole; its JSON body."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode().lower().split("\r\n")
    length = next(int(line.split(":")[1]) for line in lines if line.startswith("content-length"))
    body: dict[str, Any] = json.loads(await reader.readexactly(length))
    return body


def http(
    status: str = "200 OK", kind: str = "application/json", more: str = "", length: int | None = None
) -> bytes:
    """The head of an answer."""
    sized = "" if length is None else f"Content-Length: {length}\r\n"
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{sized}{more}\r\n".encode()


def answering(head: bytes, body: bytes = b"", *, pieces: Callable[[], bytes] | None = None) -> Behaviour:
    """Answers every request with these bytes; with ``pieces`` goes on sending for ever."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(head + body)
        await writer.drain()
        while pieces is not None:
            writer.write(pieces())
            await writer.drain()

    return behave


def talking(first: bytes) -> Behaviour:
    """Another protocol: speaks first, or answers the request with what is no HTTP."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        await writer.drain()
        await reader.read()

    return behave


async def black_hole(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accepts and never answers."""
    await reader.read()
    await asyncio.Event().wait()


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Resets the connection once the request is there."""
    await request_of(reader)
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One byte a second."""
    await request_of(reader)
    for byte in http(length=1000):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(1)


async def good(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """What a codebase-server would answer: every reference is valid."""
    asked = await request_of(reader)
    writer.write(ok(asked))
    await writer.drain()


def ok(asked: dict[str, Any], **more: Any) -> bytes:
    """A good answer to a request."""
    entries = [{"ref": query["ref"], "state": "valid", **more} for query in asked["references"]]
    body = json.dumps({"references": entries, "generations": {"/r": "e.1"}}).encode()
    return http(length=len(body)) + body


def bomb(megabytes: int = 200) -> bytes:
    """A compressed body that would become large."""
    return gzip.compress(b"0" * (megabytes * 1024 * 1024), 9)
