"""Starting the server the way a host does, and asking it one thing."""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

SECONDS = 30.0
LAST = 3
_PROTOCOL = "2025-11-25"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the trial went. `told` is one sentence; `milliseconds` from start to end."""

    well: bool
    told: str
    milliseconds: int = 0


def try_server(
    command: Sequence[str],
    tool: str,
    arguments: Mapping[str, Any],
    *,
    seconds: float = SECONDS,
    folder: Path | None = None,
) -> Outcome:
    """Launch, in `folder` where one is given, initialize, list the tools, call `tool`, which only reads,
    close; the process is gone when this returns.
    """
    started = time.perf_counter()
    try:
        process = subprocess.Popen(
            list(command),
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
    except OSError as error:
        return Outcome(False, f"{command[0]} cannot be started: {error}")
    client = {"name": "doctor", "version": "1"}
    assert process.stdin is not None
    assert process.stdout is not None
    asked = [
        _request(1, "initialize", {"protocolVersion": _PROTOCOL, "capabilities": {}, "clientInfo": client}),
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        _request(2, "tools/list", {}),
        _request(LAST, "tools/call", {"name": tool, "arguments": arguments}),
    ]
    # the end of its input ends a server, so that stays open until the last answer is there
    alarm = threading.Timer(seconds, process.kill)
    alarm.start()
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write("".join(f"{json.dumps(each)}\n" for each in asked))
        process.stdin.flush()
    lines = list(_until(process.stdout, LAST))
    errors = process.communicate()[1]
    late = not alarm.is_alive()
    alarm.cancel()
    if late:
        return Outcome(False, f"no answer within {seconds:.0f} s; it said: {_last_line(errors)}")
    milliseconds = round((time.perf_counter() - started) * 1000)
    return _judged("".join(lines), tool, errors, process.returncode, milliseconds)


def _until(stream: IO[str], number: int) -> Iterator[str]:
    """The lines up to the answer of that number, or to the end."""
    for line in stream:
        yield line
        try:
            if json.loads(line).get("id") == number:
                return
        except (ValueError, AttributeError):
            return


def _request(number: int, method: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def _judged(lines: str, tool: str, errors: str, code: int, milliseconds: int) -> Outcome:
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
    called = answers.get(LAST)
    if called is None or called.get("isError"):
        said = called["content"][0]["text"].splitlines()[0] if called else _last_line(errors)
        return Outcome(False, f"its tools are listed, but {tool} failed: {said}")
    server = answers[1]["serverInfo"]
    tools = len(answers[2]["tools"])
    told = (
        f"{server['name']} {server['version']} answered with {tools} tools and one call of them in "
        f"{milliseconds} ms, start to end"
    )
    return Outcome(True, told, milliseconds)


def _last_line(text: str) -> str:
    lines = [line for line in (text or "").splitlines() if line.strip()]
    return lines[-1][:200] if lines else "nothing"
