"""Runs the conformance suite and the Inspector, and reads what they found."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

CONFORMANCE: Final = "@modelcontextprotocol/conformance@0.1.16"
INSPECTOR: Final = "@modelcontextprotocol/inspector@2.12.0"

APPLICABLE: Final = (
    "server-initialize",
    "ping",
    "tools-list",
    "tools-call-error",
    "tools-call-simple-text",
    "resources-list",
    "prompts-list",
    "server-sse-multiple-streams",
    "dns-rebinding-protection",
)
"""Scenarios that an arbitrary server can pass.

All others of the active suite call tools, prompts and resources of fixed names
(``test_image_content``, ``test://static-text``, ...), or want logging levels and
completions, which these two servers do not offer. The fixture server on the
same transport code passes them.
"""
ACTIVE_SCENARIOS: Final = 30
"""How many the suite runs when nothing is chosen."""

_SUMMARY = re.compile(r"^[✓✗] ([\w-]+): (\d+) passed, (\d+) failed", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario's result."""

    name: str
    passed: int
    failed: int


def conformance(url: str, scenario: str = "") -> list[Scenario]:
    """Run one scenario, or the whole active suite, against a server without token."""
    chosen = ["--scenario", scenario] if scenario else ["--suite", "active"]
    command = ["npx", "-y", CONFORMANCE, "server", "--url", url, *chosen]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    rows = summary(done.stdout)
    if not rows and scenario:
        # A single scenario prints no summary line; its exit code tells.
        return [Scenario(scenario, int(done.returncode == 0), int(done.returncode != 0))]
    if not rows:
        raise RuntimeError(f"the suite printed no result:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return rows


def summary(output: str) -> list[Scenario]:
    """The results that the suite printed at its end."""
    return [Scenario(name, int(good), int(bad)) for name, good, bad in _SUMMARY.findall(output)]


def inspect(
    target: Sequence[str], environment: Mapping[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run the Inspector's command line on a server over stdio."""
    given = [part for name, value in environment.items() for part in ("-e", f"{name}={value}")]
    command = ["npx", "-y", INSPECTOR, "--cli", *target, *given, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@contextmanager
def serving(command: Sequence[str], port: int, environment: Mapping[str, str], folder: Path) -> Iterator[str]:
    """A server process for the time of a `with`; its MCP address."""
    log = folder / "server.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, *command],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            env={**os.environ, **environment},
            cwd=folder,
        )
    try:
        _wait_for(port, process, log)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"no server on port {port}:\n{log.read_text(errors='replace')}")


def free_port() -> int:
    """A loopback port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def loaded(output: str) -> dict[str, Any]:
    """The JSON summary of the Inspector's load mode."""
    found: dict[str, Any] = json.loads(output[output.index("{") :])
    return found
