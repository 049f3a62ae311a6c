"""How fast a codebase-server ends in the middle of a pass, and how fast another takes over its door.

    python -m bench.startup.life [--rounds 5] [--beside 16]

The contract allows 2 s for each. With ``--beside N`` so many endless loops take the processors from a
second before each event until it is over.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from bench.latency.connection import connected
from bench.startup.__main__ import INITIALIZE

FILES = 3_000
"""Enough that a pass is still running when its server is told to end."""


def many_files(folder: Path) -> None:
    """A folder whose pass takes seconds."""
    folder.mkdir()
    for number in range(FILES):
        body = "\n\n".join(f"def f{number}_{part}(a, b):\n    return a + b * {part}" for part in range(20))
        (folder / f"many_{number}.py").write_text(body)


def environment(world: Path, repository: str, port: int) -> dict[str, str]:
    """The environment of a server in a world of its own."""
    return {
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        "CODEBASE_DATA_DIR": str(world / "data"),
        "CODEBASE_ROOT": str(world / repository),
        "CODEBASE_HTTP_PORT": str(port),
        "TANDEM_RUNTIME_DIR": str(world / "runtime"),
    }


@contextlib.contextmanager
def loops(number: int) -> Iterator[None]:
    """So many processes that want a processor all the time."""
    running = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(number)]
    try:
        if running:
            time.sleep(1.0)
        yield
    finally:
        for one in running:
            one.kill()
            one.wait()


def ended(world: Path, how: Callable[[subprocess.Popen[bytes]], None], beside: int) -> float:
    """Seconds from the event until the server and its workers are gone, in the middle of a first pass."""
    shutil.rmtree(world / "data", ignore_errors=True)
    call = {
        "jsonrpc": "2.0",
        "id": 2,
        "method": "tools/call",
        "params": {"name": "index_repository", "arguments": {"force": True}, "_meta": {"progressToken": 1}},
    }
    with subprocess.Popen(
        [sys.executable, "-m", "codebase_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(world, "many", 0),
        cwd=world,
    ) as process:
        assert process.stdin
        assert process.stdout
        for message in (INITIALIZE, {"jsonrpc": "2.0", "method": "notifications/initialized"}, call):
            process.stdin.write(json.dumps(message).encode() + b"\n")
            process.stdin.flush()
        while b"notifications/progress" not in (line := process.stdout.readline()):
            assert b'"id":2' not in line.replace(b" ", b""), "the pass was over before it was interrupted"
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        with loops(beside):
            begun = time.perf_counter()
            how(process)
            process.wait(timeout=60)
            psutil.wait_procs(family, timeout=60)
            return time.perf_counter() - begun


def taken_over(world: Path, beside: int) -> float:
    """Seconds from the kill of the door's holder until the other server answers there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = world / "runtime" / "codebase-endpoint.json"
    arguments = ["-m", "codebase_server"]
    with connected(arguments, environment(world, "small", port), world) as first:
        first.call("index_status")
        holder = json.loads(told.read_text())["pid"]
        with connected(arguments, environment(world, "small", port), world) as second:
            second.call("index_status")
            with loops(beside):
                begun = time.perf_counter()
                os.kill(holder, 9)
                while True:
                    try:
                        if json.loads(told.read_text())["pid"] != holder:
                            socket.create_connection(("127.0.0.1", port), timeout=5).close()
                            return time.perf_counter() - begun
                    except (OSError, ValueError):
                        pass
                    time.sleep(0.005)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--beside", type=int, default=0, help="endless loops beside it")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder)
        many_files(world / "many")
        (world / "small").mkdir()
        (world / "small" / "one.py").write_text("def one():\n    return 1\n")
        events: dict[str, Callable[[], float]] = {
            "ends after stdin closes, in the middle of a pass": lambda: ended(world, _close, given.beside),
            "ends after SIGTERM, in the middle of a pass": lambda: ended(
                world, subprocess.Popen.terminate, given.beside
            ),
            "ends after SIGKILL, with its workers": lambda: ended(world, subprocess.Popen.kill, given.beside),
            "another takes over the door after SIGKILL": lambda: taken_over(world, given.beside),
        }
        print("| event | median s | longest s |\n|---|---|---|")
        for name, measure in events.items():
            times = [measure() for _ in range(given.rounds)]
            print(f"| {name} | {statistics.median(times):.2f} | {max(times):.2f} |")


def _close(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin
    process.stdin.close()


if __name__ == "__main__":
    main()
