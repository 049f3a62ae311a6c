"""The batch that a pass fills, and when readers get to see it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from codebase_server.store.batch import Adopted, Batch, Parsed
from codebase_server.store.publish import Publisher

_FIRST_SECONDS = 0.6
_LONGEST_SECONDS = 6.0
"""Batches of a long pass grow from the first to the second: search works at once, segments stay few."""

_LARGEST_BATCH = 12_000
"""Chunks. Bounds the memory of a batch and what a killed pass does again."""

_LARGEST_SWITCH = 24_000
"""The same where a whole index is served meanwhile: a branch switch of 2,000 files is one batch."""


class Outgoing:
    """What a pass has done and not published yet.

    The first index of a root is published as it grows. Where a whole generation is
    there already (``holding``), that one is served, marked ``partial``, until all that
    changed can be published in one: no answer mixes two branches. Only changes too
    large to be held in memory are published in parts, each file whole.
    """

    def __init__(self, publisher: Publisher, commit: str, model: str) -> None:
        self._publisher = publisher
        self._commit = commit
        self._model = model
        self._chunks = 0
        self._since = time.monotonic()
        self._seconds = _FIRST_SECONDS
        self.holding = False
        self.batch = self._empty()

    def _empty(self) -> Batch:
        return Batch(commit=self._commit, vector_model=self._model)

    def add(self, item: Parsed | Adopted) -> None:
        """Put a file into the batch."""
        if isinstance(item, Parsed):
            self.batch.parsed.append(item)
        else:
            self.batch.adopted.append(item)

    def add_ahead(self, files: Sequence[Parsed]) -> None:
        """Put files into the batch, and store them while others are parsed, unless a batch is held back."""
        self.batch.parsed += files
        if files and not self.holding:
            self._publisher.store_ahead(self.batch)

    def is_due(self, chunks: int, pending_files: int) -> bool:
        """Whether the batch, grown by so many chunks, should be published now.

        A generation that is held back lets its readers know from time to time how many files are pending.
        """
        self._chunks += chunks
        late = time.monotonic() - self._since > self._seconds
        if not self.holding:
            return late or self._chunks > _LARGEST_BATCH
        if late:
            self.tell(pending_files)
        return self._chunks > _LARGEST_SWITCH

    def tell(self, pending_files: int) -> None:
        """Let every reader know how much of what it is served is out of date."""
        self._publisher.publish(self._empty(), pending_files=max(1, pending_files))
        self._since = time.monotonic()

    def publish(self, pending_files: int) -> None:
        """Make the batch visible and begin the next one."""
        self._publisher.publish(self.take(), pending_files=pending_files)
        self._chunks = 0
        self._seconds = min(self._seconds * 2, _LONGEST_SECONDS)
        self._since = time.monotonic()

    def take(self) -> Batch:
        """The batch, and begin the next one: for who publishes it with more."""
        batch, self.batch = self.batch, self._empty()
        return batch
