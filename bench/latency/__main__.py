"""Warm ``search_code`` over stdio beside an empty tool's round trip on the same SDK.

    python -m bench.latency TREE [TREE...] [--rounds 300] [--rest 5]

The trees are indexed once as one root of folders, linked side by side, so that
enough chunks come together. Questions are sentences made from the trees' own
doc comments and names, shuffled with a fixed seed; every question is asked
once, so no answer comes from a cache of answers. ``--rest`` seconds pass before the first of them, as
a model reads and thinks before it asks: meanwhile the server meets names that nobody has asked for.
Behind the table stands the server's memory: after the questions, and of a new server over the same index.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bench.latency.connection import Connection, connected

Call = Callable[[], Any]
WARMING = 20
"""Questions asked before the clock runs."""
EMPTY = Path(__file__).parents[1] / "startup" / "empty_server.py"


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


def timed(calls: Iterable[Call]) -> tuple[list[float], list[Any]]:
    """Milliseconds and result of each call."""
    times, results = [], []
    for call in calls:
        started = time.perf_counter()
        results.append(call())
        times.append((time.perf_counter() - started) * 1000)
    return times, results


def row(name: str, times: Sequence[float]) -> str:
    """One row of the table."""
    ordered = sorted(times)
    high, higher = (ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.95, 0.99))
    return f"| {name} | {statistics.median(ordered):.2f} | {high:.2f} | {higher:.2f} | {ordered[-1]:.2f} |"


def main() -> None:
    """Index, ask, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("trees", nargs="+", type=Path)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument(
        "--rest", type=float, default=5.0, help="seconds between the index and the first question"
    )
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
            seconds = done["duration_ms"] / 1000
            print(f"{done['files']:,} files, {done['chunks']:,} chunks, indexed in {seconds:.1f} s\n")
            asked = questions(server, given.rounds + WARMING)
            time.sleep(given.rest)
            measure(empty, server, asked)
            print(f"\n{MEMORY_HEAD}\n{memory_row('the server that made the index', server)}", flush=True)
        with connected(["-m", "codebase_server"], environment, world) as server:
            for question in asked:
                server.call("search_code", query=question)
                server.call("find_symbol", name=question.split()[0])
            print(memory_row("a new server over it, asked the same", server))


MEMORY_HEAD = "| server | resident MB | its share | its own | highest |\n|---|---|---|---|---|"


def memory_row(name: str, server: Connection) -> str:
    """What a server takes of memory, as Linux tells it: Rss, Pss, Anonymous and VmHWM."""
    process = Path("/proc") / str(server.process_id)
    try:
        told = (process / "smaps_rollup").read_text() + (process / "status").read_text()
    except OSError:  # no Linux
        return f"| {name} | | | | |"
    kilobytes = {
        field: int(value.split()[0])
        for field, _, value in (line.partition(":") for line in told.splitlines())
        if field in ("Rss", "Pss", "Anonymous", "VmHWM")
    }
    parts = [f"{kilobytes[field] / 1024:.0f}" for field in ("Rss", "Pss", "Anonymous", "VmHWM")]
    return f"| {name} | {' | '.join(parts)} |"


def measure(empty: Connection, server: Connection, asked: list[str]) -> None:
    """Ask the first questions unmeasured, the others measured; print the table."""
    for question in asked[:WARMING]:
        server.call("search_code", query=question)
        empty.call("nothing")
    rest = asked[WARMING:]
    print("| call | p50 ms | p95 ms | p99 ms | highest ms |\n|---|---|---|---|---|")
    print(row("empty tool", timed(partial(empty.call, "nothing") for _ in rest)[0]))
    times, answers = timed(partial(server.call, "search_code", query=question) for question in rest)
    print(row("search_code, limit 10", times))
    print(row("of it in the service", [one["structuredContent"]["latency_ms"] for one in answers]))
    names = [question.split()[0] for question in rest]
    print(row("find_symbol", timed(partial(server.call, "find_symbol", name=name) for name in names)[0]))
    chunks = [
        one["structuredContent"]["results"][0]["chunk_id"]
        for one in answers
        if one["structuredContent"]["results"]
    ]
    print(
        row(
            "get_chunks, one", timed(partial(server.call, "get_chunks", chunk_ids=[one]) for one in chunks)[0]
        )
    )


if __name__ == "__main__":
    main()
