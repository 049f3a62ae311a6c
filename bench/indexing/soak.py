"""Endurance: several servers, a command line and a forced rebuild on one repository, with sudden deaths.

    python bench/indexing/soak.py --rounds 200

Each round edits files, lets four servers (search loop, watcher), a plain pass
and a forced pass loose on the index at once, kills one of them with SIGKILL at
a random moment, ends the others, then lets one pass finish and cross-checks
the store against text index, vectors and disk. Prints a table row every ten
rounds; exits 1 with the evidence as soon as anything is wrong.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from codebase_server.index import IndexOptions, RootIndex
from codebase_server.index.audit import audit
from codebase_server.store import Registry

REPOSITORY = "r_soak"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--files", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1.5, help="the longest a round's processes live")
    parser.add_argument("--as", dest="role", choices=["server", "pass", "force"])
    parser.add_argument("--root", type=Path)
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    if given.role:
        return act(given.role, given.root, given.data)
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    try:
        return soak(folder, given.rounds, given.files, given.seconds, random.Random(given.seed))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def act(role: str, root: Path, data: Path) -> int:
    """Be one of the processes. Any error that reaches a caller is printed, which fails the round."""
    index = RootIndex(root, Registry(data), IndexOptions(watch=role == "server"), repository=REPOSITORY)
    if role != "server":
        index.run_pass(force=role == "force", wait_seconds=120)
        return 0
    while True:
        index.refresh(0.2)
        with index.snapshot() as snapshot:
            placed = snapshot.placements(snapshot.live.tolist())
            ids = {placement.chunk_id for placement in placed}
            if len(placed) != len(snapshot.live) or len(ids) != len(placed):
                print(f"half a generation: {len(snapshot.live)} live, {len(placed)} placed, {len(ids)} ids")
                return 1
            contents = snapshot.contents(placement.version_id for placement in placed[:50])
            if len(contents) != len(placed[:50]):
                print("a placed chunk has no code")
                return 1
        if index.last_error:
            print(f"error: {index.last_error}")
            return 1


def soak(folder: Path, rounds: int, files: int, seconds: float, chance: random.Random) -> int:
    root, data = folder / "project", folder / "data"
    root.mkdir()
    for number in range(files):
        write(root, number, chance)
    kills: dict[str, int] = {}
    started = time.monotonic()
    for number in range(1, rounds + 1):
        trouble, killed = one_round(root, data, files, seconds, chance)
        kills[killed] = kills.get(killed, 0) + 1
        if trouble:
            print(f"round {number}: after killing a {killed}\n" + "\n".join(trouble))
            return 1
        if number % 10 == 0 or number == rounds:
            print(
                f"{number:4d} rounds clean, {time.monotonic() - started:6.0f} s, killed {kills}", flush=True
            )
    return 0


def one_round(
    root: Path, data: Path, files: int, seconds: float, chance: random.Random
) -> tuple[list[str], str]:
    roles = ["server"] * 4 + ["pass", "force"]
    running = [(role, start(role, root, data)) for role in roles]
    deadline = time.monotonic() + chance.uniform(0.4, seconds)
    victim_role, victim = chance.choice(running)
    kill_at = time.monotonic() + chance.uniform(0.2, seconds)
    killed = False
    while time.monotonic() < max(deadline, kill_at):
        edit(root, files, chance)
        if not killed and time.monotonic() >= kill_at:
            victim.kill()
            killed = True
        time.sleep(0.05)
    victim.kill()
    trouble = []
    for role, process in running:
        if process is victim:
            process.wait()
            continue
        if role == "server" and process.poll() is None:
            process.send_signal(signal.SIGKILL)
        output, _ = process.communicate(timeout=180)
        problems = [line for line in output.splitlines() if "resource_tracker" not in line]
        if process.returncode not in (0, -signal.SIGKILL) or any("locked" in line for line in problems):
            trouble.append(f"{role} ended with {process.returncode}: " + "\n".join(problems[-15:]))
    index = RootIndex(root, Registry(data), IndexOptions(watch=False), repository=REPOSITORY)
    result = index.run_pass(wait_seconds=120)
    trouble += [f"warning: {warning}" for warning in result.warnings]
    trouble += audit(index.database, against_disk=True)
    index.close()
    return trouble, victim_role


def start(role: str, root: Path, data: Path) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, "--as", role, "--root", str(root), "--data", str(data)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def edit(root: Path, files: int, chance: random.Random) -> None:
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
    return f"module_{number:04d}.py"


def write(root: Path, number: int, chance: random.Random) -> None:
    functions = []
    for index in range(chance.randrange(1, 6)):
        steps = "\n".join(
            f"    total += {chance.choice(['price', 'amount'])}({chance.randrange(50)}, rate={step})"
            for step in range(chance.randrange(2, 12))
        )
        functions.append(f"def work_{number}_{index}(total, rate):\n{steps}\n    return total\n")
    (root / name(number)).write_text("import shop\n\n\n" + "\n\n".join(functions))


if __name__ == "__main__":
    sys.exit(main())
