"""An indexing pass with a bar, its rate and the time that is left."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from bridge.agreed.wording import counted
from bridge.hosting.console import visible
from codebase_server.doors.cli.screen import Screen
from codebase_server.service.answers import IndexAnswer, Skipped

if TYPE_CHECKING:
    from codebase_server.service import CodebaseService


def indexed(service: CodebaseService, *, force: bool = False) -> IndexAnswer:
    """Run a pass over the default root; show a bar on stderr when a person looks at it.

    Ctrl-C stops the pass cleanly: what was published before stays.
    """
    if not sys.stderr.isatty():
        return service.index_repository(force=force)
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description:<9}", markup=False),  # names of files, which may hold any brackets
        BarColumn(bar_width=40),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}", markup=False),
        TimeRemainingColumn(compact=True),
    )
    stopped = threading.Event()
    with Progress(
        *columns, console=Console(file=getattr(sys.stderr, "bare", sys.stderr)), transient=True
    ) as bar:
        task = bar.add_task("Looking", total=None, rate="")

        def told(done: int, total: int, message: str) -> None:
            speed = bar.tasks[task].speed
            rate = f"{speed:,.0f} files/s" if speed else ""
            bar.update(
                task,
                completed=done,
                total=total or None,
                description=visible(message) or "Indexing",
                rate=rate,
            )

        try:
            return service.index_repository(force=force, progress=told, cancelled=stopped.is_set)
        except KeyboardInterrupt:
            stopped.set()
            raise


RATE_FROM_FILES = 20
"""Of fewer files a rate tells of the start of the program, not of its speed."""


def summary(answer: IndexAnswer) -> str:
    """What a pass did, in one line.

    Files that were read and then left out (binary ones) are told with those left out, not as changed.
    """
    changed = min(answer["changed_files"], answer["files"])
    seconds = max(answer["duration_ms"] / 1000, 0.001)
    told = answer["changed_files"] >= RATE_FROM_FILES
    rate = f", {answer['changed_files'] / seconds:,.0f} files/s" if told else ""
    held = f"{counted(answer['files'], 'file')}, {counted(answer['chunks'], 'chunk')}"
    return f"{held} in {seconds:.1f} s{rate} ({changed:,} changed, {answer['removed_files']:,} removed)"


def show_skipped(screen: Screen, skipped: list[Skipped]) -> None:
    """One line a reason, with the first few files."""
    for row in skipped:
        examples = f": {', '.join(row['examples'][:3])}" if row["examples"] else ""
        more = " (status --skipped lists all)" if row["count"] > len(row["examples"][:3]) else ""
        screen.line(screen.styled(f"skipped {row['count']:,} {row['reason']}{examples}{more}", "dim"))
