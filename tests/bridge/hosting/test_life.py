"""A hosted process: stdout is the protocol's alone, and it ends with its host."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

SERVER = '''
from bridge.hosting.wire import claim
wire = claim()
print("printed before anything was imported")
import os, subprocess, sys, threading, time
from bridge.hosting import logs
from bridge.hosting.life import Lifetime
lifetime = Lifetime()
wire.when_ended(lambda: lifetime.end_soon("stdin was closed"))
lifetime.on_end("marker", lambda: open(sys.argv[1], "w").write("released"))
lifetime.follow_signals()
lifetime.follow_parent()
logs.configure("probe", folder=__import__("pathlib").Path(sys.argv[1]).parent)
import anyio
from bridge.hosting.server import HostedServer
from bridge.hosting.toolset import READS, ToolSet
tools = ToolSet()
@tools.tool(title="Noise", annotations=READS)
def noise() -> dict[str, int]:
    """Write to stdout in every way."""
    print("printed", flush=True)
    os.write(1, b"written\\n")
    subprocess.run(["echo", "from a child"])
    return {"n": len(sys.stdin.read())}
@tools.tool(title="Busy", annotations=READS)
def busy() -> dict[str, int]:
    """Hold a thread for ever."""
    threading.Event().wait()
    return {}
@tools.tool(title="Stuck", annotations=READS)
def stuck() -> dict[str, int]:
    """What is released last never is."""
    lifetime._releases.insert(0, ("stuck", threading.Event().wait))
    return {}
anyio.run(HostedServer("probe", tools=tools, version="1").serve, wire)
lifetime.end("served")
'''


class Hosted:
    """The process and the two ends a host has."""

    def __init__(self, folder: Path, *, prefix: tuple[str, ...] = ()) -> None:
        script = folder / "server.py"
        script.write_text(textwrap.dedent(SERVER))
        self.marker = folder / "released"
        self.process = subprocess.Popen(
            [*prefix, sys.executable, str(script), str(self.marker)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(folder / "stderr").open("wb"),
        )
        self.send(
            "initialize",
            protocolVersion="2025-11-25",
            capabilities={},
            clientInfo={"name": "t", "version": "1"},
        )
        assert "result" in self.receive()

    def send(self, method: str, **parameters: object) -> None:
        assert self.process.stdin is not None
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def receive(self) -> dict[str, object]:
        assert self.process.stdout is not None
        message: dict[str, object] = json.loads(self.process.stdout.readline())
        return message

    def released(self) -> bool:
        """Whether all has been let go: the file is there a moment before its word."""
        return self.marker.exists() and self.marker.read_text() == "released"

    def finish(self) -> None:
        self.process.kill()
        self.process.communicate()


def test_nothing_but_frames_reaches_stdout(tmp_path: Path) -> None:
    hosted = Hosted(tmp_path)
    try:
        hosted.send("tools/call", name="noise", arguments={})
        answer = hosted.receive()
        assert answer["result"]["content"][0]["text"] == '{"n":0}'  # type: ignore[index]  # JSON
        stray = (tmp_path / "stderr").read_text()
        for line in ("printed before anything was imported", "printed\n", "written\n", "from a child\n"):
            assert line in stray
    finally:
        hosted.finish()


def test_it_ends_when_stdin_closes_even_with_a_thread_that_never_returns(tmp_path: Path) -> None:
    hosted = Hosted(tmp_path)
    hosted.send("tools/call", name="busy", arguments={})
    assert hosted.process.stdin is not None
    hosted.process.stdin.close()
    assert hosted.process.wait(timeout=20) == 0
    assert hosted.marker.read_text() == "released"
    assert hosted.process.stdout is not None
    hosted.process.stdout.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_signals_end_it_with_everything_released(tmp_path: Path, number: signal.Signals, code: int) -> None:
    hosted = Hosted(tmp_path)
    hosted.send("tools/call", name="busy", arguments={})
    hosted.process.send_signal(number)
    assert hosted.process.wait(timeout=20) == code
    assert hosted.marker.read_text() == "released"
    hosted.finish()


@pytest.mark.skipif(sys.platform == "win32", reason="a shell stands between the two")
def test_it_ends_when_its_parent_dies_though_the_pipe_stays_open(tmp_path: Path) -> None:
    # The shell is the parent; this test keeps holding the pipe's writing end.
    hosted = Hosted(tmp_path, prefix=("sh", "-c", 'exec 3<&0; "$@" <&3 & wait', "sh"))
    assert hosted.marker.exists() is False
    os.kill(hosted.process.pid, signal.SIGKILL)
    hosted.process.wait()
    give_up = time.monotonic() + 20
    while not hosted.released() and time.monotonic() < give_up:
        time.sleep(0.05)
    assert hosted.released()
    hosted.finish()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_release_that_hangs_keeps_nobody(tmp_path: Path) -> None:
    hosted = Hosted(tmp_path)
    hosted.send("tools/call", name="stuck", arguments={})
    hosted.receive()
    hosted.process.send_signal(signal.SIGTERM)
    assert hosted.process.wait(timeout=20) == -signal.SIGALRM, "ended by the system"
    assert hosted.marker.read_text() == "released", "what was registered after it is released before it"
    hosted.finish()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("again", [False, True])
def test_the_first_signal_may_leave_a_grace_and_the_second_does_not(tmp_path: Path, again: bool) -> None:
    script = """
        import sys, threading
        from bridge.hosting import life
        life.GRACE_SECONDS = 1000.0 if sys.argv[1] == "True" else 0.01
        one = life.Lifetime()
        one.follow_signals(lambda: print("stopping", flush=True))
        print("ready", flush=True)
        threading.Event().wait()
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(again)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == b"stopping\n"
        if again:
            process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
