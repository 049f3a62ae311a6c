"""A live handshake: the server is launched as a host would, asked for its tools, and one is called."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TextIO

LONGEST_S: Final = 30.0
"""What hosts give a server to start is a minute or less."""


class HandshakeError(Exception):
    """The server did not start or did not answer; the text says how far it came."""


@dataclass(frozen=True, slots=True)
class Handshake:
    """What the server said. ``seconds`` is from launch to the answer of `initialize`."""

    server: str
    version: str
    seconds: float
    tools: int
    status: str


def handshake(command: str, arguments: Sequence[str]) -> Handshake:
    """Launch ``command`` over stdio, initialize, list tools, call `index_status`. Raises `HandshakeError`."""
    import anyio

    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        try:
            return anyio.run(_shaken, command, arguments, said)
        except HandshakeError as problem:
            said.seek(0)
            lines = [line for line in said.read().splitlines() if line.strip()]
            if not lines:
                raise
            raise HandshakeError(f"{problem}; its last words: {lines[-1][:300]}") from problem


async def _shaken(command: str, arguments: Sequence[str], said: TextIO) -> Handshake:
    import anyio
    from mcp import Client, MCPError, StdioServerParameters
    from mcp.client.stdio import stdio_client

    parameters = StdioServerParameters(command=command, args=list(arguments), env=dict(os.environ))
    step = "starting it"
    try:
        with anyio.fail_after(LONGEST_S):
            started = time.perf_counter()
            async with Client(stdio_client(parameters, errlog=said), mode="legacy") as client:
                seconds = time.perf_counter() - started
                step = "listing its tools"
                tools = (await client.list_tools()).tools
                step = "calling index_status"
                called = await client.call_tool("index_status", {})
                info = client.server_info
                if info is None:
                    raise HandshakeError("it did not say what it is")
                text = next((part.text for part in called.content if part.type == "text"), "")
                return Handshake(
                    info.name, info.version, seconds, len(tools), text.splitlines()[0] if text else ""
                )
    except TimeoutError as problem:
        raise HandshakeError(f"no answer within {LONGEST_S:.0f} s while {step}") from problem
    except (OSError, MCPError, ExceptionGroup) as problem:
        raise HandshakeError(f"{type(problem).__name__} while {step}: {problem}") from problem
