"""Parsing in other processes, which end with this one however it ends."""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field

from bridge.agreed import limits
from codebase_server.chunks.nesting import are_more
from codebase_server.chunks.scanners import PARSED_APART
from codebase_server.files.languages import language_of
from codebase_server.index.pool import KEPT_SECONDS, MOST_MEMORY, Pool, expect_more, pool_of, ready_pool
from codebase_server.index.prepare import Preparation, prepare, prepare_read, read
from codebase_server.records import SourceFile
from codebase_server.store.batch import PreparedFile, SkippedFile

_logger = logging.getLogger(__name__)

INLINE_BYTES = 1_500_000
"""Up to so much text is parsed in this process, however many files it is: starting two workers costs half a
second on two cores and a second of processor time, in which one process parses as much. More than that in a
few large files would keep the process from answering for many seconds."""

INLINE_FILE_BYTES = 500_000
"""A larger file is parsed by a worker: for a second nothing would be answered, and code that was made to hurt
takes over a thousand times its size in memory, for which a worker has a limit and this process has none."""

SECONDS_HERE = 20.0
"""For a task that is parsed in this process, on the clock, a hundred times what it takes. What does not come
to an end holds up every thread, also the one that would see the host gone: so the system ends the process,
and the next one parses apart (`Caution`) and leaves the file out."""

MOST_LEVELS = 1_000
"""Brackets open at once; what has more is parsed by a worker, for the same reasons."""

WARM_SECONDS = 300.0
"""How long the worker waits that parses what no process parses that has to answer: whoever edits a shell
script edits it again, and finds the worker started."""

INLINE_FILES = 48
"""Files of a change up to which a search waits for it."""

_BYTES_A_FILE = 256
"""What reading one costs, however empty it is, as bytes of code that are parsed meanwhile."""

_WORTH_WORKERS = 400_000
"""Bytes parsed in this process without a pause from which workers are started for the rest, and for what is
likely to follow, while it goes on: they start on another core, in as long as it parses these."""

_KEPT_AFTER = 10_000_000
"""Bytes of a pass after which its workers are let go at once: they have grown, and what ends a large pass
(ids, merging of segments) needs memory itself. To start others costs little beside such a root."""

_BYTES_PER_TASK = 192 * 1024
_LEAST_PER_TASK = 32 * 1024
_SHARES_LEFT = 3
"""What is shared out is cut into this part of what is left, within those bounds: large tasks cost less, and
with small ones at the end neither a worker nor the process that stores has much to do when the others are
done (guided self-scheduling: Polychronopoulos and Kuck 1987)."""

_FILES_PER_TASK = 48
SECONDS_A_TASK = 10.0
SECONDS_A_FILE = 1.0
SECONDS_PER_BYTE = 4e-5
"""Of the processor, that a worker may take for its files: over ten times what real code takes. A parser can
be asked to stop between its steps alone, and one step may take hours: at the end of a text that is open in
ten thousand places."""

_AHEAD = 3
"""Tasks per worker that may wait or be done but not taken: bounds the memory of a pass."""

CRASHED = "the parser crashed on it, failed, or did not come to an end"

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

    With fewer than two workers everything happens here, unless it must be ``apart``. So does it with little
    to do, beside workers that happen to stand ready; but languages whose grammars end processes have a
    worker whatever there is to do. A file that kills its worker, or that it is not done with in any sensible
    time (defects of grammars), is skipped as ``unreadable``; the others of its task are done again. So is one
    that preparing it fails for. Ends early once ``cancelled()``.
    """
    size = _weight(sized_paths)
    elsewhere = _Elsewhere()
    suspects = elsewhere.suspects
    if apart or (workers >= 2 and size > INLINE_BYTES):
        pool, keeps = pool_of(max(workers, 1)), size <= _KEPT_AFTER
        yield from _in_pool(_shares(sized_paths), how, pool, cancelled, elsewhere, keeps=keeps)
    else:
        large = [one for one in sized_paths if one[1] > INLINE_FILE_BYTES] if workers else []
        if large:
            sized_paths = [one for one in sized_paths if one[1] <= INLINE_FILE_BYTES]
            pool = ready_pool(workers) or pool_of(1)
            yield from _in_pool(_shares(large), how, pool, cancelled, elsewhere)
        if workers >= 2 and size > _BYTES_PER_TASK and _lately.is_much(size):
            expect_more(workers)
        if any(language_of(path) in PARSED_APART for path, _ in sized_paths):
            expect_more(1)  # it starts while the others are parsed
        yield from _here(sized_paths, how, cancelled, elsewhere, workers)
    if elsewhere.fragile and not cancelled():
        fragile = _shares(elsewhere.fragile)
        yield from _in_pool(fragile, how, pool_of(1), cancelled, elsewhere, seconds=WARM_SECONDS)
    # What was under way when a worker died is repeated, each part in a fresh process, and what dies again
    # in halves, until it is one file.
    while suspects and not cancelled():
        task = suspects.pop()
        lost = _Elsewhere()
        yield from _in_pool([task], how, pool_of(1), cancelled, lost)
        if lost.suspects and len(task) == 1:
            yield SkippedFile(task[0], "unreadable", CRASHED)
        elif lost.suspects:
            suspects += [task[: len(task) // 2], task[len(task) // 2 :]]


@dataclass(slots=True)
class _Elsewhere:
    """What was not prepared where it was to be: a worker of its own gets it."""

    suspects: list[list[str]] = field(default_factory=list)
    """Tasks of which one file may be what a parser is not done with, or ends at."""
    fragile: list[tuple[str, int]] = field(default_factory=list)
    """Files (path, bytes) of a language that is not parsed in the process that has to answer."""


def _here(
    sized_paths: Sequence[tuple[str, int]],
    how: Preparation,
    cancelled: Callable[[], bool],
    elsewhere: _Elsewhere,
    workers: int,
) -> Iterator[Prepared]:
    """Prepare files in this process; beside ``workers`` from when so many stand ready, the largest first."""
    left = list(sized_paths)
    while left and not cancelled():
        several = workers >= 2 and len(left) > 1 and _weight(left) > 2 * _LEAST_PER_TASK
        pool = ready_pool(workers) if several else None
        if pool is not None:
            left.sort(key=lambda one: -one[1])
            yield from _in_pool(_shares(left), how, pool, cancelled, elsewhere, beside=True)
            return
        task = _task(left, _BYTES_PER_TASK)
        del left[: len(task)]
        yield from _prepared_here(task, how, elsewhere)


def _prepared_here(task: list[str], how: Preparation, elsewhere: _Elsewhere) -> list[Prepared]:
    """Prepare files in this process, but those whose parser could end it, or not come to an end."""

    def prepared() -> list[Prepared]:
        found = read(task, how)
        sources = [one for one in found if isinstance(one, SourceFile)]
        fragile = {one.path: one.size for one in sources if one.language in PARSED_APART}
        deep = {one.path for one in sources if one.path not in fragile and are_more(one.text, MOST_LEVELS)}
        done = prepare_read([one for one in found if one.path not in deep and one.path not in fragile], how)
        elsewhere.suspects.extend([path] for path in deep)
        elsewhere.fragile.extend(fragile.items())
        return done

    # all cores together cannot have taken so much of the processor before the clock has
    with limits.at_most(SECONDS_HERE * (os.cpu_count() or 1), MOST_MEMORY):
        try:
            return _result(prepared, task, elsewhere)
        except MemoryError:
            elsewhere.suspects.append(task)
            return []


def _result(prepared: Callable[[], list[Prepared]], task: list[str], elsewhere: _Elsewhere) -> list[Prepared]:
    """What comes of a task; one that fails in a way nobody foresaw is among the suspects.

    A defect of ours that one file brings to light must not keep the others out of the index.
    """
    try:
        return prepared()
    except (BrokenProcessPool, MemoryError):
        raise
    except Exception:
        _logger.exception("preparing failed, among %s files from %s", len(task), task[0])
        elsewhere.suspects.append(task)
        return []


def prepared_apart(paths: list[str], how: Preparation, seconds: float) -> list[Prepared]:
    """In a worker: `prepare`. One that may have no more memory, or that takes longer than ``seconds`` of the
    processor and what its files' number and size allow, ends, as if a parser had brought it down."""
    for path in paths:
        with contextlib.suppress(OSError, ValueError):
            size = os.lstat(f"{how.root}{os.sep}{path}").st_size
            seconds += SECONDS_A_FILE + SECONDS_PER_BYTE * size
    try:
        with limits.at_most(seconds):
            return prepare(paths, how)
    except MemoryError:
        os._exit(1)


def _in_pool(
    tasks: list[list[str]],
    how: Preparation,
    pool: Pool,
    cancelled: Callable[[], bool],
    elsewhere: _Elsewhere,
    *,
    beside: bool = False,
    keeps: bool = True,
    seconds: float = KEPT_SECONDS,
) -> Iterator[Prepared]:
    """Run tasks in a pool, and in a new one after a worker died; what it took along is among the suspects.

    With ``beside`` this process takes tasks as well, whenever no worker is done with one. With ``keeps`` the
    workers then wait for another pass, so many ``seconds``.
    """
    waiting = list(reversed(tasks))
    ahead = pool.workers + 1 if beside else pool.workers * _AHEAD
    while True:
        running: dict[Future[list[Prepared]], list[str]] = {}
        is_whole = False
        try:
            while (waiting or running) and not cancelled():
                while waiting and len(running) < ahead:
                    future = pool.submit(prepared_apart, waiting[-1], how, SECONDS_A_TASK)
                    running[future] = waiting.pop()
                patience = 0.0 if beside and waiting else 0.2
                done, _ = wait(running, timeout=patience, return_when=FIRST_COMPLETED)
                for future in done:
                    task = running[future]
                    result = _result(future.result, task, elsewhere)
                    del running[future]
                    yield from result
                if beside and waiting and not done:
                    yield from _prepared_here(waiting.pop(), how, elsewhere)
            is_whole = not running
        except BrokenProcessPool:
            elsewhere.suspects.extend(running.values())
        finally:
            # Large, cancelled, broken, or nobody wants the rest: what is under way ends with its workers.
            if is_whole and keeps:
                pool.keep(seconds)
            else:
                pool.end()
        if not waiting or cancelled():
            return
        pool = pool_of(pool.workers)


@dataclass(slots=True)
class _Lately:
    """How much was prepared in this process since it last paused."""

    size: int = 0
    at: float = 0.0

    def is_much(self, size: int) -> bool:
        """Whether it is so much, with ``size`` bytes more, that workers would have been worth their start."""
        now = time.monotonic()
        self.size = size + (self.size if now - self.at < KEPT_SECONDS else 0)
        self.at = now
        return self.size > _WORTH_WORKERS


_lately = _Lately()


def _shares(sized_paths: Sequence[tuple[str, int]]) -> list[list[str]]:
    """Tasks for several processes, in order."""
    shares: list[list[str]] = []
    waiting = list(sized_paths)
    left = _weight(waiting)
    at = 0
    while at < len(waiting):
        most = min(max(left // _SHARES_LEFT, _LEAST_PER_TASK), _BYTES_PER_TASK)
        share = _task(waiting[at : at + _FILES_PER_TASK], most)
        left -= _weight(waiting[at : at + len(share)])
        at += len(share)
        shares.append(share)
    return shares


def _weight(sized_paths: Sequence[tuple[str, int]]) -> int:
    """What preparing files costs, as bytes of code."""
    return sum(size + _BYTES_A_FILE for _, size in sized_paths)


def _task(sized_paths: Sequence[tuple[str, int]], most: int) -> list[str]:
    """The first files: one, or as many as have no more bytes than ``most``."""
    task: list[str] = []
    size = 0
    for path, bytes_ in sized_paths[:_FILES_PER_TASK]:
        size += bytes_ + _BYTES_A_FILE
        if task and size > most:
            break
        task.append(path)
    return task
