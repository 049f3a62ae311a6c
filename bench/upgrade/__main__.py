"""An earlier codebase-server and this one on the same root and data folder, as while an upgrade is under way.

    python -m bench.upgrade [REVISION ...] [--rounds 12]

Each revision of this project's history is built and installed by pip into a folder of its own. Its server
indexes a copy of this project's sources; then this program's server is started beside it, files are edited,
renamed, deleted and made, and both are asked after each change, in turn first. Then each brings the index up
to the disk in turn, without a change, and at the end the earlier one goes on alone: a downgrade. Told
are how many files each took in again, in whose turns the index changed, the calls refused, and what
became of the ids. Without a revision: the last one whose rules of parsing were others, the last one whose
tables were, and ``next``: this program as the earlier one beside itself with the next number of rules.

Exits with 1 when an answer of either lacks what is on disk, a chunk that was not edited has another id, an id
is forgotten, the index does not hold together, or a refusal does not say what to do.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from bench.hostile.host import Host, environment_of
from bench.upgrade.history import Ids, ids_in, is_sound

HERE: Final = Path(__file__).parents[2]
PATIENCE_S: Final = 120.0
NEXT: Final = "next"
RULES: Final = ("src/codebase_server/index/prepare.py", "^FORMAT = ")
TABLES: Final = ("src/codebase_server/store/schema.py", "^MIGRATIONS")


class Upgrade:
    """One world: a repository, a data folder, and up to two servers on them."""

    def __init__(self, world: Path) -> None:
        self.world, self.root = world, world / "repository"
        self.complaints: list[str] = []
        self.refused: dict[str, set[str]] = {}
        self.generation = ""

    def started(self, name: str, packages: Path) -> Host:
        """A server of some packages."""
        folder = self.world / name
        folder.mkdir(exist_ok=True)
        environment = environment_of(self.world, self.root)
        environment["PYTHONPATH"] = str(packages)
        return Host(environment, folder)

    def asked(self, name: str, host: Host, tool: str, **arguments: Any) -> dict[str, Any] | None:
        """A tool's record; None where it was refused, which is noted with its words."""
        got = host.call(tool, PATIENCE_S, **arguments)
        if got is None:
            self.complaints.append(f"{name}: {tool} was not answered: {host.log.read_text()[-500:]}")
            return None
        if got[1].get("isError"):
            told = got[1].get("structuredContent") or json.loads(got[1]["content"][0]["text"])
            self.refused.setdefault(name, set()).add(f"{told['message']} {told.get('hint', '')}")
            return None
        record: dict[str, Any] = got[1]["structuredContent"]
        return record

    def found(self, name: str, host: Host, word: str) -> bool:
        """Whether a search comes to a function, which it must once it has folded in what changed."""
        ends = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends:
            record = self.asked(name, host, "search_code", query=word)
            if record is None:
                return False
            if any(word in result["content"] for result in record["results"]):
                return True
            if failing := [one for one in record["warnings"] if "indexing failed" in one]:
                self.refused.setdefault(name, set()).update(failing)
                return False
        self.complaints.append(f"{name} does not find {word}")
        return False

    def brought_up(self, name: str, host: Host) -> str:
        """How many files a server takes in anew to be up to date, with a sign when it published anything."""
        record = self.asked(name, host, "index_repository")
        if record is None:
            return "refused"
        changed = record["generation"] != self.generation
        self.generation = record["generation"]
        return f"{record['changed_files']}{'*' if changed else ''}"

    def edit(self, number: int) -> str:
        """One change on disk; the name of a function that it brings."""
        files = sorted(self.root.glob("codebase_server/**/*.py"))
        target, word = files[number * 7 % len(files)], f"brought_by_change_{number}"
        if number % 4 == 3:
            target = target.rename(target.with_name(f"renamed_{number}.py"))
        elif number % 4 == 2:
            target = target.with_name(f"made_{number}.py")
            target.write_text("")
        target.write_text(f"{target.read_text()}\n\ndef {word}() -> int:\n    return {number}\n")
        return word


def main() -> int:
    """Print a table for each revision."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("revisions", nargs="*")
    parser.add_argument("--rounds", type=int, default=12)
    given = parser.parse_args()
    revisions = given.revisions or [before_last_change(*RULES), before_last_change(*TABLES), NEXT]
    print(
        "| earlier revision | tables, rules | changes | taken in again by turns, this one first; * published "
        "| ids before, kept, forgotten | the earlier one was told |\n|---|---|---|---|---|---|"
    )
    complaints = []
    for revision in revisions:
        with tempfile.TemporaryDirectory() as folder:
            world = Upgrade(Path(folder))
            print(_row(revision, world, given.rounds), flush=True)
            complaints += [f"{revision}: {one}" for one in world.complaints]
    print("\n" + ("\n".join(complaints) or "nothing found"))
    return int(bool(complaints))


def before_last_change(path: str, pattern: str) -> str:
    """The last revision in which a line of a file was another."""
    found = _git("log", "-1", "--format=%h", f"-G{pattern}", "--", path)
    return _git("rev-parse", "--short", f"{found}^")


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", HERE, *arguments], check=True, capture_output=True, text=True
    ).stdout.strip()


def installed(revision: str, folder: Path) -> Path:
    """A revision's packages, built and installed by pip."""
    source, packages = folder / "source", folder / "packages"
    source.mkdir()
    archive = subprocess.run(["git", "-C", HERE, "archive", revision], check=True, capture_output=True)
    subprocess.run(["tar", "-x", "-C", source], input=archive.stdout, check=True)
    into = ["--target", str(packages), str(source)]
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", *into], check=True)
    return packages


def _row(revision: str, world: Upgrade, rounds: int) -> str:
    earlier, this = _releases(revision, world.world)
    subprocess.run(["cp", "-r", HERE / "src", world.root], check=True)
    subprocess.run(["git", "init", "-q", world.root], check=True)
    numbers = f"{_numbers(earlier, world.world)} beside {_numbers(this, world.world)}"
    older = world.started("earlier", earlier)
    if world.asked("earlier", older, "index_repository") is None:
        raise SystemExit(f"{revision} cannot index: {older.log.read_text()[-500:]}")
    with closing(ids_in(world.world / "data")) as connection:
        before = Ids.of(connection)
    newer = world.started("this", this)
    turns: list[str] = []
    changes = 0
    for number in range(rounds):
        word = world.edit(number)
        changes += 1
        pairs = [("earlier", older), ("this", newer)]
        for name, host in pairs if number % 2 else reversed(pairs):
            world.found(name, host, word)
    for _ in range(3):
        turns += [world.brought_up("this", newer), world.brought_up("earlier", older)]
    _ended(newer)
    word = world.edit(rounds)
    world.found("earlier", older, word)
    _ended(older)
    again = world.started("earlier", earlier)  # a downgrade
    world.found("earlier", again, word)
    _ended(again)
    last = world.started("this", this)
    world.brought_up("this", last)
    world.found("this", last, word)
    _ended(last)
    with closing(ids_in(world.world / "data")) as connection:
        lost, forgotten = before.compared(Ids.of(connection))
        world.complaints += is_sound(connection)
    world.complaints += [f"another id: {place}" for place in lost[:5]]
    world.complaints += [f"an id is forgotten: {one}" for one in forgotten[:5]]
    if revision == NEXT and any(turn != "0" for turn in turns[2:]):
        world.complaints.append(f"each undoes what the other did: {turns}")
    for told in world.refused.get("this", ()):
        world.complaints.append(f"this one refused: {told}")
    told = " ".join(world.refused.get("earlier", ())) or "-"
    counts = f"{len(before.live)}, {len(before.live) - len(lost)}, {len(forgotten)}"
    return f"| {revision} | {numbers} | {changes + 1} | {' '.join(turns)} | {counts} | {told} |"


def _releases(revision: str, folder: Path) -> tuple[Path, Path]:
    """The packages of the earlier release and of the later one."""
    if revision != NEXT:
        return installed(revision, folder), HERE / "src"
    subprocess.run(["cp", "-r", HERE / "src", folder / "packages"], check=True)
    rules = folder / "packages" / "codebase_server" / "index" / "prepare.py"
    text = rules.read_text()
    line = next(line for line in text.splitlines() if line.startswith("FORMAT = "))
    rules.write_text(text.replace(line, f"FORMAT = {int(line.split()[-1]) + 1}"))
    return HERE / "src", folder / "packages"


def _numbers(packages: Path, folder: Path) -> str:
    """The numbers of a release's tables and rules."""
    program = (
        "from codebase_server.store.schema import NEWEST; from codebase_server.index.prepare import FORMAT; "
        "print(f'{NEWEST}, {FORMAT}')"
    )
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(packages)},
        check=True,
        capture_output=True,
        text=True,
        cwd=folder,
    ).stdout.strip()


def _ended(host: Host) -> None:
    assert host.process.stdin is not None
    host.process.stdin.close()
    code = host.process.wait(PATIENCE_S)
    if code != 0:
        raise SystemExit(f"it ended with {code}: {host.log.read_text()[-500:]}")


if __name__ == "__main__":
    sys.exit(main())
