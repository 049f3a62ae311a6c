"""`RootIndex`: one root of this process, kept fresh, read through snapshots."""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.agreed import identity
from bridge.agreed.errors import TandemError
from bridge.hosting import waits
from codebase_server import files
from codebase_server.index import patience
from codebase_server.index.changes import Changes, changes_in, differing
from codebase_server.index.denial import Denial, LastChange
from codebase_server.index.options import (
    Cancelled,
    IndexingCancelledError,
    IndexOptions,
    PassResult,
    Progress,
)
from codebase_server.index.published import Published
from codebase_server.index.status import IndexStatus, read_status
from codebase_server.index.watch import Watcher
from codebase_server.index.workers import INLINE_BYTES, INLINE_FILES
from codebase_server.index.writing import Writer
from codebase_server.store import Database, Registry, RootState, Snapshot, StoreError, WriterBusyError
from codebase_server.store.live import LiveVersions

logger = logging.getLogger(__name__)

_LOST_SECONDS = 0.2
"""How long is waited for a pass when a file of an answer is gone: of the 300 ms that a bridge gives."""

_TURN_SECONDS = 0.05
"""How long one refresh waits for another of this process: small ones are done within it."""


class RootIndex:
    """The index of one root. Thread-safe; make one per root and process, and close it.

    Making one reads nothing and starts nothing. :param repository: its identity
    where known; else it is looked up in the register or computed. :param busy: whether a call is
    being answered, to which a long look at the disk gives way.
    """

    def __init__(
        self,
        root: Path,
        registry: Registry,
        options: IndexOptions | None = None,
        *,
        repository: str = "",
        busy: Callable[[], bool] = lambda: False,
    ) -> None:
        self.root = root
        self._busy = busy
        self.options = options or IndexOptions()
        self._registry = registry
        self.repository = repository or _repository(registry, root)
        self.database = Database(registry.folder_of(self.repository))
        self._published = Published(self.database, str(root), self.repository, LiveVersions())
        self._writer = Writer(root, self.repository, self.database, registry, self.options, self._published)
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

    # -- reading -----------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """The root as last published; an empty one when nothing has been. Close it soon.

        Raises `IndexCorruptError`, `IndexTooNewError` or `StorageDeniedError` when the file cannot be read.
        """
        snapshot = self._published.snapshot()
        if snapshot.state == "ready" and (self._pending or snapshot.pending_files):
            snapshot.state = "partial"
            snapshot.pending_files = max(self._pending, snapshot.pending_files)
        return snapshot

    def published(self) -> tuple[str, str]:
        """Generation and state as a snapshot would have them, for those who read nothing else."""
        state = self._published.root()
        if state.state == "ready" and (self._pending or state.pending_files):
            return state.generation, "partial"
        return state.generation, state.state

    def status(self) -> IndexStatus:
        """What is indexed, what is not and why, and who writes."""
        with self.snapshot() as snapshot:
            return read_status(
                snapshot,
                self.database.file,
                options=self.options,
                writer_pid=self._writer.lock.holder(),
                last_error=self.last_error,
                watching=bool(self._watcher and self._watcher.working),
            )

    def writes_waiting(self) -> int:
        """How many passes and other writes of this process wait for the writer's lock."""
        return self._writer.lock.waiting

    def busy_seconds(self) -> float:
        """How long a pass of this process has been at work behind the searches; 0 when none is."""
        with self._guard:
            background, started = self._background, self._background_since
        return time.monotonic() - started if background is not None and background.is_alive() else 0.0

    # -- keeping fresh -----------------------------------------------------------

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

    def refresh_paths(self, paths: Iterable[str]) -> bool:
        """Fold in changes of some indexed files, however recent: for the files of an answer.

        Whether anything was published: then the answer should be made again. Where one of them is gone,
        everything is compared: what it became is another file, of which the watcher may not have told yet.
        """
        try:
            before = self._published.generation()
            touched = self.behind(paths)
            if not touched:
                return False
            if self._has_lost(touched):
                if self._watcher is not None:
                    self._watcher.look_at_everything()
                return self.refresh(_LOST_SECONDS)
            changes = changes_in(self.root, touched, self._published, self.options.exclude)
            if changes is None or changes.bytes > INLINE_BYTES:
                return self.refresh()
            with self._refreshing:
                self._fold(changes, before)
            self._last_change.meet()
            return self._published.generation() != before
        except (TandemError, files.RootError) as problem:
            self._note_error(problem)
            return False

    def behind(self, paths: Iterable[str]) -> list[str]:
        """Those of some indexed files that are not on disk as they were read."""
        shown = list(paths)
        return differing(self.root, shown, self._published.of(shown).files) if shown else []

    def make_sure(self, since: float, at_most: float = math.inf, *, evident: bool = False) -> Denial:
        """Before it is said that something is not there: look at the whole root, if it changed a moment ago.

        :param since: when the call began, by the monotonic clock. :param at_most: seconds waited for a look.
        :param evident: whether the caller saw something on disk that is not indexed.
        """
        if self._closing.is_set() or not (evident or self._last_change.may_be_untold(since)):
            return Denial.STANDS
        known = self._published.state()
        if known is not None and patience.for_a_look(known.files, self._writer.look_seconds):
            asked = time.monotonic()
            if self._watcher is not None:
                self._watcher.look_at_everything()
            self.refresh(min(_LOST_SECONDS, at_most), at_most)
            if self._last_change.is_compared_since(asked):
                return Denial.LOOKED_AGAIN
        return Denial.UNSURE

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

    def add_vectors(self, model: str, version_ids: NDArray[np.int32], vectors: NDArray[np.int8]) -> None:
        """Publish vectors that were made outside of a pass; waits for a writer. Raises `WriterBusyError`."""
        self._writer.add_vectors(model, version_ids, vectors)

    def repair_text_index(self) -> bool:
        """Build the text index and the vectors again if they cannot be read; whether anything was wrong."""
        return self._writer.repair_text_index()

    def abandon(self) -> None:
        """Ask any pass of this object to stop soon, and wait for nothing; for the end of the process."""
        self._closing.set()
        files.end_running()

    def close(self) -> None:
        """Stop watching and any pass of this object, and close the files."""
        self._closing.set()
        with self._guard:
            watcher, self._watcher = self._watcher, None
            background = self._background
        if watcher is not None:
            watcher.close()
        if background is not None and background is not threading.current_thread():
            background.join(timeout=10)
        self.database.close()

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


def _repository(registry: Registry, root: Path) -> str:
    try:
        known = registry.root_at(root)
    except StoreError:
        known = None
    return known.repository if known else registry.canonical(identity.of_folder(root).id)
