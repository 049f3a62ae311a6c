"""Reading a very large index before its first question, which does not wait for all of it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from bridge.agreed.errors import TandemError
from codebase_server.search.stored import StoredCorpus

if TYPE_CHECKING:
    from codebase_server.embed import Embedder
    from codebase_server.search.engine import Engine
    from codebase_server.store import Snapshot

logger = logging.getLogger(__name__)

MANY_CHUNKS: Final = 100_000
"""Chunks of a root up to which a question reads the index itself: it takes half a second of the processor."""

READ_WAIT_S: Final = 2.0
"""How long a question waits until a larger one is read."""


class ReadAhead:
    """Reads the index of one root in a thread of its own, once at a time."""

    def __init__(self, snapshot: Callable[[], Snapshot]) -> None:
        self._snapshot = snapshot
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None

    def is_read(
        self,
        engine: Engine,
        snapshot: Snapshot,
        embedder: Embedder | None,
        wait_seconds: float = READ_WAIT_S,
    ) -> bool:
        """Whether a question can be answered; waits for it as long as a caller has patience.

        True as well where reading failed: the question that reads it itself then tells why.
        """
        if snapshot.chunks_count <= MANY_CHUNKS or engine.holds(StoredCorpus(snapshot), embedder):
            return True
        with self._guard:
            thread = self._thread
            if thread is None or not thread.is_alive():
                thread = threading.Thread(
                    target=self._read, args=(engine, embedder), daemon=True, name="read"
                )
                self._thread = thread
                thread.start()
        thread.join(wait_seconds)
        return not thread.is_alive()

    def _read(self, engine: Engine, embedder: Embedder | None) -> None:
        try:
            with self._snapshot() as snapshot:
                engine.read(StoredCorpus(snapshot), embedder)
        except (TandemError, ValueError, IndexError, KeyError) as problem:
            logger.warning("An index could not be read ahead: %s", problem)
