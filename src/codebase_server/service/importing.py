"""What threads must not do at once: import the parts of the service that the first call brings in."""

from __future__ import annotations

import threading
import time
from typing import Final

from bridge.hosting import waits


class _Importing:
    """A lock that a thread may take again, and that a request notes as what it waited for."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._begun: list[float] = []

    def __enter__(self) -> None:
        begun = time.perf_counter()
        self._lock.acquire()
        self._begun.append(begun)

    def __exit__(self, *_: object) -> None:
        begun = self._begun.pop()
        if not self._begun:
            waits.note("imports", time.perf_counter() - begun)
        self._lock.release()


IMPORTING: Final = _Importing()
"""Held around each import that a call, or the warm-up beside it, makes.

Two threads that import a package from two ends, ``p.part`` and ``p`` whose own start imports ``p.part``, each
hold what the other waits for. Python before 3.13 sees that and lets the import of one of them fail
(https://github.com/python/cpython/issues/83065): the first call of a session, whenever it met the warm-up.
"""
