"""The two ends of the pipe to the host, out of everybody else's reach.

The SDK moves the wire to private descriptors while it serves. Before that (heavy
imports that print) and after it (buffers drained at exit) stdout would still be
the wire. `claim` closes these gaps: called first thing in a process, it takes
both descriptors for good.
"""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Callable
from typing import TextIO

from bridge.agreed import system
from bridge.hosting import frames

_FIRST_PRIVATE = 3


class Wire:
    """``incoming`` and ``outgoing`` text of the MCP connection, one JSON message a line.

    That the host closed its end is told by a thread of its own, at once: the reading thread has to go on to
    what was sent before, and waits for its turn where all processors are taken.
    """

    def __init__(self, incoming_fd: int, outgoing_fd: int) -> None:
        self._incoming_fd = incoming_fd
        self._read_to_the_end = threading.Event()
        self.incoming: TextIO = _Incoming(self, incoming_fd)
        self.outgoing: TextIO = _Outgoing(outgoing_fd)

    def when_ended(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` once, in a thread of its own, when the host has closed the incoming end."""
        threading.Thread(target=self._watch, args=(callback,), name="host-watch", daemon=True).start()

    def ended(self) -> None:
        """Tell that everything that the host sent has been read."""
        self._read_to_the_end.set()

    def _watch(self, callback: Callable[[], None]) -> None:
        if not system.wait_for_hang_up(self._incoming_fd):
            self._read_to_the_end.wait()
        callback()


class _Incoming(io.TextIOWrapper):
    """Text lines from the host; end of file is told to the wire at once.

    The SDK sees the end too, but first waits for synchronous tools in their
    threads; whoever must end within two seconds cannot.
    """

    def __init__(self, wire: Wire, descriptor: int) -> None:
        super().__init__(os.fdopen(descriptor, "rb", closefd=False), encoding="utf-8", errors="replace")
        self._wire = wire

    # typeshed derives a text file from a binary one, and ignores the same two conflicts itself.
    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
        line = super().readline(size)
        while line and (refusal := frames.refusal(line)) is not None:
            self._wire.outgoing.write(refusal + "\n")
            self._wire.outgoing.flush()
            line = super().readline(size)
        if not line:
            self._wire.ended()
        return line

    def __next__(self) -> str:  # type: ignore[override]
        line = self.readline()
        if not line:
            raise StopIteration
        return line


class _Outgoing(io.TextIOWrapper):
    """Text lines to the host, each whole: the SDK writes them, and the reading thread what it refuses."""

    def __init__(self, descriptor: int) -> None:
        # "\n" on every platform; closefd=False: a thread may still block on it when the process ends.
        super().__init__(os.fdopen(descriptor, "wb", closefd=False), encoding="utf-8", newline="\n")
        self._writing = threading.Lock()

    def write(self, text: str, /) -> int:
        with self._writing:
            return super().write(text)

    def flush(self) -> None:
        with self._writing:
            super().flush()


def claim() -> Wire:
    """Take stdin and stdout for the MCP connection, for the life of the process.

    Afterwards descriptor 0 is the null device and descriptor 1 is stderr, for
    this process and what it starts: a stray ``print``, a chatty library or a child
    cannot write into the protocol or read the host's messages.
    """
    incoming, outgoing = _private_copy(0), _private_copy(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    try:
        os.dup2(2, 1)
    except OSError:  # started without stderr
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.close(null)
    # Only now: what was printed before waits in the buffer, and goes where all other noise goes.
    sys.stdout.flush()
    if sys.platform == "win32":
        _rebind_windows_handles()
    return Wire(incoming, outgoing)


def _private_copy(descriptor: int) -> int:
    """A duplicate above the standard range that children do not inherit."""
    if sys.platform == "win32":
        return os.dup(descriptor)
    import fcntl

    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _FIRST_PRIVATE)


def _rebind_windows_handles() -> None:
    """Children of a Windows process inherit the standard *handles*, which ``dup2`` does not move."""
    from mcp.os.win32.utilities import rebind_std_handle_to_fd

    rebind_std_handle_to_fd(0)
    rebind_std_handle_to_fd(1)
