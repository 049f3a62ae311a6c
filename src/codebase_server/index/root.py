"""`RootIndex`: one root of this process: what is published of it, and whether an answer may stand."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.agreed import identity
from bridge.agreed.errors import TandemError
from codebase_server import files
from codebase_server.index import patience, textindex
from codebase_server.index.changes import changes_in, differing
from codebase_server.index.denial import (
    GRAIN_SECONDS,
    MOMENT_SECONDS,
    STATS_SECONDS,
    Denial,
    Standing,
    folders_of,
    latest_change,
)
from codebase_server.index.hashing import hash_file
from codebase_server.index.notices import Notices
from codebase_server.index.options import IndexOptions
from codebase_server.index.plan import KnownFile
from codebase_server.index.published import Published
from codebase_server.index.refreshing import FreshRoot
from codebase_server.index.status import IndexStatus, read_status
from codebase_server.index.workers import INLINE_BYTES
from codebase_server.index.writing import Writer
from codebase_server.store import Database, Registry, RootState, Snapshot, StoreError
from codebase_server.store.live import LiveVersions

_LOST_SECONDS = 0.2
"""How long is waited for a pass when a file of an answer is gone: of the 300 ms that a bridge gives."""

_MOST_EXPECTED = 20_000
"""Files of a root up to which its folders are listed for the kernel before anybody asks."""


class RootIndex(FreshRoot):
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
        options = options or IndexOptions()
        self._registry = registry
        self.repository = repository or _repository(registry, root)
        self.database = Database(registry.folder_of(self.repository))
        published = Published(self.database, str(root), self.repository, LiveVersions())
        writer = Writer(root, self.repository, self.database, registry, options, published)
        super().__init__(root, options, published, writer, busy)
        self._notices = Notices(root)

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

    def refresh_paths(self, paths: Iterable[str]) -> bool:
        """Fold in changes of some indexed files, however recent; whether anything was published."""
        shown = list(paths)
        if self._published.state() is None:  # nothing is indexed yet, or another process is making the file
            return False
        before = self._published.generation()
        self.catch_up(self._published.of(shown).files if shown else {}, before)
        return self._published.generation() != before

    def catch_up(self, read: Mapping[str, KnownFile], generation: str) -> Standing:
        """Compare the files of an answer with the disk, at any age, and fold in what changed: a stat a file.

        Where one of them is gone, everything is compared: what it became is another file, of which the
        watcher may not have told yet.

        :param read: the files as the answer's own snapshot has them: another process may have published
            since. :param generation: of that snapshot.
        """
        touched = differing(self.root, read, read)
        if not touched:
            return Standing.AS_READ
        folded = False
        try:
            folded = self._folded(touched)
        except (TandemError, files.RootError) as problem:
            self._note_error(problem)
        if self._published.generation() != generation:
            return Standing.PUBLISHED
        return Standing.AS_READ if folded else Standing.BEHIND

    def _folded(self, touched: Sequence[str]) -> bool:
        """Fold in what changed of some files; whether the index has now been held against them."""
        if self._has_lost(touched):
            if self._watcher is not None:
                self._watcher.look_at_everything()
            return self.refresh(_LOST_SECONDS)
        before = self._published.generation()
        changes = changes_in(self.root, touched, self._published, self.options.exclude)
        if changes is None or changes.bytes > INLINE_BYTES:
            return self.refresh()
        with self._refreshing:
            self._fold(changes, before)
        self._last_change.meet()
        return True

    def behind(self, read: Mapping[str, KnownFile]) -> list[str]:
        """Those of some files that are not on disk as they were read; folds in nothing."""
        touched = differing(self.root, read, read)
        return [path for path in touched if hash_file(self.root, path) != read[path].content_hash]

    def make_sure(self, since: float, at_most: float = math.inf, *, evident: bool = False) -> Denial:
        """Before it is said that something is not there: look at the whole root, if it changed a moment ago.

        :param since: when the call began, by the monotonic clock. :param at_most: seconds waited for a look.
        :param evident: whether the caller saw something on disk that is not indexed.
        """
        if self._closing.is_set():
            return Denial.STANDS
        known = self._published.state()
        if not (
            evident or self._last_change.may_be_untold(since) or self._has_changed_untold(known, at_most)
        ):
            return Denial.STANDS
        if known is not None and patience.for_a_look(known.files, self._writer.look_seconds):
            asked = time.monotonic()
            if self._watcher is not None:
                self._watcher.look_at_everything()
            self.refresh(min(_LOST_SECONDS, at_most), at_most)
            if self._last_change.is_compared_since(asked):
                return Denial.LOOKED_AGAIN
        return Denial.UNSURE

    def _has_changed_untold(self, known: RootState | None, at_most: float) -> bool:
        """Whether something was changed a moment ago, after the last look at the whole root began."""
        if known is None or self._is_quiet(known):
            return False
        paths = self._published.paths()
        changed = latest_change(self.root, paths, time.monotonic() + min(STATS_SECONDS, at_most))
        return changed > -math.inf and not self._last_change.is_compared_since(changed + GRAIN_SECONDS)

    def _is_quiet(self, known: RootState) -> bool:
        """Whether the kernel knows that nothing was changed a moment ago."""
        return self._notices.are_none(
            known.generation, lambda: folders_of(self._published.paths()), MOMENT_SECONDS
        )

    def expect_denials(self) -> None:
        """Set up what a denial asks of the kernel before the first one: a few milliseconds."""
        known = self._published.state()
        if self.options.watch and known is not None and known.files <= _MOST_EXPECTED:
            self._is_quiet(known)

    def writes_waiting(self) -> int:
        """How many passes and other writes of this process wait for the writer's lock."""
        return self._writer.lock.waiting

    def add_vectors(
        self, model: str, version_ids: NDArray[np.int32], vectors: NDArray[np.int8], truncated: int = 0
    ) -> None:
        """Publish vectors that were made outside of a pass; waits for a writer. Raises `WriterBusyError`.

        :param truncated: how many of them know the beginning of their chunk only.
        """
        self._writer.add_vectors(model, version_ids, vectors, truncated)

    def truncated_vectors(self, model: str) -> int:
        """How many vectors of this model were made from the beginning of a chunk alone, by any process."""
        with self.snapshot() as snapshot:
            return textindex.truncated_vectors(snapshot.connection, model)

    def repair_text_index(self) -> bool:
        """Build the text index and the vectors again if they cannot be read; whether anything was wrong."""
        return self._writer.repair_text_index()

    def close(self) -> None:
        """Stop watching and any pass of this object, and close the files."""
        super().close()
        self._notices.close()
        self.database.close()


def _repository(registry: Registry, root: Path) -> str:
    try:
        known = registry.root_at(root)
    except StoreError:
        known = None
    return known.repository if known else registry.canonical(identity.of_folder(root).id)
