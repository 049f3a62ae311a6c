"""workflow-server as a process: it ends with its host, keeps stdout clean, and loses nothing it
acknowledged.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import pytest

from .conftest import World, wait_until

PATIENCE_S = 15.0
HANDSHAKE = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "raw", "version": "1"},
}


class Host:
    """A host that speaks MCP by hand over a server's pipes, so that every byte on them is seen."""

    def __init__(self, world: World, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "workflow_server"],
            cwd=world.repository,
            env=world.environment() | {"BRIDGE": "off"} | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.lines: list[bytes] = []
        self._number = 0
        self.ask("initialize", HANDSHAKE)
        self.tell("notifications/initialized")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.stdin is not None and self.process.stdin.closed:
            self.process.stdin = None
        try:
            self.process.communicate(timeout=60)
        finally:
            self.process.kill()

    def tell(self, method: str, params: dict[str, Any] | None = None) -> None:
        self._write({"jsonrpc": "2.0", "method": method, "params": params or {}})

    def send(self, method: str, params: dict[str, Any]) -> int:
        """Send a request and do not wait; answers its number."""
        self._number += 1
        self._write({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        return self._number

    def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        return self.answer(self.send(method, params))

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        result = self.ask("tools/call", {"name": tool, "arguments": arguments})
        assert not result.get("isError"), result
        record: dict[str, Any] = result["structuredContent"]
        return record

    def answer(self, number: int) -> dict[str, Any]:
        """The result of a request; every line read on the way must be a frame."""
        assert self.process.stdout is not None
        while True:
            line = self.process.stdout.readline()
            assert line, "the server closed its end"
            self.lines.append(line)
            frame = json.loads(line)
            if frame.get("id") == number:
                result: dict[str, Any] = frame["result"]
                return result

    def ended(self, within: float = PATIENCE_S) -> int:
        return self.process.wait(timeout=within)

    def _write(self, frame: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(frame).encode() + b"\n")
        self.process.stdin.flush()


def test_it_ends_when_the_host_closes_stdin(world: World) -> None:
    with Host(world) as host:
        host.call("create_work_item", title="Kept")
        assert host.process.stdin is not None
        host.process.stdin.close()
        assert host.ended() == 0


def test_it_ends_on_sigterm(world: World) -> None:
    with Host(world) as host:
        host.process.send_signal(signal.SIGTERM)
        assert host.ended() == 0


PARENT = """
import subprocess, sys
arguments = [sys.executable, "-m", "workflow_server"]
server = subprocess.Popen(arguments, stdin=int(sys.argv[1]), stdout=open(sys.argv[2], "wb"))
print(server.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="orphans are told by their parent's number")
def test_it_ends_when_its_parent_dies_though_the_pipe_stays_open(world: World) -> None:
    """Another process holds the write end of stdin, so no end of file tells of the host's death."""
    read, write = os.pipe()
    answers = world.folder / "answers"
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(read), str(answers)],
        cwd=world.repository,
        env=world.environment() | {"BRIDGE": "off"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=[read],
        text=True,
    )
    os.close(read)
    try:
        assert parent.stdout is not None
        server = int(parent.stdout.readline())
        request = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": HANDSHAKE}
        os.write(write, json.dumps(request).encode() + b"\n")
        wait_until(lambda: answers.exists() and b"serverInfo" in answers.read_bytes(), "an answer")
        parent.kill()
        parent.communicate()
        wait_until(lambda: not is_running(server), "the end of the server")
    finally:
        os.close(write)


def is_running(pid: int) -> bool:
    """Whether a process runs; an orphan that nobody has waited for is over."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_stdout_carries_frames_and_nothing_else(world: World, tmp_path: Path) -> None:
    """From the first byte on: even a library that prints while it is imported does not reach the wire."""
    (tmp_path / "site").mkdir()
    noisy = "import os\nprint('loud import')\nos.write(1, b'louder\\n')\n"
    (tmp_path / "site" / "aiosqlite.py").write_text(
        f"{noisy}import importlib.util as u, sys\n"
        "spec = [f for f in sys.path_hooks]\n"
        "sys.path.pop(0)\nsys.modules.pop('aiosqlite')\n"
        "import aiosqlite as real\nsys.modules['aiosqlite'] = real\n"
    )
    with Host(world, PYTHONPATH=str(tmp_path / "site"), WORKFLOW_LOG_LEVEL="DEBUG") as host:
        for title in ("One", "Two"):
            host.call("create_work_item", title=title)
        host.ask("tools/call", {"name": "no_such_tool", "arguments": {}})
        host._write({"jsonrpc": "2.0"})
        host.ask("ping", {})
        assert host.process.stdin is not None
        host.process.stdin.close()
        assert host.process.stdout is not None
        rest = host.process.stdout.read().splitlines()
        for line in [*host.lines, *rest]:
            assert json.loads(line)["jsonrpc"] == "2.0"


def test_acknowledged_writes_survive_sigkill_in_the_middle_of_work(world: World) -> None:
    """Both the host's server and the web server are killed while they write; what was answered is there."""
    acknowledged: set[str] = set()
    web = world.start_workflow()
    for round_number in range(5):
        with Host(world) as host:
            for number in range(8):
                acknowledged.add(host.call("create_work_item", title=f"Round {round_number}.{number}")["id"])
                made = web.request("POST", "/mcp/work_items", {"title": f"Web {round_number}.{number}"})
                assert made.status_code == 201
                acknowledged.add(made.json()["id"])
            for _ in range(20):
                host.send("tools/call", {"name": "create_work_item", "arguments": {"title": "In flight"}})
            host.process.kill()
            host.ended()
    web.kill()
    with Host(world) as host:
        stored: set[str] = set()
        cursor: dict[str, Any] = {}
        while True:
            page = host.call("list_work_items", limit=200, **cursor)
            stored |= {row["id"] for row in page["items"]}
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert acknowledged <= stored
        assert len(acknowledged) == 80
    checked = subprocess.run(
        [sys.executable, "-m", "workflow_server", "doctor", "--json"],
        cwd=world.repository,
        env=world.environment() | {"BRIDGE": "off"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert [one for one in json.loads(checked.stdout)["findings"] if one["level"] == "bad"] == []
