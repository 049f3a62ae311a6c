"""Real processes in a world of their own: a repository, a data folder, a runtime folder, free ports."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import StdioServerParameters

START_DEADLINE_S = 90.0
"""How long a server may take to answer /health on a loaded two-core machine."""


def free_port() -> int:
    """A loopback port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def run_git(folder: Path, *arguments: str) -> str:
    """Run git in `folder` with an identity of the tests' own and return what it prints."""
    identity = ["-c", "user.name=Tests", "-c", "user.email=tests@localhost", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout


@dataclass
class Server:
    """One HTTP server process and the address it answers on."""

    process: subprocess.Popen[bytes]
    url: str
    token: str
    log: Path

    def request(self, method: str, path: str, body: Any = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.request(method, self.url + path, json=body, headers=headers, timeout=30, trust_env=False)

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End the process and wait until it is gone."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait(timeout=60)  # for a loaded machine; nothing here waits that long when all is well

    def end(self) -> None:
        """Ask it to end, as a shell does; one that does not is killed, and the test fails."""
        try:
            self.kill(signal.SIGTERM)
        finally:
            self.kill()


@dataclass
class World:
    """Where the servers of one test live."""

    folder: Path
    codebase_port: int = field(default_factory=free_port)
    workflow_port: int = field(default_factory=free_port)
    started: list[Server] = field(default_factory=list)

    @property
    def repository(self) -> Path:
        return self.folder / "repository"

    @property
    def runtime(self) -> Path:
        return self.folder / "runtime"

    def environment(self) -> dict[str, str]:
        """The environment of every server in this world; nothing of the user's own is touched."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
        return kept | {
            "HOME": str(home),
            "TANDEM_RUNTIME_DIR": str(self.runtime),
            "CODEBASE_DATA_DIR": str(self.folder / "codebase-data"),
            "CODEBASE_ROOT": str(self.repository),
            "CODEBASE_HTTP_PORT": str(self.codebase_port),
            "WORKFLOW_DATA_DIR": str(self.folder / "workflow-data"),
            "WORKFLOW_HTTP_PORT": str(self.workflow_port),
            "WORKFLOW_PROJECT": "scenario",
            # What is tested is that the bridge gets through, not that a busy machine is quick;
            # the patience of 300 ms is tested where nobody answers well.
            "BRIDGE_TIMEOUT_MS": "10000",
        }

    def write(self, path: str, text: str) -> None:
        """Write one source file of the repository."""
        target = self.repository / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def commit(self, message: str) -> None:
        run_git(self.repository, "add", "-A")
        run_git(self.repository, "commit", "-q", "-m", message)

    def start_codebase(self, *arguments: str, file: str = "codebase-endpoint.json") -> Server:
        """Serve code; ``file`` is the name, or a glob, of the endpoint file that it will write."""
        return self._start("codebase_server", ["serve", *arguments], self.codebase_port, file)

    def start_workflow(self) -> Server:
        return self._start("workflow_server", ["web"], self.workflow_port, "workflow-endpoint.json")

    def stdio(self, module: str, **environment: str) -> StdioServerParameters:
        """How a host launches one of the servers."""
        return StdioServerParameters(
            command=sys.executable,
            args=["-m", module],
            env=self.environment() | environment,
            cwd=str(self.repository),
        )

    def _start(self, module: str, arguments: list[str], port: int, endpoint_name: str) -> Server:
        log = self.folder / f"{module}-{len(self.started)}.log"
        with log.open("wb") as sink:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=self.repository,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
            )
        server = Server(process, f"http://127.0.0.1:{port}", "", log)
        self.started.append(server)
        wait_until(lambda: self._is_up(server, endpoint_name), f"{module} on port {port}", log)
        return server

    def _is_up(self, server: Server, endpoint_name: str) -> bool:
        if server.process.poll() is not None:
            text = server.log.read_text(errors="replace")
            pytest.fail(f"the server ended with {server.process.returncode} at start:\n{text}")
        try:
            told = [json.loads(file.read_text()) for file in self.runtime.glob(endpoint_name)]
            endpoint = next((one for one in told if one["pid"] == server.process.pid), None)
            if endpoint is None:
                return False
            server.token, server.url = endpoint["token"], endpoint["url"]
            return server.request("GET", "/health").status_code == 200
        except (OSError, ValueError, httpx.HTTPError):
            return False


def wait_until(condition: Callable[[], bool], what: str, log: Path | None = None) -> None:
    """Poll `condition` until it holds; fail with `what` after the deadline."""
    deadline = time.monotonic() + START_DEADLINE_S
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.05)
    pytest.fail(
        f"{what}: not so within {START_DEADLINE_S:.0f} s\n" + (log.read_text(errors="replace") if log else "")
    )


AUTH = '''"""Who may come in."""


def authenticate(user: str, password: str) -> bool:
    """Check a user's password against the stored hash."""
    stored = load_hash(user)
    return verify(stored, password)


def revoke_session(session_id: str) -> None:
    """End one session before its time."""
    sessions = open_sessions()
    sessions.pop(session_id, None)


def hash_password(password: str, rounds: int = 12) -> bytes:
    """Derive the hash that is stored for a password."""
    salt = new_salt(rounds)
    return derive(password.encode("utf-8"), salt)
'''
"""A module of three functions that the scenarios refer to."""


def without_function(source: str, name: str) -> str:
    """`source` without the top-level function `name`: the edit that makes a reference stale."""
    kept = [part for part in source.split("\n\n\n") if not part.startswith(f"def {name}(")]
    assert len(kept) == len(source.split("\n\n\n")) - 1, f"{name} was not in the source"
    return "\n\n\n".join(kept).rstrip("\n") + "\n"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A committed repository with one module, and nothing running yet."""
    made = World(tmp_path)
    made.repository.mkdir()
    run_git(made.repository, "init", "-q", "-b", "main")
    made.write("src/auth.py", AUTH)
    made.write("README.md", "# Sample\n\nAuthentication for a small service.\n")
    made.commit("first")
    yield made
    for server in made.started:
        server.end()
