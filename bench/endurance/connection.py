"""A server over stdio that several agents of one host talk to at once, and that may die under them."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

PATIENCE_S = 120.0
"""Seconds for one answer on a busy machine; a server that takes longer hangs."""


class GoneError(Exception):
    """The server ended before it answered: nobody knows what became of the call."""


class RefusedError(Exception):
    """The tool answered with an error."""

    def __init__(self, tool: str, body: Mapping[str, Any], text: str) -> None:
        super().__init__(f"{tool}: {text}")
        self.code = str(body.get("error", ""))
        self.body = body
        self.text = text


class Server:
    """One process, its pipes, and the calls in flight."""

    def __init__(self, module: str, environment: Mapping[str, str], folder: Path, log: Path) -> None:
        with log.open("ab") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=sink,
                env=dict(environment),
                cwd=folder,
            )
        self.module = module
        self.foreign: list[bytes] = []
        """Lines on the wire that are no frame."""
        self._number = 0
        self._waiting: dict[int, Future[dict[str, Any]]] = {}
        self._guard = threading.Lock()
        self._gone = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        client = {"name": f"host of {module}", "version": "1"}
        self.request(
            "initialize", {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client}
        )
        self._send({"method": "notifications/initialized"})

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The record a tool answers. Raises `RefusedError`, or `GoneError`."""
        result = self.request("tools/call", {"name": tool, "arguments": arguments})
        record: dict[str, Any] = result.get("structuredContent") or {}
        if result.get("isError"):
            text = "".join(part.get("text", "") for part in result["content"])
            raise RefusedError(tool, record, text)
        return record

    def request(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """The result of one request; other threads' may be in flight beside it."""
        answer: Future[dict[str, Any]] = Future()
        with self._guard:
            if self._gone:
                raise GoneError(self.module)
            self._number += 1
            number = self._number
            self._waiting[number] = answer
        self._send({"id": number, "method": method, "params": parameters})
        try:
            frame = answer.result(PATIENCE_S)
        except TimeoutError:
            raise AssertionError(f"{self.module} did not answer {method} in {PATIENCE_S:.0f} s") from None
        if "error" in frame:
            raise AssertionError(f"{self.module} answered {method} with {frame['error']}")
        result: dict[str, Any] = frame["result"]
        return result

    def close(self) -> int:
        """End it as a host does; its exit code."""
        assert self.process.stdin
        with contextlib.suppress(OSError):  # it is dead
            self.process.stdin.close()
        code = self.process.wait(timeout=30)
        self._reader.join(10)
        return code

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.process.kill()
        self.process.wait()
        self._reader.join(10)

    def _send(self, message: dict[str, Any]) -> None:
        line = json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n"
        assert self.process.stdin
        try:
            with self._guard:
                self.process.stdin.write(line)
                self.process.stdin.flush()
        except (OSError, ValueError):
            raise GoneError(self.module) from None

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            if not line.endswith(b"\n"):
                break  # killed in the middle of a line
            try:
                frame = json.loads(line)
            except ValueError:
                self.foreign.append(line)
                continue
            if (waiting := self._waiting.pop(frame.get("id", 0), None)) is not None:
                waiting.set_result(frame)
        with self._guard:
            self._gone = True
            left = list(self._waiting.values())
            self._waiting.clear()
        for one in left:
            one.set_exception(GoneError(self.module))
