"""Hostile input in quantity, with a table of what was tried.

    pip install atheris schemathesis
    python -m bench.fuzz [parsers|calls|commands|tools|rest ...] [--server NAME] [--scale 1.0] [--seed 1]
    python -m bench.fuzz grammars [--texts 20000] [--languages bash,perl] [--trees FOLDER] [--seed 1]

Without a name, all but the grammars: parsers, tool calls in the server's own process, command lines, tool
calls over a real process's pipes, REST. Exits 1 when anything was found. The whole at scale 1 gives the
parsers 1,580,000 inputs, and each server 150,000 calls and 10,000 commands.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from hypothesis.errors import FlakyFailure

from bench.fuzz import calls, commands, rest, tools
from bench.fuzz.parsers import TARGETS
from bench.fuzz.peer import Finding, peer

TOOL_CALLS = 1_000
CALLS = 150_000
REST_EXAMPLES = 100
COMMANDS = 10_000
PARTS = ["parsers", "calls", "commands", "tools", "rest"]
GRAMMARS = "grammars"
_EXECUTED = re.compile(r"number_of_executed_units:\s*(\d+)")


def main() -> None:
    """Run the parts asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, GRAMMARS])
    parser.add_argument("--server", choices=tools.SERVERS, help="one of both")
    parser.add_argument("--only", default="", metavar="TARGETS", help="of the parsers, named with commas")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--texts", type=int, default=20_000, help="in each language, of the grammars")
    parser.add_argument("--languages", default="", help="of the grammars, named with commas")
    parser.add_argument("--trees", type=Path, help="a folder of code that is mutilated for the grammars")
    asked = parser.parse_args()
    parts = asked.parts or PARTS
    servers = [asked.server] if asked.server else list(tools.SERVERS)
    print("| what | inputs | seconds | found |\n|---|---|---|---|")
    found = 0
    if "parsers" in parts:
        found += sum(
            _parser(name, max(1, int(count * asked.scale)), asked.seed)
            for name, (_, count) in TARGETS.items()
            if not asked.only or name in asked.only.split(",")
        )
    if GRAMMARS in parts:
        found += _grammars(asked.languages, asked.texts, asked.trees, asked.seed)
    logging.disable()  # a finding is told below, without a traceback of the server's
    if "calls" in parts:
        found += sum(_calls(server, asked.scale, asked.seed) for server in servers)
    if "commands" in parts:
        found += sum(_commands(server, asked.scale, asked.seed) for server in servers)
    with tempfile.TemporaryDirectory() as folder:
        if "tools" in parts:
            found += sum(_tools(server, asked.scale, asked.seed, Path(folder)) for server in servers)
        if "rest" in parts:
            found += sum(_rest(server, asked.scale, asked.seed, Path(folder)) for server in servers)
    sys.exit(1 if found else 0)


def _row(what: str, inputs: int, started: float, told: str) -> int:
    seconds = time.monotonic() - started
    print(f"| {what} | {inputs:,} | {seconds:.0f} | {'see below' if told else 'nothing'} |", flush=True)
    if told:
        print(told, file=sys.stderr, flush=True)
    return int(bool(told))


def _parser(name: str, runs: int, seed: int) -> int:
    started = time.monotonic()
    command = [sys.executable, "-m", "bench.fuzz.guided", name, str(runs), str(seed)]
    done = subprocess.run(command, capture_output=True, check=False)
    said, counted = (stream.decode("utf-8", "replace") for stream in (done.stdout, done.stderr))
    executed = _EXECUTED.search(said + counted)
    # what the input raised stands on one stream, the input itself at the end of the other's long account
    told = f"{said[-4000:]}\n{counted[-1000:]}" if done.returncode else ""
    return _row(name, int(executed[1]) if executed else runs, started, told)


def _grammars(named: str, texts: int, trees: Path | None, seed: int) -> int:
    from bench.fuzz import grammars  # on POSIX alone
    from codebase_server.chunks.languages import SPECS

    found, samples = 0, grammars.samples(trees)
    for language in named.split(",") if named else sorted(SPECS):
        started = time.monotonic()
        outcome = grammars.tried(language, texts, samples.get(language, ""), seed)
        told = "\n".join(f"{language}: ended with {code} on {file}" for code, file in outcome.ended)
        found += _row(language, outcome.texts, started, told)
    return found


def _calls(server: str, scale: float, seed: int) -> int:
    started, told = time.monotonic(), ""
    tally = calls.Tally(server)
    try:
        asyncio.run(calls.attack(tally, max(1, int(CALLS * scale)), seed))
    except Exception as failure:
        finding = calls.found_in(failure)
        if finding is None:
            raise
        told = str(finding)
    what = f"calls of {server}, {tally.refused:,} refused, {tally.waited} waited over a second"
    return _row(what, tally.calls, started, told)


def _commands(server: str, scale: float, seed: int) -> int:
    started, told = time.monotonic(), ""
    tally = calls.Tally(server)
    try:
        commands.attack(tally, max(1, int(COMMANDS * scale)), seed)
    except Finding as finding:
        told = str(finding)
    return _row(f"commands of {server}, {tally.refused:,} refused", tally.calls, started, told)


def _tools(server: str, scale: float, seed: int, folder: Path) -> int:
    started, told = time.monotonic(), ""
    world = folder / server
    world.mkdir()
    environment = tools.world(world)
    slow = ""
    with peer(server, environment, world / "repository") as running:
        data = world / ("codebase-data" if server == "codebase_server" else "workflow-data")
        try:
            outcome = tools.assault(running, server, max(1, int(TOOL_CALLS * scale)), data, seed)
            slow = f", {len(outcome.slow)} slower than a second" if outcome.slow else ""
        except (Finding, FlakyFailure) as finding:
            told = str(finding)
        sent = running.sent
    return _row(f"tools of {server}{slow}", sent, started, told)


def _rest(server: str, scale: float, seed: int, folder: Path) -> int:
    started = time.monotonic()
    command, endpoint_name = rest.SERVERS[server]
    world = folder / server
    world.mkdir()
    environment = tools.world(world) | {"WORKFLOW_HTTP_PORT": "0"}
    with (world / "log").open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", server, command],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            env={**os.environ, **environment},
            cwd=world / "repository",
        )
    try:
        endpoint = _endpoint(world / "runtime", endpoint_name, process)
        examples = max(1, int(REST_EXAMPLES * scale))
        outcome = rest.schemathesis(server, endpoint["url"], endpoint["token"], examples, seed, world)
    finally:
        process.terminate()
        process.wait(timeout=20)
    return _row(f"REST of {server}", outcome.requests, started, outcome.failures)


def _endpoint(folder: Path, name: str, process: subprocess.Popen[bytes]) -> dict[str, str]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        for file in folder.glob(f"{name}*.json"):
            found: dict[str, str] = json.loads(file.read_text())
            return found
        time.sleep(0.1)
    raise RuntimeError(f"no {name} file")


if __name__ == "__main__":
    main()
