"""While nobody asks: what the first questions of a root would have to work out, worked out before them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from bridge.agreed import limits
from bridge.agreed.errors import TandemError
from codebase_server.search.stored import StoredCorpus

if TYPE_CHECKING:
    from codebase_server.search.engine import Engine
    from codebase_server.service.telling import ToldRoot

logger = logging.getLogger(__name__)

BEGIN_AFTER_S: Final = 0.05
"""A command that asks one question has ended by then."""
AT_ONCE: Final = 48
"""Names. They take about a millisecond: no call waits longer for the interpreter."""
REST_S: Final = 0.001
BUSY_S: Final = 0.01


class Acquaintance:
    """Meets the names and paths of one root a few at a time, and waits while any call is answered.

    :param busy: whether this process is answering a call.
    """

    def __init__(self, root: ToldRoot, engine: Engine, busy: Callable[[], bool]) -> None:
        self._root = root
        self._engine = engine
        self._busy = busy
        self._closing = threading.Event()
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        self._done = ""

    def begin(self, generation: str) -> None:
        """Go on in the background, unless this generation's names have all been met."""
        if generation == self._done:
            return
        with self._guard:
            if self._closing.is_set() or (self._thread is not None and self._thread.is_alive()):
                return
            self._thread = threading.Thread(target=self._work, daemon=True, name="acquaintance")
            self._thread.start()

    def abandon(self) -> None:
        """Ask it to stop, and wait for nothing."""
        self._closing.set()

    def close(self) -> None:
        """Stop before the next portion of names, and wait a second at most for that."""
        self.abandon()
        with self._guard:
            thread = self._thread
        if thread is not None:
            thread.join(timeout=1)

    def _work(self) -> None:
        pause, begins = BEGIN_AFTER_S, True
        try:
            while not self._closing.wait(pause):
                pause = BUSY_S
                if not self._busy():
                    if begins:
                        self._root.index.expect_denials()
                        begins = False
                    if not self._some():
                        limits.give_back_memory()
                        return
                    pause = REST_S
        except (TandemError, ValueError, IndexError, KeyError) as problem:  # the next question meets it too
            logger.debug("names of %s are not met beforehand: %s", self._root.root.path, problem)

    def _some(self) -> bool:
        """Meet some; whether any are left."""
        embedder = self._root.model.embedder()
        with self._root.snapshot() as snapshot:
            if self._engine.meet(StoredCorpus(snapshot), embedder, AT_ONCE):
                return True
            self._done = snapshot.generation
            return False
