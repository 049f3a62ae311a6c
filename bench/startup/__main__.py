"""From spawn to the answer of ``initialize``: both servers beside an empty one, turn by turn.

    python -m bench.startup [--rounds 20]

Turns alternate, so that a busy machine is busy for all of them; processor time,
which waiting for a turn does not add to, tells more there than the clock. The goal
is a median of at most 1.25 times the empty server's.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from bench.startup.world import settings_of

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "bench", "version": "1"},
    },
}
HERE = Path(__file__).parent
SERVERS: dict[str, Sequence[str]] = {
    "empty SDK server": (str(HERE / "empty_server.py"),),
    "codebase-server": ("-m", "codebase_server"),
    "workflow-server": ("-m", "workflow_server"),
}


def started(arguments: Sequence[str], world: Path) -> tuple[float, float]:
    """From spawn until the line that answers `initialize`: seconds, and seconds of processor time."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= settings_of(world)
    begun = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        cwd=world,
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(INITIALIZE).encode() + b"\n")
        process.stdin.flush()
        line = process.stdout.readline()
        seconds = time.perf_counter() - begun
        used = psutil.Process(process.pid).cpu_times()
        process.stdin.close()
        process.wait(timeout=120)
        assert b"serverInfo" in line, process.stderr.read().decode() if process.stderr else line
    return seconds, used.user + used.system


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    times: dict[str, list[float]] = {name: [] for name in SERVERS}
    processor: dict[str, list[float]] = {name: [] for name in SERVERS}
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder)
        (world / "repository").mkdir()
        for turn in range(rounds + 1):
            for name, arguments in SERVERS.items():
                seconds, used = started(arguments, world)
                if turn:  # the first turn writes byte code and warms the disk cache
                    times[name].append(seconds)
                    processor[name].append(used)
    floor = statistics.median(times["empty SDK server"])
    least = statistics.median(processor["empty SDK server"])
    print("| server | median ms | min ms | p95 ms | x empty | processor ms | x empty |")
    print("|---|---|---|---|---|---|---|")
    for name, measured in times.items():
        middle = statistics.median(measured)
        high = sorted(measured)[int(len(measured) * 0.95) - 1]
        figures = f"{middle * 1e3:.0f} | {min(measured) * 1e3:.0f} | {high * 1e3:.0f} | {middle / floor:.2f}"
        used = statistics.median(processor[name])
        print(f"| {name} | {figures} | {used * 1e3:.0f} | {used / least:.2f} |")


if __name__ == "__main__":
    main()
