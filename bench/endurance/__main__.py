"""Three hosts with two agents each on one repository and one project, with kills and a failing disk.

    python -m bench.endurance --minutes 5 --seed 1
    python -m bench.endurance --minutes 25 --steady 300   # what does not grow must not use more memory

Every few seconds a server is killed with SIGKILL in the middle of its work.
Then the agents pause and it is checked that every confirmed write is in the
project, that each claim had one winner, that the history replays to what is
stored, that the index equals the disk, and that references are told as the disk
has them. At the end the calls on each item are searched for an order in which
one item alone could have answered them. The second host's disk fails now and
then. The third host's servers are never killed: their memory is what is followed.
Ends with 1 and the evidence as soon as anything is wrong.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from bench.conformance.suite import free_port
from bench.endurance.agents import Agent, Gate
from bench.endurance.faults import FailingDisk
from bench.endurance.host import MODULES, Host
from bench.endurance.invariants import Invariants
from bench.endurance.item import ABSENT, step
from bench.endurance.linearizability import check
from bench.endurance.record import Record
from bench.endurance.repository import Repository
from bench.endurance.resources import Use, courses, sizes_of, use_of

AGENTS = 2
WORK_SECONDS = (2.0, 5.0)
"""Bounds of the time from the end of a check to the next kill."""
AFTERWARDS_SECONDS = 0.7
"""How long the others go on before the dead one is started again."""
DAY_CALLS = 8 * 3600 / 20 * 6
"""Six agents for eight hours, each acting every twenty seconds: a model thinks between its calls."""


class Run:
    """Everything that one run has."""

    def __init__(self, world: Path, seed: int, one_in: int, items: int) -> None:
        self.chance = random.Random(seed)
        self.record = Record(meeting=items or 30)
        self.world = world
        self.one_in = one_in
        self.series: Path | None = None
        self.kills: dict[str, int] = {}
        (world / "logs").mkdir()
        self.disk = FailingDisk(world / "disk", world / "data")
        self.repository = Repository(world / "repository", random.Random(seed + 1), steady=bool(items))
        environment = _environment(world)
        self.hosts = [
            Host(
                number, environment, world / "repository", world / "logs", self.disk if number == 1 else None
            )
            for number in range(3)
        ]
        self.gate = Gate(AGENTS * len(self.hosts))
        self.agents = [
            Agent(number, self.hosts[number // AGENTS], self.repository, self.record, self.gate, seed, items)
            for number in range(AGENTS * len(self.hosts))
        ]
        self.invariants = Invariants(world / "data", self.repository, self.record)
        self.uses = {
            module: courses(("memory", "handles", "threads", "children"), module) for module in MODULES
        }
        self.sizes = courses(("project", "project_log", "index", "index_log", "files"), "size of")

    def go(self, seconds: float) -> list[str]:
        """Work, kill and check until the time is over or something is wrong."""
        for host in self.hosts:
            host.start_missing()
        for agent in self.agents:
            agent.thread.start()
        over = time.monotonic() + seconds
        wrong: list[str] = []
        while not wrong and time.monotonic() < over:
            self._work_and_kill()
            wrong = self._checked(whole=time.monotonic() >= over)
        self.gate.end()
        for agent in self.agents:
            agent.thread.join(30)
        wrong += [problem for host in self.hosts for problem in host.close()]
        return wrong + self._orders()

    def _work_and_kill(self) -> None:
        self.disk.fail_one_in(self.one_in)
        self.gate.open()
        time.sleep(self.chance.uniform(*WORK_SECONDS))
        victim, module = self.chance.choice(self.hosts[:-1]), self.chance.choice(MODULES)
        victim.kill(module)
        name = f"{module}{' on the failing disk' if victim.disk else ''}"
        self.kills[name] = self.kills.get(name, 0) + 1
        time.sleep(AFTERWARDS_SECONDS)
        victim.start_missing()
        self.gate.close()
        self.disk.fail_one_in(0)

    def _checked(self, *, whole: bool) -> list[str]:
        for host in self.hosts:
            host.start_missing()  # one that the failing disk has ended
        spared = self.hosts[-1]
        servers = [spared.server(module) for module in MODULES]
        wrong = self.record.findings + self.invariants.problems(*servers, whole=whole)
        for server in servers:
            self._sample(server.module, use_of(server))
        sizes = sizes_of(self.world / "data")
        for course in self.sizes:
            course.add(sizes)
        self._note_sample()
        return wrong

    def _sample(self, module: str, use: Use) -> None:
        for course in self.uses[module]:
            course.add(use)

    def _orders(self) -> list[str]:
        """Items whose calls fit no order."""
        wrong = []
        for item, operations in self.record.operations.items():
            verdict = check(operations, ABSENT, step)
            if not verdict.linearizable:
                calls = "\n  ".join(str(one) for one in sorted(operations, key=lambda one: one.began))
                wrong.append(f"{item} is not linearizable, stuck at {verdict.stuck}:\n  {calls}")
        return wrong

    def _note_sample(self) -> None:
        """Append what was just sampled to the file of every sample."""
        if self.series is not None:
            followed = [*(course for module in MODULES for course in self.uses[module]), *self.sizes]
            with self.series.open("a") as stream:
                if not stream.tell():
                    stream.write("\t".join(course.name for course in followed) + "\n")
                stream.write("\t".join(f"{course.values[-1]:.2f}" for course in followed) + "\n")

    def table(self, seconds: float) -> str:
        """What happened, as Markdown."""
        calls = sum(len(one) for one in self.record.operations.values())
        counts = self.record.counts
        acts = sum(counts[name] for name in _ACTS)
        lines = [
            f"{seconds / 60:.1f} minutes, {sum(self.kills.values())} kills: {acts:,} actions of agents "
            f"({acts / DAY_CALLS:.0%} of the {DAY_CALLS:,.0f} of an eight-hour day), "
            f"{self.invariants.replay.events:,} events, {calls:,} calls on "
            f"{len(self.record.operations):,} items in an order that one item alone allows.",
            "",
            f"killed: {_listed(self.kills)}",
            f"actions: {_listed({name: counts[name] for name in sorted(counts)})}",
            f"faults given: {_listed(self.disk.given())}; "
            f"starts refused by the disk: {sum(host.failed_starts for host in self.hosts)}",
            f"refused: {_listed(dict(sorted(self.record.refusals.items())))}",
            "",
            "| never killed (MB, or count) | first third | middle | last third | most |",
            "|---|---|---|---|---|",
            *(course.row() for module in MODULES for course in self.uses[module]),
            *(course.row() for course in self.sizes),
        ]
        return "\n".join(lines)


_ACTS = ("create", "rename", "claim", "finish", "read", "search", "look_around", "edit", "switch")


def _environment(world: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    data = world / "data"
    return kept | {
        "HOME": str(world),
        "XDG_STATE_HOME": str(world / "logs"),
        "TANDEM_RUNTIME_DIR": str(world / "runtime"),
        "CODEBASE_DATA_DIR": str(data / "codebase"),
        "CODEBASE_ROOT": str(world / "repository"),
        "CODEBASE_HTTP_PORT": str(free_port()),
        "WORKFLOW_DATA_DIR": str(data / "workflow"),
        "WORKFLOW_PROJECT": "bench",
        "BRIDGE_TIMEOUT_MS": "5000",
    }


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items()) or "nothing"


def main() -> None:
    """Run, print the table; exit 1 with the evidence when anything was wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fail-one-in", type=int, default=200, help="of the second host's writes; 0: none")
    parser.add_argument(
        "--steady",
        type=int,
        default=0,
        metavar="ITEMS",
        help="no more than so many items, modules to and fro",
    )
    parser.add_argument("--series", help="a file for every sample, tab-separated")
    parser.add_argument("--words", action="store_true", help="print the first refusal of each code")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        run = Run(Path(folder), given.seed, given.fail_one_in, given.steady)
        run.series = Path(given.series) if given.series else None
        begun = time.monotonic()
        try:
            wrong = run.go(given.minutes * 60)
        finally:
            for host in run.hosts:
                for server in host.servers():
                    server.kill()
        print(run.table(time.monotonic() - begun), flush=True)
        if given.words:
            for code, text in run.record.words.items():
                print(f"{code}: {text}")
        for one in wrong[:20]:
            print(f"WRONG: {one}")
        if wrong:
            logs = Path(tempfile.mkdtemp(prefix="endurance-"))
            (Path(folder) / "logs").rename(logs / "logs")
            print(f"the servers' words: {logs}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
