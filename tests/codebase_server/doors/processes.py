"""Real server processes, spoken to line by line, so that a test can do to them what a host would not."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

DEADLINE_S = 60.0
"""For a loaded two-core machine; nothing here waits that long when all is well."""


class StdioServer:
    """One server over stdio. Every line it writes to stdout is kept as it came."""

    def __init__(self, arguments: list[str], environment: dict[str, str], folder: Path) -> None:
        self.log = folder / f"stderr-{time.monotonic_ns()}.log"
        with self.log.open("wb") as sink:
            self.process = subprocess.Popen(
                [sys.executable, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=sink,
                env=environment,
                cwd=folder,
            )
        self.lines: list[bytes] = []
        self._news = threading.Condition()
        self._next_id = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._news:
                self.lines.append(line)
                self._news.notify_all()

    def send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        self.process.stdin.flush()

    def request(self, method: str, parameters: dict[str, Any] | None = None) -> int:
        """Send a request and return its id without waiting."""
        self._next_id += 1
        self.send({"id": self._next_id, "method": method, "params": parameters or {}})
        return self._next_id

    def messages(self) -> list[dict[str, Any]]:
        """All messages so far; fails on a line that is none."""
        return [json.loads(line) for line in list(self.lines)]

    def answer(self, request_id: int) -> dict[str, Any]:
        """Wait for the answer of a request."""
        return self.wait_for(lambda message: message.get("id") == request_id and "method" not in message)

    def wait_for(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        deadline = time.monotonic() + DEADLINE_S
        with self._news:
            while True:
                for message in self.messages():
                    if wanted(message):
                        return message
                left = deadline - time.monotonic()
                if left <= 0 or (self.process.poll() is not None and not self._reader.is_alive()):
                    raise AssertionError(f"no such message; stderr:\n{self.log.read_text(errors='replace')}")
                self._news.wait(min(left, 0.2))

    def initialize(self, **capabilities: Any) -> dict[str, Any]:
        """The handshake of a host."""
        parameters = {
            "protocolVersion": "2025-11-25",
            "capabilities": capabilities,
            "clientInfo": {"name": "tests", "version": "1"},
        }
        answer = self.answer(self.request("initialize", parameters))
        self.send({"method": "notifications/initialized"})
        return answer

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool and return its result."""
        answer = self.answer(self.request("tools/call", {"name": tool, "arguments": arguments}))
        result: dict[str, Any] = answer["result"]
        return result

    def record(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool and return its structured content."""
        result = self.call(tool, **arguments)
        assert not result.get("isError"), result
        record: dict[str, Any] = result["structuredContent"]
        return record

    def close_stdin(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def stop(self) -> None:
        """Its host goes: it ends by itself, or is killed and the test fails."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(timeout=DEADLINE_S)
        finally:
            self.process.kill()
            self._reader.join()
            self.process.stdout.close()


@contextmanager
def stdio_server(environment: dict[str, str], folder: Path, *arguments: str) -> Iterator[StdioServer]:
    """A codebase-server over stdio, ended at the end of the test whatever happened."""
    server = StdioServer(["-m", "codebase_server", *arguments], environment, folder)
    try:
        yield server
    finally:
        server.stop()


def endpoint_files(folder: Path) -> list[Path]:
    """The endpoint files of a test's world."""
    return sorted((folder / "runtime").glob("codebase-endpoint*.json"))


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Poll until `condition` holds."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not so within {DEADLINE_S:.0f} s"
        time.sleep(0.02)


def endpoint(folder: Path) -> dict[str, Any]:
    """The first endpoint file's content, empty while there is none."""
    for file in endpoint_files(folder):
        try:
            found: dict[str, Any] = json.loads(file.read_text())
        except (OSError, ValueError):
            continue
        return found
    return {}
