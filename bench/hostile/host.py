"""A host that has a repository indexed and pings meanwhile, and what that cost the server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil

from bench.startup.__main__ import INITIALIZE

EVERY_S: Final = 0.05
"""Between two pings."""
END_S: Final = 60.0
MEGABYTE: Final = 1 << 20


@dataclass
class Told:
    """What one server did with one repository. Times are seconds, memory is resident megabytes."""

    answered: float | None = None
    record: dict[str, Any] = field(default_factory=dict)
    pings: list[float] = field(default_factory=list)
    server: float = 0.0
    workers: float = 0.0
    found: bool = False
    search: float = 0.0
    ended: float = 0.0
    code: int | None = None
    complaints: list[str] = field(default_factory=list)


class Host:
    """One server over stdio; answers are taken as they come, by their ids."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self.log = folder / "stderr.log"
        with self.log.open("wb") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "codebase_server"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=sink,
                env=dict(environment),
                cwd=folder,
            )
        self._news = threading.Condition()
        self._answers: dict[int, tuple[float, dict[str, Any]]] = {}
        self._sent = 1
        threading.Thread(target=self._read, daemon=True).start()
        self._write(INITIALIZE)
        self.answer(1, 120.0)
        self._write({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            at, message = time.perf_counter(), json.loads(line)  # what is no frame ends the bench
            if "method" not in message:
                with self._news:
                    self._answers[message["id"]] = at, message
                    self._news.notify_all()

    def _write(self, message: Mapping[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def ask(self, method: str, params: Mapping[str, Any]) -> tuple[int, float]:
        """Send a request: its id, and when it was sent."""
        self._sent += 1
        at = time.perf_counter()
        self._write({"jsonrpc": "2.0", "id": self._sent, "method": method, "params": dict(params)})
        return self._sent, at

    def answer(self, number: int, seconds: float) -> tuple[float, dict[str, Any]] | None:
        """When a request was answered and with what; None when it was not within the time."""
        with self._news:
            self._news.wait_for(lambda: number in self._answers or self.process.poll() is not None, seconds)
            return self._answers.get(number)

    def call(self, tool: str, seconds: float, **arguments: Any) -> tuple[float, dict[str, Any]] | None:
        """A tool's answer and how long it took."""
        number, at = self.ask("tools/call", {"name": tool, "arguments": arguments})
        got = self.answer(number, seconds)
        return None if got is None else (got[0] - at, got[1].get("result", {}))


def served(environment: Mapping[str, str], folder: Path, needle: str, limit: float) -> Told:
    """Index, pinging all the while; then search for code that must be found; then close stdin."""
    host, told = Host(environment, folder), Told()
    number, asked = host.ask("tools/call", {"name": "index_repository", "arguments": {}})
    process = psutil.Process(host.process.pid)
    while time.perf_counter() - asked < limit and host.process.poll() is None:
        ping, at = host.ask("ping", {})
        got = host.answer(ping, limit)
        told.pings.append((time.perf_counter() if got is None else got[0]) - at)
        _weigh(process, told)
        if answer := host.answer(number, EVERY_S):
            told.answered = answer[0] - asked
            told.record = answer[1].get("result", {}).get("structuredContent") or answer[1]
            break
    if told.answered is None:
        told.complaints.append(f"not indexed within {limit:.0f} s")
    began = time.perf_counter()
    found = host.call("search_code", limit, query=needle)
    while found is not None and _is_unread(found[1]) and time.perf_counter() - began < limit:
        found = host.call("search_code", limit, query=needle)  # of a very large index, told to ask again
    if found is None:
        told.complaints.append("a search was not answered")
    else:
        told.search = time.perf_counter() - began
        results = (found[1].get("structuredContent") or {}).get("results", [])
        told.found = any(needle.strip('"') in result.get("content", "") for result in results)
        if not told.found and told.answered is not None:
            told.complaints.append(f"{needle} was not found")
    _ended(host, process, told)
    return told


def _weigh(process: psutil.Process, told: Told) -> None:
    try:
        told.server = max(told.server, process.memory_info().rss / MEGABYTE)
        workers = sum(_resident(child) for child in process.children(recursive=True))
        told.workers = max(told.workers, workers / MEGABYTE)
    except psutil.Error:
        return


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _ended(host: Host, process: psutil.Process, told: Told) -> None:
    family = [process, *process.children(recursive=True)]
    begun = time.perf_counter()
    assert host.process.stdin is not None
    host.process.stdin.close()
    try:
        told.code = host.process.wait(END_S)
    except subprocess.TimeoutExpired:
        host.process.kill()
        told.code = host.process.wait()
    while any(_runs(one) for one in family) and time.perf_counter() - begun < END_S:
        time.sleep(0.005)
    told.ended = time.perf_counter() - begun
    if told.code != 0:
        told.complaints.append(f"it ended with {told.code}: {host.log.read_text(errors='replace')[-300:]}")
    if told.ended > 2.0:
        told.complaints.append("it ended late")


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def environment_of(world: Path, repository: Path) -> dict[str, str]:
    """A server's environment: all that it keeps lies in ``world``."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "PYTHONPATH") if name in os.environ}
    return kept | {
        "HOME": str(world),
        "TANDEM_RUNTIME_DIR": str(world / "runtime"),
        "CODEBASE_DATA_DIR": str(world / "data"),
        "CODEBASE_ROOT": str(repository),
        "CODEBASE_HTTP_PORT": "0",
    }


def _is_unread(answer: dict[str, Any]) -> bool:
    warnings = (answer.get("structuredContent") or {}).get("warnings", [])
    return any("still reading the index" in one for one in warnings)
