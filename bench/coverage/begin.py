"""What every interpreter runs first while branches are counted: it says that it began, and begins to count.

Read and run by a ``.pth`` file, which sets SETTINGS and BEGUN; nothing is imported that the interpreter does
not have already, before the measurement itself is.
"""

import os
import sys
import time


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


if "BEGUN" in globals():
    _said(globals()["BEGUN"])
    _counting(globals()["SETTINGS"])
