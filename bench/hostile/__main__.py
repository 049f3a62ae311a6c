"""Repositories made to hurt, each indexed by a real codebase-server over stdio.

    python -m bench.hostile [WORDS] [--count 1000000] [--limit 300] [--world FOLDER]

Each is made in a folder of its own, indexed to the end while a host pings twenty times a second, searched
for the one piece of code that must be found, and then the host closes stdin. Told are the files indexed and
left out, how long indexing took, the slowest ping, the most memory of server and workers, and how long the
end took. ``WORDS`` takes those whose name has them; a folder of a million files, ``crowded``, is made only
when named.

Exits with 1 when indexing does not end within the limit, the code is not found, an end takes over 2 s, or
anything that a repository names was run.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from bench.hostile.git import MARK, of_the_environment
from bench.hostile.host import Told, environment_of, served
from bench.hostile.repositories import NEEDLE, chosen, made

COLUMNS: Final = (
    *(
        "indexed",
        "left out",
        "seconds",
        "pings",
        "slowest ms",
        "server MB",
        "workers MB",
        "search s",
        "end s",
    ),
)


def main() -> int:
    """Print the table."""
    given = _arguments()
    print(f"load average {os.getloadavg()[0]:.0f}, {os.cpu_count()} cores\n")
    print(
        "| repository | indexed | left out | seconds | pings | slowest ms "
        "| server MB | workers MB | search s | end s |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    complaints = []
    for name in chosen(given.words):
        world = Path(tempfile.mkdtemp(prefix="hostile-", dir=given.world))
        try:
            told = _told(name, world, given)
        finally:
            subprocess.run(["rm", "-rf", world], check=True)  # deeper than Python's own removal goes
        print(_row(name, told), flush=True)
        complaints += [f"{name}: {complaint}" for complaint in told.complaints]
    print("\n" + ("\n".join(complaints) or "nothing found"))
    return int(bool(complaints))


def _told(name: str, world: Path, given: argparse.Namespace) -> Told:
    repository = world / "repository"
    begun = time.perf_counter()
    made(name, repository, given.count)
    print(f"(made in {time.perf_counter() - begun:.0f} s)", file=sys.stderr)
    environment = environment_of(world, repository)
    if name == "programs of git":
        environment |= of_the_environment(world)
    told = served(environment, world, NEEDLE, given.limit)
    mark = world / MARK
    if mark.exists():
        told.complaints.append(f"a program was run: {mark.read_text(errors='replace')[:300]}")
    return told


def _row(name: str, told: Told) -> str:
    skipped = {row["reason"]: row["count"] for row in told.record.get("skipped", ())}
    cells = (
        str(told.record.get("files", "-")),
        ", ".join(f"{count:,} {reason}" for reason, count in skipped.items()) or "-",
        "-" if told.answered is None else f"{told.answered:.1f}",
        str(len(told.pings)),
        f"{max(told.pings, default=0.0) * 1e3:.0f}",
        f"{told.server:.0f}",
        f"{told.workers:.0f}",
        f"{told.search:.2f}",
        f"{told.ended:.2f}",
    )
    return f"| {name} | " + " | ".join(cells) + " |"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("words", nargs="?", default="")
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--limit", type=float, default=300.0, help="seconds")
    parser.add_argument("--world", type=Path, default=Path(tempfile.gettempdir()))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
