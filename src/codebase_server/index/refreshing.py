"""`FreshRoot`: what changed on disk is folded into a root's index, by a search, a watcher or a whole pass."""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from bridge.agreed.errors import TandemError
from bridge.hosting import waits
from codebase_server import files
from codebase_server.index import patience
from codebase_server.index.changes import Changes
from codebase_server.index.denial import LastChange
from codebase_server.index.options import (
    Cancelled,
    IndexingCancelledError,
    IndexOptions,
    PassResult,
    Progress,
)
from codebase_server.index.published import Published
from codebase_server.index.watch import Watcher
from codebase_server.index.workers import INLINE_BYTES, INLINE_FILES
from codebase_server.index.writing import Writer
from codebase_server.store import RootState, StoreError, WriterBusyError

logger = logging.getLogger(__name__)

_TURN_SECONDS = 0.05
"""How long one refresh waits for another of this process: small ones are done within it."""


class FreshRoot:
    """Keeps what is published of a root up to the disk. Thread-safe.

    :param busy: whether a call is being answered, to which a long look at the disk gives way.
    """

    def __init__(
        self,
        root: Path,
        options: IndexOptions,
        published: Published,
        writer: Writer,
        busy: Callable[[], bool],
    ) -> None:
        self.root = root
        self.options = options
        self._busy = busy
        self._published = published
        self._writer = writer
        self._last_change = LastChange(self._published.generation)
        self._guard = threading.Lock()
        self._refreshing = threading.Lock()
        self._background: threading.Thread | None = None
        self._background_since = 0.0
        self._closing = threading.Event()
        self._watcher: Watcher | None = None
        self._pending = 0
        self.last_error = ""
        self.looking = False
        """Whether a look at the whole disk that takes long goes on behind the searches."""

    def watch(self) -> None:
        """Begin to watch the root: `refresh` need not compare, and changes are folded in on their own."""
        if self._watcher is not None:
            return
        state = self._published.state()
        files_known = state.files if state else 0
        with self._guard:
            if self._watcher is None and not self._closing.is_set():
                self._watcher = Watcher(
                    self.root,
                    self._refresh_quietly,
                    lambda: patience.SHARE * self._writer.look_seconds,
                    files_known,
                )

    def refresh(self, wait_seconds: float = 0.0, at_most: float = math.inf) -> bool:
        """Fold in what changed on disk, if that is soon done; whether anything new was published.

        A large change, and the first pass, go on in the background while the
        last generation is served (`Snapshot.state` says so); this waits for them
        up to ``wait_seconds``, and for a look at the disk up to ``at_most``. Where another process
        writes, nothing is done: what it publishes is seen by the next snapshot. Errors are logged
        and kept in ``last_error``: a search goes on with what there is.
        """
        with waits.during("another look at the disk"):
            its_turn = self._refreshing.acquire(timeout=max(wait_seconds, _TURN_SECONDS))
        if not its_turn:
            return False
        try:
            with waits.during("what changed on disk"):
                return self._refresh(wait_seconds, at_most)
        except (TandemError, files.RootError) as problem:
            self._note_error(problem)
            return False
        finally:
            self._refreshing.release()

    def run_pass(
        self,
        *,
        force: bool = False,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
        wait_seconds: float = 60.0,
    ) -> PassResult:
        """Bring the index up to the disk, whatever it takes; waits for another writer to finish first.

        A damaged database is set aside under another name and built anew (the
        result's warnings say where it is). Raises `WriterBusyError`,
        `IndexingCancelledError`, `files.RootError` and the store's errors.
        """
        try:
            return self._run(force, progress, cancelled, wait_seconds)
        except IndexingCancelledError:
            raise
        except (TandemError, files.RootError) as problem:
            self._note_error(problem)
            raise

    def busy_seconds(self) -> float:
        """How long a pass of this process has been at work behind the searches; 0 when none is."""
        with self._guard:
            background, started = self._background, self._background_since
        return time.monotonic() - started if background is not None and background.is_alive() else 0.0

    def abandon(self) -> None:
        """Ask any pass of this object to stop soon, and wait for nothing; for the end of the process."""
        self._closing.set()
        files.end_running(self.root)

    def close(self) -> None:
        """Stop watching and any pass of this object."""
        self.abandon()
        with self._guard:
            watcher, self._watcher = self._watcher, None
            background = self._background
        if watcher is not None:
            watcher.close()
        if background is not None and background is not threading.current_thread():
            background.join(timeout=10)

    # -- inside ------------------------------------------------------------------

    def _refresh(self, wait_seconds: float, at_most: float) -> bool:
        with self._guard:
            background = self._background
        if background is not None and background.is_alive():
            background.join(wait_seconds)
            if background.is_alive():
                return False
        state = self._published.state()
        if state is None or state.state == "building" or state.pending_files:
            return self._in_background(self._whole_pass, wait_seconds)
        if self.options.watch:
            self.watch()
        watcher = self._watcher
        touched = watcher.take() if watcher is not None and watcher.working else None
        if touched is not None:
            assert watcher is not None
            if not touched:
                return False
            changes = None
            done = False
            try:
                if not self._has_lost(touched):
                    changes = self._writer.changes_in(touched)
                done = changes is None or self._fold_in(changes, state.generation)
                self._last_change.meet()
                if changes is not None and done:
                    self.last_error = ""
            finally:
                if not done:
                    watcher.give_back(touched)
            if changes is not None:
                return (
                    self._published.generation() != state.generation
                    if done
                    else self._in_background(self._whole_pass, wait_seconds)
                )
        return self._look(state, wait_seconds, at_most)

    def _look(self, state: RootState, wait_seconds: float, at_most: float) -> bool:
        """Compare the whole disk. Waited for as long as a search has patience; then it goes on behind."""
        seconds = patience.for_a_look(state.files, self._writer.look_seconds)

        def look() -> None:
            began = time.monotonic()
            if not self._fold_in(self._writer.changes(), state.generation):
                self._whole_pass()
            self._last_change.compared(began)
            self.last_error = ""

        self.looking = True
        if seconds:
            return self._in_background(look, min(max(seconds, wait_seconds), at_most))
        return self._in_background(self._look_in_its_turn, wait_seconds)

    def _look_in_its_turn(self) -> None:
        """A pass over very many files, of which nothing is kept in memory; calls being answered go first."""
        ends = time.monotonic() + patience.TURN_SECONDS
        while self._busy() and time.monotonic() < ends and not self._closing.wait(_TURN_SECONDS):
            pass
        watcher = self._watcher
        if watcher is not None and watcher.working:
            watcher.take()  # seen by the look that begins
        self._whole_pass()

    def _whole_pass(self) -> None:
        self._run(False, None, None, 0.0)

    def _has_lost(self, paths: Iterable[str]) -> bool:
        """Whether an indexed file is gone: where it went is another file, not told of yet, perhaps."""
        gone = [path for path in paths if not os.path.lexists(self.root / path)]
        return bool(gone and self._published.of(gone).files)

    def _fold_in(self, changes: Changes, generation: str) -> bool:
        """Fold in changes unless there is so much that workers are worth their start; whether that was done.

        A search waits for what is folded in, and not for what goes on behind it.
        """
        if changes.files > INLINE_FILES or changes.bytes > INLINE_BYTES:
            self._pending = changes.files
            return False
        if changes.nothing:
            self._pending = 0  # what another process was folding in is published
        else:
            self._fold(changes, generation)
        return True

    def _fold(self, changes: Changes, generation: str) -> None:
        self._pending = changes.files
        self._writer.fold(changes, generation, self._closing.is_set)
        self._pending = 0

    def _in_background(self, work: Callable[[], None], wait_seconds: float) -> bool:
        """Begin work that outlives the call; whether anything was published while it was waited for."""
        before = self._published.generation()

        def guarded() -> None:
            try:
                work()
            except (TandemError, files.RootError) as problem:
                if self._watcher is not None:
                    self._watcher.look_at_everything()
                self._note_error(problem)
            finally:
                self.looking = False
            if self.options.watch:
                self.watch()  # from the first pass on: how it is watched depends on how much there is

        thread = threading.Thread(target=guarded, daemon=True, name=f"index {self.root.name}")
        with self._guard:
            if self._closing.is_set():
                return False
            self._background, self._background_since = thread, time.monotonic()
        thread.start()
        thread.join(wait_seconds)
        return self._published.generation() != before

    def _refresh_quietly(self) -> None:
        if not self._closing.is_set():
            self.refresh()

    def _run(
        self, force: bool, progress: Progress | None, cancelled: Cancelled | None, wait_seconds: float
    ) -> PassResult:
        def stop() -> bool:
            return self._closing.is_set() or (cancelled is not None and cancelled())

        began = time.monotonic()
        result = self._writer.whole_pass(force, progress, stop, wait_seconds)
        self._last_change.compared(began)
        self._pending = 0
        self.last_error = ""
        return result

    def _note_error(self, problem: TandemError | files.RootError) -> None:
        if isinstance(problem, WriterBusyError | IndexingCancelledError):
            return
        self.last_error = problem.text if isinstance(problem, StoreError) else str(problem)
        logger.warning("Indexing %s: %s", self.root, self.last_error)
