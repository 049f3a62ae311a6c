"""From Enter to the first output of ``list`` and ``search``, beside the interpreter's own start.

    python -m bench.commands [--rounds 20]

A repository of this project's sources is indexed, a project of 1,000 items is made, and a server of the
index runs, as it does beside a host. Turns alternate, so that a busy machine is busy for all. Processor time
is told as well: it says what a machine that is not busy would show. The goal is 150 ms more than the
interpreter.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.startup.world import settings_of

SOURCES = Path(__file__).parents[2] / "src"
INTERPRETER = "the interpreter, printing a word"
TURNS: dict[str, Sequence[str]] = {
    INTERPRETER: ("-c", "print('ready')"),
    "workflow-server list": ("-m", "workflow_server", "list"),
    "workflow-server list --json": ("-m", "workflow_server", "list", "--json"),
    "workflow-server ready": ("-m", "workflow_server", "ready"),
    "workflow-server show": ("-m", "workflow_server", "show", "ITEM"),
    "codebase-server search": ("-m", "codebase_server", "search", "where are stale references found"),
    "codebase-server search --json": ("-m", "codebase_server", "search", "stale references", "--json"),
    "codebase-server symbol": ("-m", "codebase_server", "symbol", "Linked"),
    "codebase-server show": ("-m", "codebase_server", "show", "CHUNK"),
    "codebase-server outline": ("-m", "codebase_server", "outline", "src/bridge/agreed/states.py"),
    "codebase-server status": ("-m", "codebase_server", "status"),
}
"""What is typed; ITEM and CHUNK stand for ids of the world it is typed in."""


def turn(arguments: Sequence[str], world: Path, environment: dict[str, str]) -> tuple[float, float]:
    """Milliseconds until the first output, and of processor time until the end."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=world / "repository",
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    first = process.stdout.read(1)
    seen = time.perf_counter() - started
    process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert first, f"{' '.join(arguments)} said nothing"
    assert process.returncode == 0, f"{' '.join(arguments)} ended with {process.returncode}"
    return seen * 1000, (used.ru_utime + used.ru_stime) * 1000


@contextmanager
def prepared(world: Path) -> Iterator[dict[str, str]]:
    """The environment of a world with an index, a server of it, and a project."""
    shutil.copytree(SOURCES, world / "repository" / "src", ignore=shutil.ignore_patterns("__pycache__"))
    # an installation has its byte code, so what must be measured has it too
    left_out = ("WORK", "CODE", "PYTHONDONTWRITEBYTECODE")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    environment |= settings_of(world)
    csv = world / "items.csv"
    csv.write_text("title,priority\n" + "".join(f"Item {n} of the bench,{n % 5}\n" for n in range(1_000)))
    for arguments in (("codebase_server", "index"), ("workflow_server", "import", str(csv))):
        subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=world / "repository",
            env=environment,
            check=True,
            capture_output=True,
        )
    server = subprocess.Popen(
        [sys.executable, "-m", "codebase_server", "serve"],
        cwd=world / "repository",
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not (world / "runtime" / "codebase-endpoint.json").exists():
            time.sleep(0.05)
        yield environment
    finally:
        server.terminate()
        server.wait()


def known(world: Path, environment: dict[str, str]) -> dict[str, str]:
    """The ids that stand for ITEM and CHUNK in this world."""

    def first_line(*arguments: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=world / "repository",
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.splitlines()[0].split("\t")

    item = first_line("workflow_server", "list")[0]
    return {"ITEM": item, "CHUNK": first_line("codebase_server", "symbol", "Linked")[3]}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=20)
    given = parser.parse_args()
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in TURNS}
    with tempfile.TemporaryDirectory() as folder, prepared(Path(folder)) as environment:
        ids = known(Path(folder), environment)
        for _ in range(given.rounds + 1):
            for name, arguments in TURNS.items():
                typed = [ids.get(one, one) for one in arguments]
                found[name].append(turn(typed, Path(folder), environment))
    middle = {
        name: [statistics.median(values) for values in zip(*turns[1:], strict=True)]
        for name, turns in found.items()
    }
    best = {name: [min(values) for values in zip(*turns[1:], strict=True)] for name, turns in found.items()}
    print("| command | first output over the interpreter, median | best | processor time, median | best |")
    print("|---|---|---|---|---|")
    for name in TURNS:
        if name == INTERPRETER:
            continue
        seen, used = (middle[name][part] - middle[INTERPRETER][part] for part in (0, 1))
        least, frugal = (best[name][part] - best[INTERPRETER][part] for part in (0, 1))
        print(f"| {name} | {seen:.0f} ms | {least:.0f} ms | {used:.0f} ms | {frugal:.0f} ms |")


if __name__ == "__main__":
    main()
