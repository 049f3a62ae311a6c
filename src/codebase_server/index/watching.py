"""What the system tells of changes below a root: in this process, or where that would hold it up, in another.

To set up a watch the library reads every folder of the root at one go, and lets no thread run meanwhile:
4 s for a million files in one folder, 0.5 s for 200,000.
"""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from codebase_server.index.pool import begin_worker, leave_semaphores_to_the_tracker

STEP_MS = 20
DEBOUNCE_MS = 60
"""A burst of events is handed on within this time: below the 100 ms after which a search sees a change."""

IDLE_MS = 400

MANY_FILES = 20_000
"""Files of a root from which it is watched by a process of its own, which costs some 20 MB and 0.2 s."""

_ENDS_SECONDS = 5.0


def changes_below(root: Path, files_known: int, stop: threading.Event) -> Iterator[set[str]]:
    """Paths that were touched, as they are told; an empty set every now and then, and when the watch stands.

    Ends once ``stop`` is set. Raises `OSError` or `RuntimeError` where the system refuses.
    """
    return _told_apart(root, stop) if files_known > MANY_FILES else _told_here(root, stop)


def _told_here(root: Path, stop: threading.Event | None) -> Iterator[set[str]]:
    from watchfiles import watch

    def concerns(_change: object, path: str) -> bool:
        """Git's own files say nothing, but for the list of what to ignore."""
        inside = path[len(str(root)) :].replace("\\", "/")
        return "/.git/" not in f"{inside}/" or inside.endswith("/info/exclude")

    for changes in watch(
        root,
        watch_filter=concerns,
        debounce=DEBOUNCE_MS,
        step=STEP_MS,
        rust_timeout=IDLE_MS,
        yield_on_timeout=True,
        stop_event=stop,
        raise_interrupt=False,
        ignore_permission_denied=True,
    ):
        yield {path for _, path in changes}


def _told_apart(root: Path, stop: threading.Event) -> Iterator[set[str]]:
    leave_semaphores_to_the_tracker()
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_tell, args=(str(root), sending), daemon=True, name=f"watch {root.name}")
    process.start()
    sending.close()
    try:
        while not stop.is_set():
            if not receiving.poll(IDLE_MS / 1000):
                continue
            told = receiving.recv()
            if isinstance(told, str):
                raise OSError(told)
            yield set(told)
    except EOFError as problem:
        raise OSError(f"the process that watches it has ended ({process.exitcode})") from problem
    finally:
        process.kill()
        process.join(_ENDS_SECONDS)
        receiving.close()


def _tell(root: str, sending: Connection) -> None:
    """In a process of its own: send what changed, or why nothing can be watched."""
    begin_worker()
    try:
        for paths in _told_here(Path(root), None):
            sending.send(list(paths))
    except (OSError, RuntimeError) as problem:
        sending.send(str(problem))
