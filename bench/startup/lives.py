"""Very many starts and ends of both servers in one world: what is left behind, and how long each end takes.

    python -m bench.startup.lives [--lives 1000] [--abreast 4] [--seconds 420]

Each life is a real server over stdio that answers ``initialize`` and one tool
call and is then ended in one of five ways, turn by turn: its host closes stdin,
SIGTERM, SIGINT, SIGKILL, or its host is killed while the pipe stays open in
another process. Every sixth is a door of its own (``codebase-server serve``, ``workflow-server web``) that
says where it is and is ended by a signal, with a connection open. Before and after them all each server
lives once and ends by itself: a killed one leaves its endpoint file for the next to replace. Prints how
long the ends took and what stands before and after: processes, the bench's own handles, endpoint files,
shared memory, files of the data folders.
Exits with 1 when a process, handle, endpoint or zombie was left, or an end took over 2 s.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import psutil

from bench.startup.__main__ import INITIALIZE
from bench.startup.world import settings_of

CONTRACT_S: Final = 2.0
CALLS: Final = {"codebase_server": "index_status", "workflow_server": "list_work_items"}
WAYS: Final = ("stdin closed", "SIGTERM", "SIGINT", "SIGKILL", "host killed, pipe open")
DOORS: Final = {"codebase_server": ("serve", "--json"), "workflow_server": ("web", "--json", "--port", "0")}
SIGNALS: Final = ("SIGTERM", "SIGINT", "SIGKILL")
PATIENCE_S: Final = 60.0


def life(module: str, way: str, environment: dict[str, str], folder: Path) -> tuple[float, int]:
    """Start a server, call it, end it: seconds from the event until it is gone, and its exit code."""
    command = [sys.executable, "-m", module]
    if way == WAYS[-1]:
        # A shell that is the host: it waits for the server, and the pipes stay ours when it is killed.
        command = ["sh", "-c", 'exec 3<&0; "$@" <&3 & echo $! >&2; wait', "host", *command]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        cwd=folder,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        pid = int(process.stderr.readline()) if way == WAYS[-1] else process.pid
        server = psutil.Process(pid)
        call = {"name": CALLS[module], "arguments": {}}
        for message in (
            INITIALIZE,
            {"jsonrpc": "2.0", "method": "notifications/initialized"},
            {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call},
        ):
            process.stdin.write(json.dumps(message).encode() + b"\n")
            process.stdin.flush()
        while json.loads(process.stdout.readline()).get("id") != 2:
            pass
        family = [server, *server.children(recursive=True)]
        seconds, code = _ended(process, way, family)
        if rest := process.stdout.read():
            raise SystemExit(f"{module} wrote after its last answer: {rest[:300]!r}")
        return seconds, code


def door(module: str, way: str, environment: dict[str, str], folder: Path) -> tuple[float, int]:
    """The same of a door of its own, with a connection of somebody who has sent half a request."""
    command = [sys.executable, "-m", module, *DOORS[module]]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, cwd=folder
    ) as process:
        assert process.stdout
        told = json.loads(process.stdout.readline())
        port = urlsplit(told.get("url") or told["link"]).port
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as somebody:
            somebody.sendall(b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n")
            return _ended(process, way, family)


def _ended(process: subprocess.Popen[bytes], way: str, family: list[psutil.Process]) -> tuple[float, int]:
    begun = time.perf_counter()
    if way == WAYS[0]:
        assert process.stdin
        process.stdin.close()
    elif way == WAYS[-1]:
        process.kill()
    else:
        process.send_signal(getattr(signal, way))
    code = process.wait(PATIENCE_S)
    while any(_runs(one) for one in family):
        if time.perf_counter() - begun > PATIENCE_S:
            raise SystemExit(f"{family} live {PATIENCE_S:.0f} s after {way}")
        time.sleep(0.002)
    return time.perf_counter() - begun, code


def _runs(process: psutil.Process) -> bool:
    """Whether it has not ended; an orphan that the system's first process has yet to reap has."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def left(world: Path) -> dict[str, int]:
    """What stands now."""
    marked = [one for one in psutil.process_iter() if one.pid != os.getpid() and _is_of(one, world)]
    own = psutil.Process()
    data = [path for kind in ("codebase", "workflow") for path in (world / kind).rglob("*") if path.is_file()]
    return {
        "processes of this world": len(marked),
        "zombies of the bench": sum(one.status() == psutil.STATUS_ZOMBIE for one in own.children()),
        "open handles of the bench": own.num_fds(),
        "endpoint files": len(list((world / "runtime").glob("*endpoint*.json"))),
        "shared memory segments": len(list(Path("/dev/shm").glob("psm_*"))),
        "files of the data folders": len(data),
        "kilobytes of the data folders": sum(path.stat().st_size for path in data) // 1024,
    }


def _is_of(process: psutil.Process, world: Path) -> bool:
    try:
        return process.environ().get("TANDEM_RUNTIME_DIR") == str(world / "runtime")
    except psutil.Error:
        return False


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lives", type=int, default=1000)
    parser.add_argument("--abreast", type=int, default=4, help="servers that live at the same time")
    parser.add_argument("--seconds", type=float, default=3600.0, help="no life begins after this time")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder)
        (world / "repository").mkdir()
        (world / "repository" / "one.py").write_text("def one():\n    return 1\n")
        environment = {**os.environ, **settings_of(world), "BRIDGE": "off"}
        _once_each(environment, world)
        before = left(world)
        ends, codes = _lives(given, environment, world)
        _once_each(environment, world)
        sys.exit(_shown(ends, codes, before, left(world)))


def _once_each(environment: dict[str, str], world: Path) -> None:
    for module in CALLS:
        life(module, WAYS[0], environment, world)
        door(module, SIGNALS[0], environment, world)


def _lives(
    given: argparse.Namespace, environment: dict[str, str], world: Path
) -> tuple[dict[tuple[str, str], list[float]], dict[tuple[str, str], set[int]]]:
    ends: dict[tuple[str, str], list[float]] = defaultdict(list)
    codes: dict[tuple[str, str], set[int]] = defaultdict(set)
    modules = list(CALLS)
    deadline = time.monotonic() + given.seconds

    def one(number: int) -> None:
        if time.monotonic() > deadline:
            return
        turn, module = number // 2, modules[number % 2]
        if turn % 6 == 5:
            name, way = f"{module} {DOORS[module][0]}", SIGNALS[turn // 6 % len(SIGNALS)]
            seconds, code = door(module, way, environment, world)
        else:
            name, way = module, WAYS[turn % len(WAYS)]
            seconds, code = life(module, way, environment, world)
        kind = name, way
        ends[kind].append(seconds)
        codes[kind].add(code)

    with ThreadPoolExecutor(given.abreast) as hosts:
        list(hosts.map(one, range(given.lives)))
    return ends, codes


def _shown(
    ends: dict[tuple[str, str], list[float]],
    codes: dict[tuple[str, str], set[int]],
    before: dict[str, int],
    after: dict[str, int],
) -> int:
    print(f"{sum(map(len, ends.values()))} lives\n")
    print("| server | ended by | lives | median s | longest s | exit codes |\n|---|---|---|---|---|---|")
    for (module, way), times in sorted(ends.items()):
        told: Any = sorted(codes[module, way])
        figures = f"{len(times)} | {statistics.median(times):.2f} | {max(times):.2f} | {told}"
        print(f"| {module} | {way} | {figures} |")
    print("\n| left | before | after |\n|---|---|---|")
    for name, value in before.items():
        print(f"| {name} | {value} | {after[name]} |")
    grown = [name for name in list(before)[:5] if after[name] > before[name]]
    late = max(max(times) for times in ends.values()) > CONTRACT_S
    print("\n" + (f"LEFT: {', '.join(grown)}" if grown else "nothing is left") + (", LATE" if late else ""))
    return int(bool(grown) or late)


if __name__ == "__main__":
    main()
