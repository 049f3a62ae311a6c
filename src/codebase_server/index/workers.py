"""Parsing in other processes, which end with this one however it ends."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from bridge.agreed import system
from codebase_server.index.prepare import Preparation, prepare
from codebase_server.processes.numeric import take_one_thread
from codebase_server.store.batch import PreparedFile, SkippedFile

INLINE_BYTES = 1_500_000
"""Up to so much text is parsed in this process, however many files it is: starting two workers costs half a
second on two cores and a second of processor time, in which one process parses as much. More than that in a
few large files would keep the process from answering for many seconds."""

INLINE_FILES = 48
"""Files of a change up to which a search waits for it."""

_BYTES_A_FILE = 256
"""What reading one costs, however empty it is, as bytes of code that are parsed meanwhile."""

_BYTES_PER_TASK = 192 * 1024
_FILES_PER_TASK = 48
_AHEAD = 3
"""Tasks per worker that may wait or be done but not taken: bounds the memory of a pass."""

Prepared = PreparedFile | SkippedFile


def default_workers() -> int:
    """As many as there are cores to use, at most 8."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, 8)


def prepared_files(
    sized_paths: Sequence[tuple[str, int]],
    how: Preparation,
    workers: int,
    cancelled: Callable[[], bool],
    *,
    apart: bool = False,
) -> Iterator[Prepared]:
    """Prepare files (path, bytes), yielding each as it is done, in no order.

    With fewer than two workers, or little to do, everything happens here, unless it must be ``apart``. A file
    that kills its worker (a defect of a grammar) is skipped as ``unreadable``;
    the others of its task are done again. Ends early once ``cancelled()``.
    """
    tasks = _tasks(sized_paths)
    is_little = sum(size + _BYTES_A_FILE for _, size in sized_paths) <= INLINE_BYTES
    if not apart and (workers < 2 or is_little):
        for task in tasks:
            if cancelled():
                return
            yield from prepare(task, how)
        return
    suspects: list[list[str]] = []
    yield from _in_pool(tasks, how, max(workers, 1), cancelled, suspects)
    # What was under way when a worker died is repeated, each part in a fresh process, and what dies again
    # in halves, until it is one file.
    while suspects and not cancelled():
        task = suspects.pop()
        lost: list[list[str]] = []
        yield from _in_pool([task], how, 1, cancelled, lost)
        if lost and len(task) == 1:
            yield SkippedFile(task[0], "unreadable", "the parser crashed on it")
        elif lost:
            suspects += [task[: len(task) // 2], task[len(task) // 2 :]]


def _in_pool(
    tasks: list[list[str]],
    how: Preparation,
    workers: int,
    cancelled: Callable[[], bool],
    suspects: list[list[str]],
) -> Iterator[Prepared]:
    """Run tasks in a pool; those that a dying worker took along are added to ``suspects``."""
    take_one_thread()  # workers inherit it
    waiting = list(reversed(tasks))
    while waiting and not cancelled():
        running: dict[Future[list[Prepared]], list[str]] = {}
        pool = _pool(workers)
        try:
            while (waiting or running) and not cancelled():
                while waiting and len(running) < workers * _AHEAD:
                    task = waiting.pop()
                    running[pool.submit(prepare, task, how)] = task
                done, _ = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
                for future in done:
                    result = future.result()
                    del running[future]
                    yield from result
        except BrokenProcessPool:
            suspects.extend(running.values())
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _pool(workers: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(max_workers=workers, mp_context=context, initializer=_begin_worker)


def _begin_worker() -> None:
    """In a worker: let go of the host's pipes, give way to the server, and end with the parent.

    A parent that is killed cannot say goodbye. The system kills the worker, or where it cannot, the
    parent's sentinel becomes ready; the thread that started the pool stays as long as anybody wants its work.
    """
    system.end_with_parent()
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.close(null)
    sys.stdout = sys.stderr
    with contextlib.suppress(OSError, AttributeError):
        os.nice(5)
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


def _tasks(sized_paths: Sequence[tuple[str, int]]) -> list[list[str]]:
    tasks: list[list[str]] = []
    current: list[str] = []
    size = 0
    for path, bytes_ in sized_paths:
        if current and (size + bytes_ > _BYTES_PER_TASK or len(current) >= _FILES_PER_TASK):
            tasks.append(current)
            current, size = [], 0
        current.append(path)
        size += bytes_
    if current:
        tasks.append(current)
    return tasks
