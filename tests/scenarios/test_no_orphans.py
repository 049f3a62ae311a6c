"""However a host goes, both servers go too, even in the middle of work, and leave nothing held.

How fast is measured by bench.startup.lives and bench.startup.life; here nothing is timed.
"""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from .conftest import World, wait_until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="uses sh and signals")

HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
HOST = """
import subprocess, sys, time
server = subprocess.Popen([sys.executable, "-m", sys.argv[1]], stdin=0, stdout=1)
print(server.pid, file=sys.stderr, flush=True)
server.wait()
"""
"""A host that hands its own pipes on: they stay open in the test when it is killed."""


class Launched:
    """A server under a host of its own, in the middle of work."""

    def __init__(self, world: World, module: str) -> None:
        self.host = subprocess.Popen(
            [sys.executable, "-c", HOST, module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=world.repository,
            env=world.environment() | {"BRIDGE": "off"},
        )
        assert self.host.stderr is not None
        self.server = psutil.Process(int(self.host.stderr.readline()))
        self.send(1, "initialize", HELLO)
        self.read(lambda frame: frame.get("id") == 1)
        if module == "codebase_server":
            call: dict[str, Any] = {"name": "index_repository", "arguments": {}}
            self.send(2, "tools/call", call | {"_meta": {"progressToken": "p"}})
            self.read(lambda frame: frame.get("method") == "notifications/progress")
        else:
            for number in range(2, 200):
                title = f"Item {number}"
                self.send(number, "tools/call", {"name": "create_work_item", "arguments": {"title": title}})
            self.read(lambda frame: frame.get("id") == 5)
        self.family = [self.server, *self.server.children(recursive=True)]

    def send(self, number: int, method: str, parameters: dict[str, Any]) -> None:
        assert self.host.stdin is not None
        message = {"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}
        self.host.stdin.write(json.dumps(message).encode() + b"\n")
        self.host.stdin.flush()

    def read(self, wanted: Callable[[dict[str, Any]], bool]) -> None:
        assert self.host.stdout is not None
        while not wanted(json.loads(self.host.stdout.readline())):
            pass

    def goes(self, how: str) -> None:
        assert self.host.stdin is not None
        if how == "the host closes stdin":
            self.host.stdin.close()
            self.host.stdin = None  # or `communicate` would flush it
        elif how == "the host is killed, its pipe stays open":
            self.host.kill()
        else:
            self.server.send_signal(getattr(signal, how))

    def clean_up(self) -> None:
        for one in self.family:
            if runs(one):
                one.kill()
        self.host.kill()
        self.host.communicate()


def runs(process: psutil.Process) -> bool:
    """Whether it has not ended; an orphan that the first process has yet to reap has."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


WAYS = ["the host closes stdin", "the host is killed, its pipe stays open", "SIGTERM", "SIGINT"]


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("module", ["codebase_server", "workflow_server"])
def test_nothing_is_left_of_a_server_in_the_middle_of_work(world: World, module: str, how: str) -> None:
    for number in range(300 if module == "codebase_server" else 0):
        body = "\n\n".join(f"def f{number}_{part}(a, b):\n    return a + b * {part}" for part in range(20))
        world.write(f"src/many_{number}.py", body)
    launched = Launched(world, module)
    try:
        launched.goes(how)
        wait_until(lambda: not any(runs(one) for one in launched.family), "the end of it and its workers")
    finally:
        launched.clean_up()
    assert list(world.runtime.glob("*endpoint*.json")) == []
    assert port_is_free(world.codebase_port)
    # No lock is left: the next one writes at once.
    done = subprocess.run(
        [sys.executable, "-m", module, *NEXT[module]],
        cwd=world.repository,
        env=world.environment() | {"BRIDGE": "off"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


NEXT = {"codebase_server": ["index"], "workflow_server": ["add", "After"]}


def port_is_free(port: int) -> bool:
    """Whether another program can listen there now; a connection that is being taken down does not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("kind", ["codebase", "workflow"])
def test_a_door_on_its_own_lets_go_of_port_and_endpoint(world: World, kind: str, how: signal.Signals) -> None:
    server = world.start_codebase() if kind == "codebase" else world.start_workflow()
    port = world.codebase_port if kind == "codebase" else world.workflow_port
    assert not port_is_free(port)
    family = psutil.Process(server.process.pid).children(recursive=True)
    server.kill(how)
    assert port_is_free(port)
    assert list(Path(world.runtime).glob("*endpoint*.json")) == []
    wait_until(lambda: not any(runs(one) for one in family), "the end of its workers")
