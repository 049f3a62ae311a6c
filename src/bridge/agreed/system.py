"""What differs between operating systems, each behind a function that can be tried on any of them.

Windows is asked through a `Kernel`, four calls of its API; a test brings one of its own.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import stat
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

_SYNCHRONIZE: Final = 0x00100000
_FOR_EVER: Final = 0xFFFFFFFF
_TIMED_OUT: Final = 0x102
_ACCESS_DENIED: Final = 5
_PARENT_CHECK_SECONDS: Final = 0.25
_READ_SECONDS: Final = 1.0
"""Longer than anybody has one of our small files open."""
_AGAIN_SECONDS: Final = 0.01
_PR_SET_PDEATHSIG: Final = 1


class Kernel(Protocol):
    """The calls of kernel32 that tell of another process."""

    def open_process(self, access: int, pid: int) -> int:
        """A handle; 0 when there is none."""

    def last_error(self) -> int:
        """Windows' number of why there is none."""

    def wait(self, handle: int, milliseconds: int) -> int:
        """0 when the process has ended, 0x102 when the time is over."""

    def close(self, handle: int) -> None:
        """Give back a handle of `open_process`."""


def process_runs(pid: int, kernel: Kernel | None = None, *, own: bool = False) -> bool:
    """Whether a process of that number runs.

    :param kernel: asked instead of signal 0; on Windows its own unless given.
    :param own: whether another user's does not count: it took over the number of one of this user's.
    """
    if pid <= 0:
        return False
    kernel = kernel or _kernel_here()
    if kernel is not None:
        return _runs_on_windows(pid, kernel, own=own)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError) as problem:
        return isinstance(problem, PermissionError) and not own  # a number no process can have is nobody's
    return True


def _runs_on_windows(pid: int, kernel: Kernel, *, own: bool) -> bool:
    """A process that has ended can be opened as long as anybody has a handle: its state is what counts."""
    handle = kernel.open_process(_SYNCHRONIZE, pid)
    if not handle:
        return kernel.last_error() == _ACCESS_DENIED and not own  # it is there, and another user's
    try:
        return kernel.wait(handle, 0) == _TIMED_OUT
    finally:
        kernel.close(handle)


def wait_for_parent(kernel: Kernel | None = None) -> None:
    """Return when the process that started this one is gone."""
    parent = os.getppid()
    kernel = kernel or _kernel_here()
    if kernel is not None:
        wait_for_end(parent, kernel)
        return
    _sleep_until_it_ends(parent)
    while os.getppid() == parent:
        time.sleep(_PARENT_CHECK_SECONDS)


def _sleep_until_it_ends(pid: int) -> None:
    """Sleep in the kernel where it can tell of that process (Linux); return at once where it cannot."""
    if sys.platform != "linux":
        return
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return  # an old kernel, a sandbox, or a parent outside of this container
    try:
        if os.getppid() == pid:  # else the number may be another process's by now
            ended = select.poll()
            ended.register(handle, select.POLLIN)
            ended.poll()
    finally:
        os.close(handle)


def wait_for_hang_up(descriptor: int) -> bool:
    """Return when whoever writes to this pipe or socket has gone or closed its end, even with bytes unread.

    False, at once, where the system cannot tell: only reading to the end does then.
    """
    if sys.platform != "linux":
        return False
    kind = os.fstat(descriptor).st_mode
    if not stat.S_ISFIFO(kind) and not stat.S_ISSOCK(kind):
        return False
    hung_up = select.poll()
    hung_up.register(descriptor, select.POLLRDHUP)  # of a pipe, POLLHUP comes unasked
    hung_up.poll()
    return True


def end_process_in(seconds: float) -> None:
    """End this process when that time has passed, whatever its threads do, by the system's own hand.

    By SIGALRM, whose default action must stand; it asks for no turn at the interpreter's
    lock. Where there is none (Windows), by a thread and with code 1.
    """
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)
    else:
        timer = threading.Timer(seconds, os._exit, (1,))
        timer.daemon = True
        timer.start()


def end_with_parent() -> None:
    """Have the system kill this process when the thread that started it ends, even in a long call (Linux).

    Elsewhere it does nothing: a thread has to watch the parent there.
    """
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def wait_for_end(pid: int, kernel: Kernel) -> None:
    """Return when the process has ended; never, when it may not be watched.

    Windows keeps a dead parent's number, so that only a handle tells of its end.
    """
    handle = kernel.open_process(_SYNCHRONIZE, pid)
    if handle:
        kernel.wait(handle, _FOR_EVER)
    elif kernel.last_error() == _ACCESS_DENIED:
        threading.Event().wait()


def take_over(listening: socket.socket, platform: str = sys.platform) -> None:
    """Let a socket take a port that its last holder has just left, and nobody take it beside this one.

    On Windows ``SO_REUSEADDR`` would let two programs share a port, and without
    ``SO_EXCLUSIVEADDRUSE`` a second one could still take it with that option.
    """
    if platform == "win32":
        # the number where the constant is missing is Windows' own: ~SO_REUSEADDR
        listening.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_EXCLUSIVEADDRUSE", ~4), 1)
    else:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


def put_in_place(
    new: str | Path,
    file: Path,
    platform: str = sys.platform,
    rename: Callable[[str | Path, Path], None] = os.replace,
) -> None:
    """Rename a file over another. On Windows that is refused while anybody reads the old one: tried again.

    Raises `PermissionError` when it is refused for a whole second, and what `os.replace` raises.
    """
    ends = time.monotonic() + (_READ_SECONDS if platform == "win32" else 0.0)
    while True:
        try:
            return rename(new, file)
        except PermissionError:
            if time.monotonic() >= ends:
                raise
            time.sleep(_AGAIN_SECONDS)


def another_user(seen: os.stat_result, others: int, platform: str = sys.platform) -> str:
    """Why a file or folder is not this user's alone; empty when it is.

    :param others: the mode bits that nobody else may have.
    :param platform: on Windows the access lists of the user's profile hold, and the bits say nothing.
    """
    if platform == "win32":
        return ""
    if seen.st_uid != os.getuid():
        return f"belongs to another user (uid {seen.st_uid})"
    if seen.st_mode & others:
        return f"is open to other users (mode {stat.S_IMODE(seen.st_mode):04o})"
    return ""


def read_only(file: Path) -> bool:
    """Whether a file lies on a file system that is mounted read-only, where no permission helps.

    Told of the nearest folder that is there; False on systems that do not say (Windows).
    """
    if not hasattr(os, "statvfs"):
        return False
    for place in (file, *file.parents):
        try:
            return bool(os.statvfs(place).f_flag & os.ST_RDONLY)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            return False
    return False


def _kernel_here() -> Kernel | None:
    return kernel32() if sys.platform == "win32" else None


def kernel32() -> Kernel:
    """The kernel of the Windows this runs on."""
    from bridge.agreed.windows import Kernel32  # only there

    return Kernel32()
