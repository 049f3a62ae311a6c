"""What every interpreter runs first while branches are counted: it says that it began, and begins to count.

Read and run by a ``.pth`` file, which sets SETTINGS and BEGUN; nothing is imported that the interpreter does
not have already, before the measurement itself is.
"""

import os
import signal
import sys
import time
from typing import NoReturn


def _said(folder: str) -> None:
    """Leave a file that names this process, who started it, and its command line."""
    told = "\0".join((str(os.getppid()), *sys.orig_argv))
    try:
        handle = os.open(
            f"{folder}/{os.getpid()}.{time.monotonic_ns()}", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600
        )
    except OSError:  # another user's process, or a full disk: what it runs cannot be written either
        return
    os.write(handle, told.encode(errors="surrogateescape"))
    os.close(handle)


def _counting(settings: str) -> None:
    os.environ.setdefault("COVERAGE_PROCESS_START", settings)
    import coverage

    coverage.process_startup()
    _without_alarm()


def _without_alarm() -> None:
    """Let a process that leaves at once write all that it counted.

    Our servers have the system end them a moment after they began to end; what is written here would count
    as theirs, and on a busy machine takes longer.
    """
    leave = os._exit

    def unhurried(status: int) -> NoReturn:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        leave(status)

    os._exit = unhurried


if "BEGUN" in globals() and not hasattr(sys, "counted_branches"):  # Python reads some folders' files twice
    sys.counted_branches = True  # type: ignore[attr-defined]  # a mark that imports nothing
    _said(globals()["BEGUN"])
    _counting(globals()["SETTINGS"])
