"""Real servers among libraries that print in every way there is: the host reads frames and nothing else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import psutil
import pytest

from .conftest import World

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="uses sh and signals")

SITE = textwrap.dedent(
    """
    import atexit, os, sys, threading, warnings

    print("noise: printed by a start-up hook")
    import ctypes
    libc = ctypes.CDLL(None)
    libc.puts(b"noise: put into the buffer of C before the program began")
    atexit.register(print, "noise: printed at exit", flush=True)
    atexit.register(lambda: 1 / 0)

    def talk():
        for number in range(50):
            print("noise: printed in a thread", flush=True)
            os.write(1, b"noise: written in a thread without an end of line")
            threading.Event().wait(0.02)
        raise RuntimeError("noise: an exception in a thread")

    class Noisy:
        "Makes every library that is imported from here on a loud one."
        begun = False

        def find_spec(self, name, path=None, target=None):
            if name.partition(".")[0] not in ("anyio", "mcp", "numpy", "aiosqlite", "pydantic", "watchfiles"):
                return None
            if "." in name:
                return None
            print(f"noise: printed while {name} was imported")
            sys.stdout.buffer.write(b"noise: \\xff\\xfe bytes\\n")
            sys.stdout.flush()
            os.write(1, b"noise: written to descriptor 1\\n")
            libc.puts(f"noise: put by C while {name} was imported".encode())
            libc.fflush(None)
            warnings.warn("noise: a warning", stacklevel=1)
            os.system("echo noise: from a shell")
            if not Noisy.begun:
                Noisy.begun = True
                import subprocess
                threading.Thread(target=talk, daemon=True).start()
                script = "echo noise: from a child; exec sleep 60"
                child = subprocess.Popen(["sh", "-c", script], close_fds=False)
                with open(os.environ["NOISE_CHILD"], "w") as told:
                    told.write(str(child.pid))
            return None

    sys.meta_path.insert(0, Noisy())
    """
)
"""Python runs a module of this name in every process that finds it, before the program's own first line."""

KINDS = (
    "printed by a start-up hook",
    "printed in a thread",
    "written in a thread",
    "printed while anyio was imported",
    "written to descriptor 1",
    "put by C while anyio was imported",
    "a warning",
    "from a shell",
    "from a child",
)
CALLS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "codebase_server": [
        ("index_repository", {}),
        ("search_code", {"query": "revoke session"}),
        ("no_such_tool", {}),
    ],
    "workflow_server": [
        ("create_work_item", {"title": "One", "entity_references": ["src/auth.py::revoke_session"]}),
        ("list_work_items", {}),
        ("list_work_items", {"no_such": 1}),
    ],
}


@pytest.mark.parametrize("end", ["stdin closed", "SIGTERM", "SIGINT"])
@pytest.mark.parametrize("module", list(CALLS))
def test_no_foreign_byte_is_on_the_wire(world: World, tmp_path: Path, module: str, end: str) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(SITE)
    child_file = tmp_path / "child"
    log = tmp_path / "noise.log"
    noisy = {"PYTHONPATH": str(site), "NOISE_CHILD": str(child_file), "PYTHONWARNINGS": "always"}
    with (
        log.open("wb") as sink,
        subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=sink,
            cwd=world.repository,
            env=world.environment() | {"CODEBASE_HTTP_PORT": "0"} | noisy,
        ) as server,
    ):
        try:
            received = _spoken_with(server, module)
            assert server.stdin is not None
            assert server.stdout is not None
            if end == "stdin closed":
                server.stdin.close()
            else:
                server.send_signal(getattr(signal, end))
            # End of file comes though a child of the server lives: it has not inherited the wire.
            received += server.stdout.read().splitlines(keepends=True)
            assert psutil.pid_exists(int(child_file.read_text()))
            assert server.wait(30) in (0, 130)
        finally:
            server.kill()
            if child_file.exists():
                os.kill(int(child_file.read_text()), signal.SIGKILL)
    frames = [json.loads(line) for line in received]
    assert all(frame["jsonrpc"] == "2.0" for frame in frames)
    assert [frame["id"] for frame in frames if "id" in frame] == list(range(1 + len(CALLS[module])))
    told = log.read_bytes().decode(errors="replace")
    assert [kind for kind in KINDS if f"noise: {kind}" not in told] == [], (
        "each was made, and went to the log"
    )


SETTINGS_THAT_END_IT = {
    "codebase_server": {"CODEBASE_HTTP_PORT": "no number"},
    "workflow_server": {"BRIDGE_TIMEOUT_MS": "no number"},
}


@pytest.mark.parametrize("module", list(CALLS))
def test_what_libraries_say_at_exit_and_fail_with_there_stays_off_the_wire(
    world: World, tmp_path: Path, module: str
) -> None:
    """A server that served skips what libraries registered for the exit; one that may not start runs it."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(SITE)
    child_file = tmp_path / "child"
    noisy = {"PYTHONPATH": str(site), "NOISE_CHILD": str(child_file)}
    ended = subprocess.run(
        [sys.executable, "-m", module],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=world.repository,
        env=world.environment() | SETTINGS_THAT_END_IT[module] | noisy,
        timeout=60,
    )
    if child_file.exists():
        os.kill(int(child_file.read_text()), signal.SIGKILL)
    assert ended.returncode not in (0, None)
    told = ended.stderr.decode(errors="replace")
    assert "'no number'" in told
    assert "noise: printed at exit" in told
    assert "ZeroDivisionError" in told
    assert ended.stdout == b""


def _spoken_with(server: subprocess.Popen[bytes], module: str) -> list[bytes]:
    """Shake hands and make the calls; every line that came, as it came."""
    assert server.stdin is not None
    assert server.stdout is not None
    hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    requests = [("initialize", hello)]
    requests += [("tools/call", {"name": name, "arguments": given}) for name, given in CALLS[module]]
    received = []
    for number, (method, parameters) in enumerate(requests):
        message = {"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}
        server.stdin.write(json.dumps(message).encode() + b"\n")
        server.stdin.flush()
        while True:
            line = server.stdout.readline()
            received.append(line)
            if not line or json.loads(line).get("id") == number:
                break
    return received
