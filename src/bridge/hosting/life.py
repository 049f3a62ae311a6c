"""Ending a server with its host.

A host may close stdin, kill the server's parent, send a signal, or die and
leave the pipe open in another process's hands. In each case the server lets go
of its locks and files and is gone within two seconds, whatever its threads are
doing: threads cannot be cancelled, so the process leaves them behind.

Each of these events has a thread that sleeps in the kernel until it happens, and
that thread ends the process itself. On a machine whose processors are all
taken, in the middle of a pass, every step from thread to thread costs a turn in the
queue and a turn at the interpreter's lock: a timer, a handler in the
main thread and a thread for the releases came to three seconds there.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Final

from bridge.agreed import system

logger = logging.getLogger(__name__)

GRACE_SECONDS: Final = 0.5
"""What a call in flight gets to finish after the host closed its end."""
RELEASE_SECONDS: Final = 1.2
"""What all release callbacks and the last words together may take; then the system ends the process."""

_CODES: Final = {signal.SIGTERM: 0, signal.SIGINT: 130}


class Lifetime:
    """One per process: knows what to release, and ends the process once."""

    def __init__(self) -> None:
        self._releases: list[tuple[str, Callable[[], object]]] = []
        self._ending = threading.Lock()
        self.stopping = threading.Event()
        """Set when the end begins; long work may look at it."""
        self.code = 0
        """The exit code that the signal which began the end asks for."""

    def on_end(self, name: str, release: Callable[[], object]) -> None:
        """Call ``release`` before the process ends, last registered first, from any thread.

        It must be quick, start no thread, and must not wait for locks that a busy thread may hold.
        """
        self._releases.append((name, release))

    def end(self, reason: str, code: int = 0) -> None:
        """Release everything, flush logs and leave the process at once. Does not return.

        Interpreter teardown of hundreds of modules is skipped: it costs 300 ms and
        would wait for threads.
        """
        if not self._ending.acquire(blocking=False):
            threading.Event().wait()  # another thread is ending the process
        self.stopping.set()
        system.end_process_in(RELEASE_SECONDS)
        logger.info("ending: %s", reason)
        self._release_all()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError, AttributeError):
                stream.flush()
        with contextlib.suppress(Exception):
            logging.shutdown()
        os._exit(code)

    def end_soon(self, reason: str, code: int = 0, grace: float = GRACE_SECONDS) -> None:
        """End after ``grace`` seconds at the latest; the serving code may end it sooner. Does not return."""
        self.stopping.set()
        time.sleep(grace)
        self.end(reason, code)

    def follow_signals(self, first: Callable[[], object] | None = None) -> None:
        """End on SIGTERM (code 0) and SIGINT (code 130). Call it from the main thread.

        :param first: called at the first signal instead, and the grace given to what is in flight;
            a second signal does not wait for it. It must be quick and safe in any thread.
        """
        reading, writing = os.pipe()
        os.set_blocking(writing, False)

        def tell(number: int, frame: FrameType | None) -> None:
            # For where an event loop takes the wake-up descriptor for itself, as on Windows.
            with contextlib.suppress(OSError):
                os.write(writing, bytes([number]))

        for number in _CODES:
            signal.signal(number, tell)
        # The system's own handler writes to it, even while the main thread waits for its turn.
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        if hasattr(signal, "SIGALRM"):
            signal.signal(signal.SIGALRM, signal.SIG_DFL)  # see `system.end_process_in`
        threading.Thread(
            target=self._watch_signals, args=(reading, first), name="signals", daemon=True
        ).start()

    def follow_parent(self) -> None:
        """End when the process that started this one is gone, even if the pipe stays open."""
        threading.Thread(target=self._watch_parent, name="parent-watch", daemon=True).start()

    def _watch_signals(self, reading: int, first: Callable[[], object] | None) -> None:
        while (told := os.read(reading, 1)) and told[0] not in _CODES:
            pass
        number = signal.Signals(told[0])
        self.code = _CODES[number]
        if first is not None:
            self.stopping.set()
            first()
            _sleep_until_told(reading, GRACE_SECONDS)
        self.end(number.name, self.code)

    def _watch_parent(self) -> None:
        system.wait_for_parent()
        self.end("the parent process is gone")

    def _release_all(self) -> None:
        while self._releases:
            name, release = self._releases.pop()
            try:
                release()
            except Exception:
                logger.exception("releasing %s failed", name)


def _sleep_until_told(reading: int, seconds: float) -> None:
    """Sleep so long, or until another byte comes where the system lets one wait for both."""
    if sys.platform == "win32":
        time.sleep(seconds)
    else:
        select.select([reading], [], [], seconds)
