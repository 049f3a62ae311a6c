"""A host that speaks to one server over stdio by hand, and checks each answer."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

PATIENCE_S: Final = 60.0
"""On a loaded machine; what takes longer than `SLOW_S` is counted, what takes this long is a hang."""
SLOW_S: Final = 1.0
_HANDSHAKE: Final = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "fuzz", "version": "1"},
}
NEVER: Final = (
    "Traceback (most recent",
    "site-packages",
    "src/bridge",
    "src/codebase_server",
    "src/workflow_server",
)
"""What tells a caller about the inside of the program."""


class Finding(AssertionError):  # noqa: N818 - what a fuzzer calls it
    """An answer that no input may get."""


class Peer:
    """One running server and the requests sent to it."""

    def __init__(self, module: str, environment: Mapping[str, str], folder: Path) -> None:
        self.log = folder / f"{module}.log"
        with self.log.open("wb") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=sink,
                env=dict(environment),
                cwd=folder,
            )
        self.sent = 0
        self.slow: list[tuple[float, str]] = []
        self._answers: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.ask("initialize", dict(_HANDSHAKE))
        self.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}')

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._answers.put(line)
        self._answers.put(b"")

    def write(self, line: bytes) -> None:
        """Send one line as it is."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def ask(self, method: str, params: Any) -> dict[str, Any]:
        """Send a request and wait for its answer; any other kind of line is a finding."""
        self.sent += 1
        number = self.sent
        frame = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        started = time.perf_counter()
        self.write(json.dumps(frame).encode())
        while True:
            message = self._next(method, params)
            if message.get("id") == number and "method" not in message:
                break
        seconds = time.perf_counter() - started
        if seconds > SLOW_S:
            self.slow.append((seconds, f"{method} {json.dumps(params)[:200]}"))
        return message

    def _next(self, method: str, params: Any) -> dict[str, Any]:
        asked = f"{method} {json.dumps(params)[:2000]}"
        try:
            line = self._answers.get(timeout=PATIENCE_S)
        except queue.Empty:
            raise Finding(f"no answer within {PATIENCE_S:.0f} s to {asked}") from None
        if not line:
            raise Finding(f"the server ended ({self.process.poll()}) on {asked}:\n{self._told()}")
        try:
            message: dict[str, Any] = json.loads(line)
        except ValueError:
            raise Finding(f"a line on stdout that is no frame: {line[:200]!r}, after {asked}") from None
        return message

    def call(self, tool: str, arguments: Any) -> dict[str, Any]:
        """Call a tool; the result, or the protocol's error. Raises `Finding` for what may never come."""
        message = self.ask("tools/call", {"name": tool, "arguments": arguments})
        asked = f"{tool} {json.dumps(arguments)[:2000]}"
        result = message.get("result") or message.get("error") or {}
        refused = "error" in message or bool(result.get("isError"))
        if refused:
            text = json.dumps(result, ensure_ascii=False)
            if "internal_error" in text or result.get("code") == -32603:
                raise Finding(f"an internal error: {asked}\n{text[:500]}\n{self._told()}")
            given = json.dumps(arguments, ensure_ascii=False)
            for sign in NEVER:
                if sign in text and sign not in given:
                    raise Finding(f"{sign!r} in the answer to {asked}: {text[:500]}")
        return {**result, "refused": refused}

    def _told(self) -> str:
        return self.log.read_text(errors="replace")[-3000:]

    def stop(self) -> None:
        """Close the host's end and wait for the server's end."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


@contextmanager
def peer(module: str, environment: Mapping[str, str], folder: Path) -> Iterator[Peer]:
    """A server for the time of a `with`."""
    started = Peer(module, environment, folder)
    try:
        yield started
    finally:
        started.stop()
