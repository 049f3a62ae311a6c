"""What a process may take of the processor and of memory, and how it gives memory back."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_M_ARENA_MAX: Final = -8
"""The option of glibc's ``mallopt``."""


def limit_processor_time(pid: int, seconds: float) -> None:
    """Have the system end another process once it has used so much of a processor (Linux).

    Elsewhere, and where it has ended already, it does nothing.
    """
    if sys.platform == "linux":
        import resource

        limit = max(1, round(seconds))
        with contextlib.suppress(OSError):
            resource.prlimit(pid, resource.RLIMIT_CPU, (limit, limit + 5))


def limit_memory_of(pid: int, size: int) -> None:
    """Have the system refuse another process more than ``size`` bytes of memory of its own (Linux).

    Elsewhere, and where it has ended already, it does nothing.
    """
    if sys.platform == "linux":
        import resource

        with contextlib.suppress(OSError):
            resource.prlimit(pid, resource.RLIMIT_DATA, (size, size))


def limit_memory(size: int) -> None:
    """Have the system refuse this process more than ``size`` bytes of memory of its own (Linux).

    What is refused is a `MemoryError`, or the end of the process where a library in C asked. Elsewhere it
    does nothing.
    """
    if sys.platform == "linux":
        import resource

        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_DATA, (size, size))


@contextlib.contextmanager
def at_most(seconds: float, size: int = 0) -> Iterator[None]:
    """Have the system end this process where a `with` takes more of the processor (POSIX).

    Also in the middle of a library's function, which no exception reaches. Elsewhere it does nothing. All
    threads count together, and where several are in such a `with`, whoever came last gave them all its time.

    :param size: bytes of memory by which the process may grow meanwhile (Linux), if not 0: as `limit_memory`.
    """
    global _guarded
    if sys.platform == "win32":
        yield
        return
    with _guard:
        _guarded += 1
        signal.setitimer(signal.ITIMER_PROF, seconds)
        if size and _guarded == 1:
            _bound_growth(size)
    try:
        yield
    finally:
        with _guard:
            _guarded -= 1
            if not _guarded:
                signal.setitimer(signal.ITIMER_PROF, 0)
                _free_growth()


_guard = threading.Lock()
_guarded = 0
"""How many threads are in `at_most`."""
_before: list[tuple[int, int]] = []
"""What the limit of memory was before the first of them."""


def _bound_growth(size: int) -> None:
    if sys.platform == "linux":
        import resource

        with contextlib.suppress(OSError, ValueError):
            before = resource.getrlimit(resource.RLIMIT_DATA)
            now = int(Path("/proc/self/statm").read_text("ascii").split()[5]) * resource.getpagesize()
            if before[0] == resource.RLIM_INFINITY or before[0] > now + size:
                resource.setrlimit(resource.RLIMIT_DATA, (now + size, before[1]))
                _before.append(before)


def _free_growth() -> None:
    if sys.platform == "linux" and _before:
        import resource

        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_DATA, _before.pop())


def share_freed_memory() -> None:
    """Have all threads take memory from two common stores instead of one each (glibc).

    What a thread gave back stays in its store, where no other thread finds it: a server of a dozen
    threads grew by a tenth in two thousand calls, and not at all with two stores. Calls are as fast:
    they wait for the interpreter's lock anyway. It holds for threads that have not begun.
    """
    if sys.platform == "linux":
        import ctypes

        set_option = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none, and none is needed
        if set_option is not None:
            set_option(_M_ARENA_MAX, 2)


def give_back_memory() -> None:
    """Return to the system what large work has freed: the C library keeps it between what is still in use."""
    if sys.platform == "linux":
        import ctypes

        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's
        if trim is not None:
            trim(0)
