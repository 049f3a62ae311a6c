"""How soon a cancelled request stops the work: from the notice until nobody writes and nothing runs any more.

    python -m bench.latency.cancel [--rounds 10] [--files 1500]

A host asks for an index read anew, lets it run for a random time and cancels.
The time ends when the writer's lock is free. The processor time that the server and its
workers take in the second after that tells whether anything went on unseen; a server
at rest is measured beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from bench.latency.connection import Connection
from bench.startup.world import settings_of
from codebase_server.store import SystemLock

AFTER_S = 1.0


def processor_seconds(server: psutil.Process) -> float:
    """What a server and its living children have used."""
    total = 0.0
    for process in (server, *server.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def used_in_a_second(server: psutil.Process) -> float:
    """Milliseconds of processor time in the next second; what a child used before it ended is left out."""
    before = processor_seconds(server)
    time.sleep(AFTER_S)
    return max(0.0, processor_seconds(server) - before) * 1e3


def cancelled(connection: Connection, process: subprocess.Popen[bytes], number: str, wait: float) -> None:
    """Ask for a whole pass, and take the wish back after ``wait`` seconds."""
    assert process.stdin
    ask = {
        "jsonrpc": "2.0", "id": number, "method": "tools/call",
        "params": {"name": "index_repository", "arguments": {"force": True}},
    }  # fmt: skip
    process.stdin.write(json.dumps(ask).encode() + b"\n")
    process.stdin.flush()
    time.sleep(wait)
    notice = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": number}}
    process.stdin.write(json.dumps(notice).encode() + b"\n")
    process.stdin.flush()


def main() -> None:
    """Print the table; exit 1 when a cancelled pass ran to its end."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--files", type=int, default=1500)
    given = parser.parse_args()
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder)
        (world / "repository").mkdir()
        for number in range(given.files):
            body = "\n\n".join(f"def f{number}_{part}(a, b):\n    return a * {part}" for part in range(20))
            (world / "repository" / f"many_{number}.py").write_text(body)
        with subprocess.Popen(
            [sys.executable, "-m", "codebase_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **settings_of(world)},
            cwd=world,
        ) as process:
            connection = Connection(process)
            begun = time.perf_counter()
            connection.call("index_repository")
            whole = time.perf_counter() - begun
            server = psutil.Process(process.pid)
            (lock_file,) = (world / "codebase").rglob("writer.lock")
            lock = SystemLock(lock_file)
            rest = used_in_a_second(server)
            stops, after, ran_out = [], [], 0
            for number in range(given.rounds):
                cancelled(connection, process, f"c{number}", chance.uniform(0.2, 0.6) * whole)
                ran_out += not lock.is_held()
                begun = time.perf_counter()
                while lock.is_held():
                    time.sleep(0.002)
                stops.append(time.perf_counter() - begun)
                after.append(used_in_a_second(server))
            process.stdin.close() if process.stdin else None
    print(f"load average {os.getloadavg()[0]:.0f}, {given.files:,} files, a whole pass takes {whole:.1f} s\n")
    print(
        "| cancelled | median s | longest s | processor ms in the second after | at rest | ran to the end |"
    )
    print("|---|---|---|---|---|---|")
    figures = f"{statistics.median(stops):.2f} | {max(stops):.2f} | {statistics.median(after):.0f}"
    print(f"| {given.rounds} | {figures} | {rest:.0f} | {ran_out} |")
    sys.exit(int(ran_out > 0))


if __name__ == "__main__":
    main()
