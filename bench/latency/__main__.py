"""Warm ``search_code`` over stdio beside an empty tool's round trip on the same SDK.

    python -m bench.latency TREE [TREE...] [--rounds 300]

The trees are indexed once as one root of folders, linked side by side, so that
enough chunks come together. Questions are sentences made from the trees' own
doc comments and names, shuffled with a fixed seed; every question is asked
once, so no answer comes from a cache of answers.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

EMPTY = Path(__file__).parents[1] / "startup" / "empty_server.py"


class Connection:
    """One server over stdio, spoken to without an SDK in between: what is measured is the server."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin
        assert process.stdout
        self._out, self._in = process.stdin, process.stdout
        self._id = 0
        self.request(
            "initialize",
            {
                "protocolVersion": "2025-11-25",
                "capabilities": {},
                "clientInfo": {"name": "bench", "version": "1"},
            },
        )
        self._out.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')

    def request(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Send a request and wait for its answer."""
        self._id += 1
        message = {"jsonrpc": "2.0", "id": self._id, "method": method, "params": parameters}
        self._out.write(json.dumps(message).encode() + b"\n")
        self._out.flush()
        while True:
            answer = json.loads(self._in.readline())
            if answer.get("id") == self._id:
                result: dict[str, Any] = answer["result"]
                return result

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool."""
        return self.request("tools/call", {"name": tool, "arguments": arguments})


@contextmanager
def connected(arguments: Sequence[str], environment: dict[str, str], folder: Path) -> Iterator[Connection]:
    """A server for the time of a `with`."""
    with subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd=folder,
    ) as process:
        yield Connection(process)
        assert process.stdin
        process.stdin.close()
        process.wait(timeout=20)


def questions(server: Connection, count: int) -> list[str]:
    """Questions of three kinds in turn: a name, two names' words, a name inside a sentence."""
    entries = server.call("outline", max_tokens=60_000)["structuredContent"]["entries"]
    names = sorted({entry["symbol"].rsplit(".", 1)[-1] for entry in entries if entry["symbol"]})
    chance = random.Random(7)  # the same questions in every run
    chance.shuffle(names)
    made = []
    for number in range(count):
        first, second = names[number % len(names)], names[(number * 7 + 3) % len(names)]
        kinds = (first, f"{first} {second}", f"where do we {first} before the {second} is done")
        made.append(kinds[number % 3][:500])
    return made


def timed(calls: Iterator[Any]) -> list[float]:
    """Milliseconds of each step of an iterator."""
    times = []
    while True:
        started = time.perf_counter()
        try:
            next(calls)
        except StopIteration:
            return times
        times.append((time.perf_counter() - started) * 1000)


def row(name: str, times: Sequence[float]) -> str:
    """One row of the table."""
    ordered = sorted(times)
    at = lambda share: ordered[min(len(ordered) - 1, int(len(ordered) * share))]  # noqa: E731
    return (
        f"| {name} | {statistics.median(ordered):.2f} | {at(0.95):.2f} | {at(0.99):.2f} | {ordered[-1]:.2f} |"
    )


def main() -> None:
    """Index, ask, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("trees", nargs="+", type=Path)
    parser.add_argument("--rounds", type=int, default=300)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder)
        root = world / "root"
        root.mkdir()
        for tree in given.trees:
            shutil.copytree(tree, root / tree.name, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment |= {
            "CODEBASE_DATA_DIR": str(world / "data"),
            "CODEBASE_ROOT": str(root),
            "CODEBASE_HTTP_PORT": "0",
            "TANDEM_RUNTIME_DIR": str(world / "runtime"),
        }
        with (
            connected([str(EMPTY)], environment, world) as empty,
            connected(["-m", "codebase_server"], environment, world) as server,
        ):
            done = server.call("index_repository")["structuredContent"]
            print(
                f"{done['files']:,} files, {done['chunks']:,} chunks, indexed in {done['duration_ms'] / 1000:.1f} s\n"
            )
            asked = questions(server, given.rounds + 20)
            for question in asked[:20]:
                server.call("search_code", query=question)
                empty.call("nothing")
            rest = asked[20:]
            print("| call | p50 ms | p95 ms | p99 ms | highest ms |\n|---|---|---|---|---|")
            print(row("empty tool", timed(empty.call("nothing") for _ in rest)))
            answers: list[dict[str, Any]] = []
            print(
                row(
                    "search_code, limit 10",
                    timed(answers.append(server.call("search_code", query=q)) for q in rest),
                )
            )
            inside = [answer["structuredContent"]["latency_ms"] for answer in answers]
            print(row("of it inside the service", inside))
            print(row("find_symbol", timed(server.call("find_symbol", name=q.split()[0]) for q in rest)))


if __name__ == "__main__":
    main()
