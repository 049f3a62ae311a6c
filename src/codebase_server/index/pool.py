"""Worker processes that outlast a pass for a while: the next root finds them started."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Final, ParamSpec, TypeVar

from bridge.agreed import limits, system
from codebase_server.runtime.numeric import take_one_thread

P = ParamSpec("P")
T = TypeVar("T")

MOST_MEMORY = 2 << 30
"""Bytes of a worker: five times what a file of real code takes. A worker that needs more ends, and the file
is left out: of code that was made to hurt some parsers keep every way to read it, gigabytes of them."""

KEPT_SECONDS = 5.0
"""How long workers wait for another pass: roots that are indexed one after the other follow at once."""

_UNTOLD: Final = "ignore:resource_tracker:UserWarning"

_changed = threading.Condition()
_kept: list[Pool] = []
"""The pools that wait for another pass, one of each size at most; guarded by `_changed`, as what all pools
are told."""


class Pool:
    """Some worker processes, and the thread that starts and holds them.

    A worker ends with the thread that started it, however that ends, so this is not the thread of a pass.
    """

    def __init__(self, workers: int) -> None:
        take_one_thread()  # workers inherit it
        leave_semaphores_to_the_tracker()
        self.workers = workers
        self.is_ready = False
        """Whether all workers have started; work that is submitted before waits for them."""
        self._until: float | None = None
        self._seconds = 0.0
        self._executor = ProcessPoolExecutor(
            workers, mp_context=multiprocessing.get_context("spawn"), initializer=begin_worker
        )
        self._started: list[Future[None]] = []
        self._there = threading.Event()
        self._problem: OSError | None = None
        threading.Thread(target=self._hold, daemon=True, name="workers").start()
        self._there.wait()
        if self._problem is not None:
            raise self._problem  # no more processes, or no memory for one

    def submit(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have a worker do something. Raises `BrokenProcessPool` once a worker has died."""
        return self._executor.submit(call, *args, **kwargs)

    def end(self) -> None:
        """Let the workers go once they have done what they are at; nothing that waits is begun."""
        with _changed:
            self._until = 0.0
            _changed.notify_all()

    def keep(self, seconds: float = 0.0) -> None:
        """Let them wait for another pass; of two pools of a size one is let go.

        They wait as long as anyone who had them wanted them to, `KEPT_SECONDS` at least.
        """
        with _changed:
            self._seconds = max(self._seconds, seconds, KEPT_SECONDS)
            is_one_too_many = _kept_of(self.workers) is not None
            if not is_one_too_many:
                self._until = time.monotonic() + self._seconds
                _kept.append(self)
                _changed.notify_all()
        if is_one_too_many:
            self.end()

    def _hold(self) -> None:
        try:
            # One call a worker: each starts another process while none is idle.
            self._started = [self._executor.submit(_is_there) for _ in range(self.workers)]
        except OSError as problem:
            self._problem, self._until = problem, 0.0
        finally:
            self._there.set()
        for start in self._started:
            start.add_done_callback(self._begun)
        with _changed:
            while self._until is None or self._until > time.monotonic():
                _changed.wait(None if self._until is None else self._until - time.monotonic())
            if self in _kept:
                _kept.remove(self)
        # Here alone: only the first to shut down waits, and a worker ends with this thread, at once.
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _begun(self, _start: Future[None]) -> None:
        with _changed:
            self.is_ready = all(
                start.done() and not start.cancelled() and start.exception() is None
                for start in self._started
            )

    def taken(self) -> Pool:
        """This pool, which nobody else gets meanwhile. The caller holds `_changed`."""
        _kept.remove(self)
        self._until = None
        return self


def _kept_of(workers: int) -> Pool | None:
    """The pool of so many workers that waits. The caller holds `_changed`."""
    return next((pool for pool in _kept if pool.workers == workers), None)


def pool_of(workers: int) -> Pool:
    """The pool that waits, or a new one. The caller ends with `Pool.keep` or `Pool.end`."""
    with _changed:
        kept = _kept_of(workers)
        if kept is not None:
            return kept.taken()
    return Pool(workers)


def ready_pool(workers: int) -> Pool | None:
    """As `pool_of`, if its workers have started already; else None."""
    with _changed:
        kept = _kept_of(workers)
        return kept.taken() if kept is not None and kept.is_ready else None


def expect_more(workers: int) -> None:
    """Start workers for what is likely to follow soon, if the system has them, and do not wait for them."""
    with _changed:
        expected = _kept_of(workers) is not None
    if not expected:
        with contextlib.suppress(OSError):
            Pool(workers).keep()


def leave_semaphores_to_the_tracker() -> None:
    """Call it before the first process is started: at the end this one leaves at once, and Python's tracker
    of resources, which then unlinks the semaphores of its workers, has no need to warn the host of it."""
    if _UNTOLD not in sys.warnoptions:
        sys.warnoptions.append(_UNTOLD)  # the tracker is started with them


def _is_there() -> None:
    """What a worker needs for its first file is imported with this."""
    import codebase_server.index.prepare  # noqa: F401


def begin_worker() -> None:
    """In a worker: let go of the host's pipes, give way to the server, and end with the parent.

    A parent that is killed cannot say goodbye. The system kills the worker, or where it cannot, the
    parent's sentinel becomes ready.
    """
    system.end_with_parent()
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.close(null)
    sys.stdout = sys.stderr
    with contextlib.suppress(OSError, AttributeError):
        os.nice(5)
    limits.limit_memory(MOST_MEMORY)
    # What a worker makes has no cycles: looking for them among so many objects is a tenth of its time.
    gc.freeze()
    gc.set_threshold(200_000, 50, 50)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(
            target=_end_with, args=(parent.sentinel,), daemon=True, name="end-with-parent"
        ).start()


def _end_with(sentinel: int) -> None:
    from multiprocessing.connection import wait as wait_for

    wait_for([sentinel])
    os._exit(1)
