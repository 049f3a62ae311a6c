"""Memory, handles, threads and file sizes, followed through a run."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.endurance.connection import Server

MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Use:
    """One process at one moment."""

    memory: float
    """Resident, in MB."""
    handles: int
    threads: int
    children: int


@dataclass(frozen=True, slots=True)
class Sizes:
    """The files of both servers, in MB."""

    project: float
    project_log: float
    index: float
    index_log: float
    files: int
    """How many there are in both data folders."""


def use_of(server: Server) -> Use:
    """What a server holds now."""
    process = psutil.Process(server.process.pid)
    with process.oneshot():
        return Use(
            process.memory_info().rss / MB, process.num_fds(), process.num_threads(), len(process.children())
        )


def sizes_of(world: Path) -> Sizes:
    """What lies on disk now."""
    files = [
        file for part in ("codebase", "workflow") for file in (world / part).rglob("*") if file.is_file()
    ]

    def size(part: str, ending: str) -> float:
        return (
            sum(file.stat().st_size for file in files if part in file.parts and file.name.endswith(ending))
            / MB
        )

    return Sizes(
        size("workflow", ".sqlite3"),
        size("workflow", "-wal"),
        size("codebase", ".sqlite3"),
        size("codebase", "-wal"),
        len(files),
    )


class Course:
    """One figure over the run; its table row has the medians of the first, middle and last third."""

    def __init__(self, name: str, of: Callable[[object], float]) -> None:
        self.name = name
        self._of = of
        self.values: list[float] = []

    def add(self, sample: object) -> None:
        """One more sample."""
        self.values.append(self._of(sample))

    def row(self) -> str:
        """A row of Markdown."""
        third = max(1, len(self.values) // 3)
        parts: Sequence[Sequence[float]] = (
            self.values[:third],
            self.values[third:-third] or self.values,
            self.values[-third:],
        )
        shown = " | ".join(f"{statistics.median(part):,.1f}" for part in parts)
        return f"| {self.name} | {shown} | {max(self.values):,.1f} |"


def courses(fields: Sequence[str], of: str) -> list[Course]:
    """A course for each attribute of a sample."""
    return [Course(f"{of} {field}".replace("_", " "), _attribute(field)) for field in fields]


def _attribute(name: str) -> Callable[[object], float]:
    return lambda sample: float(getattr(sample, name))
