"""Endurance: four servers, a command line and a forced rebuild on one repository, with sudden deaths.

Each round edits files, lets four ``codebase-server`` over stdio (each asked
without pause), ``codebase-server index`` and ``codebase-server index --force``
loose on the repository at once, kills one of them with SIGKILL at a random
moment, ends the others, then lets one pass finish and cross-checks SQLite, the
store, the text index, the vectors and the disk. Prints a line every ten
rounds; ends with 1 and the evidence as soon as anything is wrong.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.indexing.trees import commit_all, quiet_environment
from codebase_server.index import RootIndex
from codebase_server.index.audit import audit
from codebase_server.store import Registry

ROLES = ("server", "server", "server", "server", "index", "force")
LONGEST = 60.0
"""Seconds that a process may take to end on its own; the machine may be busy."""
_ENDS = (0, -getattr(signal, "SIGALRM", 0))
"""How a server may end when its host goes: by itself, or, where it had no turn in time, by its own alarm."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the sub-command."""
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3.0, help="a round's processes die within this time")


def run(given: argparse.Namespace, folder: Path) -> int:
    """Soak in an empty folder; 0 when every round was clean."""
    return soak(folder, given.rounds, given.files, given.seconds, random.Random(given.seed))


@dataclass
class Tally:
    """What happened in all rounds."""

    kills: dict[str, int] = field(default_factory=dict)
    answers: int = 0

    def count(self, role: str) -> None:
        self.kills[role] = self.kills.get(role, 0) + 1


def soak(folder: Path, rounds: int, files: int, seconds: float, chance: random.Random) -> int:
    """Run the rounds."""
    root, data = folder / "project", folder / "data"
    root.mkdir()
    for number in range(files):
        write(root, number, chance)
    commit_all(root)
    tally = Tally()
    started = time.monotonic()
    for number in range(1, rounds + 1):
        trouble = one_round(root, data, files, seconds, chance, tally)
        if trouble:
            print(f"round {number}:\n" + "\n".join(trouble))
            return 1
        if number % 10 == 0 or number == rounds:
            print(
                f"{number:4d} rounds clean, {time.monotonic() - started:6.0f} s, {tally.answers:,} answers, "
                f"killed {tally.kills}",
                flush=True,
            )
    return 0


def one_round(
    root: Path, data: Path, files: int, seconds: float, chance: random.Random, tally: Tally
) -> list[str]:
    """One round; what was wrong in it."""
    port = free_port()
    running = [Runner(role, root, data, port) for role in ROLES]
    victim = chance.choice(running)
    kill_at = time.monotonic() + chance.uniform(0.3, seconds)
    while time.monotonic() < kill_at:
        edit(root, files, chance)
        time.sleep(0.05)
    victim.kill()
    tally.count(victim.role)
    for _ in range(5):
        edit(root, files, chance)
        time.sleep(0.05)
    trouble = [problem for runner in running for problem in runner.finish(is_victim=runner is victim)]
    tally.answers += sum(runner.answers for runner in running)
    index = RootIndex(root, Registry(data))
    result = index.run_pass(wait_seconds=LONGEST)
    trouble += [f"warning: {warning}" for warning in result.warnings]
    trouble += audit(index.database, against_disk=True)
    index.close()
    return [f"(killed a {victim.role})", *trouble] if trouble else []


class Runner:
    """One of the processes, and, for a server, the client that asks it without pause."""

    def __init__(self, role: str, root: Path, data: Path, port: int) -> None:
        self.role = role
        self.answers = 0
        self._problems: list[str] = []
        command = [sys.executable, "-m", "codebase_server"]
        if role == "server":
            command += ["--root", str(root), "--port", str(port)]
        else:
            command += ["index", "--root", str(root), *(["--force"] if role == "force" else [])]
        environment = quiet_environment(data) | {"CODEBASE_HTTP_PORT": str(port)}
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=root,
        )
        self._errors: list[bytes] = []
        self._reader = threading.Thread(target=self._read_errors, daemon=True)
        self._reader.start()
        self._client = threading.Thread(target=self._ask if role == "server" else self._read, daemon=True)
        self._client.start()
        self._stop = False

    def kill(self) -> None:
        """SIGKILL, now."""
        self._process.kill()

    def finish(self, *, is_victim: bool) -> list[str]:
        """Let it end; what was wrong with it."""
        self._stop = True
        if self.role == "server":
            self._client.join(LONGEST)
            try:
                assert self._process.stdin
                self._process.stdin.close()
            except OSError:
                pass  # it is dead
        try:
            code = self._process.wait(LONGEST)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return [f"{self.role} did not end within {LONGEST:.0f} s"]
        self._reader.join(5)
        said = b"".join(self._errors).decode("utf-8", "replace")
        problems = list(self._problems)
        if code not in _ENDS and not is_victim:
            problems.append(f"{self.role} ended with {code}: {said[-2000:]}")
        if "locked" in said or "Traceback" in said:
            problems.append(f"{self.role} said: {said[-2000:]}")
        return problems

    def _read_errors(self) -> None:
        assert self._process.stderr
        self._errors.extend(self._process.stderr)

    def _read(self) -> None:
        assert self._process.stdout
        self._process.stdout.read()

    def _ask(self) -> None:
        parameters = {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "soak", "version": "1"},
        }
        try:
            self._request(0, "initialize", parameters)
            self._send({"method": "notifications/initialized"})
            number = 0
            while not getattr(self, "_stop", False):
                number += 1
                name = ("search_code", "index_status")[number % 5 == 0]
                arguments = {"query": f"work total price rate {number % 40}"} if name == "search_code" else {}
                answer = self._request(number, "tools/call", {"name": name, "arguments": arguments})
                if "error" in answer or answer["result"].get("isError"):
                    self._problems.append(f"a tool failed: {json.dumps(answer)[:800]}")
                    return
                self._check(answer["result"]["structuredContent"])
                self.answers += 1
        except (OSError, ValueError):
            return  # killed, in the middle of a line perhaps

    def _check(self, answer: dict[str, Any]) -> None:
        ids = [result["chunk_id"] for result in answer.get("results", ())]
        if len(ids) != len(set(ids)):
            self._problems.append(f"a chunk came twice: {ids}")
        self._problems += [f"warned: {text}" for text in answer["warnings"] if "failed" in text]

    def _request(self, number: int, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self._send({"id": number, "method": method, "params": parameters})
        assert self._process.stdout
        while True:
            answer: dict[str, Any] = json.loads(self._process.stdout.readline())
            if answer.get("id") == number:
                return answer

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        self._process.stdin.flush()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def edit(root: Path, files: int, chance: random.Random) -> None:
    """Write, delete or rename a file."""
    number = chance.randrange(files)
    target = root / name(number)
    action = chance.random()
    if action < 0.15 and target.exists():
        target.unlink()
    elif action < 0.3 and target.exists():
        target.rename(root / name(chance.randrange(files)))
    else:
        write(root, number, chance)


def name(number: int) -> str:
    """The name of a file."""
    return f"module_{number:04d}.py"


def write(root: Path, number: int, chance: random.Random) -> None:
    """Write a file of a few functions."""
    functions = []
    for index in range(chance.randrange(1, 6)):
        steps = "\n".join(
            f"    total += {chance.choice(['price', 'amount'])}({chance.randrange(50)}, rate={step})"
            for step in range(chance.randrange(2, 12))
        )
        functions.append(f"def work_{number}_{index}(total, rate):\n{steps}\n    return total\n")
    (root / name(number)).write_text("import shop\n\n\n" + "\n\n".join(functions))
