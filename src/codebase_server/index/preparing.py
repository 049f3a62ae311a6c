"""The files of a pass as they come from being prepared, counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from codebase_server.files import FileEntry
from codebase_server.index.caution import Caution
from codebase_server.index.models import in_pass_embedder
from codebase_server.index.options import Cancelled, IndexOptions, Progress
from codebase_server.index.prepare import Preparation
from codebase_server.index.workers import Prepared, default_workers, prepared_files
from codebase_server.runtime.collecting import let_go

_TOLD_EVERY = 16
"""Files."""


class Preparer:
    """Has the files of a pass prepared, in workers where that is worth it, and tells how far it is.

    ``total`` is how many files the pass is about, of which `files` is asked for all or some.
    """

    def __init__(
        self, root: Path, index: Path, options: IndexOptions, progress: Progress, cancelled: Cancelled
    ) -> None:
        self.total = 0
        self._how = Preparation(str(root), options.max_file_bytes, in_pass_embedder(options))
        self._workers = default_workers() if options.workers is None else options.workers
        self._caution = Caution(index)
        self._progress = progress
        self._cancelled = cancelled
        self._done = 0

    @property
    def left(self) -> int:
        """How many files are not prepared yet."""
        return max(0, self.total - self._done)

    def files(self, entries: Sequence[FileEntry]) -> Iterator[Prepared]:
        """Prepare files, yielding each as it is done, in no order. Ends early once cancelled."""
        sized = [(entry.path, entry.size) for entry in entries]
        apart = self._caution.is_due
        with self._caution.noted():
            for prepared in prepared_files(sized, self._how, self._workers, self._cancelled, apart=apart):
                self._done += 1
                if self._done % _TOLD_EVERY == 0 or self._done == self.total:
                    self._progress(self._done, self.total, prepared.path)
                yield prepared
        let_go(sized)
