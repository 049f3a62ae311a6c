"""Ending a server with its host.

A host may close stdin, kill the server's parent, send a signal, or die and
leave the pipe open in another process's hands. In each case the server lets go
of its locks and files and is gone within two seconds, whatever its threads are
doing: threads cannot be cancelled, so the process leaves them behind.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

from bridge.agreed import system

logger = logging.getLogger(__name__)

GRACE_SECONDS = 0.8
"""What a call in flight gets to finish after the host closed its end."""
RELEASE_SECONDS = 0.8
"""What all release callbacks together may take."""


class Lifetime:
    """One per process: knows what to release, and ends the process once."""

    def __init__(self) -> None:
        self._releases: list[tuple[str, Callable[[], object]]] = []
        self._ending = threading.Lock()
        self.stopping = threading.Event()
        """Set when the end begins; long work may look at it."""

    def on_end(self, name: str, release: Callable[[], object]) -> None:
        """Call ``release`` before the process ends, last registered first, from any thread.

        It must be quick and must not wait for locks that a busy thread may hold.
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
        logger.info("ending: %s", reason)
        releasing = threading.Thread(target=self._release_all, daemon=True)
        releasing.start()
        releasing.join(RELEASE_SECONDS)
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError, AttributeError):
                stream.flush()
        with contextlib.suppress(Exception):
            logging.shutdown()
        os._exit(code)

    def end_soon(self, reason: str, code: int = 0, grace: float = GRACE_SECONDS) -> None:
        """End after ``grace`` seconds at the latest; the serving code may end it sooner."""
        self.stopping.set()
        timer = threading.Timer(grace, self.end, (reason, code))
        timer.daemon = True
        timer.start()

    def follow_signals(self) -> None:
        """End on SIGTERM (code 0) and SIGINT (code 130). Call it from the main thread."""
        for number, code in ((signal.SIGTERM, 0), (signal.SIGINT, 130)):
            signal.signal(number, self._on_signal(code))

    def follow_parent(self) -> None:
        """End when the process that started this one is gone, even if the pipe stays open."""
        threading.Thread(target=self._watch_parent, name="parent-watch", daemon=True).start()

    def _on_signal(self, code: int) -> Callable[[int, FrameType | None], None]:
        def handler(number: int, frame: FrameType | None) -> None:
            # Not here: this runs between two instructions of the main thread, which may hold any lock.
            reason = signal.Signals(number).name
            threading.Thread(target=self.end, args=(reason, code), daemon=True).start()

        return handler

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
