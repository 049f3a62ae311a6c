"""The writing side of one root: passes, repairs and vectors, one process at a time."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.agreed import limits, places
from codebase_server import files
from codebase_server.index import textindex
from codebase_server.index.changes import Changes, changes_in, changes_of
from codebase_server.index.options import Cancelled, IndexOptions, PassResult, Progress
from codebase_server.index.passes import Pass
from codebase_server.index.published import Published
from codebase_server.runtime.collecting import let_go
from codebase_server.store import (
    Database,
    IndexCorruptError,
    Registry,
    StorageLostError,
    SystemLock,
    translating,
)

_FURTHER_LOOKS = 5
"""How often a database that seemed damaged is read again, whole, before it is set aside."""

_MANY = 500
"""Files of a pass from which what it leaves in cycles is looked for at once."""

_SHORT_SECONDS = 0.25
"""How long a small change waits for another process to finish: as long as a search waits for a large one."""


class Writer:
    """Writes the index of one root while it holds the repository's lock. Thread-safe."""

    def __init__(
        self,
        root: Path,
        repository: str,
        database: Database,
        registry: Registry,
        options: IndexOptions,
        published: Published,
    ) -> None:
        self._root = root
        self._repository = repository
        self._database = database
        self._registry = registry
        self._options = options
        self._published = published
        self.look_seconds = 0.0
        """How long the last look at the whole disk took; 0 before the first."""
        self.lock = SystemLock(database.folder / "writer.lock")

    def scan(self) -> files.Scan:
        """The root as it lies on disk now."""
        begun = time.monotonic()
        scan = files.scan(
            self._root, exclude=self._options.exclude, max_file_bytes=self._options.max_file_bytes
        )
        self.look_seconds = time.monotonic() - begun
        return scan

    def changes(self) -> Changes:
        """What has changed on disk, by a scan of the root."""
        return changes_of(self.scan(), self._published.all())

    def changes_in(self, touched: Iterable[str]) -> Changes | None:
        """What has changed among some paths; None when only a scan of the root can tell."""
        return changes_in(self._root, touched, self._published, self._options.exclude)

    def whole_pass(
        self, force: bool, progress: Progress | None, cancelled: Cancelled, wait_seconds: float
    ) -> PassResult:
        """A pass over the whole root; a damaged database is set aside and built anew.

        With ``force``, or once damage was seen, the file is checked first and
        what is derived from it is built again where it cannot be read.
        """
        files.check_root(self._root)  # before anything is written: what may not be indexed leaves no trace
        self._registry.add_root(self._root, self._repository)
        with translating(self._database.file):
            places.own_folder(self._database.folder)
        with self.lock.held(wait_seconds):
            warnings = self._prepared(check=force or self._database.is_suspect())
            # What another writer published meanwhile must be older than the look at the disk.
            scan = self.scan()
            try:
                result = self._one_pass(scan, None, force, progress, cancelled)
            except IndexCorruptError:
                # One read that a disk fails may look like damage: what is found sound is kept.
                warnings += self._prepared(check=True)
                try:
                    result = self._one_pass(scan, None, force, progress, cancelled)
                except IndexCorruptError as problem:
                    warnings.append(self._begin_anew_if_unsound(problem))
                    result = self._one_pass(scan, None, force, progress, cancelled)
        # A record a file: neither to be looked through for what is in cycles, nor to hold up pings.
        entries = list(scan.entries)
        del scan
        let_go(entries)
        if result.changed_files > _MANY:
            gc.collect()  # tens of megabytes; collections of old objects are rare where servers run
            limits.give_back_memory()
        return replace(result, warnings=(*warnings, *result.warnings))

    def fold(self, changes: Changes, generation: str, cancelled: Cancelled) -> None:
        """A pass over what changed since ``generation``; waits for a short pass of another process.

        Raises `WriterBusyError` when that one goes on.
        """
        with self.lock.held(_SHORT_SECONDS):
            if self._published.generation() != generation:
                # Another process published after this one looked at the disk: look again.
                again = None if changes.only is None else self.changes_in(changes.only)
                changes = self.changes() if again is None else again
            if not changes.nothing:
                self._one_pass(changes.scan, changes.only, False, None, cancelled)

    def repair_text_index(self) -> bool:
        """Build the text index and the vectors again from the stored code, if they cannot be read.

        Whether anything was wrong. Waits for another writer to finish.
        """
        with self.lock.held(wait_seconds=60.0):
            connection = self._database.writer()
            try:
                with translating(self._database.file):
                    return bool(textindex.repair(connection, self._options.embedder))
            finally:
                connection.close()

    def add_vectors(
        self, model: str, version_ids: NDArray[np.int32], vectors: NDArray[np.int8], truncated: int = 0
    ) -> None:
        """Publish vectors that were made outside of a pass; waits for a writer. Raises `WriterBusyError`."""
        with self.lock.held(wait_seconds=60.0):
            connection = self._database.writer()
            try:
                with translating(self._database.file):
                    textindex.add_vectors(connection, model, version_ids, vectors, truncated)
            finally:
                connection.close()

    def _prepared(self, *, check: bool) -> list[str]:
        """Make or check the database; what happened to a damaged one, in words. The lock is held."""
        try:
            repaired = self._looked_at(check)
        except IndexCorruptError as problem:
            return [self._begin_anew_if_unsound(problem)]
        if check:
            self._database.clear_suspicion()
        if repaired:
            return [
                f"The text index in {self._database.file} could not be read ({repaired}). "
                "It was built again from the stored code."
            ]
        return []

    def _looked_at(self, check: bool) -> str:
        """Bring the database up to date; with ``check`` read all of it. What was built again, or empty."""
        self._database.prepare()
        if not check:
            return ""
        connection = self._database.writer()
        try:
            with translating(self._database.file):
                damage = self._database.damage(connection)
                if damage:
                    raise IndexCorruptError(self._database.file, damage)
                return str(textindex.repair(connection, self._options.embedder))
        finally:
            connection.close()

    def _begin_anew_if_unsound(self, problem: IndexCorruptError) -> str:
        """Set the database aside and begin a new one; what happened, in words.

        Raises `StorageLostError` and leaves it where it is when any of some further looks finds it sound:
        then it is the disk that failed a read, and what the ids remember must not go.
        """
        if any(self._database.is_sound() for _ in range(_FURTHER_LOOKS)):
            raise StorageLostError(
                self._database.file, f"one look found it damaged ({problem.message}), the next did not"
            )
        place = self._database.set_aside()
        self._database.prepare()
        self._database.clear_suspicion()
        return f"{problem.message} It was set aside as {place} and a new index is built."

    def _one_pass(
        self,
        scan: files.Scan,
        only: tuple[str, ...] | None,
        force: bool,
        progress: Progress | None,
        cancelled: Cancelled,
    ) -> PassResult:
        connection = self._database.writer()
        try:
            with translating(self._database.file):
                run = Pass(
                    connection,
                    self._database.file,
                    self._root,
                    self._repository,
                    self._options,
                    progress=progress,
                    cancelled=cancelled,
                    remembered=self._published.live,
                )
                return run.run(scan, force=force, only=only)
        finally:
            connection.close()
