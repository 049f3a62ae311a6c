"""A server over stdio, spoken to without an SDK in between: what is measured is the server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Connection:
    """One server over stdio, spoken to without an SDK in between: what is measured is the server."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin
        assert process.stdout
        self.process_id = process.pid
        self._out, self._in = process.stdin, process.stdout
        self._id = 0
        self.request(
            "initialize",
            {
                "protocolVersion": "2025-11-25",
                "capabilities": {},
                "clientInfo": {"name": "bench", "version": "1"},
            },
        )
        self._out.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')

    def request(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Send a request and wait for its answer."""
        self._id += 1
        message = {"jsonrpc": "2.0", "id": self._id, "method": method, "params": parameters}
        self._out.write(json.dumps(message).encode() + b"\n")
        self._out.flush()
        while True:
            answer = json.loads(self._in.readline())
            if answer.get("id") == self._id:
                result: dict[str, Any] = answer["result"]
                return result

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool."""
        return self.request("tools/call", {"name": tool, "arguments": arguments})


@contextmanager
def connected(arguments: Sequence[str], environment: dict[str, str], folder: Path) -> Iterator[Connection]:
    """A server for the time of a `with`."""
    with subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd=folder,
    ) as process:
        yield Connection(process)
        assert process.stdin
        process.stdin.close()
        process.wait(timeout=20)
