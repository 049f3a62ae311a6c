"""Which processes began to count, and which of them left what they counted.

A count that lost a process looks like any other, only lower: half of the tests ran in a worker whose data
is gone, and nothing says so. So every interpreter says that it began (`begin`), before anything can end it,
and afterwards each of them must have a file of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

WRITER = re.compile(r"\.pid(\d+)\.X\w+(?:\.H\w+)?$")
"""How coverage ends the name of a process's file: the process, letters drawn at random, a hash."""


@dataclass(frozen=True)
class Begun:
    """A process that began: `parent` is who started it, `command` its words."""

    pid: int
    parent: int
    command: tuple[str, ...]

    def kind(self) -> str:
        """The command without what differs from one process to the next, to count like ones together."""
        words = self.command[1:4]
        return " ".join(word if len(word) <= 40 else f"{word[:40]}…" for word in words) or "an interpreter"


@dataclass(frozen=True)
class Census:
    """All that `began`, and those of them who left nothing (`lost`)."""

    began: list[Begun]
    lost: list[Begun]

    def of_tests(self, pytest: int) -> list[Begun]:
        """Those that were lost though nothing kills them: pytest itself and its workers."""
        return [one for one in self.lost if one.pid == pytest or _is_worker(one, pytest)]

    def told(self) -> str:
        """In words, the kinds with the most losses first."""
        kinds = Counter(one.kind() for one in self.lost)
        head = (
            f"{len(self.began):,} processes began, {len(self.began) - len(self.lost):,} wrote what they ran"
        )
        return "\n".join([head, *(f"{count:6,} did not: {kind}" for kind, count in kinds.most_common())])


def taken(begun: Path, data: Path) -> Census:
    """Compare the marks in the folder `begun` with the files that begin as `data` does.

    A process that became another program keeps its number and left two marks: one file is one life of it.
    """
    files = Counter(
        int(match[1]) for file in data.parent.glob(f"{data.name}.*") if (match := WRITER.search(file.name))
    )
    began = sorted((_read(mark) for mark in begun.iterdir()), key=lambda one: one.pid)
    lost = []
    for one in began:
        if files[one.pid]:
            files[one.pid] -= 1
        else:
            lost.append(one)
    return Census(began, lost)


def _read(mark: Path) -> Begun:
    parent, *command = mark.read_text(errors="surrogateescape").split("\0")
    return Begun(int(mark.name.split(".")[0]), int(parent or 0), tuple(command))


def _is_worker(one: Begun, pytest: int) -> bool:
    """Workers of pytest-xdist read their program from a pipe; the tests' own processes never do."""
    return one.parent == pytest and "sys.stdin.readline" in " ".join(one.command)
