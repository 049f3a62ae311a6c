"""Vectors in the background, for embedders too slow to run within a pass.

A sentence-transformers model encodes tens of chunks a second: an index is
published without its vectors, answers by words at once, and fills up behind.
Encoding holds no lock; the writer's lock is taken only to publish a block.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from bridge.agreed.errors import TandemError
from codebase_server.files import RootError
from codebase_server.index import RootIndex, textindex
from codebase_server.index.status import pending_vectors

if TYPE_CHECKING:
    from codebase_server.embed import Embedder

logger = logging.getLogger(__name__)

BLOCK: Final = 64
"""Chunks encoded at once: a good batch for a processor, and the most that a killed process does again."""
LOOK_AGAIN_S: Final = 1.0
"""How often a complete index is looked at for chunks without vector."""
SHOW_AFTER_S: Final = 10.0
"""How often a search sees what was encoded while the rest is still on its way."""


class VectorFiller:
    """A thread that gives a root the vectors it lacks; calls ``fresh`` when a search should see new ones."""

    def __init__(self, index: RootIndex, embedder: Embedder, fresh: Callable[[], None]) -> None:
        self._index = index
        self._embedder = embedder
        self._fresh = fresh
        self._stop = threading.Event()
        self.last_error = ""
        self._thread = threading.Thread(target=self._run, daemon=True, name=f"vectors {index.root.name}")
        self._thread.start()

    def close(self) -> None:
        """Stop after the block at hand."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._fill()
                self.last_error = ""
            except Exception as problem:
                # Models run code of others and fail in ways of their own; were the thread to end, nobody
                # would know. Search goes on by words, and it is tried again.
                self.last_error = f"{type(problem).__name__}: {problem}"
                logger.warning("vectors of %s: %s", self._index.root, self.last_error)
                self._stop.wait(30 * LOOK_AGAIN_S)
            self._stop.wait(LOOK_AGAIN_S)

    def _fill(self) -> None:
        """Encode what has no vector yet, block by block."""
        model = self._embedder.model_id
        shown, unseen = time.monotonic(), 0
        while not self._stop.is_set():
            with self._index.snapshot() as snapshot:
                ids, texts = textindex.next_texts(snapshot.connection, model, snapshot.live, BLOCK)
            if not texts:
                break
            before = self._embedder.truncated
            vectors = self._embedder.encode_documents([], texts)
            self._index.add_vectors(model, ids, vectors, self._embedder.truncated - before)
            unseen += len(texts)
            if time.monotonic() - shown > SHOW_AFTER_S:
                self._fresh()
                shown, unseen = time.monotonic(), 0
        if unseen:
            self._fresh()


def fill_by_pass(index: RootIndex, closed: threading.Event, fresh: Callable[[], None]) -> None:
    """In a thread: make the vectors that a published index lacks of a model that is fast enough for a pass.

    They are lacking where another embedder was set when the index was made.
    """

    def fill() -> None:
        try:
            with index.snapshot() as snapshot:
                if snapshot.state != "ready" or not pending_vectors(snapshot, index.options):
                    return
            index.run_pass(cancelled=closed.is_set)
        except (TandemError, RootError) as problem:
            logger.warning("vectors of %s: %s", index.root, problem)
        fresh()

    threading.Thread(target=fill, daemon=True, name=f"vectors {index.root.name}").start()
