"""Starting the server the way a host does, and asking it one thing."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SECONDS = 30.0
_PROTOCOL = "2025-11-25"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the trial went. `told` is one sentence; `milliseconds` from start to the answer of `initialize`."""

    well: bool
    told: str
    milliseconds: int = 0


def try_server(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Outcome:
    """Launch, initialize, list the tools, close; the process is gone when this returns."""
    started = time.perf_counter()
    try:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=dict(environment) if environment is not None else None,
        )
    except OSError as error:
        return Outcome(False, f"{command[0]} cannot be started: {error}")
    client = {"name": "doctor", "version": "1"}
    asked = [
        _request(1, "initialize", {"protocolVersion": _PROTOCOL, "capabilities": {}, "clientInfo": client}),
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        _request(2, "tools/list", {}),
    ]
    try:
        lines, errors = process.communicate(
            "".join(f"{json.dumps(each)}\n" for each in asked), timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        process.kill()
        _, errors = process.communicate()
        return Outcome(False, f"no answer within {SECONDS:.0f} s; it said: {_last_line(errors)}")
    milliseconds = round((time.perf_counter() - started) * 1000)
    return _judged(lines, errors, process.returncode, milliseconds)


def _request(number: int, method: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def _judged(lines: str, errors: str, code: int, milliseconds: int) -> Outcome:
    answers: dict[int, Any] = {}
    for line in lines.splitlines():
        try:
            frame = json.loads(line)
        except ValueError:
            return Outcome(False, f"stdout carries something that is not MCP: {line[:80]!r}")
        if "result" in frame:
            answers[frame.get("id")] = frame["result"]
    if 1 not in answers:
        return Outcome(False, f"it ended with code {code} before it answered; it said: {_last_line(errors)}")
    if 2 not in answers:
        return Outcome(False, f"it answered initialize but not tools/list; it said: {_last_line(errors)}")
    server = answers[1]["serverInfo"]
    tools = len(answers[2]["tools"])
    told = (
        f"{server['name']} {server['version']} answered with {tools} tools in {milliseconds} ms, start to end"
    )
    return Outcome(True, told, milliseconds)


def _last_line(text: str) -> str:
    lines = [line for line in (text or "").splitlines() if line.strip()]
    return lines[-1][:200] if lines else "nothing"
