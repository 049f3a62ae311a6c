"""Who may write: a lock of the operating system that dies with its process."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from bridge.hosting import waits
from codebase_server.store.errors import WriterBusyError, translating

_PROBE_SECONDS = 0.1
"""`SystemLock.is_held` takes a free lock for a moment; nobody is told "busy" because of that."""


class SystemLock:
    """A lock file. Only the operating system's lock on it counts, never its existence or content.

    The holder's process id is written beside it for people to read.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._note = file.with_suffix(".pid")
        self._count = threading.Lock()
        self.waiting = 0
        """How many threads of this process wait for it now."""

    @contextmanager
    def held(self, wait_seconds: float = 0.0) -> Iterator[None]:
        """Hold the lock within. Raises `WriterBusyError` when it is not free within ``wait_seconds``."""
        with translating(self.file):
            # A lock object of its own each time: two threads of one process exclude each other too.
            lock = FileLock(self.file, is_singleton=False, thread_local=False)
            with self._waited():
                try:
                    lock.acquire(timeout=max(wait_seconds, _PROBE_SECONDS), poll_interval=0.01)
                except Timeout as problem:
                    raise WriterBusyError(self.file, self.holder()) from problem
        try:
            self._sign()
            yield
        finally:
            self._unsign()
            lock.release()

    @contextmanager
    def _waited(self) -> Iterator[None]:
        """Count who waits, and note for how long."""
        begun = time.perf_counter()
        with self._count:
            self.waiting += 1
        try:
            yield
        finally:
            with self._count:
                self.waiting -= 1
            waits.note(f"the lock {self.file.name}", time.perf_counter() - begun)

    def holder(self) -> int | None:
        """Process id of who holds the lock, or None when it is free or its holder unknown."""
        try:
            pid = int(self._note.read_text())
        except (OSError, ValueError):
            return None
        return pid if self.is_held() else None

    def is_held(self) -> bool:
        """Whether somebody, this process included, holds the lock now."""
        if not self.file.exists():
            return False
        lock = FileLock(self.file, is_singleton=False, thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        except OSError:
            return False
        lock.release()
        return False

    def _sign(self) -> None:
        try:
            self._note.write_text(str(os.getpid()))
        except OSError:
            self._unsign()  # a full disk must not stop the holder; nobody is named then

    def _unsign(self) -> None:
        try:
            self._note.unlink(missing_ok=True)
        except OSError:
            return
